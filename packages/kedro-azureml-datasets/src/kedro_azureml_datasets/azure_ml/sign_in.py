"""Sign in to Azure, and open the client of a workspace."""

from __future__ import annotations

import logging
import os
import re
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypedDict

from kedro_azureml_datasets.azure_ml.clouds import find_current_cloud
from kedro_azureml_datasets.azure_ml.errors import (
    AzureExtraMissingError,
    AzureSignInError,
)
from kedro_azureml_datasets.azure_ml.sdk_errors import (
    take_first_line,
    translate_sdk_errors,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from azure.ai.ml import MLClient
    from azure.core.credentials import TokenCredential

    from kedro_azureml_datasets.azure_ml.clouds import Cloud
    from kedro_azureml_datasets.azure_ml.settings import Workspace


_AUTHORITY_VARIABLE = "AZURE_AUTHORITY_HOST"
_IDENTITY_OF_STEP = "DEFAULT_IDENTITY_CLIENT_ID"
"""Environment variable in which Azure ML tells a step the managed identity of its compute."""


class ClientOptions(TypedDict, total=False):
    """Options of azure-core's pipeline, in seconds and attempts."""

    connection_timeout: float
    read_timeout: float
    retry_total: int
    retry_read: int
    retry_backoff_factor: float
    per_call_policies: Iterable[Any]
    raw_response_hook: Callable[[Any], None]


_CONTROL_OPTIONS: ClientOptions = {"retry_total": 1, "connection_timeout": 5, "read_timeout": 30}


def open_client(
    workspace: Workspace, credential: TokenCredential, options: ClientOptions | None = None
) -> MLClient:
    """Return the SDK's client of a workspace; no request is made yet.

    Args:
        workspace: Which workspace.
        credential: Who asks; `sign_in` gives it.
        options: Those that replace the ones here, such as `retry_total`.

    Raises:
        AzureExtraMissingError: The Azure SDK is not installed.
    """
    try:
        from azure.ai.ml import MLClient
    except ImportError as error:  # installed, in versions that do not fit each other
        raise AzureExtraMissingError(error.name or str(error)) from error
    cloud = os.environ.get("AZUREML_CURRENT_CLOUD")
    chosen: Any = {**_CONTROL_OPTIONS, **(options or {})}
    with _spare_import("IPython"):  # the SDK asks it whether it sends telemetry, which it does not
        client = MLClient(
            credential,
            workspace.subscription_id,
            workspace.resource_group,
            workspace.name,
            show_progress=True,  # else the SDK waits for ever where one file cannot go up
            enable_telemetry=False,
            **chosen,
        )
    if cloud is None:  # the client writes it, and every later client would read it
        os.environ.pop("AZUREML_CURRENT_CLOUD", None)
    return client


@contextmanager
def _spare_import(name: str) -> Iterator[None]:
    """Let a module count as missing, unless this process has imported it."""
    spared = name not in sys.modules
    if spared:
        sys.modules[name] = None  # type: ignore[assignment]  # what Python's reference asks for
    try:
        yield
    finally:
        if spared:
            del sys.modules[name]


def sign_in(scope: str | None = None, *, ask_person: bool = True) -> TokenCredential:
    """Use the identity that is there; otherwise ask the person in front of the machine.

    `DefaultAzureCredential` first: environment variables, a workload's identity, a managed one, the
    Azure CLI and others. Then the browser, or a device code where there is none.

    Args:
        scope: What the first token is for; Azure Resource Manager by default.
        ask_person: Whether a person is asked; otherwise what is there must do.

    Raises:
        AzureSignInError: Nobody is signed in; the error names what was tried.
        AzureUnreachableError: Azure cannot be reached.
    """
    from azure.core.exceptions import AzureError
    from azure.identity import (
        DefaultAzureCredential,
        DeviceCodeCredential,
        InteractiveBrowserCredential,
    )

    # The identity of a compute instance answers, and usually may do nothing: a person's first.
    on_compute_instance = "MSI_ENDPOINT" in os.environ and _is_someone_there()
    cloud = find_current_cloud()
    scope = scope or cloud.management_scope
    options = _authority(cloud)
    if identity := os.environ.get(_IDENTITY_OF_STEP):
        options["managed_identity_client_id"] = os.environ.get("AZURE_CLIENT_ID") or identity
    with _quiet("azure.identity"):
        try:
            credential = DefaultAzureCredential(
                exclude_managed_identity_credential=on_compute_instance,
                **options,
                **_CONTROL_OPTIONS,
            )
            credential.get_token(scope)
            return credential
        except (AzureError, ValueError) as error:  # the latter for a variable that is empty
            if not (ask_person and _is_someone_there()):
                raise AzureSignInError(
                    "the sign-in",
                    _attempts(error),
                    hint="Sign in with 'az login', or set AZURE_TENANT_ID, AZURE_CLIENT_ID and "
                    "AZURE_CLIENT_SECRET.",
                ) from error
    kind = InteractiveBrowserCredential if _has_browser() else DeviceCodeCredential
    interactive: TokenCredential = kind(**_authority(cloud))
    with translate_sdk_errors("signing in"):
        interactive.get_token(scope)
    return interactive


def _authority(cloud: Cloud) -> dict[str, Any]:
    """Return where people and programs of a cloud sign in, unless the environment says it."""
    if cloud.login_host is None or _AUTHORITY_VARIABLE in os.environ:
        return {}
    return {"authority": cloud.login_host}


def _attempts(error: BaseException) -> str:
    """List the credentials that were tried: the first line of the chain's error does not."""
    lines = [line.strip() for line in str(error).splitlines()]
    tried = [line.partition(". ")[0] for line in lines if re.match(r"\w+Credential: ", line)]
    return "\n  ".join(["none of these could:", *tried]) if tried else take_first_line(error)


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
