"""Compare files and folders byte by byte."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_CHUNK_BYTES = 1024 * 1024


def have_same_bytes(one: Path, other: Path) -> bool:
    """Check whether two files, or all files of two folders, hold the same bytes.

    Args:
        one: A file or a folder.
        other: Another one.

    Returns:
        Also False if one of them does not exist.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> folder = Path(tempfile.mkdtemp())
        >>> _ = (folder / "a").write_text("x"), (folder / "b").write_text("x")
        >>> have_same_bytes(folder / "a", folder / "b")
        True
        >>> have_same_bytes(folder / "a", folder)
        False
    """
    if one.is_file() and other.is_file():
        return _same_file(one, other)
    if not (one.is_dir() and other.is_dir()):
        return False
    mine, theirs = _files(one), _files(other)
    return mine == theirs and all(_same_file(one / name, other / name) for name in mine)


def _files(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def _same_file(one: Path, other: Path) -> bool:
    if one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as mine, other.open("rb") as theirs:
        while chunk := mine.read(_CHUNK_BYTES):
            if chunk != theirs.read(_CHUNK_BYTES):
                return False
    return True
