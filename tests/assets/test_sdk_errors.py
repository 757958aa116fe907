"""What the Azure SDK raises, and the error that a user sees."""

import warnings
from types import SimpleNamespace

import pytest
from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    IncompleteReadError,
    ResourceNotFoundError,
    ServiceRequestError,
    ServiceResponseError,
)
from kedro.io import DatasetError
from kedro_azureml_datasets.azure_ml import errors
from kedro_azureml_datasets.azure_ml.sdk_errors import is_transient, translate_sdk_errors

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # marshmallow's and pydash's own
    from azure.ai.ml.exceptions import MlException, ValidationErrorType, ValidationException


def answer(status, code="", error_class=HttpResponseError):
    error = error_class("It is so.")
    error.status_code = status
    error.error = SimpleNamespace(code=code)
    return error


def translate(error):
    with (
        pytest.raises(DatasetError) as caught,
        translate_sdk_errors("reading the data", more="az more"),
    ):
        raise error
    return caught.value


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (400, "", errors.RefusedError),
        (401, "", errors.AzureSignInError),
        (403, "", errors.ForbiddenError),
        (403, "QuotaExceeded", errors.QuotaError),
        (404, "", errors.NotFoundError),
        (408, "", errors.AzureFailedError),
        (409, "", errors.ConflictError),
        (409, "QuotaExceeded", errors.QuotaError),
        (412, "", errors.RefusedError),
        (429, "", errors.ThrottledError),
        (500, "", errors.AzureFailedError),
        (503, "", errors.AzureFailedError),
        (599, "", errors.AzureFailedError),
        (206, "", errors.AzureFailedError),  # cut off while it was read
        (None, "", errors.AzureFailedError),
    ],
)
def test_each_status_has_one_error_that_says_what_was_asked(status, code, expected):
    error = translate(answer(status, code))
    assert type(error) is expected
    assert "It is so." in error.message
    assert "reading the data" in error.message.lower()
    assert error.hint


def test_a_wrong_storage_key_is_forbidden_though_the_sdk_calls_it_authentication():
    error = translate(answer(403, error_class=ClientAuthenticationError))
    assert type(error) is errors.ForbiddenError
    assert "Storage Blob Data Reader" in error.hint


@pytest.mark.parametrize("status", [None, 400, 401])
def test_an_identity_that_is_refused_has_to_sign_in(status):
    error = translate(answer(status, error_class=ClientAuthenticationError))
    assert type(error) is errors.AzureSignInError
    assert "az login" in error.hint


def wrapped(cause):
    try:
        try:
            raise cause
        except AzureError as error:
            raise MlException("Wrapped.", "Wrapped.") from error
    except MlException as error:
        return error


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        (answer(404, error_class=ResourceNotFoundError), errors.NotFoundError),
        (answer(403), errors.ForbiddenError),
        (ServiceResponseError("cut"), errors.AzureFailedError),
        (ServiceRequestError("no way"), errors.AzureUnreachableError),
    ],
)
def test_an_error_that_the_client_wraps_counts_as_the_one_inside(cause, expected):
    assert type(translate(wrapped(cause))) is expected


def test_the_clients_own_refusal_is_the_users_to_change():
    error = translate(MlException("The name is empty.", "The name is empty."))
    assert type(error) is errors.RefusedError
    assert "The name is empty." in error.message
    assert error.hint == "For more, run:  az more"


def test_what_the_client_itself_does_not_find_is_not_found():
    error = translate(
        ValidationException(
            "Asset env does not exist in workspace ws.",
            no_personal_data_message="",
            error_type=ValidationErrorType.RESOURCE_NOT_FOUND,
        )
    )
    assert type(error) is errors.NotFoundError
    assert "Asset env does not exist" in error.message


def test_a_lost_connection_names_the_host():
    text = "HTTPSConnectionPool(host='store.blob.core.windows.net', port=443): Read timed out."
    error = translate(ServiceRequestError(text))
    assert error.host == "store.blob.core.windows.net"
    assert "no connection to 'store.blob.core.windows.net'" in error.message


@pytest.mark.parametrize(
    ("error", "expected", "told"),
    [
        (ServiceRequestError("[Errno 111] Connection refused"), errors.AzureUnreachableError,
         "no connection to 'store.example' ([Errno 111] Connection refused; gave up after 7 s)."),
        (ServiceRequestError("('Unable to connect to proxy', OSError('Tunnel connection failed'))"),
         errors.AzureUnreachableError, "no connection to 'store.example' ("),
        (ServiceResponseError("Read timed out. (read timeout=15)"), errors.AzureFailedError,
         "no answer from 'store.example' (timed out; gave up after 7 s)."),
        (HttpResponseError("HTTPSConnectionPool(host='store.example', port=443): Read timed out."),
         errors.AzureFailedError, "no answer from 'store.example' (timed out"),
        (IncompleteReadError("Only half came."), errors.AzureFailedError,
         "Only half came. ('store.example'; gave up after 7 s)"),
    ],
)  # fmt: skip
def test_an_error_of_the_connection_names_the_host_and_the_time(error, expected, told, monkeypatch):
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    times = iter([100.0, 107.2])
    monkeypatch.setattr(
        "kedro_azureml_datasets.azure_ml.sdk_errors.time.monotonic", lambda: next(times)
    )
    with (
        pytest.raises(DatasetError) as caught,
        translate_sdk_errors("reading the data", host="store.example"),
    ):
        raise error
    assert type(caught.value) is expected
    assert told in caught.value.message


def test_a_proxy_that_does_not_answer_is_named(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://user:secret@proxy.example:3128")
    monkeypatch.setenv("https_proxy", "http://user:secret@proxy.example:3128")
    text = "('Unable to connect to proxy', RemoteDisconnected('Remote end closed connection'))"
    error = translate(ServiceRequestError(text))
    assert error.host == "proxy.example:3128"
    assert "secret" not in str(error)


def test_what_is_not_of_the_sdk_stays_as_it_is():
    with pytest.raises(ZeroDivisionError), translate_sdk_errors("reading the data"):
        raise ZeroDivisionError


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (answer(429), True),
        (answer(503), True),
        (answer(206), True),
        (answer(None), True),
        (IncompleteReadError("cut"), True),
        (ServiceResponseError("cut"), True),
        (ServiceRequestError("no way"), True),
        (wrapped(answer(500)), True),
        (answer(403), False),
        (answer(404), False),
        (ValueError(), False),
    ],
)
def test_what_may_succeed_when_it_is_sent_again_is_known(error, expected):
    assert is_transient(error) is expected


def while_handling(answered, error):
    """Return an error as it is raised where another one is handled."""
    error.__context__ = answered
    return error


def test_a_defect_of_the_sdk_over_an_answer_is_told_as_that_answer():
    refused = answer(401, error_class=ClientAuthenticationError)
    error = translate(while_handling(refused, AttributeError("no attribute 'error_code'")))
    assert isinstance(error, errors.AzureSignInError)
    assert "It is so." in str(error)


def test_a_full_disk_while_an_answer_is_handled_stays_one():
    with pytest.raises(OSError, match="No space"), translate_sdk_errors("reading the data"):
        raise while_handling(answer(503), OSError(28, "No space left on device"))
