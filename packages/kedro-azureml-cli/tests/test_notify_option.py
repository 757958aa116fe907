"""`--notify` of `kedro azureml simulate`: the steps of a simulated job notify a server here."""

from __future__ import annotations

import pytest
from checked_project import CheckedProject
from click.testing import CliRunner, Result
from kedro.framework.startup import bootstrap_project
from kedro_azureml_cli.simulation.simulate_command import simulate_command
from message_receiver import receive_messages

pytestmark = pytest.mark.once

PIPELINES = """
import warnings

def warn():
    warnings.warn("a worm")
    return 1

def fail():
    raise ValueError("no dinner")

def register_pipelines():
    return {
        "__default__": Pipeline([node(warn, None, "x", name="warn")]),
        "broken": Pipeline([node(fail, None, "x", name="fail")]),
    }
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> CheckedProject:
    project = CheckedProject(tmp_path_factory.mktemp("notified") / "farm")
    project.pipelines(PIPELINES)
    everything = ["start", "success", "warning", "failure"]
    project.settings_of(
        {
            "j": {"notifications": "chat"},
            "broken": {"notifications": "chat", "pipeline": {"pipeline_name": "broken"}},
        },
        notifications={"chat": {"webhook_env": "${azureml.secret:hook}", "events": everything}},
    )
    return project


def simulate(project: CheckedProject, job: str, *args: str) -> Result:
    return CliRunner().invoke(
        simulate_command, ["-j", job, *args], obj=bootstrap_project(project.root)
    )


def test_a_simulated_job_notifies_if_it_is_asked_to(project, tmp_path):
    with receive_messages() as (host, got):
        address = f"HOOK=http://{host}/s3cret"
        done = simulate(
            project, "j", "--notify", "--env-var", address, "--run-dir", str(tmp_path / "r")
        )
    assert done.exit_code == 0, done.output
    assert [message["event"] for message in got] == ["start", "warning"]
    assert got[1]["warnings"] == [{"step": "warn", "count": 1, "texts": ["UserWarning: a worm"]}]
    written = [path for path in (tmp_path / "r").rglob("*") if path.is_file()]
    assert not [path for path in written if b"s3cret" in path.read_bytes()]


def test_a_step_that_fails_notifies_and_the_last_step_does_not_start(project, tmp_path):
    with receive_messages() as (host, got):
        address = f"HOOK=http://{host}/"
        done = simulate(
            project, "broken", "--notify", "--env-var", address, "--run-dir", str(tmp_path / "r")
        )
    assert done.exit_code == 1
    assert [message["event"] for message in got] == ["start", "failure"]
    assert (got[1]["node"], got[1]["cause"]) == ("fail", "ValueError: no dinner")


def test_without_the_option_nothing_is_sent_and_no_secret_is_needed(project, tmp_path):
    done = simulate(project, "broken", "--run-dir", str(tmp_path / "r"))
    assert done.exit_code == 1
    log = (tmp_path / "r/steps/fail/log.txt").read_text()
    for event in ("start", "failure"):
        assert f"Notification of '{event}' not sent: this is a simulation." in log
