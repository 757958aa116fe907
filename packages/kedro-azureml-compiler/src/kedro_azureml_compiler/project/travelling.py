"""Show a project's configuration as it travels: without the files that stay on this machine."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from kedro_azureml_compiler.snapshot import NEVER_FOLDERS, list_snapshot_files

LOCAL_ENV = "local"
"""Folder of the configuration that never travels."""


class TravellingConfiguration(NamedTuple):
    """A configuration as a step will read it.

    Args:
        path: The folder or the archive to read, absolute; a copy where some files stay behind.
        behind: The files that stay behind, relative to the project, sorted.
    """

    path: Path
    behind: tuple[str, ...] = ()


@contextmanager
def filter_configuration(
    project: Path, source: Path, *, in_image: bool = False
) -> Iterator[TravellingConfiguration]:
    """Return the configuration as the snapshot holds it; a copy only where that differs.

    The copy lies in a folder that otherwise looks like the project, for code that finds other
    files of the project from there.

    Args:
        project: The project's folder, absolute.
        source: The folder or the archive of the configuration, absolute.
        in_image: Whether it reaches the steps in their image: the ignore file of the upload does
            not count then, and `conf/local` belongs into no image.
    """
    relative = _relative(project, source)
    if relative is None or not source.is_dir():
        yield TravellingConfiguration(source)
        return
    local = f"{relative}/{LOCAL_ENV}"
    travelling = list_snapshot_files(project, [local], below=relative, ignore=not in_image)
    behind = tuple(sorted(_files_below(project, relative).difference(travelling)))
    if not behind:
        yield TravellingConfiguration(source)
        return
    with tempfile.TemporaryDirectory(prefix="kedro-azureml-") as folder:
        root = Path(folder).resolve() / project.name
        copy = root / relative
        _resemble(project, root, relative)
        for environment in source.iterdir():
            if environment.is_dir():  # Kedro wants it to exist, though it may be empty
                (copy / environment.name).mkdir(parents=True, exist_ok=True)
        for name in travelling:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            _link(project / name, root / name)
        yield TravellingConfiguration(copy, behind)


@contextmanager
def copy_configuration(project: Path, source: Path, changed: Mapping[str, bytes]) -> Iterator[Path]:
    """Return a copy of the whole configuration, in which some files have other content.

    Like the copy that travels, it lies in a folder that otherwise looks like the project.

    Args:
        project: The project's folder, absolute.
        source: The folder of the configuration, absolute and in the project.
        changed: Files, relative to the project, to their content in the copy.
    """
    relative = source.relative_to(project).as_posix()
    with tempfile.TemporaryDirectory(prefix="kedro-azureml-") as folder:
        root = Path(folder).resolve() / project.name
        _resemble(project, root, relative)
        shutil.copytree(  # files that can be written, though the project's cannot
            source,
            root / relative,
            copy_function=shutil.copyfile,
            ignore_dangling_symlinks=True,
        )
        for name, content in changed.items():
            (root / name).write_bytes(content)
        yield root / relative


def _relative(project: Path, source: Path) -> str | None:
    is_below = source != project and source.is_relative_to(project)
    return source.relative_to(project).as_posix() if is_below else None


def _files_below(project: Path, relative: str) -> set[str]:
    """List the files that a config loader may read; hidden ones are of tools."""
    found = set()
    for folder, inside, names in os.walk(project / relative):
        inside[:] = [name for name in inside if name[0] != "." and name not in NEVER_FOLDERS]
        below = PurePosixPath(Path(folder).relative_to(project).as_posix())
        found |= {(below / name).as_posix() for name in names if not name.startswith(".")}
    return found


def _resemble(project: Path, root: Path, relative: str) -> None:
    """Link the rest of the project beside the copy."""
    here = PurePosixPath()
    for part in PurePosixPath(relative).parts:
        (root / here).mkdir(parents=True, exist_ok=True)
        for entry in os.scandir(project / here):
            if entry.name != part:
                with suppress(OSError):  # Windows: not everybody may make links
                    (root / here / entry.name).symlink_to(entry.path)
        here /= part


def _link(original: Path, copy: Path) -> None:
    try:
        os.link(original.resolve(), copy)
    except OSError:  # another disk
        shutil.copy(original, copy)
