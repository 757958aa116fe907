"""The clouds of Azure: where each is managed, and the hosts of its storage and key vaults."""

from __future__ import annotations

import functools
import json
import os
import re
from dataclasses import dataclass
from typing import Any

from kedro_azureml_datasets.azure_ml.errors import CloudSettingsError
from kedro_azureml_datasets.azure_ml.sdk_errors import translate_sdk_errors

CLOUD_VARIABLE = "AZUREML_CURRENT_CLOUD"
"""Environment variable from which the SDK takes the name of the cloud."""

METADATA_VARIABLE = "ARM_CLOUD_METADATA_URL"
"""Environment variable with the address at which the SDK looks up clouds that it does not know."""

_DEFAULT_METADATA_URL = "https://management.azure.com/metadata/endpoints?api-version=2019-05-01"


@dataclass(frozen=True)
class Cloud:
    """One cloud of Azure.

    Args:
        name: Its name, as the SDK has it.
        management_host: The host of Azure Resource Manager.
        storage_hosts: Regular expressions of the hosts of its blob storage and data lakes.
        login_host: The host of its sign-in.
        vault_suffix: What follows the name of a key vault in its host; None if it is not known.

    Example:
        >>> PUBLIC.is_storage("penguins.blob.core.windows.net")
        True
        >>> PUBLIC.is_storage("penguins.blob.core.windows.net.example.com")
        False
    """

    name: str
    management_host: str
    storage_hosts: tuple[str, ...]
    login_host: str | None = None
    vault_suffix: str | None = None

    @property
    def management_scope(self) -> str:
        """What a token for Azure Resource Manager is asked for."""
        return f"https://{self.management_host}/.default"

    def is_vault(self, host: str) -> bool:
        """Check whether a host is a key vault of this cloud.

        Args:
            host: Name of the host, without a port.
        """
        suffix = re.escape(self.vault_suffix or "")
        return bool(suffix) and bool(re.fullmatch(rf"[a-z0-9-]+\.{suffix}", host.lower()))

    def is_storage(self, host: str) -> bool:
        """Check whether a host belongs to the storage of this cloud.

        Args:
            host: Name of the host, without a port.
        """
        return any(re.fullmatch(hosts, host.lower()) for hosts in self.storage_hosts)


def _accounts_below(suffix: str) -> str:
    return rf"[a-z0-9-]+\.(?:blob|dfs)\.{re.escape(suffix)}"


PUBLIC = Cloud(
    "AzureCloud",
    "management.azure.com",
    (
        _accounts_below("core.windows.net"),
        # Accounts with a DNS zone, and OneLake: one address for all, by region, by workspace.
        r"[a-z0-9-]+\.z[0-9]{1,2}\.(?:blob|dfs)\.storage\.azure\.net",
        r"(?:onelake|[a-z0-9]+-onelake|\w{32}\.z\w\w)\.(?:blob|dfs)\.fabric\.microsoft\.com",
    ),
    "login.microsoftonline.com",
    "vault.azure.net",
)

_KNOWN = {
    cloud.name: cloud
    for cloud in (
        PUBLIC,
        Cloud(
            "AzureUSGovernment",
            "management.usgovcloudapi.net",
            (_accounts_below("core.usgovcloudapi.net"),),
            "login.microsoftonline.us",
            "vault.usgovcloudapi.net",
        ),
        Cloud(
            "AzureChinaCloud",
            "management.chinacloudapi.cn",
            (_accounts_below("core.chinacloudapi.cn"),),
            "login.chinacloudapi.cn",
            "vault.azure.cn",
        ),
    )
}


def find_known_cloud() -> Cloud | None:
    """Return the cloud of this process if it can be told without asking Azure; None otherwise."""
    name = os.environ.get(CLOUD_VARIABLE)
    if name is None and METADATA_VARIABLE not in os.environ:
        return PUBLIC
    return _KNOWN.get(name or "")


def find_current_cloud() -> Cloud:
    """Return the cloud of this process, as the SDK chooses it.

    A cloud that the SDK does not know is looked up at `ARM_CLOUD_METADATA_URL`, as the SDK does.

    Raises:
        AzureMLError: The metadata cannot be read.
        CloudSettingsError: The metadata do not name the cloud.
    """
    cloud = find_known_cloud()
    if cloud is not None:
        return cloud
    name = os.environ.get(CLOUD_VARIABLE)
    return _look_up(name, os.environ.get(METADATA_VARIABLE, _DEFAULT_METADATA_URL))


@functools.lru_cache(maxsize=8)
def _look_up(name: str | None, url: str) -> Cloud:
    described = _read_metadata(url)
    for each in described:
        manager = str(each.get("resourceManager", ""))
        is_wanted = each.get("name") == name if name else bool(manager) and manager in url
        if is_wanted:
            return _custom_cloud(each, manager, url)
    if name is None:  # the SDK falls back to the public cloud, too
        return PUBLIC
    raise CloudSettingsError(
        f"The cloud '{name}' of {CLOUD_VARIABLE} is unknown: '{url}' does not name it.",
        hint=f"It names: {', '.join(sorted(str(each.get('name')) for each in described))}.",
    )


def _custom_cloud(described: dict[str, Any], manager: str, url: str) -> Cloud:
    suffixes = described.get("suffixes") or {}
    suffix = suffixes.get("storage")
    if not suffix:
        raise CloudSettingsError(
            f"The cloud '{described.get('name')}' has no 'suffixes.storage' in '{url}', so its "
            "storage is not known.",
            hint=f"Set {METADATA_VARIABLE} to metadata that name it.",
        )
    login = (described.get("authentication") or {}).get("loginEndpoint")
    return Cloud(
        str(described.get("name")),
        _host_of(manager),
        (_accounts_below(str(suffix).strip(".")),),
        _host_of(str(login)) if login else None,
        str(suffixes.get("keyVaultDns") or "").strip(".") or None,
    )


def _host_of(url: str) -> str:
    return url.partition("://")[2].partition("/")[0]


def _read_metadata(url: str) -> list[dict[str, Any]]:
    from azure.core import PipelineClient
    from azure.core.pipeline.policies import RetryPolicy
    from azure.core.rest import HttpRequest

    if not url.lower().startswith("https://"):
        raise CloudSettingsError(
            f"{METADATA_VARIABLE} is '{url}', which is not an https address.",
            hint="It decides to which hosts credentials are sent, so only https can be used.",
        )
    with translate_sdk_errors("reading the metadata of the cloud", host=_host_of(url)):
        client: PipelineClient[Any, Any] = PipelineClient(
            url, policies=[RetryPolicy(retry_total=1)]
        )
        answer = client.send_request(HttpRequest("GET", url), connection_timeout=5, read_timeout=30)
        answer.raise_for_status()
        try:
            content = json.loads(answer.text())
        except ValueError as error:
            raise CloudSettingsError(
                f"'{url}' does not describe clouds: {error}.",
                hint=f"Check {METADATA_VARIABLE}.",
            ) from error
    described = [content] if isinstance(content, dict) else content
    return [each for each in described if isinstance(each, dict)]
