"""Check the storage to which the SDK uploads, before it does.

The SDK's uploads have retries that nobody can set: storage that is dead would be an error after
minutes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro_azureml_datasets.azure_ml.connection import check_connection
from kedro_azureml_datasets.azure_ml.errors import AzureMLError
from kedro_azureml_datasets.azure_ml.sdk_errors import retry_if_cut_off, translate_sdk_errors

if TYPE_CHECKING:
    from azure.ai.ml import MLClient

_DATASTORE = "workspaceblobstore"
"""The datastore to which the SDK uploads code, inputs and data."""


def check_upload_storage(client: MLClient) -> None:
    """Check whether the storage of a workspace answers.

    Args:
        client: The client of the workspace.

    Raises:
        AzureUnreachableError: It does not, and is named.
    """
    try:
        with translate_sdk_errors(f"looking up the datastore '{_DATASTORE}'"):
            datastore: Any = retry_if_cut_off(lambda: client.datastores.get(_DATASTORE))
    except AzureMLError:
        return  # the upload itself needs it, and says what is wrong
    account = getattr(datastore, "account_name", None)
    endpoint = getattr(datastore, "endpoint", None)
    if account and endpoint:
        check_connection(host=f"{account}.blob.{endpoint}")
