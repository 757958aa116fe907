"""Read the URI under which Azure ML has registered a data asset."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

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
    """Data that is named by its storage account.

    Args:
        account_url: Address of the account's blob service.
        container: Name of the container or of the file system.
        path: Path in the container, without a slash at its ends.
        sas: The SAS that the URI itself holds, without a question mark; empty where it has none.
        url: The whole URI where it is an https address, which needs no storage account to be read.
    """

    account_url: str
    container: str
    path: str
    sas: str = ""
    url: str = ""


_DATASTORE = re.compile(
    r"azureml://(?:subscriptions/(?P<subscription>[^/]+)/resourcegroups/(?P<group>[^/]+)/"
    r"(?:providers/Microsoft\.MachineLearningServices/)?workspaces/(?P<workspace>[^/]+)/)?"
    r"datastores/(?P<datastore>[^/]+)(?:/paths/(?P<path>.*))?",
    re.IGNORECASE | re.DOTALL,
)
_HTTPS = re.compile(
    r"https://(?P<host>[^/?#]+)(?:/(?P<container>[^/?#]+))?/?(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?",
    re.IGNORECASE | re.DOTALL,
)
_LAKE = re.compile(
    r"(?:wasbs|abfss)://(?P<container>[^@/]+)@(?P<host>[^/?]+)/?(?P<path>[^?]*)",
    re.IGNORECASE | re.DOTALL,
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
    match = _LAKE.fullmatch(uri)
    if match:
        return StorageLocation(
            _blob_address(match["host"]), match["container"], match["path"].strip("/")
        )
    match = _HTTPS.fullmatch(uri)
    if match:
        query = match["query"] or ""
        return StorageLocation(
            _blob_address(match["host"]),
            unquote(match["container"] or ""),
            unquote(match["path"]).strip("/"),
            query if "sig=" in query else "",
            uri,
        )
    raise AssetStorageError(
        f"The data asset lies at '{strip_query(uri)}', which cannot be downloaded.",
        hint="Assets in blob storage, in Data Lake Gen2 and at https addresses can be downloaded; "
        "read other data with a dataset that has its own address.",
    )


def strip_query(uri: str) -> str:
    """Return a URI without its query, which may hold a SAS, for messages.

    Example:
        >>> strip_query("https://store.blob.core.windows.net/c/p.csv?sv=1&sig=secret")
        'https://store.blob.core.windows.net/c/p.csv'
    """
    return uri.partition("?")[0]


def _blob_address(host: str) -> str:
    # A data lake serves the same files under its blob address.
    return f"https://{re.sub(r'[.]dfs[.]', '.blob.', host, count=1)}"
