"""Cancel a job in its workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_azureml_datasets.azure_ml.sdk_errors import translate_sdk_errors

from kedro_azureml_cli.azure_ml.retrying import retry_if_transient

if TYPE_CHECKING:
    from azure.ai.ml import MLClient


def cancel_job(client: MLClient, name: str) -> None:
    """Ask Azure ML to cancel a job; it is not waited for, which may take minutes.

    Args:
        client: The client of the workspace.
        name: The job's name in Azure ML.

    Raises:
        AzureMLError: Azure ML does not.
    """
    with translate_sdk_errors(f"cancelling the job '{name}'", more=f"kedro azureml status {name}"):
        retry_if_transient(lambda: client.jobs.begin_cancel(name))
