"""Turn errors of the Azure SDK into errors of this package."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from kedro_azureml_datasets.azure_ml.errors import (
    AssetDownloadError,
    AzureSignInError,
    AzureUnreachableError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


def is_not_found(error: BaseException) -> bool:
    """Check whether an error, or one that it wraps, is a 404."""
    from azure.core.exceptions import ResourceNotFoundError

    # The client wraps it in errors of its own.
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ResourceNotFoundError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


@contextmanager
def sdk_errors_translated(what: str) -> Iterator[None]:
    """Turn errors of the SDK into ours."""
    from azure.core.exceptions import (
        AzureError,
        ClientAuthenticationError,
        HttpResponseError,
        ServiceRequestError,
    )

    try:
        yield
    except ClientAuthenticationError as error:
        raise AzureSignInError(
            what, first_line(error), hint="Sign in again, for example with 'az login'."
        ) from error
    except HttpResponseError as error:
        if error.status_code == 403:
            raise AzureSignInError(
                what,
                first_line(error),
                hint="Ask for the roles 'AzureML Data Scientist' on the workspace and 'Storage "
                "Blob Data Reader' on the storage account.",
            ) from error
        if (error.status_code or 0) >= 400:
            raise AssetDownloadError(
                f"Azure answered {what} with: {first_line(error)}", hint="Try again later."
            ) from error
        raise _broken_off(what, error) from error
    except ServiceRequestError as error:
        raise AzureUnreachableError("Azure", first_line(error)) from error
    except AzureError as error:
        raise _broken_off(what, error) from error


def _broken_off(what: str, error: BaseException) -> AssetDownloadError:
    return AssetDownloadError(
        f"The connection broke off while {what}: {first_line(error)}",
        hint="Run it again: what has come so far is kept.",
    )


def first_line(error: BaseException) -> str:
    """Return the first line of an error's text."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
