"""Find the versions of data assets that a job has registered."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from kedro_azureml_datasets.azure_ml.errors import NotFoundError
from kedro_azureml_datasets.azure_ml.registered_assets import RegisteredVersion
from kedro_azureml_datasets.azure_ml.sdk_errors import retry_if_cut_off, translate_sdk_errors

if TYPE_CHECKING:
    from azure.ai.ml import MLClient


def find_version_of_run(client: MLClient, asset: str, run_id: str) -> RegisteredVersion | None:
    """Find the version of a data asset that a step has registered.

    The place of an output holds the name of the run that has written it, and the version names that
    place. So another job that registers the same asset meanwhile is not taken for this one.

    Args:
        client: The client of the workspace.
        asset: Name of the data asset.
        run_id: Name of the step's own run.

    Returns:
        The version; None where it has registered none.

    Raises:
        AzureMLError: Azure ML did not answer.
    """
    what, more = f"looking up the data asset '{asset}'", f"az ml data list --name {asset}"
    try:
        with translate_sdk_errors(what, more=more):
            latest = retry_if_cut_off(partial(client.data.get, asset, label="latest"))
            found = _if_of_run(asset, latest, run_id)
            if found is not None:
                return found
            versions = retry_if_cut_off(lambda: list(client.data.list(asset)))
    except NotFoundError:
        return None
    return next(filter(None, (_if_of_run(asset, data, run_id) for data in versions)), None)


def _if_of_run(asset: str, data: Any, run_id: str) -> RegisteredVersion | None:
    if run_id not in str(data.path).split("/"):
        return None
    return RegisteredVersion(
        asset, str(data.version), str(data.type), str(data.path), str(data.id or "")
    )
