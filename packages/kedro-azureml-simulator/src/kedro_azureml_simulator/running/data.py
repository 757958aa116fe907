"""Files and folders on their way from one step to the next: copies, and digests of them.

Where there is no mount namespace, a step gets a real copy of each input. A symbolic link would
show it its producer's path (and `find` would not enter it), a hard link would let it change its
producer's data in place; with a copy, what a step does to its input harms nobody, and the digest
tells who did it. Where the file system can share blocks between files, `copy_file_range` makes
the copy without moving any data.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from kedro_azureml_simulator.planning.local_data import walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_CHUNK_BYTES = 1 << 20
_SMALL_BYTES = 4096
_FOLDER = "folder"
_NOT_POSSIBLE = {
    errno.EXDEV,
    errno.EINVAL,
    errno.ENOSYS,
    errno.EOPNOTSUPP,
    errno.EBADF,
    errno.EPERM,
}


def copy_data(source: Path, target: Path, *, keep_going: Callable[[], None] = lambda: None) -> None:
    """Copy a file or a folder; symbolic links are followed, as an upload follows them.

    Args:
        source: What is copied.
        target: Where to; it must not exist, its parent must.
        keep_going: Called before each file; what it raises ends the copy.

    Raises:
        BrokenLinkError: A link leads nowhere, or back to itself.
        OSError: The machine could not copy.
    """
    if source.is_file():
        copy_file(source, target)
        return
    target.mkdir()
    for entry, is_folder in walk(source):
        keep_going()
        copy = target / entry.relative_to(source)
        if is_folder:
            copy.mkdir()
        else:
            copy_file(entry, copy)


def put_data(source: Path, target: Path) -> None:
    """Copy a file or a folder over what may be there; files of other names stay.

    Args:
        source: What is copied.
        target: Where to.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_file():
        target.unlink(missing_ok=True)
        copy_file(source, target)
        return
    target.mkdir(exist_ok=True)
    for entry, is_folder in walk(source):
        copy = target / entry.relative_to(source)
        if is_folder:
            copy.mkdir(exist_ok=True)
        else:
            copy_file(entry, copy)


def is_plain(folder: Path) -> bool:
    """Check whether a folder can be mounted as it is: it has no link, pipe or socket."""
    pending = [folder]
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    pending.append(Path(entry.path))
                elif not entry.is_file(follow_symlinks=False):
                    return False
    return True


def is_empty(folder: Path) -> bool:
    """Check whether a data folder holds no file."""
    return all(is_folder for _, is_folder in walk(folder))


def digest(root: Path) -> dict[str, str]:
    """Return size and content hash of every file below a path, by its relative path.

    Args:
        root: A file or a folder; one that does not exist has an empty digest.

    Example:
        >>> digest(Path("/nonexistent"))
        {}
    """
    if root.is_file():
        return {root.name: hash_file(root)}
    if not root.is_dir():
        return {}
    return {
        entry.relative_to(root).as_posix(): _FOLDER if is_folder else hash_file(entry)
        for entry, is_folder in walk(root)
    }


def describe_difference(before: dict[str, str], after: dict[str, str]) -> str:
    """Return in words what changed between two digests, empty where nothing did.

    Args:
        before: The earlier digest.
        after: The later one.

    Example:
        >>> describe_difference({"a": "1", "b": "2"}, {"a": "3", "c": "4"})
        'changed a, removed b, added c'
    """
    changes = [
        f"changed {name}" for name in before if after.get(name, before[name]) != before[name]
    ]
    changes += [f"removed {name}" for name in before if name not in after]
    changes += [f"added {name}" for name in after if name not in before]
    shown = changes[:5]
    if len(changes) > len(shown):
        shown.append(f"and {len(changes) - len(shown)} more")
    return ", ".join(shown)


def remove_tree(folder: Path) -> None:
    """Remove a folder, also where a step took away the right to change it."""
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return
    except PermissionError:
        for parent, _, _ in os.walk(folder):
            with contextlib.suppress(PermissionError):
                Path(parent).chmod(0o700)
        shutil.rmtree(folder)


def copy_file(source: Path | str, target: Path | str) -> None:
    """Copy one file; its owner may read and write the copy, whatever the original allows.

    What is a hole in the file stays one: a file of gigabytes may have a few blocks.
    """
    origin = os.open(source, os.O_RDONLY)
    try:
        copy = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        try:
            _copy_content(origin, copy)
        finally:
            os.close(copy)
    finally:
        os.close(origin)


def _copy_content(origin: int, copy: int) -> None:
    status = os.fstat(origin)
    # One call of each where it does: most files of code are small.
    is_small = status.st_size <= _SMALL_BYTES
    written = os.write(copy, os.read(origin, status.st_size)) if is_small else 0
    if written < status.st_size:  # large, or the disk is full, which the next call says
        os.ftruncate(copy, status.st_size)
        for start, end in _extents(origin, status):
            _copy_extent(origin, copy, start, end)
    os.fchmod(copy, mode_of_copy(status))


def mode_of_copy(status: os.stat_result) -> int:
    """Return the rights of a file's copy."""
    return stat.S_IMODE(status.st_mode) & 0o777 | stat.S_IRUSR | stat.S_IWUSR


def _extents(descriptor: int, status: os.stat_result) -> Iterator[tuple[int, int]]:
    """Yield where the data of a file starts and ends, between its holes."""
    if not hasattr(os, "SEEK_DATA") or status.st_blocks * 512 >= status.st_size:
        yield 0, status.st_size
        return
    end = 0
    while end < status.st_size:
        try:
            start = os.lseek(descriptor, end, os.SEEK_DATA)
        except OSError as error:
            if error.errno == errno.ENXIO:  # nothing but a hole is left
                return
            raise
        end = os.lseek(descriptor, start, os.SEEK_HOLE)
        yield start, end


def _copy_extent(reader: int, writer: int, start: int, end: int) -> None:
    position = _copy_in_kernel(reader, writer, start, end)
    while position < end:
        data = os.pread(reader, min(_CHUNK_BYTES, end - position), position)
        if not data:
            return  # somebody has made the file shorter
        position += os.pwrite(writer, data, position)


def _copy_in_kernel(reader: int, writer: int, start: int, end: int) -> int:
    """Copy what the kernel can copy by itself, and return where it stopped."""
    copy_file_range = getattr(os, "copy_file_range", None)
    while copy_file_range is not None and start < end:
        try:
            copied = copy_file_range(reader, writer, min(end - start, 1 << 30), start, start)
        except OSError as error:
            # Between file systems, or on one that cannot do it.
            if error.errno in _NOT_POSSIBLE:
                return start
            raise
        if copied == 0:
            return start
        start += copied
    return start


def hash_file(path: Path) -> str:
    """Return size and content hash of one file."""
    content = hashlib.blake2b(digest_size=16)
    size = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            size += len(chunk)
            content.update(chunk)
    return f"{size}:{content.hexdigest()}"
