"""Which version of a data asset a local run reads, and how it gets to this machine."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, NamedTuple

from kedro_azureml_datasets.azure_ml.errors import (
    AssetNotFoundError,
    AzureMLError,
    AzureNotAskedError,
    WorkspaceSettingsError,
)
from kedro_azureml_datasets.errors import AzureMLDatasetError
from kedro_azureml_datasets.local_versions import LOCAL_VERSION, LocalVersions
from kedro_azureml_datasets.log import logger

if TYPE_CHECKING:
    from kedro_azureml_datasets.azure_ml.registered_assets import RegisteredVersion
    from kedro_azureml_datasets.azure_ml.settings import SessionSettings, Workspace
    from kedro_azureml_datasets.azure_ml.workspace import AzureWorkspace


class AssetSource(NamedTuple):
    """Where the versions of a data asset come from.

    Args:
        asset: Name of the data asset.
        workspace_entry: Name of the `workspace` entry of `azureml.yml`; None is the default.
        settings: The session's settings; None where no session has told.
    """

    asset: str
    workspace_entry: str | None
    settings: SessionSettings | None

    def workspace(self) -> Workspace:
        """Return the workspace.

        Raises:
            WorkspaceSettingsError: `azureml.yml` does not say it.
        """
        if self.settings is None:
            raise WorkspaceSettingsError(
                "No Kedro session is open, so azureml.yml cannot be found.",
                hint="Load the dataset from the catalog of a session ('kedro ipython').",
            )
        return self.settings.workspace(self.workspace_entry)

    def known_workspace(self) -> Workspace | None:
        """Return the workspace; None where `azureml.yml` does not say it."""
        try:
            return self.workspace()
        except WorkspaceSettingsError:
            return None

    def connect(self) -> AzureWorkspace:
        """Connect to the workspace.

        Raises:
            AzureNotAskedError: Azure cannot be asked.
        """
        workspace = self.workspace()
        from kedro_azureml_datasets.azure_ml.workspace import connect

        return connect(workspace)


_latest: dict[tuple[Workspace, str], RegisteredVersion | AssetNotFoundError] = {}
_latest_lock = threading.Lock()


def look_up_latest_version(source: AssetSource) -> RegisteredVersion:
    """Ask for the newest registered version, once per process and asset.

    Raises:
        AssetNotFoundError: The workspace does not know the asset.
        AzureNotAskedError: Azure cannot be asked.
        AzureMLError: It was asked, and had no answer of use.
    """
    key = (source.workspace(), source.asset)
    with _latest_lock:
        if key not in _latest:
            try:
                _latest[key] = source.connect().latest(source.asset)
            except AssetNotFoundError as error:
                _latest[key] = error
    found = _latest[key]
    if isinstance(found, AssetNotFoundError):
        raise found
    return found


def choose_version(source: AssetSource, versions: LocalVersions) -> str:
    """Choose the version to read where none is pinned.

    Args:
        source: Where the versions come from.
        versions: Those on this machine.

    Returns:
        The registry's latest, which need not be here; else the newest one here; else `local`.

    Raises:
        AzureMLDatasetError: There is none at all.
    """
    try:
        return look_up_latest_version(source).version
    except (AzureNotAskedError, AzureMLError) as error:  # no answer, or one of no use
        reason: AzureMLDatasetError = error
        order = (*versions.registered()[-1:], *versions.all()[-1:])
    except AssetNotFoundError as error:
        reason = error
        order = tuple(reversed(versions.all()))
    if not order:
        raise AzureMLDatasetError(
            f"No version of the data asset '{source.asset}' is on this machine, and none can be "
            f"downloaded: {reason.message}",
            hint=f"{reason.hint}\nOr put its data into '{versions.folder_of('<version>')}'.",
        ) from reason
    logger.warning(
        "No version of the data asset '%s' is pinned: reading version '%s' from '%s'. (%s)",
        source.asset,
        order[0],
        versions.folder,
        reason.message,
    )
    return order[0]


def fetch_version(source: AssetSource, versions: LocalVersions, version: str) -> None:
    """Download a version that is not on this machine.

    Args:
        source: Where it comes from.
        versions: Where it belongs.
        version: The version, `local` included, which can only be here already.

    Raises:
        AzureMLDatasetError: It cannot be had.
    """
    if version == LOCAL_VERSION:
        raise AzureMLDatasetError(
            f"No local run has written the data asset '{source.asset}': there is no "
            f"'{versions.folder_of(LOCAL_VERSION)}'.",
            hint="Run the node that produces it first.",
        )
    try:
        workspace = source.connect()
        known = _latest.get((source.workspace(), source.asset))
        if known is None or isinstance(known, AssetNotFoundError) or known.version != version:
            known = workspace.version(source.asset, version)
        from kedro_azureml_datasets.azure_ml.downloading.download import download_version

        download_version(versions, known, workspace)
    except AzureNotAskedError as error:
        here = ", ".join(name for name in versions.all() if name != version)
        place = versions.folder_of(version) / (versions.file or "")
        here = f"Here are: {here}. " if here else ""
        instead = (
            f"{here}Put its data there, or pin another version with 'azureml_version' or "
            "--load-versions."
        )
        raise AzureMLDatasetError(
            f"Version '{version}' of the data asset '{source.asset}' is not on this machine: "
            f"there is no '{place}'. It cannot be downloaded: {error.message}",
            hint="\n".join(filter(None, [instead, error.hint])),
        ) from error
