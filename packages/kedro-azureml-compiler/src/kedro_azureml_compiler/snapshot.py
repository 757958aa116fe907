"""Choose the files of a project that travel with a job.

The rules are those of Azure ML (observed with azure-ai-ml 1.35.2): the ignore file in the root
alone counts, `.amlignore` in place of `.gitignore`, and the last pattern that matches a file
decides, so that `*` followed by `!sub/` brings back everything below `sub`. On top of them some
things never travel, whatever the file says.
"""

from __future__ import annotations

import errno
import os
import re
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

IGNORE_FILES = (".amlignore", ".gitignore")

NEVER_FOLDERS = frozenset(
    {".git", "__pycache__", ".ipynb_checkpoints", ".mypy_cache", ".pytest_cache", ".ruff_cache"}
)
"""Folders that no step reads and that change from one run to the next."""

NEVER_FILES = frozenset({".amlignore", ".gitignore", ".env"})
"""The ignore files would make Azure ML filter a second time; an `.env` holds secrets."""

_PATTERN = re.compile(r"[\\*?\[\]]| $")
"""What an ignore file does not take literally."""

_WORKING_FOLDER = re.compile(r"\.azureml-.+|\..+\.(?:part|old)")
"""Where downloads arrive, and what they replace: half of it, and gone when they have ended."""

_ORIGIN_SUFFIX = ".origin.json"
"""Records beside downloaded versions of assets: they name a user and a time of this machine."""


class Snapshot(NamedTuple):
    """The files of a project that travel, and what should travel and cannot be read.

    Args:
        files: Paths relative to the project, with `/`, sorted.
        unreadable: Files, folders and links relative to the project, to the reason.
    """

    files: tuple[str, ...]
    unreadable: Mapping[str, str]


def list_snapshot_files(
    root: Path, excluded: Sequence[str] = (), *, below: str = "", ignore: bool = True
) -> list[str]:
    """Return the files that travel, without those that cannot be read.

    Args:
        root: The project's folder.
        excluded: As for `read_snapshot`.
        below: As for `read_snapshot`.
        ignore: As for `read_snapshot`.
    """
    return list(read_snapshot(root, excluded, below=below, ignore=ignore).files)


def read_snapshot(
    root: Path, excluded: Sequence[str] = (), *, below: str = "", ignore: bool = True
) -> Snapshot:
    """Find the files that travel.

    Args:
        root: The project's folder.
        excluded: Files and folders relative to it that are left out besides, such as data that
            reaches a step through a mount.
        below: Folder relative to it of which the files are listed; all of it by default.
        ignore: Whether the ignore file counts.
    """
    is_ignored = _make_rules(_ignore_lines(root) if ignore else [])
    failed: dict[str, OSError] = {}
    files = [
        path
        for path in _walk(root, PurePosixPath(below), frozenset(excluded), (), failed)
        if not is_ignored(path)
    ]
    unreadable = {
        path: error.strerror or str(error)
        for path, error in failed.items()
        # A folder is ignored by a pattern of its own, or by one of all that is in it.
        if not (is_ignored(path) or is_ignored(f"{path}/file"))
    }
    closed = {path for path in files if not is_readable(root / path)}
    gone = {path for path in closed if not os.path.lexists(root / path)}
    unreadable |= dict.fromkeys(closed - gone, os.strerror(errno.EACCES))
    left_out = gone | unreadable.keys()
    readable = sorted(set(files) - left_out) if left_out else sorted(files)
    return Snapshot(tuple(readable), dict(sorted(unreadable.items())))


def measure_files(root: Path, files: Iterable[str]) -> float:
    """Return how many MB files have together; one that another process has taken away has none.

    Args:
        root: The project's folder.
        files: Paths relative to it.
    """
    size_bytes = 0
    for file in files:
        with suppress(FileNotFoundError):
            size_bytes += (root / file).stat().st_size
    return size_bytes / 1e6


def check_path(question: Callable[[], bool]) -> bool:
    """Return what pathlib says of a path, and False where it raises.

    It does in a folder that may not be entered, and for a name that no file can have.

    Args:
        question: A method of the path, as `path.is_dir`.

    Example:
        >>> check_path(Path("x" * 1000).exists)
        False
    """
    try:
        return question()
    except (OSError, ValueError):
        return False


def advise_inclusion(root: Path, path: str) -> str:
    """Return what to add to the ignore file for a file, or a folder with all its files, to travel.

    The line is tried with the rules of this module before it is shown.

    Args:
        root: The project's folder.
        path: The file or folder, relative to it.

    Returns:
        Advice without a full stop.
    """
    name = next((name for name in IGNORE_FILES if (root / name).is_file()), IGNORE_FILES[0])
    lines = _ignore_lines(root)
    place = root / path
    is_folder = check_path(place.is_dir)
    files = list(_walk(root, PurePosixPath(path), frozenset(), (), {})) if is_folder else [path]
    escaped = re.sub(r"([\\*?\[\] ])", r"\\\1", path) if _PATTERN.search(path) else path
    never = NEVER_FOLDERS | NEVER_FILES
    is_ignored = any(map(_make_rules(lines), files))
    for line in (f"!{escaped}", f"!{escaped}/**") if is_ignored else ():
        rules = _make_rules([*lines, line])
        if not any(map(rules, files)) and never.isdisjoint(PurePosixPath(path).parts):
            return f"Add '{line}' at the end of {name}"
    return f"Move '{path}' to another folder, since no line in {name} makes it travel"


def _make_rules(lines: Sequence[str]) -> Callable[[str], bool]:
    """Return what says whether the lines of an ignore file leave a file out."""
    if not lines:
        return _keep
    # Here alone: not every project has an ignore file, and imports are a part of each compile.
    import pathspec
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

    return pathspec.PathSpec.from_lines(GitIgnoreSpecPattern, lines).match_file


def _keep(_file: str) -> bool:
    return False


def _ignore_lines(root: Path) -> list[str]:
    for name in IGNORE_FILES:
        file = root / name
        if file.is_file():
            return file.read_text(encoding="utf-8", errors="replace").splitlines()
    return []


def _walk(
    root: Path,
    below: PurePosixPath,
    left_out: frozenset[str],
    seen: tuple[str, ...],
    failed: dict[str, OSError],
) -> Iterator[str]:
    """Yield the files below a folder; what cannot be looked into goes to `failed`."""
    here = root / below
    real = os.path.realpath(here)
    if real in seen:
        return  # a link to a folder above: it would never end
    try:
        entries = sorted(os.scandir(here), key=lambda entry: entry.name)
    except OSError as error:
        if not (seen and isinstance(error, FileNotFoundError)):  # else another process took it away
            failed[below.as_posix()] = error
        return
    for entry in entries:
        relative = below / entry.name
        name = relative.as_posix()
        if name in left_out:
            continue
        try:
            if entry.is_dir():
                if not _never_travels(root / relative):
                    yield from _walk(root, relative, left_out, (*seen, real), failed)
            elif entry.name not in NEVER_FILES and not _is_record(entry.name) and entry.is_file():
                yield name
        except OSError as error:  # a link that leads back to itself, a folder without its x
            failed[name] = error


def is_readable(path: Path) -> bool:
    """Check whether this process may read a file, or list a folder."""
    # With the rights that reading has: those of the user who started the process may be others.
    if os.access in os.supports_effective_ids:
        return os.access(path, os.R_OK, effective_ids=True)
    return os.access(path, os.R_OK)


def _never_travels(folder: Path) -> bool:
    is_ours = folder.name in NEVER_FOLDERS or _WORKING_FOLDER.fullmatch(folder.name) is not None
    return is_ours or is_generated_folder(folder)


def _is_record(name: str) -> bool:
    return name.startswith(".") and name.endswith(_ORIGIN_SUFFIX)


def is_generated_folder(folder: Path) -> bool:
    """Recognise a virtual environment, a simulation and a bundle, whatever they are called."""
    # os.path answers no where pathlib would raise: in a folder that may not be entered.
    is_file = os.path.isfile
    if any(is_file(folder / name) for name in ("pyvenv.cfg", ".azureml-simulation")):
        return True
    return all(is_file(folder / name) for name in ("pipeline.yml", "plan.json"))
