"""Translate errors of the Azure SDK into errors of these packages: the only place that does."""

from __future__ import annotations

import re
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
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
    from collections.abc import Iterator

    from kedro_azureml_datasets.errors import AzureMLDatasetError

_ROLES = "az role assignment list --all --assignee <you>"
_USAGE = "az ml compute list-usage"
_SIGN_IN_HINT = (
    "The sign-in has expired or was refused; sign in again, for example with 'az login'."
)
_AGAIN = "Run it again; nothing is done twice."
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_HOST = re.compile(r"\bhost='([^']+)'")  # as urllib3 shows its connections
_QUOTA = re.compile(r"quota", re.IGNORECASE)
_TRANSIENT = frozenset({408, 429, 500, 502, 503, 504})


@contextmanager
def translate_sdk_errors(what: str, *, more: str = "") -> Iterator[None]:
    """Translate what the SDK raises in the block.

    Args:
        what: What is asked, as in "sending the job 'train'".
        more: The command that shows more.

    Raises:
        AzureMLError: Azure did not do it.
        AzureSignInError: The sign-in has expired, or was refused.
    """
    from azure.core.exceptions import AzureError

    try:
        yield
    except Exception as error:
        if not isinstance(error, (AzureError, *_loaded_error_classes())):
            raise
        raise _translate(what, error, more) from error


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


def _translate(what: str, error: BaseException, more: str) -> AzureMLDatasetError:
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
    if isinstance(cause, ServiceRequestError):
        return AzureUnreachableError(_host_of(cause), _innermost(reason), what)
    if cause is not error or is_transient(cause):
        hint = _join(f"The connection broke off. {_AGAIN}", more)
        return AzureFailedError(what, reason, hint=hint)
    return RefusedError(what, reason, hint=_see(more))


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


def _host_of(error: Any) -> str:
    request = getattr(getattr(error, "inner_exception", None), "request", None)
    asked = urlsplit(str(getattr(request, "url", ""))).hostname
    named = _HOST.search(str(error))
    if not asked and not named and "to proxy" in str(error):
        asked = urlsplit(getproxies().get("https", "")).netloc.rpartition("@")[2]
    return asked or (named[1] if named else "Azure")


def _innermost(reason: str) -> str:
    """Return what the network said, out of the exceptions that are wrapped around it."""
    said = re.findall(r"['\"]([^'\"()]+ [^'\"()]+)['\"]", reason)
    return str(said[-1]) if said else reason


def _see(more: str) -> str:
    return f"For more, run:  {more}" if more else ""


def _join(hint: str, more: str) -> str:
    return "\n".join(filter(None, [hint, _see(more)]))
