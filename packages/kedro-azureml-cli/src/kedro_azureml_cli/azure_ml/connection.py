"""Opens the SDK's client of a workspace."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from kedro_azureml_datasets.azure_connection import check_connection
from kedro_azureml_datasets.azure_workspace import open_client, sign_in
from kedro_azureml_datasets.workspaces import Workspace

if TYPE_CHECKING:
    from azure.ai.ml import MLClient as Client
    from kedro_azureml_compiler.config import Workspace as WorkspaceSettings

_OPTIONS: dict[str, Any] = {
    "connection_timeout": 10,
    "read_timeout": 120,
    # With pauses of 0, 1, 2, 4 and 8 seconds, or those that the server asks for.
    "retry_total": 6,
    "retry_backoff_factor": 0.5,
}


def connect(settings: WorkspaceSettings) -> Client:
    """Sign in, and give the client of a workspace; nothing of the workspace is asked yet.

    Args:
        settings: The entry of `workspace` in `azureml.yml`.

    Raises:
        AzureUnreachableError: There is no connection.
        AzureSignInError: Nobody is signed in.
    """
    check_connection()  # before seconds are spent on imports
    workspace = Workspace(settings.subscription_id, settings.resource_group, settings.name)
    client = open_client(workspace, sign_in(), **_OPTIONS)
    # It warns of each of its own classes that is experimental, whatever is asked of it. Not
    # before: importing it sets the level.
    logging.getLogger("azure.ai.ml").setLevel(logging.ERROR)
    return client
