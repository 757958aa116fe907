"""Ask an Azure ML workspace for its data assets.

The Azure SDK is imported inside functions, so that only a download pays for it.
"""

from __future__ import annotations

import functools
import os
import threading
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from kedro_azureml_datasets.azure_ml.clouds import find_current_cloud
from kedro_azureml_datasets.azure_ml.connection import check_connection, check_extra
from kedro_azureml_datasets.azure_ml.errors import (
    AssetNotFoundError,
    AssetStorageError,
    AssetVersionNotFoundError,
    NotFoundError,
)
from kedro_azureml_datasets.azure_ml.locations import (
    DatastoreLocation,
    read_location,
)
from kedro_azureml_datasets.azure_ml.registered_assets import RegisteredVersion
from kedro_azureml_datasets.azure_ml.sdk_errors import retry_if_cut_off, translate_sdk_errors
from kedro_azureml_datasets.azure_ml.settings import check_workspace
from kedro_azureml_datasets.azure_ml.sign_in import open_client, sign_in
from kedro_azureml_datasets.azure_ml.storage import STORAGE_OPTIONS, RemoteFiles
from kedro_azureml_datasets.azure_ml.storage_trust import check_storage, is_own_storage
from kedro_azureml_datasets.azure_ml.web_file import WebFile

if TYPE_CHECKING:
    from azure.ai.ml import MLClient
    from azure.core.credentials import TokenCredential
    from azure.storage.blob import ContainerClient

    from kedro_azureml_datasets.azure_ml.settings import Workspace

_VERSIONS_NAMED = 5
_READABLE = (
    "Assets in blob storage and in Data Lake Gen2 can be downloaded; read other data "
    "with a dataset that has its own address."
)


class AzureWorkspace:
    """The data assets of one workspace; `connect` gives it.

    Args:
        client: The SDK's client of that workspace.
        credential: Who asks.
        workspace: Which workspace.
        keeps_open: Whether a datastore is looked up only once: for a command, which ends, and not
            for a session, during which the secrets of a datastore may change.
    """

    def __init__(
        self,
        client: MLClient,
        credential: TokenCredential,
        workspace: Workspace,
        *,
        keeps_open: bool = False,
    ) -> None:
        self._client = client
        self._credential = credential
        self._workspace = workspace
        self._keeps_open = keeps_open
        self._opened: dict[str, ContainerClient] = {}
        self._opening = threading.Lock()

    @property
    def workspace(self) -> Workspace:
        """The workspace."""
        return self._workspace

    def latest(self, asset: str) -> RegisteredVersion:
        """Look up the newest version of an asset.

        Azure ML goes on naming a newest version that was deleted: then the newest that is left.

        Raises:
            AssetNotFoundError: There is no such asset.
        """
        try:
            with translate_sdk_errors(f"looking up the data asset '{asset}'"):
                return _registered(asset, self._client.data.get(asset, label="latest"))
        except NotFoundError as error:
            newest = self._newest(asset)
            if not newest:
                raise AssetNotFoundError(asset, self._workspace.name) from error
        return self.version(asset, newest[0])

    def version(self, asset: str, version: str) -> RegisteredVersion:
        """Look up one version of an asset.

        Raises:
            AssetNotFoundError: There is no such asset.
            AssetVersionNotFoundError: It has no such version; the newest are named.
        """
        try:
            with translate_sdk_errors(f"looking up the data asset '{asset}'"):
                return _registered(asset, self._client.data.get(asset, version=version))
        except NotFoundError as error:
            newest = self._newest(asset)
            if not newest:
                raise AssetNotFoundError(asset, self._workspace.name) from error
            raise AssetVersionNotFoundError(asset, version, newest) from error

    def files(self, registered: RegisteredVersion) -> RemoteFiles | WebFile:
        """Open the storage in which a version lies.

        The caller's token goes only to storage of the workspace's own cloud. Another https address
        is read without a credential.

        Raises:
            AssetStorageError: It is of a kind that this package cannot read.
            UntrustedStorageError: A credential would be needed, and may not be sent there.
        """
        location = read_location(registered.uri)
        is_file = registered.kind == "uri_file"
        if isinstance(location, DatastoreLocation):
            return RemoteFiles(self._open_datastore(location), location.path, is_file)
        cloud = find_current_cloud()
        credential: Any = location.sas or self._credential
        if not location.url:
            check_storage(location.account_url, cloud, f"the data asset '{registered.asset}'")
        elif not is_own_storage(location.account_url, cloud):
            if is_file:
                return WebFile(location.url)
            credential = location.sas or None
        container = self._container(location.account_url, location.container, credential)
        return RemoteFiles(container, location.path, is_file)

    def folder(self, datastore: str, path: str) -> RemoteFiles:
        """Open a folder of one of the workspace's datastores.

        Args:
            datastore: Name of the datastore.
            path: The folder, relative.

        Raises:
            AssetStorageError: The datastore is of a kind that this package cannot read.
            UntrustedStorageError: It is not in the workspace's own cloud.
        """
        container = self._open_datastore(DatastoreLocation(None, datastore, path))
        return RemoteFiles(container, path, is_file=False)

    def _newest(self, asset: str) -> list[str]:
        oldest = datetime.min.replace(tzinfo=timezone.utc)

        def created_at(data: Any) -> datetime:
            return (data.creation_context and data.creation_context.created_at) or oldest

        try:
            with translate_sdk_errors(f"listing the versions of the data asset '{asset}'"):
                versions = sorted(self._client.data.list(asset), key=created_at, reverse=True)
        except NotFoundError:
            return []
        return [str(data.version) for data in versions[:_VERSIONS_NAMED]]

    def _open_datastore(self, location: DatastoreLocation) -> ContainerClient:
        workspace = location.workspace
        if workspace and not workspace.is_same_as(self._workspace):
            return connect(workspace)._open_datastore(
                DatastoreLocation(None, location.datastore, location.path)
            )
        if not self._keeps_open:
            return self._look_up_datastore(location.datastore)
        with self._opening:  # by one of several threads
            if location.datastore not in self._opened:
                self._opened[location.datastore] = self._look_up_datastore(location.datastore)
            return self._opened[location.datastore]

    def _look_up_datastore(self, name: str) -> ContainerClient:
        from azure.ai.ml.entities import AzureBlobDatastore, AzureDataLakeGen2Datastore

        try:
            with translate_sdk_errors(f"looking up the datastore '{name}'"):
                datastore: Any = retry_if_cut_off(
                    lambda: self._client.datastores.get(name, include_secrets=True)
                )
        except AttributeError as error:  # older releases of the SDK stumble over certificates
            raise AssetStorageError(
                f"The datastore '{name}' is of a kind that azure-ai-ml cannot read here: {error}.",
                hint=_READABLE,
            ) from error
        if isinstance(datastore, AzureBlobDatastore):
            container = datastore.container_name
        elif isinstance(datastore, AzureDataLakeGen2Datastore):
            container = datastore.filesystem
        else:
            raise AssetStorageError(
                f"The datastore '{name}' is of the kind '{type(datastore).__name__}'.",
                hint=_READABLE,
            )
        url = _address_of(datastore)
        check_storage(url, find_current_cloud(), f"the datastore '{name}'")
        credential = self._datastore_credential(name, datastore.credentials)
        return self._container(url, container, credential)

    def _datastore_credential(self, name: str, held: Any) -> Any:
        for secret in ("account_key", "sas_token"):
            if getattr(held, secret, None):
                return getattr(held, secret)
        if getattr(held, "client_secret", None):
            from azure.identity import ClientSecretCredential

            return ClientSecretCredential(held.tenant_id, held.client_id, held.client_secret)
        kind = type(held).__name__
        if kind == "NoneCredentialConfiguration":
            return self._credential  # identity-based: the caller's own rights count
        raise AssetStorageError(
            f"The datastore '{name}' holds credentials of the kind '{kind}'.",
            hint="An account key, a SAS token, a service principal's secret or none (the caller's "
            "identity) can be used.",
        )

    @staticmethod
    def _container(url: str, name: str, credential: Any) -> ContainerClient:
        from azure.storage.blob import ContainerClient

        # Storage never redirects, and a redirect would take the credential along.
        return ContainerClient(
            url,
            name,
            credential=credential,
            permit_redirects=False,
            **STORAGE_OPTIONS,
        )


def connect(workspace: Workspace) -> AzureWorkspace:
    """Sign in and return the data assets of a workspace; once per process and workspace.

    Args:
        workspace: Which workspace.

    Raises:
        AzureUnreachableError: Azure cannot be reached.
        AzureExtraMissingError: The Azure SDK is not installed.
        AzureSignInError: Nobody is signed in.
        WorkspaceSettingsError: Its names are placeholders.
    """
    check_workspace(workspace)
    check_extra()
    check_connection()  # before seconds are spent on imports
    return _connect(workspace, os.getpid())


@functools.lru_cache(maxsize=8)
def _connect(workspace: Workspace, _process: int) -> AzureWorkspace:
    # A forked process must not use the connections of its parent: hence the process id.
    credential = sign_in()
    return AzureWorkspace(open_client(workspace, credential), credential, workspace)


def _address_of(datastore: Any) -> str:
    # A data lake serves the same files under its blob address.
    return f"{datastore.protocol}://{datastore.account_name}.blob.{datastore.endpoint}"


def _registered(asset: str, data: Any) -> RegisteredVersion:
    return RegisteredVersion(
        asset, str(data.version), str(data.type), str(data.path), str(data.id or "")
    )
