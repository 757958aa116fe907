"""Send a request again where Azure or the network failed.

The SDK's own policy sends most requests again, with the pauses that the server asks for. It leaves
out what may have taken effect: a POST whose answer was lost. Ours may be repeated, because each
names what it makes.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, TypeVar

from kedro_azureml_datasets.azure_ml.sdk_errors import find_azure_cause, is_transient

if TYPE_CHECKING:
    from collections.abc import Callable

_PAUSES_S = (0.5, 2.0)
_LONGEST_PAUSE_S = 60.0
_PATIENCE_S = 5.0
"""What has failed for longer was tried again by the SDK, which did not help."""

T = TypeVar("T")


def retry_if_transient(request: Callable[[], T]) -> T:
    """Make a request, and repeat it if it failed only for a moment.

    Args:
        request: It; safe to be made twice.

    Returns:
        What it returns.
    """
    for pause_s in _PAUSES_S:
        started = time.monotonic()
        try:
            return request()
        except Exception as error:
            if not is_transient(error) or time.monotonic() - started > _PATIENCE_S:
                raise
            time.sleep(_asked_pause_s(error, pause_s))
    return request()


def retry_if_partly_uploaded(request: Callable[[], T]) -> T:
    """Upload a folder, and again if the storage had a file that the SDK did not expect.

    That is a file whose answer was lost, which the SDK sent again, or one of an earlier attempt
    that broke off. The second time the SDK replaces what no attempt has confirmed.

    Args:
        request: It; safe to be made twice.

    Returns:
        What it returns.
    """
    try:
        return request()
    except Exception as error:
        if getattr(find_azure_cause(error), "error_code", "") != "BlobAlreadyExists":
            raise
    return request()


def _asked_pause_s(error: BaseException, otherwise_s: float) -> float:
    response: Any = getattr(find_azure_cause(error), "response", None)
    asked = getattr(response, "headers", {}).get("Retry-After", "") if response else ""
    try:
        return min(float(asked), _LONGEST_PAUSE_S)
    except ValueError:  # not there, or a date
        return otherwise_s
