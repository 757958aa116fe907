"""Say who is signed in, in which tenant, and which credential of the chain has answered.

The SDK does not return this: the chain logs the name of the credential, and the rest is in the
token. This module alone reads the two, and a test tells when either has changed.
"""

from __future__ import annotations

import base64
import json
import logging
import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kedro_azureml_datasets.azure_ml.clouds import find_current_cloud
from kedro_azureml_datasets.azure_ml.sdk_errors import translate_sdk_errors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from azure.core.credentials import TokenCredential

_LOGGER = "azure.identity"
_ANSWERED = re.compile(r"acquired a token from (\w+)")
_NAMES = ("upn", "unique_name", "preferred_username", "app_displayname", "appid", "oid")
"""Claims of a token that name an identity, the most readable first."""


@dataclass(frozen=True)
class SignedIn:
    """Who is signed in.

    Args:
        credential: The credential that has answered, such as `AzureCliCredential`.
        tenant: Id of the tenant; None if the token does not show it.
        name: Name or id of the identity; None if the token does not show it.
    """

    credential: str
    tenant: str | None
    name: str | None


def describe_sign_in(credential: TokenCredential) -> SignedIn:
    """Describe the identity behind a credential.

    Args:
        credential: A credential of `sign_in`, which keeps its token: nobody is asked again.

    Raises:
        AzureSignInError: The sign-in has expired, or was refused.
    """
    scope = find_current_cloud().management_scope
    with _listen() as messages, translate_sdk_errors("the sign-in"):
        claims = _read_claims(credential.get_token(scope).token)
    answered = [match[1] for match in map(_ANSWERED.search, messages) if match]
    name = next((str(claims[key]) for key in _NAMES if claims.get(key)), None)
    tenant = claims.get("tid")
    return SignedIn(
        answered[-1] if answered else type(credential).__name__,
        str(tenant) if tenant else None,
        name,
    )


@contextmanager
def _listen() -> Iterator[list[str]]:
    """Collect what the SDK logs about signing in, and show none of it."""
    messages: list[str] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            messages.append(record.getMessage())

    logger = logging.getLogger(_LOGGER)
    collector, level, propagates = Collector(logging.INFO), logger.level, logger.propagate
    logger.addHandler(collector)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    try:
        yield messages
    finally:
        logger.removeHandler(collector)
        logger.setLevel(level)
        logger.propagate = propagates


def _read_claims(token: str) -> dict[str, Any]:
    """Read the claims of a token; empty if it is not one that can be read."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return {}
    return claims if isinstance(claims, dict) else {}
