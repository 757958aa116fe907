"""Flush what was written to the disk, so that it survives a power failure a moment later."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def keep_file(file: Path) -> None:
    """Wait until a file's content is on the disk.

    Without this, a rename may reach the disk before the content does: after a loss of power the
    file would be there with its name, and empty.

    Args:
        file: The file, complete.

    Raises:
        OSError: The disk did not take it.
    """
    with file.open("rb+") as stream:
        os.fsync(stream.fileno())


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
