"""Reads the URI under which Azure ML has registered a data asset."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kedro_azureml_datasets.azure_ml.errors import AssetStorageError
from kedro_azureml_datasets.azure_ml.settings import Workspace


@dataclass(frozen=True)
class DatastoreLocation:
    """Data in a datastore of a workspace.

    Args:
        workspace: The workspace; None is the one that was asked.
        datastore: Name of the datastore.
        path: Path in the datastore's container, without a slash at its ends.
    """

    workspace: Workspace | None
    datastore: str
    path: str


@dataclass(frozen=True)
class StorageLocation:
    """Data that is named by its storage account; read with the caller's own identity.

    Args:
        account_url: Address of the account's blob service.
        container: Name of the container or of the file system.
        path: Path in the container, without a slash at its ends.
    """

    account_url: str
    container: str
    path: str


_DATASTORE = re.compile(
    r"azureml://(?:subscriptions/(?P<subscription>[^/]+)/resourcegroups/(?P<group>[^/]+)/"
    r"(?:providers/Microsoft\.MachineLearningServices/)?workspaces/(?P<workspace>[^/]+)/)?"
    r"datastores/(?P<datastore>[^/]+)(?:/paths/(?P<path>.*))?",
    re.IGNORECASE | re.DOTALL,
)
_STORAGE = (
    re.compile(
        r"https://(?P<account>[^/.]+)\.(?:blob|dfs)\.(?P<domain>[^/?]+)/(?P<container>[^/?]+)/?"
        r"(?P<path>[^?]*)",
        re.DOTALL,
    ),
    re.compile(
        r"(?:wasbs|abfss)://(?P<container>[^@/]+)@(?P<account>[^/.]+)\.(?:blob|dfs)\."
        r"(?P<domain>[^/]+)/?(?P<path>.*)",
        re.DOTALL,
    ),
)


def read_location(uri: str) -> DatastoreLocation | StorageLocation:
    """Read the URI of a data asset.

    Args:
        uri: The `path` of the asset, as the workspace gives it.

    Raises:
        AssetStorageError: It is of a kind that this package cannot download.

    Example:
        >>> read_location("azureml://datastores/blobs/paths/penguins/1/")
        DatastoreLocation(workspace=None, datastore='blobs', path='penguins/1')
        >>> read_location("abfss://lake@store.dfs.core.windows.net/p").account_url
        'https://store.blob.core.windows.net'
    """
    match = _DATASTORE.fullmatch(uri)
    if match:
        subscription, group, name = match["subscription"], match["group"], match["workspace"]
        return DatastoreLocation(
            Workspace(subscription, group, name) if name else None,
            match["datastore"],
            (match["path"] or "").strip("/"),
        )
    for pattern in _STORAGE:
        match = pattern.fullmatch(uri.partition("?")[0])
        if match:
            # A data lake serves the same files under its blob address.
            url = f"https://{match['account']}.blob.{match['domain']}"
            return StorageLocation(url, match["container"], match["path"].strip("/"))
    raise AssetStorageError(
        f"The data asset lies at '{uri}', which is in no storage account of Azure.",
        hint="Assets in blob storage and in Data Lake Gen2 can be downloaded; read others with a "
        "dataset of their own.",
    )
