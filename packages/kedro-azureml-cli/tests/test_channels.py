"""What channels of apprise are told of a job, by its own plugin for JSON and a real server."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest
from kedro_azureml_cli.azure_ml.jobs.states import JobState, StepState
from kedro_azureml_cli.jobs.channels import Channels, find_notifications, open_channels, send
from kedro_azureml_compiler import AzureMLConfig

# apprise imports a module that Python 3.13 no longer has.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

EVERYTHING = frozenset({"start", "success", "failure"})


@pytest.fixture
def receiver():
    got: list[dict[str, str]] = []
    answer = SimpleNamespace(status=200, wait_s=0.0)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            time.sleep(answer.wait_s)
            with suppress(OSError):  # of who has given up waiting
                self.send_response(answer.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    url = f"json://127.0.0.1:{server.server_port}/s3cret"
    yield SimpleNamespace(got=got, url=url, answer=answer)
    server.shutdown()
    thread.join()
    server.server_close()


def job(status: str, **steps: str) -> JobState:
    states = tuple(StepState(name, name, name, state) for name, state in steps.items())
    return JobState("calm_fig", "train", "train", status, states, studio_url="https://studio/x")


def told(receiver, *states: JobState, is_new: bool = True, events=EVERYTHING) -> list[str]:
    channels = Channels("train", events, (receiver.url,), is_new)
    for state in states:
        channels.look(state)
    return [message["message"].splitlines()[0] for message in receiver.got]


def test_start_and_success_are_told_once_each(receiver):
    states = [job(each) for each in ("NotStarted", "Preparing", "Running", "Running", "Completed")]
    assert told(receiver, *states, states[-1]) == [
        "Job 'train' has started.", "Job 'train' has succeeded.",
    ]  # fmt: skip
    assert [one["type"] for one in receiver.got] == ["info", "success"]
    assert receiver.got[0]["message"].endswith("https://studio/x")


def test_a_failure_names_the_steps_that_failed(receiver):
    steps = {f"s{number}": "Failed" for number in range(12)} | {"fine": "Completed"}
    (said,) = told(receiver, job("Failed", **steps), events=frozenset({"failure"}))
    assert said.startswith("Job 'train' failed in 's0', 's1', ")
    assert said.endswith(" and 2 more (Failed).")
    assert receiver.got[0]["type"] == "failure"


@pytest.mark.parametrize(
    ("state", "said"),
    [("Canceled", "Job 'train' was cancelled."),
     ("NotResponding", "Job 'train' failed (NotResponding).")],
)  # fmt: skip
def test_what_no_step_could_report_is_a_failure(receiver, state, said):
    assert told(receiver, job("Running"), job(state), events=frozenset({"failure"})) == [said]


def test_a_job_that_was_under_way_has_no_start_and_one_that_has_ended_tells_nothing(receiver):
    assert told(receiver, job("Completed"), job("Completed"), is_new=False) == []
    running = [job("Running"), job("Failed", fit="Failed")]
    assert told(receiver, *running, is_new=False) == ["Job 'train' failed in 'fit' (Failed)."]


def test_only_subscribed_events_are_told(receiver):
    assert told(receiver, job("Running"), job("Completed"), events=frozenset({"failure"})) == []


@pytest.mark.parametrize("status", [404, 500])
def test_what_is_not_taken_is_named_without_its_address(receiver, status, caplog, capfd):
    receiver.answer.status = status
    with caplog.at_level(logging.DEBUG):
        (problem,) = send((receiver.url,), "t", "b", "start")
    assert problem == "address 1 (json): it was not taken"
    said = capfd.readouterr()
    assert "s3cret" not in said.out + said.err + caplog.text


def test_other_channels_are_told_where_one_cannot_be(receiver):
    with socket.create_server(("127.0.0.1", 0)) as free:
        dead = f"json://127.0.0.1:{free.getsockname()[1]}/s3cret"
    addresses = (dead, "nosuchthing://s3cret", "s3cret", "https://[", receiver.url)
    problems = send(addresses, "t", "b", "start")
    assert [problem.partition(":")[0] for problem in problems] == [
        "address 1 (json)", "address 2 (nosuchthing)", "address 3", "address 4 (https)",
    ]  # fmt: skip
    assert "s3cret" not in "".join(problems)
    assert len(receiver.got) == 1


def test_a_channel_that_does_not_answer_is_given_up(receiver):
    receiver.answer.wait_s = 0.8
    assert send((receiver.url,), "t", "b", "start", timeout_s=0.2) == [
        "address 1 (json): no answer within 0.2 s"
    ]


def config(**entry: object) -> AzureMLConfig:
    return AzureMLConfig.model_validate(
        {
            "compute": {"__default__": {"cluster_name": "cpu"}},
            "execution": {"environment": "env@latest"},
            "notifications": {"chat": {"events": ["success"], **entry}, "eu-chat": {}},
            "jobs": {"j": {"notifications": "chat"}, "{area}-j": {"notifications": "{area}-chat"}},
        }
    )


def test_a_job_without_addresses_has_no_channels(monkeypatch, capsys):
    assert open_channels(config(), "j", "chat", is_new=True) is None
    assert open_channels(config(), "j", None, is_new=True) is None
    assert capsys.readouterr().err == ""
    monkeypatch.delenv("CHANNELS", raising=False)
    assert open_channels(config(apprise_env="CHANNELS"), "j", "chat", is_new=True) is None
    assert "variable CHANNELS, which 'notifications' names, is not set." in capsys.readouterr().err
    monkeypatch.setenv("CHANNELS", "json://a\n json://b")
    found = open_channels(config(apprise_env="CHANNELS"), "j", "chat", is_new=True)
    assert found is not None
    assert found.addresses == ("json://a", "json://b")


def test_the_notifications_of_a_job_that_a_factory_makes_are_found():
    assert find_notifications(config(), "j") == "chat"
    assert find_notifications(config(), "eu-j") == "eu-chat"
    assert find_notifications(config(), "other") is None
