"""Copy a project, so that a run in the copy does not change the project itself."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

from kedro_azureml_compiler import (
    NEVER_FOLDERS,
    copy_file,
    is_generated_folder,
    is_readable,
    measure_on_disk,
)
from kedro_azureml_simulator import MachineError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

# <linux/fs.h>: FICLONE, _IOW(0x94, 9, int). Both files share their blocks until one is written to.
_FICLONE = 0x40049409


def copy_project(
    project: Path,
    target: Path,
    *,
    left_out: Collection[PurePosixPath] = (),
    wanted: Callable[[PurePosixPath], bool] = lambda _: True,
) -> None:
    """Copy what a run of a project may read.

    Links are followed: a run that writes through one would write into what it leads to. On file
    systems that can share blocks (btrfs, XFS, bcachefs) nothing is copied until it is written to.
    What cannot be read is left out: the local run could not read it either.

    Args:
        project: The project's folder.
        target: The folder of the copy, which does not exist.
        left_out: Files and folders, relative to the project, that are left out besides version
            control, caches, virtual environments, simulations and bundles.
        wanted: Tells of a folder or file, relative to the project, whether a run may read it.

    Raises:
        MachineError: There is too little space, or something cannot be read or written.
    """
    skipped = frozenset(left_out)
    try:
        files = list(_walk(project, PurePosixPath(), skipped, wanted, seen=()))
        target.mkdir(parents=True)
        shared = _can_share_blocks(files, target)
        size = (
            0 if shared else sum(measure_on_disk(source) for source, _ in files if source.is_file())
        )
        free = shutil.disk_usage(target).free
        if size > free:
            raise MachineError(
                f"a copy of the project takes {_megabytes(size)}, and {target} has "
                f"{_megabytes(free)} left",
                hint="name a folder on another disk with --run-dir",
            )
        for source, relative in files:
            copy = target / relative
            if source.is_dir():
                copy.mkdir(parents=True, exist_ok=True)
            else:
                copy.parent.mkdir(parents=True, exist_ok=True)
                _copy_file(source, copy, shared=shared)
    except OSError as error:
        shutil.rmtree(target, ignore_errors=True)  # half a copy is of no use
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        raise MachineError(
            f"the project cannot be copied to {target}: {error}",
            hint=f"{'free some space' if full else 'make it writable'}, or name a folder"
            f"{' on another disk' if full else ''} with --run-dir",
        ) from error


def _walk(
    project: Path,
    below: PurePosixPath,
    left_out: frozenset[PurePosixPath],
    wanted: Callable[[PurePosixPath], bool],
    seen: tuple[str, ...],
) -> Iterator[tuple[Path, PurePosixPath]]:
    """Yield files and empty folders: the file to read, and its path in the project."""
    here = project / below
    real = os.path.realpath(here)
    if real in seen:
        return  # a link to a folder above: it would never end
    try:
        entries = sorted(os.scandir(here), key=lambda entry: entry.name)
    except PermissionError:
        return
    if not entries:
        yield here, below
    for entry in entries:
        relative = below / entry.name
        if relative in left_out or not wanted(relative):
            continue
        path = project / relative
        try:
            is_folder, is_file = entry.is_dir(), entry.is_file()
        except OSError:
            continue  # a link that leads back to itself, a file in a folder without permissions
        if is_folder:
            if entry.name not in NEVER_FOLDERS and not is_generated_folder(path):
                yield from _walk(project, relative, left_out, wanted, (*seen, real))
        elif is_file and is_readable(path):
            yield path, relative


def _can_share_blocks(files: Collection[tuple[Path, PurePosixPath]], target: Path) -> bool:
    source = next((s for s, _ in files if s.is_file() and s.stat().st_size), None)
    if source is None or sys.platform != "linux":
        return False
    trial = target / ".trial"
    with source.open("rb") as original, trial.open("wb") as copy:
        shared = _share_blocks(original, copy)
    trial.unlink()
    return shared


def _copy_file(source: Path, copy: Path, *, shared: bool) -> None:
    if shared:
        with source.open("rb") as original, copy.open("wb") as target:
            done = _share_blocks(original, target)
        if done:
            shutil.copymode(source, copy)
            return
    copy_file(source, copy)


def _share_blocks(original: BinaryIO, copy: BinaryIO) -> bool:
    if sys.platform != "linux":
        return False
    import fcntl

    try:
        fcntl.ioctl(copy.fileno(), _FICLONE, original.fileno())
    except OSError:  # another disk, or a file system that cannot
        return False
    return True


def _megabytes(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:,.0f} MB"
