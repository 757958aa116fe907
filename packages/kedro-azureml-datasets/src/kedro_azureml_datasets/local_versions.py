"""Where the versions of a data asset are on this machine."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kedro_azureml_datasets.log import logger
from kedro_azureml_datasets.version_origin import (
    ForeignVersionError,
    Origin,
    WorkspaceName,
    locate_origin_file,
    read_origin,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path, PurePath

LOCAL_VERSION = "local"
"""The version that a local run writes and that no registry knows."""

_reported: set[Path] = set()
"""Folders of versions of which it was said that nothing tells where they came from."""


def locate_version_folder(root: Path, asset: str, version: str) -> Path:
    """Return the folder of one version; the nested dataset's path lies below it.

    Args:
        root: The dataset's `root_dir`, absolute.
        asset: Name of the data asset.
        version: The version, or `local`.

    Example:
        >>> from pathlib import Path
        >>> locate_version_folder(Path("/project/data"), "penguins", "3").as_posix()
        '/project/data/penguins/3'
    """
    return root / asset / version


def _no_workspace() -> None:
    """Return None: the workspace is not known."""


@dataclass(frozen=True)
class LocalVersions:
    """The versions of one data asset below one `root_dir`.

    Args:
        asset: Name of the data asset.
        folder: `{root_dir}/{asset}`, absolute; need not exist.
        file: Where a `uri_file` lies in its version's folder; None for a `uri_folder`.
        workspace: Returns the workspace to which the asset belongs, None where that is not known;
            called only where a version here is known to come from a workspace.
    """

    asset: str
    folder: Path
    file: PurePath | None = None
    workspace: Callable[[], WorkspaceName | None] = _no_workspace

    def folder_of(self, version: str) -> Path:
        """Return the folder of a version."""
        return self.folder / version

    def modified_at(self, version: str) -> float | None:
        """Return when a version came here, in seconds since the epoch; None if it is not here."""
        path = f"{self.folder}/{version}" + (f"/{self.file}" if self.file else "")
        return _modified_at(path)

    def local_modified_at(self) -> float | None:
        """Return when a local run last wrote the asset; None where none has."""
        return _modified_at(f"{self.folder}/{LOCAL_VERSION}")

    def origin(self, version: str) -> Origin | None:
        """Return where a version came from; None where it is not here or nothing says it."""
        origin = self._recorded(version)
        is_here = origin is not None and _modified_at(f"{self.folder}/{version}") is not None
        return origin if is_here else None

    def _recorded(self, version: str) -> Origin | None:
        """Return what is recorded, without asking the disk for the version once more."""
        return read_origin(locate_origin_file(self.folder, version))

    def foreign_origin(self, version: str) -> Origin | None:
        """Return where a version came from if that is another workspace; None otherwise."""
        origin = self.origin(version)
        workspace = self.workspace() if origin is not None else None
        if origin is None or workspace is None or origin.is_from(workspace):
            return None
        return origin

    def check_origin(self, version: str) -> None:
        """Refuse a version that is here and of another workspace.

        A version of which nothing says where it came from was put here by hand, or by an earlier
        release: it is taken, and that is logged once.

        Raises:
            ForeignVersionError: It was downloaded from another workspace.
        """
        origin = self._recorded(version)
        folder = self.folder_of(version)
        if origin is None:
            if folder not in _reported:
                _reported.add(folder)
                logger.info(
                    "Nothing says from which workspace version '%s' of the data asset '%s' in '%s' "
                    "came; it is read as it is.",
                    version,
                    self.asset,
                    folder,
                )
            return
        workspace = self.workspace()
        if workspace is not None and not origin.is_from(workspace):
            raise ForeignVersionError(self.asset, version, folder, origin, workspace)

    def registered(self) -> list[str]:
        """List the registered versions that are here, the newest last.

        Without those of another workspace.
        """
        return [v for v in list_cached_versions(self.folder) if self.foreign_origin(v) is None]

    def all(self) -> list[str]:
        """List the versions that are here, `local` last."""
        local = [LOCAL_VERSION] if self.local_modified_at() is not None else []
        return self.registered() + local


def _modified_at(path: str) -> float | None:
    try:
        return os.stat(path).st_mtime  # noqa: PTH116  (a Path would cost more than the call)
    except OSError:
        return None


def list_cached_versions(folder: Path) -> list[str]:
    """List the registered versions of an asset that are on this machine, the newest last.

    Versions that are numbers count as numbers and as newer than all others; those are ordered by
    the age of their folder.

    Args:
        folder: The folder of the asset, which need not exist.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> asset = Path(tempfile.mkdtemp())
        >>> for version in ("9", "10", "local"):
        ...     (asset / version).mkdir()
        >>> list_cached_versions(asset)
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
        return number, int(child.name) if number else 0, child.stat().st_mtime

    return [child.name for child in sorted(versions, key=order)]
