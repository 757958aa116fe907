"""Read secrets of a key vault, with the identity of the step or the sign-in of the user."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from kedro_azureml_datasets.azure_ml.clouds import find_current_cloud
from kedro_azureml_datasets.azure_ml.connection import check_connection, is_installed
from kedro_azureml_datasets.azure_ml.errors import (
    ForbiddenError,
    KeyVaultError,
    KeyVaultExtraMissingError,
    NotFoundError,
    RefusedError,
)
from kedro_azureml_datasets.azure_ml.sdk_errors import translate_sdk_errors
from kedro_azureml_datasets.azure_ml.settings import check_workspace
from kedro_azureml_datasets.azure_ml.sign_in import sign_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from azure.core.credentials import TokenCredential

    from kedro_azureml_datasets.azure_ml.clouds import Cloud
    from kedro_azureml_datasets.azure_ml.settings import Workspace

_URL = re.compile(r"https://([A-Za-z0-9.-]+)/?")
_NAME = re.compile(r"[A-Za-z](?:[A-Za-z0-9]|-(?!-)){1,22}[A-Za-z0-9]")
_WORKSPACES = "2024-10-01"
"""Version of the interface of Azure Resource Manager that is asked for a workspace."""

_ON_BEHALF_OF_USER = "OBO_ENDPOINT"
"""Environment variable that Azure ML sets in a step which runs as the user."""

_OPTIONS: dict[str, Any] = {
    "connection_timeout": 10,
    "read_timeout": 30,
    "retry_total": 3,
    "retry_read": 1,
    "permit_redirects": False,  # a redirect would take the token along
}


def read_secrets(
    secrets: Iterable[str],
    key_vault: str | None,
    workspace: Workspace | None,
    credential: TokenCredential | None = None,
) -> dict[str, str]:
    """Read the newest versions of secrets of a key vault.

    Args:
        secrets: Their names.
        key_vault: The vault, as `check_key_vault` takes it; None asks the workspace for its own.
        workspace: The workspace; needed only without a vault.
        credential: Who asks; None signs in.

    Returns:
        Name of a secret to its value.

    Raises:
        AzureUnreachableError: Azure cannot be reached.
        AzureSignInError: Nobody is signed in.
        KeyVaultError: There is no such vault or secret, or it may not be read; or the vault is not
            in the cloud of this process.
        KeyVaultExtraMissingError: The Azure SDK is not installed.
    """
    for module in ("azure.keyvault.secrets", "azure.identity"):
        if not is_installed(module):
            raise KeyVaultExtraMissingError(module)
    cloud = find_current_cloud()
    if key_vault is not None:
        host = find_vault_host(key_vault, cloud)  # before anybody signs in
        check_connection(host=host)
        credential = credential or _sign_in(f"https://{cloud.vault_suffix}/.default")
    else:
        if workspace is None:
            raise KeyVaultError(
                "neither a key vault nor a workspace is known.",
                hint="Write 'key_vault' into the entry of 'workspace' in azureml.yml.",
            )
        check_workspace(workspace)
        check_connection()
        credential = credential or _sign_in(cloud.management_scope)
        host = _ask_workspace(workspace, cloud, credential)
        check_connection(host=host)
    return {secret: _read_secret(secret, host, credential) for secret in secrets}


def find_vault_host(key_vault: str, cloud: Cloud) -> str:
    """Return the host of a key vault, to which a token may be sent.

    Args:
        key_vault: Its name, or its address: `https://NAME.vault.azure.net/`.
        cloud: The cloud.

    Raises:
        KeyVaultError: It is not a key vault of that cloud, or its address does not use https.

    Example:
        >>> from kedro_azureml_datasets.azure_ml.clouds import PUBLIC
        >>> find_vault_host("sales", PUBLIC)
        'sales.vault.azure.net'
        >>> find_vault_host("https://sales.vault.azure.net/", PUBLIC)
        'sales.vault.azure.net'
    """
    if cloud.vault_suffix is None:
        raise KeyVaultError(
            f"the metadata of the cloud '{cloud.name}' do not name the hosts of its key vaults.",
            hint="They name them as 'suffixes.keyVaultDns'.",
        )
    address = _URL.fullmatch(key_vault)
    host = address[1] if address else f"{key_vault}.{cloud.vault_suffix}"
    if cloud.is_vault(host) and _NAME.fullmatch(host.partition(".")[0]):
        return host.lower()
    raise KeyVaultError(
        f"'{key_vault}' is not a key vault of '{cloud.name}', so nothing was sent there.",
        hint=f"Write its name, or its address: https://NAME.{cloud.vault_suffix}/",
    )


def _sign_in(scope: str) -> TokenCredential:
    if _ON_BEHALF_OF_USER not in os.environ:
        return sign_in(scope)
    if not is_installed("azure.ai.ml"):
        raise KeyVaultError(
            "the step runs with the identity of the user, and the image has no azure-ai-ml, which "
            "signs in as that user.",
            hint='Install it in the image:  pip install "kedro-azureml-datasets[azure,keyvault]"',
        )
    from azure.ai.ml.identity import AzureMLOnBehalfOfCredential

    on_behalf: TokenCredential = AzureMLOnBehalfOfCredential()  # by its methods
    return on_behalf


def _ask_workspace(workspace: Workspace, cloud: Cloud, credential: TokenCredential) -> str:
    from azure.core import PipelineClient
    from azure.core.pipeline.policies import (
        BearerTokenCredentialPolicy,
        RetryPolicy,
        UserAgentPolicy,
    )
    from azure.core.rest import HttpRequest

    root = f"https://{cloud.management_host}"
    client: PipelineClient[Any, Any] = PipelineClient(
        root,
        policies=[
            UserAgentPolicy(),
            RetryPolicy(retry_total=_OPTIONS["retry_total"], retry_read=_OPTIONS["retry_read"]),
            BearerTokenCredentialPolicy(credential, cloud.management_scope),
        ],
    )
    path = (
        f"/subscriptions/{workspace.subscription_id}/resourceGroups/{workspace.resource_group}"
        f"/providers/Microsoft.MachineLearningServices/workspaces/{workspace.name}"
    )
    request = HttpRequest("GET", f"{root}{path}", params={"api-version": _WORKSPACES})
    try:
        with translate_sdk_errors(
            f"asking the workspace '{workspace.name}' for its key vault", host=cloud.management_host
        ):
            answer = client.send_request(request, connection_timeout=10, read_timeout=30)
            answer.raise_for_status()
            vault = str((answer.json().get("properties") or {}).get("keyVault") or "")
    except (ForbiddenError, NotFoundError, RefusedError) as error:
        raise KeyVaultError(
            error.message,
            hint="The identity needs the role 'Reader' on the workspace. Without it, write the "
            "vault into azureml.yml:  workspace: {__default__: {key_vault: NAME, ...}}",
        ) from error
    name = vault.rstrip("/").rpartition("/")[2]
    if not name:
        raise KeyVaultError(
            f"the workspace '{workspace.name}' has no key vault.",
            hint="Write the vault into azureml.yml:  "
            "workspace: {__default__: {key_vault: NAME, ...}}",
        )
    return find_vault_host(name, cloud)


def _read_secret(secret: str, host: str, credential: TokenCredential) -> str:
    from azure.keyvault.secrets import SecretClient

    vault = host.partition(".")[0]
    try:
        with (
            translate_sdk_errors(
                f"reading the secret '{secret}' of the key vault '{vault}'", host=host
            ),
            SecretClient(f"https://{host}", credential, **_OPTIONS) as client,
        ):
            value: str | None = client.get_secret(secret).value
    except NotFoundError as error:
        raise KeyVaultError(
            f"the key vault '{vault}' has no secret of that name.",
            secret=secret,
            hint=f"Create it:  az keyvault secret set --vault-name {vault} --name {secret}",
        ) from error
    except (ForbiddenError, RefusedError) as error:
        hint = (
            "The identity needs the role 'Key Vault Secrets User' on the vault, or with access "
            "policies the permission 'Get' for secrets; and a firewall of the vault must let this "
            "network in."
        )
        if "disabled" in error.reason:
            hint = (
                "Enable it:  az keyvault secret set-attributes "
                f"--vault-name {vault} --name {secret} --enabled true"
            )
        raise KeyVaultError(error.message, secret=secret, hint=hint) from error
    except ValueError as error:  # the vault asks for a token that is not one of a key vault
        raise KeyVaultError(f"the key vault '{vault}' gave a wrong answer: {error}") from error
    if value is None:
        raise KeyVaultError(
            f"the key vault '{vault}' returned the secret without a value.", secret=secret
        )
    return value
