"""Copy files as they are on the disk: holes in a file stay holes in its copy."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHUNK_BYTES = 1 << 20


def copy_file(source: Path, target: Path) -> None:
    """Copy a file with its mode.

    Args:
        source: The file; a link is followed.
        target: The copy.

    Raises:
        OSError: The source cannot be read, or the copy cannot be written.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> _ = (folder / "a").write_text("x")
        >>> copy_file(folder / "a", folder / "b")
        >>> (folder / "b").read_text()
        'x'
    """
    if not _has_holes(source.stat()):
        shutil.copy(source, target)
        return
    with source.open("rb", buffering=0) as reader, target.open("wb", buffering=0) as writer:
        size = os.fstat(reader.fileno()).st_size
        writer.truncate(size)
        for start, end in _extents(reader.fileno(), size):
            position = start
            while position < end:
                data = os.pread(reader.fileno(), min(_CHUNK_BYTES, end - position), position)
                if not data:
                    break  # it has been truncated meanwhile
                position += os.pwrite(writer.fileno(), data, position)
    shutil.copymode(source, target)


def measure_on_disk(path: Path) -> int:
    """Return how many bytes a copy of a file needs; holes need none."""
    status = path.stat()
    return min(status.st_size, status.st_blocks * 512) if _has_holes(status) else status.st_size


def _has_holes(status: os.stat_result) -> bool:
    # 512 bytes whatever the size of a block is (POSIX). Not all systems count blocks.
    blocks = getattr(status, "st_blocks", None)
    return blocks is not None and hasattr(os, "SEEK_DATA") and blocks * 512 < status.st_size


def _extents(descriptor: int, size: int) -> Iterator[tuple[int, int]]:
    """Yield where the data of a file starts and ends, between its holes."""
    end = 0
    while end < size:
        try:
            start = os.lseek(descriptor, end, os.SEEK_DATA)
        except OSError as error:
            if error.errno == errno.ENXIO:  # only a hole is left
                return
            raise
        end = os.lseek(descriptor, start, os.SEEK_HOLE)
        yield start, end
