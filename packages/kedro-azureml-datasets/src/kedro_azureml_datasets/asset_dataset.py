"""Versioned data assets of Azure ML."""

from __future__ import annotations

import copy
import os
import re
from typing import TYPE_CHECKING, Any

from kedro_azureml_datasets.azure_ml.settings import recall_session_settings
from kedro_azureml_datasets.errors import AzureMLDatasetError
from kedro_azureml_datasets.local_versions import (
    LOCAL_VERSION,
    LocalVersions,
    MissingDataError,
    is_folder_for_file,
    is_missing,
)
from kedro_azureml_datasets.log import logger
from kedro_azureml_datasets.mountable import MountableDataset
from kedro_azureml_datasets.version_choice import AssetSource, choose_version, fetch_version
from kedro_azureml_datasets.version_text import find_changed_version

if TYPE_CHECKING:
    from pathlib import Path

    from kedro.io import Version
    from typing_extensions import Self

ASSET_TYPES = ("uri_folder", "uri_file")

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


class AzureMLAssetDataset(MountableDataset):
    """A versioned data asset, read from or registered in an Azure ML workspace.

    In a step it is the mount that Azure ML gives to the step; what a step writes is registered as
    the next version. In a local run it lives below `{root_dir}/{azureml_dataset}/{version}/`: what
    is read comes from the version's folder, what is written goes to the version `local`.

    Args:
        azureml_dataset: Name of the data asset.
        dataset: Configuration of the nested dataset, with its `type` and its path.
        root_dir: Folder of the local versions, relative to the project.
        filepath_arg: The nested dataset's argument that holds its path.
        azureml_type: `uri_folder` (the nested path lies inside the asset) or `uri_file` (the asset
            is the file, whatever its name).
        version: Set by Kedro from `--load-versions`, never in the catalog.
        azureml_version: The version to read where `--load-versions` names none. A write always
            makes the next version.
        metadata: Anything, for plugins such as Kedro-Viz; that of the nested dataset by default.
        workspace: Name of the `workspace` entry of `azureml.yml` to which the asset belongs.

    Raises:
        AzureMLDatasetError: A name, a type or a path that cannot be one of an asset; or, on load, a
            version that is not on this machine.

    Example:
        In the catalog:

        ```yaml
        penguins:
          type: kedro_azureml_datasets.AzureMLAssetDataset
          azureml_dataset: penguins
          azureml_version: "1"
          dataset:
            type: pandas.CSVDataset
            filepath: penguins.csv
        ```

        >>> dataset = AzureMLAssetDataset(
        ...     "penguins", {"type": "json.JSONDataset", "filepath": "p.json"}, azureml_version="1"
        ... )
        >>> dataset.at("/mnt/penguins").path.as_posix()
        '/mnt/penguins/p.json'
    """

    versioned = True  # makes Kedro pass --load-versions as `version`

    def __init__(
        self,
        azureml_dataset: str,
        dataset: dict[str, Any],
        root_dir: str = "data",
        filepath_arg: str = "filepath",
        azureml_type: str = "uri_folder",
        version: Version | None = None,
        azureml_version: str | None = None,
        metadata: dict[str, Any] | None = None,
        workspace: str | None = None,
    ) -> None:
        pinned = (version.load if version else None) or azureml_version
        check_asset(azureml_dataset, azureml_type, pinned)
        super().__init__(dataset, root_dir, filepath_arg, metadata)
        self._asset = str(azureml_dataset)
        self._asset_type = azureml_type
        self._workspace = workspace
        self._pinned_version = None if pinned is None else str(pinned)
        self._failure: AzureMLDatasetError | None = None
        self._was_saved = False
        self._is_only_read = False
        self._version_paths: dict[str, Path] = {}
        self._source = AssetSource(self._asset, workspace, recall_session_settings())
        self._versions = LocalVersions(
            self._asset,
            self._project / self._root_dir / self._asset,
            self._relative_path if azureml_type == "uri_file" else None,
            self._source.known_workspace,
        )

    def as_local_intermediate(self) -> Self:
        """Return the same dataset bound to the version `local`, for data that the run itself makes.

        Returns:
            A new dataset; this one stays as it is.
        """
        return self._with_version(LOCAL_VERSION)

    def as_local_input(self) -> Self:
        """Return the same dataset with its data on this machine, for data that a run reads.

        Chooses the version where none is pinned, and downloads it where it is not here. So all
        processes of a run read one version, and Azure is asked before they start.

        Returns:
            A new dataset; where something has gone wrong here, it raises that when it is loaded.
        """
        try:
            version = self.load_version
            if self._versions.modified_at(version) is None:
                fetch_version(self._source, self._versions, version)
            elif version != LOCAL_VERSION:
                self._versions.check_origin(version)
        except AzureMLDatasetError as error:
            twin = copy.copy(self)
            twin._failure = error
            return twin
        twin = self._with_version(version)
        twin._is_only_read = True
        return twin

    @property
    def arguments(self) -> dict[str, Any]:
        """The constructor's arguments, as they would stand in the catalog."""
        return super().arguments | {
            "azureml_dataset": self._asset,
            "azureml_type": self._asset_type,
            "azureml_version": self._pinned_version,
            "workspace": self._workspace,
        }

    @property
    def path(self) -> Path:
        """Where the nested dataset saves, absolute."""
        if self._mount:
            return self._mounted(self._mount)
        return self._version_path(LOCAL_VERSION)

    @property
    def load_version(self) -> str:
        """The version that a local run reads.

        Where none is pinned the workspace is asked for its latest, once per process and asset; but
        what this instance has saved, it also loads.

        Raises:
            AzureMLDatasetError: No version of the asset is known, in Azure or on this machine.
        """
        if self._pinned_version:
            return self._pinned_version
        if self._was_saved:
            return LOCAL_VERSION
        return choose_version(self._source, self._versions)

    @property
    def _load_path(self) -> Path:
        if self._mount:
            return self._mounted(self._mount)
        if self._failure:
            raise self._failure
        version = self.load_version
        if self._was_saved and not self._pinned_version:
            logger.info(
                "The data asset '%s' is read as it was saved here: version '%s'. A new session, or "
                "a version that is pinned, reads a registered one.",
                self._asset,
                version,
            )
        here_since = self._versions.modified_at(version)
        if here_since is None:
            fetch_version(self._source, self._versions, version)
        elif version != LOCAL_VERSION:
            self._versions.check_origin(version)
            written_at = self._versions.local_modified_at()
            if written_at is not None and written_at > here_since:
                logger.info(
                    "A local run has written the data asset '%s' since: --load-versions with the "
                    "version 'local' reads that instead of version '%s'.",
                    self._asset,
                    version,
                )
        return self._version_path(version)

    @property
    def _shown_path(self) -> Path:
        # kedro-mlflow asks before it saves, where only a run knows that nothing will be saved.
        if self._is_only_read and not self._mount:
            return self._version_path(self.load_version)
        return self.path

    def _move_to(self, file: Path) -> None:
        if self._asset_type == "uri_file":
            self._mount = file
        else:
            super()._move_to(file)

    @property
    def _path_here(self) -> Path | None:
        if self._mount:
            return self._mounted(self._mount)
        version = self._pinned_version
        if version is None:
            here = (*self._versions.registered()[-1:], *self._versions.all()[-1:])
            version = here[0] if here else LOCAL_VERSION
        is_here = self._versions.modified_at(version) is not None
        is_foreign = is_here and self._versions.foreign_origin(version) is not None
        return self._version_path(version) if is_here and not is_foreign else None

    def load(self) -> Any:
        """Load with the nested dataset.

        Raises:
            MissingDataError: The version has nothing at the nested dataset's path.
        """
        path = self._load_path
        try:
            return self._wrapped(path).load()
        except Exception as error:
            # Looked at only now: a nested dataset may complete its path, or take a pattern.
            if not is_missing(path) and not is_folder_for_file(path, error):
                raise
            version = path.relative_to(self._versions.folder).parts[0] if not self._mount else None
            folder = self._mount or self._versions.folder_of(str(version))
            raise MissingDataError(self._asset, version, folder, path) from error

    def save(self, data: Any) -> None:
        """Save to the mount, in a local run to the version `local`; only rank 0 does."""
        super().save(data)
        self._was_saved = not self._mount
        local = self._versions.folder_of(LOCAL_VERSION)
        if not self._mount and local.is_dir():
            os.utime(local)  # a rewritten file does not make its folder newer

    def _describe(self) -> dict[str, Any]:
        # Not super()'s: the path depends on the version, and finding that may touch the disk.
        kind = self._wrapped_type
        pinned = self._pinned_version
        path = self.path if self._mount else self._version_path(pinned) if pinned else None
        return {
            "path": path.as_posix() if path else None,  # Kedro-Viz shows it
            "azureml_dataset": self._asset,
            "version": None if self._mount else self._pinned_version,
            "mount": self._mount.as_posix() if self._mount else None,
            "root_dir": self._root_dir,
            "dataset": f"{kind.__module__}.{kind.__qualname__}",
        }

    def _mounted(self, mount: Path) -> Path:
        return mount if self._asset_type == "uri_file" else mount / self._relative_path

    def _version_path(self, version: str) -> Path:
        # Remembered: joining it takes longer than all else that a load of a version here needs.
        path = self._version_paths.get(version)
        if path is None:
            path = self._versions.folder / version / self._relative_path
            self._version_paths[version] = path
        return path

    def _with_version(self, version: str) -> Self:
        twin = copy.copy(self)
        twin._pinned_version = version
        return twin


def check_asset(name: object, asset_type: object, version: object) -> None:
    """Refuse what cannot name a data asset.

    Args:
        name: Name of the asset, as written in the catalog.
        asset_type: Its `azureml_type`.
        version: The version to read; None is the latest.

    Raises:
        AzureMLDatasetError: One of them is not possible; the hint says what is.

    Example:
        >>> check_asset("penguins", "uri_folder", "3")
    """
    if "/registries/" in str(name):
        raise AzureMLDatasetError(
            f"'{name}' cannot be the name of a data asset: assets of a registry are not supported, "
            "because a workspace gives neither their versions nor their data.",
            hint="Register the data in the workspace, and write the asset's name alone.",
        )
    if str(name).startswith("azureml:"):
        raise AzureMLDatasetError(
            f"'{name}' cannot be the name of a data asset: references are not supported.",
            hint="Write the asset's name alone, and its version as azureml_version.",
        )
    if not _NAME.fullmatch(str(name)):
        raise AzureMLDatasetError(
            f"'{name}' cannot be the name of a data asset.",
            hint="Letters, digits, '_', '-' and '.' are allowed; the first is a letter or a digit.",
        )
    if asset_type not in ASSET_TYPES:
        why = (
            ", which is not supported: only Azure ML's own library can read the rows of an MLTable"
            if asset_type == "mltable"
            else ""
        )
        raise AzureMLDatasetError(
            f"'azureml_type' of the data asset '{name}' is '{asset_type}'{why}.",
            hint=f"Write one of: {', '.join(ASSET_TYPES)}.",
        )
    if str(version).lower().lstrip("@") == "latest":
        raise AzureMLDatasetError(
            f"'{version}' cannot be a version of the data asset '{name}': Azure ML knows it as a "
            "label only.",
            hint="Leave azureml_version out: the latest version is read then.",
        )
    if version is not None and not isinstance(version, str):
        _check_as_written(str(name), version)
    text = None if version is None else str(version)
    is_version = text is None or (_is_folder_name(text) and text == text.strip())
    if isinstance(version, float) or not is_version:
        raise AzureMLDatasetError(
            f"'{version}' cannot be a version of the data asset '{name}'.",
            hint='Write the version as Azure ML shows it, in quotes: "3" or "1.10".',
        )


def _check_as_written(asset: str, version: object) -> None:
    """Refuse a version that YAML has changed, because it stands there without quotes."""
    settings = recall_session_settings()
    folders = settings.config_folders() if settings is not None else []
    written = find_changed_version(folders, asset, version)
    if written is not None:
        conf = folders[0].parent
        place = conf.name / written.file.relative_to(conf)
        raise AzureMLDatasetError(
            f"'azureml_version' of the data asset '{asset}' is written {written.text}, which YAML "
            f"reads as {version} ({place.as_posix()}:{written.line}).",
            hint=f'Write it in quotes:  "{written.text}"',
        )
    if isinstance(version, bool):
        raise AzureMLDatasetError(
            f"'azureml_version' of the data asset '{asset}' is {str(version).lower()}, which YAML "
            "reads as a truth value.",
            hint='Write the version as Azure ML shows it, in quotes: "3" or "1.10".',
        )


def _is_folder_name(version: str) -> bool:
    return bool(version) and version[0] != "." and not set(version) & set("/\\\0")
