"""Flush what was written to the disk, so that it survives a power failure a moment later."""

from __future__ import annotations

import ctypes
import os
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

_MANY = 8
"""For so many files it is faster to flush their file system once: each flush takes some 10 ms."""


def keep_files(files: Sequence[Path]) -> None:
    """Wait until the content of files is on the disk.

    Without this, a rename may reach the disk before the content does: after a loss of power a file
    would be there with its name, and empty.

    Args:
        files: The files, complete, on one file system.

    Raises:
        OSError: The disk did not take it.
    """
    if len(files) >= _MANY and _flush_file_system(files[0]):
        return
    for file in files:
        with file.open("rb+") as stream:
            os.fsync(stream.fileno())


def _flush_file_system(file: Path) -> bool:
    """Flush the whole file system of a file; return whether the system knows how."""
    flush = _find_syncfs()
    if flush is None:
        return False
    descriptor = os.open(file, os.O_RDONLY)
    try:
        return flush(descriptor) == 0  # otherwise each file tells what is wrong
    finally:
        os.close(descriptor)


@cache
def _find_syncfs() -> Callable[[int], int] | None:
    """Return the function of Linux that flushes one file system; Python has only that for all."""
    try:
        found: Callable[[int], int] = ctypes.CDLL(None, use_errno=True).syncfs
    except (OSError, AttributeError, TypeError):
        return None
    return found


def keep_names(folders: Iterable[Path]) -> None:
    """Wait until the names in folders are on the disk.

    Args:
        folders: The folders; not what lies below them.
    """
    for folder in folders:
        try:
            descriptor = os.open(folder, os.O_RDONLY)
        except PermissionError:
            return  # Windows opens no folders, and needs none of this
        try:
            os.fsync(descriptor)
        except OSError:
            pass  # some network file systems know of no such thing; of files they all do
        finally:
            os.close(descriptor)
