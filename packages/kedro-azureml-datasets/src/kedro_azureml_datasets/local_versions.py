"""Where the versions of a data asset are on this machine."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kedro_azureml_datasets.errors import AzureMLDatasetError
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
    from pathlib import PurePath

LOCAL_VERSION = "local"
"""The version that a local run writes and that no registry knows."""

_NAMED = 5
"""Files that a message names."""

_reported: set[Path] = set()
"""Folders of versions of which it was said that nothing tells where they came from."""


class MissingDataError(AzureMLDatasetError):
    """A version of a data asset is here, and has nothing where its catalog entry looks for it.

    Args:
        asset: Name of the data asset.
        version: The version, or `local`; None for the mount of a step.
        folder: The version's folder, or the mount.
        path: Where the entry looks.
    """

    blame = "user"

    def __init__(self, asset: str, version: str | None, folder: Path, path: Path) -> None:
        what = f"Version '{version}' of the data asset '{asset}'"
        if not version:
            what = f"The data asset '{asset}', mounted for this step,"
        hint = "Correct the path in the catalog entry, or register data that has it."
        if version == LOCAL_VERSION:
            hint = "Correct the path in the catalog entry, or run the node that writes it again."
        elif version:
            hint = (
                "Correct the path in the catalog entry, or download the version again:  "
                f"kedro azureml assets pull {asset} --version {version} --replace"
            )
        inside = path.relative_to(folder).as_posix()
        message = f"has no '{inside}': its folder '{folder}' {_describe_files(folder)}."
        if path.is_dir():
            message = f"has a folder, not a file, at '{path}', which {_describe_files(path)}."
        elif path.is_symlink():
            message = f"has a link at '{path}' that leads to no data: '{path.readlink()}'."
        elif path == folder:
            message = f"has nothing at '{folder}'."
        super().__init__(f"{what} {message}", hint=hint)
        self.asset = asset
        self.version = version
        self.folder = folder
        self.path = path


def is_missing(path: Path) -> bool:
    """Check whether there is certainly nothing at a path.

    Args:
        path: The path; one that may be a pattern is not missing, nor is one that may not be read.
    """
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return not set("*?[{") & set(str(path))
    except OSError as error:
        return error.errno == errno.ELOOP  # a link that leads to itself
    return False


def is_folder_for_file(path: Path, error: BaseException) -> bool:
    """Check whether a nested dataset failed because a folder is where it reads a file.

    Args:
        path: Where it reads.
        error: Its error.
    """
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, IsADirectoryError):
        cause = cause.__cause__ or cause.__context__
    return cause is not None and path.is_dir()


def _describe_files(folder: Path) -> str:
    """Name the first files below a folder."""
    found: list[str] = []
    for place, folders, files in os.walk(folder):
        folders.sort()
        found += (Path(place, name).relative_to(folder).as_posix() for name in sorted(files))
        if len(found) > _NAMED:
            break
    if not folder.is_dir():
        return "is not a folder" if os.path.lexists(folder) else "does not exist"
    if not found:
        return "is empty"
    more = " and more" if len(found) > _NAMED else ""
    return f"holds {', '.join(found[:_NAMED])}{more}"


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

    def check_origin(self, version: str, *, is_read: bool = True) -> None:
        """Refuse a version that is here and of another workspace.

        A version of which nothing says where it came from was put here by hand, or by an earlier
        release: it is taken, and that is logged once if it is read.

        Args:
            version: The version.
            is_read: Whether its data is going to be read.

        Raises:
            ForeignVersionError: It was downloaded from another workspace.
        """
        origin = self._recorded(version)
        folder = self.folder_of(version)
        if origin is None:
            if is_read and folder not in _reported:
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
