"""Translate errors of the Azure SDK, the only place that does, and repeat what may pass."""

from __future__ import annotations

import re
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit
from urllib.request import getproxies

from kedro_azureml_datasets.azure_ml.errors import (
    AzureFailedError,
    AzureSignInError,
    AzureUnreachableError,
    ConflictError,
    ForbiddenError,
    NotFoundError,
    QuotaError,
    RefusedError,
    ThrottledError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kedro_azureml_datasets.errors import AzureMLDatasetError

_ROLES = "az role assignment list --all --assignee <you>"
_USAGE = "az ml compute list-usage"
_SIGN_IN_HINT = (
    "The sign-in has expired or was refused; sign in again, for example with 'az login'."
)
_AGAIN = "Run it again; nothing is done twice."
_CHECK_NETWORK = (
    "The host takes connections and does not answer. Check the network and its firewall, then run "
    "it again; nothing is done twice."
)
_TIMED_OUT = re.compile(r"timed out|timeout", re.IGNORECASE)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_HOST = re.compile(r"\bhost='([^']+)'")  # as urllib3 shows its connections
_QUOTA = re.compile(r"quota", re.IGNORECASE)
_PAUSE_S = 0.5
_TRANSIENT = frozenset({408, 429, 500, 502, 503, 504})

T = TypeVar("T")


@contextmanager
def translate_sdk_errors(what: str, *, more: str = "", host: str = "") -> Iterator[None]:
    """Translate what the SDK raises in the block.

    Args:
        what: What is asked, as in "sending the job 'train'".
        more: The command that shows more.
        host: Who is asked, for errors of the connection that do not name it.

    Raises:
        AzureMLError: Azure did not do it.
        AzureSignInError: The sign-in has expired, or was refused.
    """
    from azure.core.exceptions import AzureError

    started = time.monotonic()
    try:
        yield
    except Exception as error:
        if not isinstance(error, (AzureError, *_loaded_error_classes())) and not _is_defect(error):
            raise
        raise _translate(what, error, more, host, time.monotonic() - started) from error


def _is_defect(error: Exception) -> bool:
    """Check whether the SDK has failed over what Azure answered, as where it asks for its code."""
    is_of_others = isinstance(error, OSError) or hasattr(error, "blame")
    return not is_of_others and find_azure_cause(error) is not error


def is_transient(error: BaseException) -> bool:
    """Check whether the same request may succeed when it is sent again."""
    from azure.core.exceptions import (
        HttpResponseError,
        IncompleteReadError,
        ServiceRequestError,
        ServiceResponseError,
    )

    cause = find_azure_cause(error)
    if isinstance(cause, HttpResponseError):
        # An answer below 400 was cut off while it was read.
        status = cause.status_code
        return status is None or status < 400 or status in _TRANSIENT
    return isinstance(cause, (IncompleteReadError, ServiceRequestError, ServiceResponseError))


def retry_if_cut_off(request: Callable[[], T]) -> T:
    """Make a request that only reads, and repeat it if its answer broke off.

    Where there is an answer, the SDK itself has tried again already.

    Args:
        request: It.

    Returns:
        What it returns.
    """
    try:
        return request()
    except Exception as error:
        if (
            not is_transient(error)
            or (getattr(find_azure_cause(error), "status_code", 0) or 0) >= 400
        ):
            raise
        time.sleep(_PAUSE_S)
    return request()


def find_azure_cause(error: BaseException) -> BaseException:
    """Return the error of the request itself: the SDK wraps some in errors of its own."""
    from azure.core.exceptions import AzureError

    wrappers = _loaded_error_classes()
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, AzureError) and not isinstance(seen, wrappers):
            return seen
        seen = seen.__cause__ or seen.__context__
    return error


def take_first_line(error: BaseException) -> str:
    """Return the first line of an error that says something.

    The SDK writes some errors as a page in colours, with an `(x)` before what is wrong.
    """
    lines = [line.strip() for line in _COLOUR.sub("", str(error)).splitlines()]
    wrong = [line for line in lines if line.startswith("(x) ")]
    said = next((line for line in [*wrong, *lines] if line), type(error).__name__)
    return re.sub(r"^\(\w+\) ", "", said)


def _loaded_error_classes() -> tuple[type[BaseException], ...]:
    # Importing azure.ai.ml takes a second; what is not imported has raised nothing.
    names = {"azure.ai.ml.exceptions": "MlException", "marshmallow.exceptions": "ValidationError"}
    return tuple(
        getattr(sys.modules[module], name)
        for module, name in names.items()
        if module in sys.modules
    )


def _translate(
    what: str, error: BaseException, more: str, host: str, elapsed_s: float
) -> AzureMLDatasetError:
    from azure.core.exceptions import (
        ClientAuthenticationError,
        HttpResponseError,
        ServiceRequestError,
    )

    cause = find_azure_cause(error)
    reason = take_first_line(cause)
    status = getattr(cause, "status_code", None) or 0
    # Storage answers a wrong key or an expired SAS with 403, which the SDK calls authentication.
    if isinstance(cause, ClientAuthenticationError) and status != 403:
        return AzureSignInError(what, reason, hint=_SIGN_IN_HINT)
    if isinstance(cause, HttpResponseError) and status >= 400:
        return _translate_status(what, status, _code_of(cause), reason, more)
    gave_up = f"; gave up after {elapsed_s:.0f} s" if elapsed_s >= 1 else ""
    if isinstance(cause, ServiceRequestError):
        asked = _host_of(cause, host) or "Azure"
        return AzureUnreachableError(asked, f"{_innermost(reason)}{gave_up}", what)
    if cause is not error or is_transient(cause):
        asked = _host_of(cause, host)
        by_whom = f" from '{asked}'" if asked else ""
        if _TIMED_OUT.search(reason):
            reason, hint = f"no answer{by_whom} (timed out{gave_up}).", _CHECK_NETWORK
        else:
            by_whom = f" ('{asked}'{gave_up})" if asked else ""
            reason, hint = f"{reason}{by_whom}", f"The connection broke off. {_AGAIN}"
        return AzureFailedError(what, reason, hint=_join(hint, more))
    if _is_not_found(error):
        return _translate_status(what, 404, "", reason, more)
    return RefusedError(what, reason, hint=_see(more))


def _is_not_found(error: BaseException) -> bool:
    """Check whether the SDK itself has found that something does not exist, as of a label."""
    return getattr(getattr(error, "error_type", None), "name", "") == "RESOURCE_NOT_FOUND"


def _translate_status(
    what: str, status: int, code: str, reason: str, more: str
) -> AzureMLDatasetError:
    if status == 401:
        return AzureSignInError(what, reason, hint=_SIGN_IN_HINT)
    if status == 403 and not _QUOTA.search(code):
        hint = (
            "Ask for the role 'AzureML Data Scientist' on the workspace, and on its storage "
            "account for 'Storage Blob Data Contributor' (to read: 'Storage Blob Data Reader')."
        )
        return ForbiddenError(what, reason, hint=_join(hint, _ROLES))
    if status == 404:
        return NotFoundError(what, reason, hint=_join("Check the name.", more))
    if _QUOTA.search(code) or (status in {400, 409} and _QUOTA.search(reason)):
        hint = "Ask for more in the Azure portal, under 'Quotas', or wait until other jobs end."
        return QuotaError(what, reason, hint=_join(hint, _USAGE))
    if status == 409:
        hint = "Something of that name exists already, or is being changed."
        return ConflictError(what, reason, hint=_join(hint, more))
    if status == 429:
        hint = "Too many requests in a short time; wait a minute and run it again. "
        return ThrottledError(what, reason, hint=_join(hint + "Nothing is done twice.", more))
    if status in _TRANSIENT or status >= 500:
        hint = f"Azure failed with status {status}. Run it again later; nothing is done twice."
        return AzureFailedError(what, reason, hint=_join(hint, more))
    return RefusedError(what, reason, hint=_see(more))


def _code_of(error: BaseException) -> str:
    inner = getattr(error, "error", None)
    return str(getattr(inner, "code", "") or getattr(error, "error_code", "") or "")


def _host_of(error: Any, otherwise: str) -> str:
    """Return who did not answer: the host that was asked, or a proxy that cannot be reached."""
    request = getattr(getattr(error, "inner_exception", None), "request", None)
    request = request or getattr(getattr(error, "response", None), "request", None)
    asked = urlsplit(str(getattr(request, "url", ""))).hostname
    named = _HOST.search(str(error))
    host = asked or (named[1] if named else "")
    if not host and "to proxy" in str(error) and "Tunnel" not in str(error):
        host = urlsplit(getproxies().get("https", "")).netloc.rpartition("@")[2]
    return host or otherwise


def _innermost(reason: str) -> str:
    """Return what the network said, out of the exceptions that are wrapped around it."""
    said = re.findall(r"['\"]([^'\"()]+ [^'\"()]+)['\"]", reason)
    return str(said[-1]) if said else reason


def _see(more: str) -> str:
    return f"For more, run:  {more}" if more else ""


def _join(hint: str, more: str) -> str:
    return "\n".join(filter(None, [hint, _see(more)]))
