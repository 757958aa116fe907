"""Ask a workspace for versions of data assets, and register new ones."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from kedro_azureml_datasets.azure_ml.errors import AzureFailedError, NotFoundError
from kedro_azureml_datasets.azure_ml.sdk_errors import translate_sdk_errors

from kedro_azureml_cli.azure_ml.chatter import drop_upload_progress
from kedro_azureml_cli.azure_ml.retrying import retry_if_partly_uploaded, retry_if_transient
from kedro_azureml_cli.azure_ml.upload_storage import check_upload_storage

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from azure.ai.ml import MLClient


@dataclass(frozen=True)
class AssetVersion:
    """One version of a data asset in a workspace.

    Args:
        version: The version.
        kind: `uri_file`, `uri_folder`, or another type of Azure ML.
        uri: Where its data lies.
        created: When it was registered.
    """

    version: str
    kind: str
    uri: str
    created: datetime | None = None


def find_latest_version(client: MLClient, asset: str) -> AssetVersion | None:
    """Return the newest version of a data asset; None if the workspace has none.

    Azure ML goes on naming a newest version that was deleted: then the newest that is left.

    Args:
        client: The client of the workspace.
        asset: Name of the data asset.

    Raises:
        AzureMLError: Azure ML did not answer.
    """
    try:
        with translate_sdk_errors(f"looking up the data asset '{asset}'", more=_more(asset)):
            return _version(retry_if_transient(partial(client.data.get, asset, label="latest")))
    except NotFoundError:
        return next(iter(list_versions(client, asset)), None)


def list_versions(client: MLClient, asset: str) -> list[AssetVersion]:
    """List the versions of a data asset, the newest first; none where the workspace has none.

    Args:
        client: The client of the workspace.
        asset: Name of the data asset.

    Raises:
        AzureMLError: Azure ML did not answer.
    """
    try:
        with translate_sdk_errors(
            f"listing the versions of the data asset '{asset}'", more=_more(asset)
        ):
            found = retry_if_transient(lambda: list(client.data.list(asset)))
    except NotFoundError:
        return []
    return sorted(map(_version, found), key=_age, reverse=True)


def push_version(
    client: MLClient, asset: str, kind: str, path: Path, latest: AssetVersion | None
) -> AssetVersion:
    """Upload a file or a folder and register it as the next version of a data asset.

    If the answer was lost, checks whether the version exists, so that none is made twice.

    Args:
        client: The client of the workspace.
        asset: Name of the data asset.
        kind: `uri_file` or `uri_folder`.
        path: The file or the folder, absolute.
        latest: The newest version before.

    Raises:
        AzureMLError: Azure ML did not take it.
        AzureUnreachableError: The storage of the workspace does not answer.
    """
    from azure.ai.ml.entities import Data

    check_upload_storage(client)
    data = Data(name=asset, path=str(path), type=kind)
    try:
        with (
            drop_upload_progress(),
            translate_sdk_errors(f"registering the data asset '{asset}'", more=_more(asset)),
        ):
            upload = partial(client.data.create_or_update, data)
            return _version(retry_if_partly_uploaded(upload))
    except AzureFailedError:
        made = find_latest_version(client, asset)
        before = latest.version if latest is not None else None
        # The SDK writes into `data` to where it has uploaded.
        if made is None or made.version == before or made.uri != str(data.path):
            raise
        return made


def _more(asset: str) -> str:
    return f"az ml data list --name {asset}"


def _version(data: Any) -> AssetVersion:
    context = data.creation_context
    created = context.created_at if context is not None else None
    return AssetVersion(str(data.version), str(data.type), str(data.path), created)


def _age(version: AssetVersion) -> float:
    return version.created.timestamp() if version.created else 0.0
