"""May the data of the default datastore be read?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro_azureml_datasets import KedroAzureMLError
from kedro_azureml_datasets.azure_ml.errors import ForbiddenError
from kedro_azureml_datasets.azure_ml.sdk_errors import translate_sdk_errors

from kedro_azureml_cli.azure_ml.connection import open_storage
from kedro_azureml_cli.diagnosis.probe import WorkspaceProbe
from kedro_azureml_cli.diagnosis.refusals import judge_failure
from kedro_azureml_cli.diagnosis.rows import Row, failed, ok

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kedro_azureml_cli.diagnosis.subject import Place

_READ = "Microsoft.MachineLearningServices/workspaces/datastores/read"
_SECRETS = "Microsoft.MachineLearningServices/workspaces/datastores/listSecrets/action"
_BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"
_BLOB_ROLE = "Storage Blob Data Reader"
_FIREWALL = "This request is not authorized to perform this operation."
"""What storage says to a network that its firewall keeps out; rights are named otherwise."""


def _examine(place: Place) -> Iterator[Row]:
    client = place.client.take()
    label = "datastore"
    try:
        with translate_sdk_errors("looking up the default datastore"):
            datastore: Any = client.datastores.get_default()
    except StopIteration:
        fix = "Choose one in Studio, under 'Data', 'Datastores': 'Set as default datastore'."
        yield failed(label, f"the workspace '{place.settings.name}' has no default one", fix)
        return
    except KedroAzureMLError as error:
        yield judge_failure(label, error, _READ)
        return
    label = f"datastore {datastore.name}"
    where = f"{datastore.account_name}" if getattr(datastore, "account_name", None) else ""
    storage = open_storage(client, place.settings, place.credential.take())
    try:
        folder = storage.folder(str(datastore.name), "")
    except KedroAzureMLError as error:
        yield judge_failure(label, error, _SECRETS)
        return
    try:
        first = next(iter(folder.list()), None)
    except ForbiddenError as error:
        if error.reason == _FIREWALL:
            fix = (
                f"Let this network through the firewall of the storage account '{where}', or run "
                "this from a network that it lets in."
            )
            yield failed(label, f"not allowed: {error.reason}", fix)
        else:
            yield judge_failure(label, error, _BLOBS, _BLOB_ROLE)
        return
    except KedroAzureMLError as error:
        yield judge_failure(label, error, _BLOBS, _BLOB_ROLE)
        return
    account = f" in the storage account {where}" if where else ""
    yield ok(label, f"readable{account}" + ("" if first else "; it is empty"))


DATASTORE = WorkspaceProbe(
    "datastore",
    "May the data of the workspace's default datastore be listed?",
    _examine,
)
