"""Asks an Azure ML workspace for its data assets: the one module that imports the Azure SDK.

It does so inside functions, so that nothing pays for it that does not download.
"""

from __future__ import annotations

import functools
import logging
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro_azureml_datasets.asset_errors import (
    AssetDownloadError,
    AssetNotFoundError,
    AssetStorageError,
    AssetVersionNotFoundError,
    AzureExtraMissingError,
    AzureSignInError,
    AzureUnreachableError,
)
from kedro_azureml_datasets.asset_locations import (
    DatastoreLocation,
    StorageLocation,
    read_location,
)
from kedro_azureml_datasets.azure_connection import check_connection, check_extra
from kedro_azureml_datasets.registered_assets import RegisteredVersion, RemoteFile

if TYPE_CHECKING:
    from azure.ai.ml import MLClient
    from azure.core.credentials import TokenCredential
    from azure.storage.blob import ContainerClient

    from kedro_azureml_datasets.workspaces import Workspace

_MANAGEMENT_SCOPE = "https://management.azure.com/.default"
_CONTROL_OPTIONS: dict[str, Any] = {"retry_total": 1, "connection_timeout": 5, "read_timeout": 30}
_CHUNK_BYTES = 4 * 1024**2
_STORAGE_OPTIONS: dict[str, Any] = {
    "connection_timeout": 10,
    "read_timeout": 60,
    # The first request of a blob would bring 32 MiB into memory, for each of several files.
    "max_single_get_size": _CHUNK_BYTES,
    "max_chunk_get_size": _CHUNK_BYTES,
}
_CONNECTIONS_PER_BLOB = 4
_VERSIONS_NAMED = 5
_READABLE = (
    "Assets in blob storage and in Data Lake Gen2 can be downloaded; read others with a dataset of "
    "their own."
)


class RemoteFiles:
    """The blobs of one version of a data asset.

    Args:
        container: The container that holds them.
        path: Where in it.
        is_file: Whether the path is that of one blob.
    """

    def __init__(self, container: ContainerClient, path: str, is_file: bool) -> None:
        self._container = container
        self._path = path
        self._is_file = is_file

    def list(self) -> Iterator[RemoteFile]:
        """List them, without the markers that a data lake has for its folders."""
        with _translated("reading the data of the asset"):
            if self._is_file:
                blob = self._container.get_blob_client(self._path).get_blob_properties()
                yield _remote_file(blob, self._path.rpartition("/")[2])
                return
            prefix = f"{self._path}/" if self._path else ""
            for blob in self._container.list_blobs(
                name_starts_with=prefix, include=["metadata"], results_per_page=1000
            ):
                name = blob.name[len(prefix) :]
                is_marker = (blob.metadata or {}).get("hdi_isfolder") == "true"
                if not is_marker and name and not (name.endswith("/") and not blob.size):
                    yield _remote_file(blob, name)

    def fetch(self, file: RemoteFile, target: Path, advance: Callable[[int], None]) -> None:
        """Write one of them to a file.

        Args:
            file: Which.
            target: The file to write; replaced where it exists.
            advance: Told how many bytes more have come.
        """
        seen = 0

        def progressed(current: int, _total: int | None) -> None:
            nonlocal seen
            advance(current - seen)
            seen = current

        with _translated(f"reading the blob '{file.blob}'"), target.open("wb") as stream:
            downloader = self._container.download_blob(
                file.blob,
                max_concurrency=_CONNECTIONS_PER_BLOB if file.size_bytes > 4 * _CHUNK_BYTES else 1,
                progress_hook=progressed,
            )
            downloader.readinto(stream)

    def below(self, path: str) -> RemoteFiles:
        """Give those of a folder in it.

        Args:
            path: The folder, relative.
        """
        return RemoteFiles(self._container, f"{self._path}/{path}".strip("/"), False)

    def read(self, file: RemoteFile, start_byte: int = 0) -> bytes:
        """Give what one of them holds from a byte on; the size that was listed is the end.

        Args:
            file: Which.
            start_byte: Where to start.
        """
        length = file.size_bytes - start_byte
        if length <= 0:
            return b""
        with _translated(f"reading the blob '{file.blob}'"):
            return self._container.download_blob(file.blob, start_byte, length).readall()


def _remote_file(blob: Any, name: str) -> RemoteFile:
    return RemoteFile(name, blob.name, int(blob.size), blob.last_modified.timestamp())


class AzureWorkspace:
    """The data assets of one workspace; `connect` gives it.

    Args:
        client: The SDK's client of that workspace.
        credential: Who asks.
        workspace: Which workspace.
    """

    def __init__(self, client: MLClient, credential: TokenCredential, workspace: Workspace) -> None:
        self._client = client
        self._credential = credential
        self._workspace = workspace

    def latest(self, asset: str) -> RegisteredVersion:
        """Look up the newest version of an asset.

        Raises:
            AssetNotFoundError: There is no such asset.
        """
        with _translated(f"looking up the data asset '{asset}'"):
            try:
                return _registered(asset, self._client.data.get(asset, label="latest"))
            except Exception as error:
                if _is_not_found(error):
                    raise AssetNotFoundError(asset, self._workspace.name) from error
                raise

    def version(self, asset: str, version: str) -> RegisteredVersion:
        """Look up one version of an asset.

        Raises:
            AssetNotFoundError: There is no such asset.
            AssetVersionNotFoundError: It has no such version; the newest are named.
        """
        with _translated(f"looking up the data asset '{asset}'"):
            try:
                return _registered(asset, self._client.data.get(asset, version=version))
            except Exception as error:
                if not _is_not_found(error):
                    raise
                newest = self._newest(asset)
                if not newest:
                    raise AssetNotFoundError(asset, self._workspace.name) from error
                raise AssetVersionNotFoundError(asset, version, newest) from error

    def files(self, registered: RegisteredVersion) -> RemoteFiles:
        """Open the storage in which a version lies.

        Raises:
            AssetStorageError: It is of a kind that this package cannot read.
        """
        location = read_location(registered.uri)
        if isinstance(location, StorageLocation):
            container = self._container(location.account_url, location.container, self._credential)
        else:
            container = self._open_datastore(location)
        is_file = registered.kind == "uri_file"
        return RemoteFiles(container, location.path, is_file)

    def _newest(self, asset: str) -> list[str]:
        oldest = datetime.min.replace(tzinfo=timezone.utc)

        def created_at(data: Any) -> datetime:
            return (data.creation_context and data.creation_context.created_at) or oldest

        try:
            versions = sorted(self._client.data.list(asset), key=created_at, reverse=True)
        except Exception as error:
            if _is_not_found(error):
                return []
            raise
        return [str(data.version) for data in versions[:_VERSIONS_NAMED]]

    def _open_datastore(self, location: DatastoreLocation) -> ContainerClient:
        from azure.ai.ml.entities import AzureBlobDatastore, AzureDataLakeGen2Datastore

        workspace = location.workspace
        if workspace and workspace.name.lower() != self._workspace.name.lower():
            return connect(workspace)._open_datastore(
                DatastoreLocation(None, location.datastore, location.path)
            )
        name = location.datastore
        try:
            with _translated(f"looking up the datastore '{name}'"):
                datastore: Any = self._client.datastores.get(name, include_secrets=True)
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
        # A data lake serves the same files under its blob address.
        url = f"{datastore.protocol}://{datastore.account_name}.blob.{datastore.endpoint}"
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
        from azure.storage.blob import ContainerClient, ExponentialRetry

        # Its own first pause would be 15 seconds.
        retry = ExponentialRetry(initial_backoff=1, increment_base=2, retry_total=3)
        return ContainerClient(
            url, name, credential=credential, retry_policy=retry, **_STORAGE_OPTIONS
        )


def connect(workspace: Workspace) -> AzureWorkspace:
    """Sign in and give the data assets of a workspace; once per process and workspace.

    Args:
        workspace: Which workspace.

    Raises:
        AzureUnreachableError: There is no connection.
        AzureExtraMissingError: The Azure SDK is not installed.
        AzureSignInError: Nobody is signed in.
    """
    check_extra()
    check_connection()  # before seconds are spent on imports
    return _connect(workspace, os.getpid())


@functools.lru_cache(maxsize=8)
def _connect(workspace: Workspace, _process: int) -> AzureWorkspace:
    # A forked process must not use the connections of its parent: hence the process id.
    credential = sign_in()
    return AzureWorkspace(open_client(workspace, credential), credential, workspace)


def open_client(workspace: Workspace, credential: TokenCredential, **options: Any) -> MLClient:
    """Give the SDK's client of a workspace; nothing is asked yet.

    Args:
        workspace: Which workspace.
        credential: Who asks; `sign_in` gives it.
        options: Options of azure-core's pipeline in place of those here, such as `retry_total`.

    Raises:
        AzureExtraMissingError: The Azure SDK is not installed.
    """
    try:
        from azure.ai.ml import MLClient
    except ImportError as error:  # installed, in versions that do not fit each other
        raise AzureExtraMissingError(error.name or str(error)) from error
    cloud = os.environ.get("AZUREML_CURRENT_CLOUD")
    client = MLClient(
        credential,
        workspace.subscription_id,
        workspace.resource_group,
        workspace.name,
        show_progress=False,
        enable_telemetry=False,
        **{**_CONTROL_OPTIONS, **options},
    )
    if cloud is None:  # the client writes it, and every later client would read it
        os.environ.pop("AZUREML_CURRENT_CLOUD", None)
    return client


def sign_in() -> TokenCredential:
    """Take the identity that is there; else ask the person in front of the machine.

    `DefaultAzureCredential` first: environment variables, a workload's identity, a managed one, the
    Azure CLI and others. Then the browser, or a device code where there is none.

    Raises:
        AzureSignInError: Nobody is signed in; the error names what was tried.
        AzureUnreachableError: There is no connection.
    """
    from azure.core.exceptions import AzureError
    from azure.identity import (
        DefaultAzureCredential,
        DeviceCodeCredential,
        InteractiveBrowserCredential,
    )

    # The identity of a compute instance answers, and usually may do nothing: a person's first.
    on_compute_instance = "MSI_ENDPOINT" in os.environ and _is_someone_there()
    with _quiet("azure.identity"):
        try:
            credential = DefaultAzureCredential(
                exclude_managed_identity_credential=on_compute_instance, **_CONTROL_OPTIONS
            )
            credential.get_token(_MANAGEMENT_SCOPE)
            return credential
        except (AzureError, ValueError) as error:  # the latter for a variable that is empty
            if not _is_someone_there():
                raise AzureSignInError(
                    "the sign-in",
                    _attempts(error),
                    hint="Sign in with 'az login', or set AZURE_TENANT_ID, AZURE_CLIENT_ID and "
                    "AZURE_CLIENT_SECRET.",
                ) from error
    interactive: TokenCredential = (
        InteractiveBrowserCredential() if _has_browser() else DeviceCodeCredential()
    )
    with _translated("signing in"):
        interactive.get_token(_MANAGEMENT_SCOPE)
    return interactive


def _attempts(error: BaseException) -> str:
    """Say which credentials were tried: the first line of the chain's error does not."""
    lines = [line.strip() for line in str(error).splitlines()]
    tried = [line.partition(". ")[0] for line in lines if re.match(r"\w+Credential: ", line)]
    return "\n  ".join(["none of these could:", *tried]) if tried else _first_line(error)


def _is_someone_there() -> bool:
    return sys.stdin.isatty() or "ipykernel" in sys.modules


def _has_browser() -> bool:
    import webbrowser

    if "MSI_ENDPOINT" in os.environ or "SSH_CONNECTION" in os.environ:
        return False
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


def _registered(asset: str, data: Any) -> RegisteredVersion:
    return RegisteredVersion(asset, str(data.version), str(data.type), str(data.path))


def _is_not_found(error: BaseException) -> bool:
    from azure.core.exceptions import ResourceNotFoundError

    # The client wraps it in errors of its own.
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ResourceNotFoundError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


@contextmanager
def _translated(what: str) -> Iterator[None]:
    """Turn errors of the SDK into ours."""
    from azure.core.exceptions import (
        AzureError,
        ClientAuthenticationError,
        HttpResponseError,
        ServiceRequestError,
    )

    try:
        yield
    except ClientAuthenticationError as error:
        raise AzureSignInError(
            what, _first_line(error), hint="Sign in again, for example with 'az login'."
        ) from error
    except HttpResponseError as error:
        if error.status_code == 403:
            raise AzureSignInError(
                what,
                _first_line(error),
                hint="Ask for the roles 'AzureML Data Scientist' on the workspace and 'Storage "
                "Blob Data Reader' on the storage account.",
            ) from error
        if (error.status_code or 0) >= 400:
            raise AssetDownloadError(
                f"Azure answered {what} with: {_first_line(error)}", hint="Try again later."
            ) from error
        raise _broken_off(what, error) from error
    except ServiceRequestError as error:
        raise AzureUnreachableError("Azure", _first_line(error)) from error
    except AzureError as error:
        raise _broken_off(what, error) from error


def _broken_off(what: str, error: BaseException) -> AssetDownloadError:
    return AssetDownloadError(
        f"The connection broke off while {what}: {_first_line(error)}",
        hint="Run it again: what has come so far is kept.",
    )


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


@contextmanager
def _quiet(name: str) -> Iterator[None]:
    """Keep a library from logging as a warning what we say as an error."""
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
