"""What of a local folder travels to Azure ML, as its Python SDK chooses it.

Only the ignore file in the folder's root counts, `.amlignore` in place of `.gitignore`, and the
last pattern that matches a file decides. `__pycache__` of code and empty folders do not travel;
symbolic links are followed. Observed with azure-ai-ml 1.35.2.
"""

from __future__ import annotations

import os
import stat
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from kedro_azureml_simulator.errors import BrokenLinkError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def holds_a_file(folder: Path, *, code: bool = False) -> bool:
    """Check whether any file of a folder would travel."""
    try:
        return next(find_travelling(folder, code=code), None) is not None
    except BrokenLinkError:
        return True  # and fails the step that needs it


def walk(
    root: Path, *, leave_out: Path | None = None, code: bool = False
) -> Iterator[tuple[Path, bool]]:
    """Yield what is below a folder, sorted, a folder before its content; links are followed.

    Args:
        root: The folder.
        leave_out: A folder that is not entered wherever it is met.
        code: Whether `__pycache__` is left out.

    Yields:
        A path, and whether it is a folder. A socket or a pipe is passed over.

    Raises:
        BrokenLinkError: A link leads nowhere, or back to itself.
    """
    for name, is_folder in _walk(root, leave_out=leave_out, code=code):
        yield root / name, is_folder


def _walk(root: Path, *, leave_out: Path | None, code: bool) -> Iterator[tuple[str, bool]]:
    """Yield names relative to the root; strings, because a path object costs more than its file."""
    status = root.stat()
    left_out = _identify(leave_out.stat()) if leave_out is not None and leave_out.exists() else None
    pending = [("", frozenset([_identify(status)]))]
    while pending:
        below, above = pending.pop()
        with os.scandir(f"{root}/{below}") as scan:
            entries = sorted(scan, key=lambda entry: entry.name)
        inner = []
        for entry in entries:
            name = below + entry.name
            try:
                status = entry.stat()
            except OSError as error:
                raise BrokenLinkError(root / name) from error
            if stat.S_ISDIR(status.st_mode):
                identity = _identify(status)
                if entry.is_symlink() and identity in above:
                    raise BrokenLinkError(root / name)
                if (code and entry.name == "__pycache__") or identity == left_out:
                    continue
                yield name, True
                inner.append((f"{name}/", above | {identity}))
            elif stat.S_ISREG(status.st_mode):
                yield name, False
            # A socket or a pipe does not travel.
        pending.extend(reversed(inner))


def _identify(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


_IGNORE_FILES = (".amlignore", ".gitignore")


def find_travelling(
    root: Path, *, code: bool = False, leave_out: Path | None = None
) -> Iterator[tuple[Path, str]]:
    """Yield each file of a folder that travels, and its path relative to the folder.

    Args:
        root: The folder.
        code: Whether it is a code folder.
        leave_out: A folder that is not entered wherever it is met (the run folder itself).

    Raises:
        BrokenLinkError: A link leads nowhere, or back to itself.
    """
    for name in list_travelling(root, code=code, leave_out=leave_out):
        yield root / name, name


def list_travelling(
    root: Path, *, code: bool = False, leave_out: Path | None = None
) -> Iterator[str]:
    """Yield the relative paths of `find_travelling` alone, where every step needs them."""
    ignored = _ignored(root)
    for name, is_folder in _walk(root, leave_out=leave_out, code=code):
        if not is_folder and not ignored(name):
            yield name


def _ignored(root: Path) -> Callable[[str], bool]:
    for name in _IGNORE_FILES:
        file = root / name
        if file.is_file():
            return _matcher(file.read_text(encoding="utf-8", errors="replace"))
    return lambda _: False


@lru_cache(maxsize=32)
def _matcher(text: str) -> Callable[[str], bool]:
    import pathspec
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

    return pathspec.PathSpec.from_lines(GitIgnoreSpecPattern, text.splitlines()).match_file
