"""Data assets in a folder, as a run leaves the ones that it registers: `<name>/<version>/`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def list_stored_assets(store: Path) -> dict[str, Path]:
    """Return the references that a store answers, each with its data.

    Args:
        store: A folder with `<name>/<version>/`.

    Returns:
        `name:version` of every version, and `name@latest` of the highest: the highest number,
        or the last name where no version is a number.

    Example:
        >>> import tempfile, pathlib
        >>> store = pathlib.Path(tempfile.mkdtemp())
        >>> for version in ("9", "10"):
        ...     (store / "birds" / version).mkdir(parents=True)
        >>> list_stored_assets(store)["birds@latest"].name
        '10'
    """
    found = {}
    for name in sorted(path for path in store.iterdir() if path.is_dir()):
        versions = [path for path in name.iterdir() if path.is_dir()]
        for version in versions:
            found[f"{name.name}:{version.name}"] = version
        if versions:
            latest = max(versions, key=lambda path: _rank(path.name))
            found[f"{name.name}@latest"] = latest
    return found


def _rank(version: str) -> tuple[int, str]:
    return (int(version), "") if version.isdecimal() else (-1, version)
