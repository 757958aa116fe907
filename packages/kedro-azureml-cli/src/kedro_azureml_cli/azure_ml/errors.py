"""What Azure can answer, each by its own name, with its likely cause and where to see more."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar

from kedro_azureml_datasets import KedroAzureMLError
from kedro_azureml_datasets.azure_ml.errors import AzureSignInError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kedro_azureml_datasets import Blame


class AzureMLError(KedroAzureMLError):
    """Azure ML did not do what it was asked.

    Args:
        what: What was asked, as in "sending the job 'train'".
        reason: What Azure said, or what is wrong.
        hint: The likely cause, and the command that shows more.
    """

    blame: ClassVar[Blame] = "user"

    def __init__(self, what: str, reason: str, *, hint: str = "") -> None:
        super().__init__(f"{what[:1].upper()}{what[1:]} failed: {reason}", hint=hint)
        self.what = what
        self.reason = reason


class RefusedError(AzureMLError):
    """Azure ML refuses the request itself: something in it has to change."""

    blame = "user"


class NotFoundError(AzureMLError):
    """What the request names does not exist."""

    blame = "user"


class ForbiddenError(AzureMLError):
    """Whoever is signed in may not do this."""

    blame = "user"


class ConflictError(AzureMLError):
    """Something else of that name is there."""

    blame = "user"


class QuotaError(AzureMLError):
    """A quota of the workspace or of the subscription is used up."""

    blame = "machine"


class AzureFailedError(AzureMLError):
    """Azure failed, or could not be reached to the end; nothing in the request is wrong."""

    blame = "machine"


class ThrottledError(AzureFailedError):
    """Azure takes no more requests for now."""

    blame = "machine"


_ROLES = "az role assignment list --all --assignee <you>"
_USAGE = "az ml compute list-usage"
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_QUOTA = re.compile(r"quota", re.IGNORECASE)
_TRANSIENT = frozenset({408, 429, 500, 502, 503, 504})


@contextmanager
def azure_errors(what: str, *, more: str = "") -> Iterator[None]:
    """Turn what the SDK raises into the errors above.

    Args:
        what: What is asked, as in "sending the job 'train'".
        more: The command that shows more.

    Raises:
        AzureMLError: Azure ML did not do it.
        AzureSignInError: The sign-in has expired, or was refused.
    """
    from azure.ai.ml.exceptions import MlException
    from azure.core.exceptions import AzureError
    from marshmallow.exceptions import ValidationError

    try:
        yield
    except (AzureError, MlException, ValidationError) as error:
        raise _translated(what, error, more) from error


def is_transient(error: BaseException) -> bool:
    """Tell whether the same request may succeed when it is sent again."""
    from azure.core.exceptions import HttpResponseError, ServiceRequestError, ServiceResponseError

    cause = azure_cause(error)
    if isinstance(cause, HttpResponseError):
        return cause.status_code is None or cause.status_code in _TRANSIENT
    return isinstance(cause, (ServiceRequestError, ServiceResponseError))


def azure_cause(error: BaseException) -> BaseException:
    """Give the error of the request: the SDK wraps some in errors of its own."""
    from azure.core.exceptions import AzureError

    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, AzureError) and not _only_wraps(seen):
            return seen
        seen = seen.__cause__ or seen.__context__
    return error


def _only_wraps(error: BaseException) -> bool:
    from azure.ai.ml.exceptions import MlException

    return isinstance(error, MlException)


def _translated(what: str, error: BaseException, more: str) -> KedroAzureMLError:
    from azure.core.exceptions import (
        ClientAuthenticationError,
        HttpResponseError,
        ServiceRequestError,
    )

    cause = azure_cause(error)
    reason = first_line(cause)
    if isinstance(cause, ClientAuthenticationError):
        hint = "The sign-in has expired or was refused: sign in again, for example with 'az login'."
        return AzureSignInError(what, reason, hint=hint)
    if isinstance(cause, HttpResponseError) and cause.status_code:
        return _of_status(what, cause.status_code, _code(cause), reason, more)
    if isinstance(cause, ServiceRequestError):
        hint = (
            "There is no connection: look at the network, and run it again; nothing is done twice."
        )
        return AzureFailedError(what, _innermost(reason), hint=hint)
    if cause is not error or is_transient(cause):
        hint = _joined("The connection broke off: run it again, nothing is done twice.", more)
        return AzureFailedError(what, reason, hint=hint)
    return RefusedError(what, reason, hint=_seen_with(more))


def _of_status(what: str, status: int, code: str, reason: str, more: str) -> KedroAzureMLError:
    if status == 401:
        hint = "The sign-in has expired: sign in again, for example with 'az login'."
        return AzureSignInError(what, reason, hint=hint)
    if status == 403 and not _QUOTA.search(code):
        hint = (
            "Ask for the role 'AzureML Data Scientist' on the workspace, and for 'Storage Blob "
            "Data Contributor' on its storage account."
        )
        return ForbiddenError(what, reason, hint=_joined(hint, _ROLES))
    if status == 404:
        return NotFoundError(what, reason, hint=_joined("Look at the name.", more))
    if _QUOTA.search(code) or (status in {400, 409} and _QUOTA.search(reason)):
        hint = "Ask for more in the Azure portal, below 'Quotas', or wait until other jobs end."
        return QuotaError(what, reason, hint=_joined(hint, _USAGE))
    if status == 409:
        hint = "Something of that name is there already, or is being changed."
        return ConflictError(what, reason, hint=_joined(hint, more))
    if status == 429:
        hint = "Too many requests at a time: wait a minute and run it again; nothing is done twice."
        return ThrottledError(what, reason, hint=_joined(hint, more))
    if status in _TRANSIENT or status >= 500:
        hint = f"Azure failed (status {status}): run it again later, nothing is done twice."
        return AzureFailedError(what, reason, hint=_joined(hint, more))
    return RefusedError(what, reason, hint=_seen_with(more))


def _code(error: BaseException) -> str:
    inner = getattr(error, "error", None)
    return str(getattr(inner, "code", "") or "")


def first_line(error: BaseException) -> str:
    """Give the first line of an error that says something.

    The SDK writes some as a page in colours, with an `(x)` before what is wrong.
    """
    lines = [line.strip() for line in _COLOUR.sub("", str(error)).splitlines()]
    wrong = [line for line in lines if line.startswith("(x) ")]
    said = next((line for line in [*wrong, *lines] if line), type(error).__name__)
    return re.sub(r"^\(\w+\) ", "", said)


def _innermost(reason: str) -> str:
    """Give what the network said, out of the exceptions that are wrapped around it."""
    said = re.findall(r"['\"]([^'\"()]+ [^'\"()]+)['\"]", reason)
    return f"{said[-1]}." if said else reason


def _seen_with(more: str) -> str:
    return f"More is shown by:  {more}" if more else ""


def _joined(hint: str, more: str) -> str:
    return "\n".join(filter(None, [hint, _seen_with(more)]))
