"""Files that a step leaves in its working directory, which vanish with its container."""

from __future__ import annotations

import filecmp
import os
import re
from fnmatch import translate
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kedro_azureml_simulator.errors import BrokenLinkError
from kedro_azureml_simulator.planning.local_data import walk

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

ARTIFACT_FOLDERS = ("outputs", "logs")
"""Folders of the working directory that Azure ML uploads by itself."""

# What tools write for themselves and make again: nobody misses it.
_CACHE_FOLDERS = frozenset(
    {
        "__pycache__",
        ".cache",
        ".eggs",
        ".git",
        ".hypothesis",
        ".ipynb_checkpoints",
        ".mypy_cache",
        ".numba_cache",
        ".pytest_cache",
        ".ruff_cache",
        ".viz",
        "metastore_db",
        "spark-warehouse",
    }
)
_CACHE_FILES = ("*.py[co]", "derby.log", ".DS_Store", ".coverage", ".nfs*", "hs_err_pid*.log")
_IS_CACHE_FILE = re.compile("|".join(map(translate, _CACHE_FILES))).match


class Stamp(NamedTuple):
    """What changes when a file is written to."""

    inode: int
    size_bytes: int
    modified_ns: int
    changed_ns: int


def stamp(status: os.stat_result) -> Stamp:
    """Return the stamp of a file from its status."""
    return Stamp(status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def take_stamps(folder: Path) -> dict[str, Stamp]:
    """Return the stamp of each file below a working directory, by its relative path.

    Caches and what is uploaded as artifacts are left out; links are not followed.
    """
    return {name: stamp(entry.stat(follow_symlinks=False)) for name, entry in _entries(folder)}


def find_files_left_behind(
    folder: Path,
    before: Mapping[str, Stamp],
    *,
    code: Path | None,
    carried: Collection[Path],
) -> list[str]:
    """Return the files that a step created or changed and that nothing carries on.

    A file that holds again what the snapshot holds, or the same bytes as a file of an output, is
    not lost and is left out.

    Args:
        folder: The step's working directory.
        before: Its stamps before the step started.
        code: The code folder that the directory is a copy of.
        carried: The step's outputs and its artifacts, files or folders.

    Returns:
        Paths relative to the working directory, sorted.
    """
    after = take_stamps(folder)
    touched = [name for name, found in after.items() if before.get(name) != found]
    if not touched:
        return []
    by_size = _files_by_size(carried)
    kept_roots = [os.path.realpath(path) for path in (*carried, folder)]
    found = []
    for name in touched:
        path = folder / name
        if path.is_symlink() and (not path.exists() or _lies_in(path, kept_roots)):
            continue
        copies = list(by_size.get(path.stat().st_size, ()))
        if code is not None and (code / name).is_file():
            copies.append(code / name)
        if not any(_same(path, copy) for copy in copies):
            found.append(name)
    return sorted(found)


def _entries(folder: Path) -> Iterator[tuple[str, os.DirEntry[str]]]:
    pending = [""]
    while pending:
        below = pending.pop()
        try:
            with os.scandir(f"{folder}/{below}") as scan:
                entries = list(scan)
        except OSError:
            continue  # the step took away the right to look
        for entry in entries:
            name = f"{below}/{entry.name}" if below else entry.name
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in _CACHE_FOLDERS and name not in ARTIFACT_FOLDERS:
                    pending.append(name)
            elif (
                entry.is_file(follow_symlinks=False) or entry.is_symlink()
            ) and not _IS_CACHE_FILE(entry.name):
                yield name, entry


def _files_by_size(places: Collection[Path]) -> dict[int, list[Path]]:
    found: dict[int, list[Path]] = {}
    for place in places:
        try:
            files = [place] if place.is_file() else [p for p, is_dir in walk(place) if not is_dir]
        except (OSError, BrokenLinkError):
            continue
        for file in files:
            found.setdefault(file.stat().st_size, []).append(file)
    return found


def _lies_in(path: Path, roots: Collection[str]) -> bool:
    real = Path(os.path.realpath(path))
    return any(real.is_relative_to(root) for root in roots)


def _same(one: Path, other: Path) -> bool:
    try:
        return filecmp.cmp(one, other, shallow=False)
    except OSError:
        return False
