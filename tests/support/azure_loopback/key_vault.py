"""A small part of Key Vault: secrets behind its own sign-in, which the real client follows."""

from typing import Any

from azure_loopback.sign_in import LOGIN, TENANT, audience_of

VAULT = "loopback-vault"
VAULTS = "vault.azure.net"
"""Domain of the key vaults of the public cloud."""


class KeyVaults:
    """Key vaults, each with its secrets."""

    def __init__(self) -> None:
        self.secrets: dict[tuple[str, str], str] = {}
        """Name of a vault and of a secret to its value."""
        self.forbidden: set[str] = set()
        """Names of secrets that nobody may read."""
        self.disabled: set[str] = set()
        """Names of secrets that are disabled."""
        self.reads: list[str] = []
        """Every secret that was asked for with a token, as `vault/secret`."""
        self.challenges: list[str] = []
        """Every vault that was asked without a token, which is how a client begins."""
        self.resource = f"https://{VAULTS}"
        """The resource for which vaults ask for a token."""

    def reset(self) -> None:
        self.__init__()  # type: ignore[misc]

    def answer(self, host: str, path: str, authorization: str) -> tuple[int, Any, dict[str, str]]:
        """Answer a request to a vault: status, content, headers."""
        vault = host.partition(".")[0]
        name = path.strip("/").split("/")[1]
        if audience_of(authorization) != f"https://{VAULTS}":
            self.challenges.append(vault)
            authority = f"https://{LOGIN}/{TENANT}"
            challenge = f'Bearer authorization="{authority}", resource="{self.resource}"'
            return 401, _error("Unauthorized", "sign in"), {"WWW-Authenticate": challenge}
        self.reads.append(f"{vault}/{name}")
        if name in self.forbidden:
            message = "Caller is not authorized to perform action on resource."
            return 403, _error("Forbidden", message), {}
        if name in self.disabled:
            message = "Operation get is not allowed on a disabled secret."
            return 403, _error("Forbidden", message, "SecretDisabled"), {}
        if (vault, name) not in self.secrets:
            message = f"A secret with (name/id) {name} was not found in this key vault."
            return 404, _error("SecretNotFound", message), {}
        address = f"https://{host}/secrets/{name}/0123456789abcdef0123456789abcdef"
        value = self.secrets[vault, name]
        return 200, {"value": value, "id": address, "attributes": {"enabled": True}}, {}


def _error(code: str, message: str, inner: str = "") -> Any:
    more = {"innererror": {"code": inner}} if inner else {}
    return {"error": {"code": code, "message": message, **more}}
