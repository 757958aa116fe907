"""Open the SDK's client of a workspace."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from kedro_azureml_datasets.azure_ml.connection import check_connection, check_extra
from kedro_azureml_datasets.azure_ml.settings import Workspace, check_workspace
from kedro_azureml_datasets.azure_ml.sign_in import ClientOptions, open_client, sign_in
from kedro_azureml_datasets.azure_ml.workspace import AzureWorkspace

from kedro_azureml_cli.azure_ml.chatter import quieten

if TYPE_CHECKING:
    from azure.ai.ml import MLClient
    from azure.core.credentials import TokenCredential
    from kedro_azureml_compiler import Workspace as WorkspaceSettings

    Client = MLClient
    Credential = TokenCredential

_OPTIONS: ClientOptions = {
    "connection_timeout": 10,
    "read_timeout": 60,
    # With pauses of 0, 1, 2, 4 and 8 seconds, or those that the server asks for.
    "retry_total": 6,
    "retry_read": 1,  # a server that is silent is reported within two minutes
    "retry_backoff_factor": 0.5,
}


def connect(
    settings: WorkspaceSettings,
    options: ClientOptions | None = None,
    credential: TokenCredential | None = None,
) -> Client:
    """Sign in, and return the client of a workspace; sends no request to it yet.

    Args:
        settings: The entry of `workspace` in `azureml.yml`.
        options: Those that replace the ones here, such as `retry_total`.
        credential: Who asks; None signs in.

    Raises:
        AzureUnreachableError: Azure cannot be reached.
        AzureSignInError: Nobody is signed in.
        WorkspaceSettingsError: The names of the workspace are placeholders.
    """
    check_workspace(to_workspace(settings))
    check_connection()  # before seconds are spent on imports
    quieten()
    # These import the SDK.
    from kedro_azureml_cli.azure_ml.discovery import refuse_wrong_addresses
    from kedro_azureml_cli.azure_ml.run_pages import RunPages

    chosen: ClientOptions = {
        **_OPTIONS,
        "per_call_policies": RunPages(),
        "raw_response_hook": refuse_wrong_addresses,
        **(options or {}),
    }
    client = open_client(to_workspace(settings), credential or _credential(), chosen)
    quieten()  # again: importing the SDK sets a level
    return client


def open_storage(
    client: Client, settings: WorkspaceSettings, credential: TokenCredential | None = None
) -> AzureWorkspace:
    """Return a reader of the workspace's data; sends no request yet.

    Args:
        client: Its client: `connect`.
        settings: The entry of `workspace` in `azureml.yml`.
        credential: Who asks; None signs in.
    """
    place = to_workspace(settings)
    return AzureWorkspace(client, credential or _credential(), place, keeps_open=True)


def sign_in_quietly() -> TokenCredential:
    """Use the identity that is there, and ask nobody for one.

    Raises:
        AzureUnreachableError: Azure cannot be reached.
        AzureSignInError: Nobody is signed in.
    """
    check_extra()
    check_connection()
    quieten()
    return sign_in(ask_person=False)


@functools.cache
def _credential() -> TokenCredential:
    """Sign in once: a person would be asked each time."""
    return sign_in()


def to_workspace(settings: WorkspaceSettings) -> Workspace:
    """Return the names of a workspace, without what else its entry says.

    Args:
        settings: The entry of `workspace` in `azureml.yml`.
    """
    return Workspace(settings.subscription_id, settings.resource_group, settings.name)
