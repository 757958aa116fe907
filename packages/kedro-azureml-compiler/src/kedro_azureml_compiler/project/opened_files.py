"""Record which files of a project its own code opens while it is read."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

_WRITING = os.O_WRONLY | os.O_RDWR
_CODE = (".py", ".pyc", ".pyd", ".so")

_opened: dict[str, set[str]] = {}
"""Root of each project to its files that were opened: modules are imported once per process."""

_watched: list[str] = []
_installed: list[bool] = []


@contextmanager
def record_openings(project: Path) -> Iterator[None]:
    """Record the files of a project that its code opens for reading; see `list_opened_files`.

    Args:
        project: The project's folder, absolute.
    """
    if not _installed:  # for good: Python takes no audit hook out again
        sys.addaudithook(_hook)
        _installed.append(True)
    _watched.append(f"{project}{os.sep}")
    try:
        yield
    finally:
        _watched.pop()


def list_opened_files(project: Path) -> tuple[str, ...]:
    """Return the files that were recorded, relative to the project, sorted; code is left out.

    Args:
        project: The project's folder, absolute.
    """
    found = (Path(name) for name in _opened.get(f"{project}{os.sep}", ()))
    return tuple(sorted(f.relative_to(project).as_posix() for f in found if f.is_file()))


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if event != "open" or not _watched:
        return
    with suppress(Exception):  # an error here would be raised by the project's open()
        _record(*arguments)


def _record(path: Any, mode: str | None, flags: int) -> None:
    root = _watched[-1]
    if not isinstance(path, (str, os.PathLike)) or flags & _WRITING:
        return
    if mode is not None and set(mode) & set("wax+"):
        return
    name = os.path.abspath(path)  # noqa: PTH100  (it may not be one that Path takes)
    if name.startswith(root) and not name.endswith(_CODE) and _is_of_the_project(root):
        _opened.setdefault(root, set()).add(name)


def _is_of_the_project(root: str) -> bool:
    """Check whether a line of the project is being run: Kedro and plugins open files as well."""
    frame: FrameType | None = sys._getframe(3)
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith(root) and "site-packages" not in name:
            return True
        frame = frame.f_back
    return False
