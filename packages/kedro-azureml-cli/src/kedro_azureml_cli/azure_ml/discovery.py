"""Check the answer that has the addresses of a workspace's services.

The SDK takes whatever answers for these addresses: an error has none of them, and ends in a
`KeyError`; half an answer is not JSON.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    IncompleteReadError,
)

if TYPE_CHECKING:
    from azure.core.pipeline import PipelineResponse

_BAD_REQUEST = 400
_NOT_ALLOWED = frozenset({401, 403})


def refuse_wrong_addresses(response: PipelineResponse[Any, Any]) -> None:
    """Refuse an answer with a workspace's addresses that has none; a hook of azure-core.

    Args:
        response: The answer to any request.

    Raises:
        ClientAuthenticationError: The caller may not ask; it is not asked again.
        HttpResponseError: It is another error.
        IncompleteReadError: It broke off, or somebody else has answered.
    """
    if not urlsplit(str(response.http_request.url)).path.endswith("/discovery"):
        return
    answer = response.http_response
    if answer.status_code in _NOT_ALLOWED:
        raise ClientAuthenticationError(response=answer)
    if answer.status_code >= _BAD_REQUEST:
        raise HttpResponseError(response=answer)
    try:
        addresses = json.loads(answer.text())
    except ValueError as error:
        message = "the answer with the workspace's addresses is not JSON"
        raise IncompleteReadError(message) from error
    if not isinstance(addresses, dict) or not isinstance(addresses.get("api"), str):
        raise IncompleteReadError("the answer with the workspace's addresses has none")
