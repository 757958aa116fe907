"""What goes wrong while a job is sent: it is there once or not at all, and the message is right."""

import pytest
from azure_loopback.azurite import ACCOUNT
from azure_loopback.sent_jobs import send
from stress import FACTOR, spread_faults

REQUESTS = 12
"""Requests of a first submission."""

PASSING = ("reset", "lost", "truncated", 429, 500, 503)
"""Faults after which the same request may succeed."""

JOB = "PUT .*/jobs/"
WITHOUT_PAUSES = """
import time

time.sleep = lambda seconds: print(f"a pause of {seconds:g} s") if seconds >= 1 else None
"""
"""Print the SDK's pauses instead of making them."""

COMPONENT = "PUT .*/components/"


def test_a_submission_has_as_many_requests_as_the_faults_are_put_into(compiled_farm, azure):
    assert send(compiled_farm).returncode == 0
    assert len(azure.control.requests) == REQUESTS, azure.control.requests


@pytest.mark.parametrize("kind", spread_faults(PASSING))
def test_a_passing_fault_at_any_request_leaves_one_job_and_needs_nobody(compiled_farm, azure, kind):
    turn = PASSING.index(kind)
    numbers = range(1, REQUESTS + 1)
    # With every change each request fails in one of the ways, in `nox -s stress` in all of them.
    for number in numbers if FACTOR > 1 else numbers[turn :: len(PASSING)]:
        forget_the_submission(compiled_farm, azure)
        azure.control.faults.add(kind, number=number, retry_after="0" if kind == 429 else "")
        done = send(compiled_farm, f"job-{number}")
        assert done.returncode == 0, (number, done.output)
        assert set(azure.control.jobs.bodies) == {f"job-{number}"}, number


@pytest.mark.parametrize(
    ("kind", "pattern", "code", "error", "told"),
    [
        (500, JOB, "", "AzureFailedError", "nothing is done twice"),
        (429, JOB, "", "ThrottledError", "wait a minute"),
        ("reset", COMPONENT, "", "AzureUnreachableError", "no connection to '127.0.0.1:"),
        ("truncated", COMPONENT, "", "AzureFailedError", "nothing is done twice"),
        (400, JOB, "QuotaExceeded", "QuotaError", "az ml compute list-usage"),
    ],
)
def test_a_fault_that_stays_is_one_message_and_leaves_no_job(
    compiled_farm, azure, kind, pattern, code, error, told
):
    azure.control.faults.add(kind, pattern, times=10_000, code=code, message="It is broken.")
    done = send(compiled_farm)
    assert done.returncode == 3, done.output
    assert f"{error}: " in done.output
    assert told in done.output
    assert "Traceback" not in done.output
    assert azure.control.jobs.bodies == {}
    azure.control.faults.clear()
    assert send(compiled_farm).returncode == 0  # and what was done is not in the way
    assert set(azure.control.jobs.bodies) == {"job-1"}


@pytest.mark.parametrize(
    ("status", "pattern", "error", "told"),
    [
        (400, JOB, "RefusedError", "az ml job show --name job-1"),
        (403, COMPONENT, "ForbiddenError", "az role assignment list"),
        (404, "/environments/", "NotFoundError", "az ml environment list --name env"),
        (404, "/environments/", "NotFoundError", "kedro azureml environment register env"),
        (409, JOB, "ConflictError", "Something of that name exists already"),
        (401, COMPONENT, "AzureSignInError", "az login"),
    ],
)
def test_what_azure_refuses_is_reported_with_its_reason_and_what_to_do(
    compiled_farm, azure, status, pattern, error, told
):
    azure.control.faults.add(status, pattern, times=10_000, message="Azure's own reason.")
    done = send(compiled_farm)
    assert done.returncode == 1, done.output
    assert f"{error}: " in done.output
    assert "Azure's own reason." in done.output
    assert told in done.output
    assert "Traceback" not in done.output
    assert azure.control.jobs.bodies == {}


def test_a_job_whose_answer_never_comes_is_found_and_counts_as_sent(compiled_farm, azure):
    azure.control.faults.add("lost", JOB, times=10_000)
    done = send(compiled_farm)
    assert done.returncode == 0, done.output
    assert set(azure.control.jobs.bodies) == {"job-1"}


def test_the_pause_that_the_server_asks_for_is_kept(compiled_farm, azure):
    azure.control.faults.add(429, JOB, retry_after="2")
    done = send(compiled_farm, prelude=WITHOUT_PAUSES)
    assert done.returncode == 0, done.output
    assert set(azure.control.jobs.bodies) == {"job-1"}
    assert "a pause of 2 s" in done.output


def test_a_network_that_goes_while_the_code_goes_up_is_a_message_and_leaves_no_job(
    compiled_farm, azure
):
    azure.proxy.cuts += [(f"{ACCOUNT}.blob.core.windows.net", 0)] * 1000
    done = send(compiled_farm, prelude=WITHOUT_PAUSES)
    assert done.returncode == 3, done.output
    assert "Traceback" not in done.output
    assert "clean" in done.output  # which step's component it was
    assert azure.control.jobs.bodies == {}
    azure.proxy.cuts.clear()
    assert send(compiled_farm).returncode == 0


def forget_the_submission(project, azure):
    """Let the next submission be a first one."""
    for path in list(azure.control.resources):
        if "/codes/" in path or "/components/" in path:
            del azure.control.resources[path]
    azure.control.jobs.clear()
    azure.control.faults.clear()
    azure.control.requests.clear()
    (project.folder / "record.json").unlink(missing_ok=True)
