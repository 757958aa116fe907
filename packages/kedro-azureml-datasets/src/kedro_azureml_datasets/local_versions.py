"""Where the versions of a data asset lie on this machine."""

from pathlib import Path

LOCAL_VERSION = "local"
"""The version that a local run writes and that no registry knows."""


def version_folder(root: Path, asset: str, version: str) -> Path:
    """Give the folder of one version; the nested dataset's path lies below it.

    Args:
        root: The dataset's `root_dir`, absolute.
        asset: Name of the data asset.
        version: The version, or `local`.

    Example:
        >>> version_folder(Path("/project/data"), "penguins", "3").as_posix()
        '/project/data/penguins/3'
    """
    return root / asset / version


def cached_versions(folder: Path) -> list[str]:
    """List the registered versions of an asset that are on this machine, the newest last.

    Versions that are numbers count as numbers and as newer than all others; those are ordered by
    the age of their folder.

    Args:
        folder: The folder of the asset, which need not exist.

    Example:
        >>> import tempfile
        >>> asset = Path(tempfile.mkdtemp())
        >>> for version in ("9", "10", "local"):
        ...     (asset / version).mkdir()
        >>> cached_versions(asset)
        ['9', '10']
    """
    if not folder.is_dir():
        return []
    versions = [
        child
        for child in folder.iterdir()
        if child.name != LOCAL_VERSION and not child.name.startswith(".") and child.is_dir()
    ]

    def order(child: Path) -> tuple[bool, int, float]:
        number = child.name.isdecimal()
        return number, int(child.name) if number else 0, modified_at(child)

    return [child.name for child in sorted(versions, key=order)]


def modified_at(folder: Path) -> float:
    """Give the time of the last change of a folder, in seconds since the epoch."""
    return folder.stat().st_mtime
