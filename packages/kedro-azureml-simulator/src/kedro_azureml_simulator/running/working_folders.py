"""The working directories of steps, each as a fresh copy of the step's code.

Most of what a short step costs is the making and deleting of these files, so the directory of a
step that has completed becomes that of a later step of the same code. What the first has changed,
added or removed is put right before the second starts, so that it cannot tell.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import stat
import sys
import threading
from typing import TYPE_CHECKING, NamedTuple

from kedro_azureml_simulator.planning.local_data import list_travelling
from kedro_azureml_simulator.running.data import mode_of_copy, remove_tree
from kedro_azureml_simulator.running.discarding import ASIDE
from kedro_azureml_simulator.running.left_behind import ARTIFACT_FOLDERS, stamp, take_stamps
from kedro_azureml_simulator.running.uploads import copy_code, copy_files

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from pathlib import Path

    from kedro_azureml_simulator.planning.plan import PlannedStep
    from kedro_azureml_simulator.run_places import RunFolder
    from kedro_azureml_simulator.running.left_behind import Stamp

# More would fill the disk where each step has code of its own, which no later step asks for.
_KEPT = 8
# A file system that shares blocks copies a larger one faster than it can be compared.
_COMPARED_BYTES = 1 << 20
# Elsewhere a process may outlive its step, and write to what has become another's.
_ENDS_EVERY_PROCESS = sys.platform == "linux"


class WorkingFolders:
    """Makes working directories and takes them back, from any thread.

    Args:
        run: The run folder, which holds what was taken back, out of every step's sight.
    """

    def __init__(self, run: RunFolder) -> None:
        self._run = run
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self._spare: list[tuple[Path, Path, Mapping[str, Stamp]]] = []

    def make(
        self, step: PlannedStep, target: Path, keep_going: Callable[[], None]
    ) -> dict[str, Stamp]:
        """Make the working directory of a step.

        Args:
            step: The step.
            target: The directory, which does not exist; its parent does.
            keep_going: Called before each file; what it raises ends the work.

        Returns:
            The stamp of each file, by its relative path.

        Raises:
            BrokenLinkError: A link leads nowhere.
        """
        run = self._run.path
        # Azure ML has made it, and uploads what is in it: the default artifacts.
        artifacts = target / ARTIFACT_FOLDERS[0]
        if step.code is None or not _is_plain(step):
            copy_code(step.code, step.includes, target, leave_out=run, keep_going=keep_going)
            _make_folder(artifacts)
            return take_stamps(target)
        names = dict.fromkeys(list_travelling(step.code, code=True, leave_out=run))
        kept = self._take(step.code, target, names, keep_going)
        if kept is None:
            target.mkdir()
            kept = set()
        missing = _renew_kept(target, names, kept)
        copy_files(step.code, missing, target, keep_going=keep_going)
        _make_folder(artifacts)
        return {name: stamp(os.lstat(f"{target}/{name}")) for name in names}

    def take_back(self, step: PlannedStep, folder: Path, stamps: Mapping[str, Stamp]) -> None:
        """Take the working directory of a step that has completed.

        Args:
            step: The step.
            folder: The directory.
            stamps: What `make` returned.
        """
        if step.code is None or not _is_plain(step) or not _ENDS_EVERY_PROCESS:
            self._run.discard(folder)
            return
        place = self._run.path / f"{ASIDE}code-{next(self._numbers)}"
        try:
            folder.rename(place)
        except OSError:  # its step has made it read-only, or removed it
            self._run.discard(folder)
            return
        with self._lock:
            self._spare.append((step.code, place, stamps))
            oldest = self._spare.pop(0)[1] if len(self._spare) > _KEPT else None
        if oldest is not None:
            self._run.discard(oldest)

    def close(self) -> None:
        """Discard what was taken back and not used again."""
        with self._lock:
            spare, self._spare = self._spare, []
        for _, place, _ in spare:
            self._run.discard(place)

    def _take(
        self,
        code: Path,
        target: Path,
        wanted: Mapping[str, None],
        keep_going: Callable[[], None],
    ) -> set[str] | None:
        """Make the target of what was taken back; return the files that it holds unchanged.

        None where there is nothing that serves.
        """
        with self._lock:
            found = next((spare for spare in reversed(self._spare) if spare[0] == code), None)
            if found is None:
                return None
            self._spare.remove(found)
        _, place, stamps = found
        try:
            # Not before it is clean: a step that is ended meanwhile must not keep it as its own.
            kept = _keep_unchanged(code, place, stamps, wanted, _look_at(target.parent), keep_going)
            if kept is not None:
                place.rename(target)
                return kept
        except OSError:
            pass  # a step took away the right to change it
        except BaseException:
            self._run.discard(place)
            raise
        self._run.discard(place)
        return None


class _Folder(NamedTuple):
    """What a new folder has of the one that it is made in, and a step may have changed."""

    mode: int
    owner: int
    group: int
    attributes: Mapping[str, bytes]


def _look_at(folder: Path | str) -> _Folder:
    """Return what there is of a folder; of a link to one, what the link has."""
    status = os.lstat(folder)
    attributes = {}
    if sys.platform == "linux":
        with contextlib.suppress(OSError):  # a file system without any
            for name in os.listxattr(folder, follow_symlinks=False):
                attributes[name] = os.getxattr(folder, name, follow_symlinks=False)
    return _Folder(status.st_mode, status.st_uid, status.st_gid, attributes)


def _make_folder(path: Path) -> None:
    with contextlib.suppress(FileExistsError):  # code may hold a file of that name
        path.mkdir()


def _renew_kept(target: Path, names: Collection[str], kept: Collection[str]) -> Iterator[str]:
    """Yield the files that are not kept; those that are get, in turn, the time of a copy.

    Tools such as make compare the times of files with each other.
    """
    for name in names:
        if name in kept:
            os.utime(f"{target}/{name}")
        else:
            yield name


def _is_plain(step: PlannedStep) -> bool:
    """Check whether the directory is the copy of one folder, and nothing else."""
    return step.code is not None and not step.includes and step.code.is_dir()


def _keep_unchanged(
    code: Path,
    place: Path,
    stamps: Mapping[str, Stamp],
    wanted: Mapping[str, None],
    new: _Folder,
    keep_going: Callable[[], None],
) -> set[str] | None:
    """Remove what a fresh copy would not hold; return the files that are left.

    A file stays if its stamp is that of its making and its bytes are those of the code. Bytes
    alone would keep one that has a second name elsewhere, or other attributes; stamps alone would
    keep one that was written to through a memory map, which tmpfs does not record.

    None where the place is no folder as new ones are: a step may have put a link to one there,
    and what that leads to is not ours to clean.
    """
    if _look_at(place) != new:
        return None
    folders = {ARTIFACT_FOLDERS[0]}
    for name in wanted:
        while name := name.rpartition("/")[0]:
            folders.add(name)
    kept = set()
    pending = [""]
    while pending:
        below = pending.pop()
        with os.scandir(f"{place}/{below}") as scan:
            entries = list(scan)
        for entry in entries:
            keep_going()
            name = below + entry.name
            status = entry.stat(follow_symlinks=False)
            if stat.S_ISDIR(status.st_mode):
                if name in folders and _look_at(entry.path) == new:
                    pending.append(f"{name}/")
                else:
                    remove_tree(place / name)
            elif (
                name in wanted
                and stamps.get(name) == stamp(status)
                # The clock of stamps ticks every few milliseconds only.
                and (status.st_nlink, status.st_uid) == (1, new.owner)
                and _is_copy(f"{code}/{name}", entry.path, status)
            ):
                kept.add(name)
            else:
                os.unlink(entry.path)  # noqa: PTH108 - a path object costs more than the call
        os.utime(f"{place}/{below}")
    return kept


def _is_copy(source: str, copy: str, status: os.stat_result) -> bool:
    origin = os.open(source, os.O_RDONLY)
    try:
        of_origin = os.fstat(origin)
        size = of_origin.st_size
        if size != status.st_size or size > _COMPARED_BYTES:
            return False
        if mode_of_copy(of_origin) != stat.S_IMODE(status.st_mode):
            return False
        content = os.read(origin, size + 1)
    finally:
        os.close(origin)
    descriptor = os.open(copy, os.O_RDONLY)
    try:
        return os.read(descriptor, size + 1) == content
    finally:
        os.close(descriptor)
