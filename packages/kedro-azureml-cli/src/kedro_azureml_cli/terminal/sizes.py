"""The size of a folder, shown before it is uploaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def measure_folder(folder: Path) -> dict[str, int]:
    """Count the files of a folder, including those in its subfolders.

    Args:
        folder: The folder; one that does not exist is empty.

    Returns:
        `files` and `bytes`.
    """
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    return {"files": len(sizes), "bytes": sum(sizes)}


def format_size(size: Mapping[str, int]) -> str:
    """Return a size as text.

    Args:
        size: What `measure_folder` gives.

    Example:
        >>> format_size({"files": 1, "bytes": 2048})
        '1 file (2,048 bytes)'
    """
    files, size_bytes = size["files"], size["bytes"]
    ends = "s" * (files != 1), "s" * (size_bytes != 1)
    return f"{files:,} file{ends[0]} ({size_bytes:,} byte{ends[1]})"
