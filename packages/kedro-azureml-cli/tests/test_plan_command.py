"""`kedro azureml plan` in a process of its own."""

import json
import os
import subprocess
import sys

import pytest
import yaml
from checked_project import CheckedProject

SPOT = {"properties": {"cost": "7"}, "jobs": {"fit": {"queue_settings": {"job_tier": "spot"}}}}

pytestmark = pytest.mark.once


@pytest.fixture
def project(tmp_path) -> CheckedProject:
    project = CheckedProject(tmp_path / "farm")
    project.nodes(
        ("load", None, "raw"), ("clean", ["raw", "params:rate"], "table"), ("fit", "table", None)
    )
    project.write("conf/base/parameters.yml", "rate: 0.5\n")
    project.write("logging.yml", "version: 1\n")
    project.settings_of(
        {
            "good": {"grouping": {"prepare": ["load", "clean"]}, "inputs": {"r": "params:rate"}},
            "spot": {"overrides": SPOT},
            "circle": {"grouping": {"outer": ["load", "fit"]}},
        }
    )
    return project


def plan(project: CheckedProject, *args: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "kedro", "azureml", "plan", *args],
        cwd=project.root,
        env={
            **os.environ,
            "KEDRO_DISABLE_TELEMETRY": "1",
            "KEDRO_LOGGING_CONFIG": str(project.root / "logging.yml"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert not (project.root / "build").exists()
    return done


def test_the_text_shows_what_becomes_of_steps_datasets_and_inputs(project):
    done = plan(project, "-j", "good")
    assert done.returncode == 0
    assert done.stdout == TEXT


TEXT = """\
2 steps on cpu
  workspace   w, from azureml.yml

prepare
  nodes       load, clean
  writes      table

fit
  reads       table

2 datasets

raw
  becomes     in step
  why         in memory; no other step reads it
  written by  prepare
  read by     prepare

table
  becomes     step output
  why         in memory locally; pickled with cloudpickle where it crosses steps
  written by  prepare
  read by     fit

1 input of the job

r
  parameter   rate
  type        float
  value       0.5

1 parameter; show with --parameters
"""


def test_parameters_are_counted_until_they_are_asked_for(project):
    assert "params:rate" not in plan(project, "-j", "good").stdout
    assert (
        "\nparams:rate\n  value       0.5\n" in plan(project, "--parameters", "-j", "good").stdout
    )


def test_the_values_of_parameters_are_those_of_the_command_and_secrets_are_masked(project):
    project.write(
        "conf/base/parameters.yml", "model: {depth: 3, api_key: hunter2}\npassword: hunter2\n"
    )
    project.nodes(
        ("clean", ["params:model.depth", "params:model", "params:password"], "table"),
        ("fit", ["table", "parameters"], None),
    )
    project.settings_of({"j": {}})
    shown = plan(project, "--parameters", "--params", "model.depth=5").stdout
    assert "\nparams:model.depth\n  value       5\n" in shown
    assert '\nparams:model\n  value       {"depth": 5, "api_key": "***"}\n' in shown
    assert '\nparams:password\n  value       "***"\n' in shown
    assert '\nparameters\n  value       {"model": {"depth": 5,' in shown
    assert "hunter2" not in shown


def test_overrides_stand_at_the_job_and_at_their_step(project):
    lines = plan(project, "-j", "spot").stdout.splitlines()
    assert lines[0] == "3 steps on cpu"
    assert lines[2] == '  overrides   properties: {"cost": "7"}'
    fit = lines.index("fit")
    assert lines[fit + 2] == '  overrides   queue_settings: {"job_tier": "spot"}'


def test_the_step_that_notifies_is_shown_and_counted_apart(project):
    settings = project.root / "conf/base/azureml.yml"
    content = yaml.safe_load(settings.read_text("utf-8"))
    content["notifications"] = {"chat": {"webhook_env": "HOOK", "events": ["success"]}}
    content["jobs"]["good"]["notifications"] = "chat"
    settings.write_text(yaml.safe_dump(content), "utf-8")
    done = plan(project, "-j", "good")
    assert done.stdout.startswith("2 steps, and 1 more for notifications, on cpu\n")
    assert NOTIFYING in done.stdout
    document = json.loads(plan(project, "-j", "good", "--format", "json").stdout)
    assert document["notifying_steps"] == ["notify"]
    assert len(document["steps"]) == 2


NOTIFYING = """
notify
  does        Announces that all other steps have finished.
  costs       a container of its own; it runs no node
  waits for   fit
"""


def test_json_is_the_plan_as_the_bundle_has_it(project):
    done = plan(project, "-j", "good", "--format", "json")
    document = json.loads(done.stdout)
    assert [step["nodes"] for step in document["steps"]] == [["load", "clean"], ["fit"]]
    assert document["promoted"][0]["parameter"] == "rate"
    assert document["workspace"]["source"] == "azureml.yml"


def test_without_workspace_in_azureml_yml_that_of_the_machine_is_shown_with_its_source(
    project, monkeypatch
):
    settings = project.root / "conf/base/azureml.yml"
    content = yaml.safe_load(settings.read_text("utf-8"))
    del content["workspace"]
    settings.write_text(yaml.safe_dump(content), "utf-8")
    monkeypatch.setenv("AZURE_CONFIG_DIR", str(project.root / "none"))
    done = plan(project, "-j", "good")
    assert done.returncode == 1
    assert "azureml.yml has no 'workspace', and this machine has no default one." in done.stderr
    names = {"subscription_id": "s", "resource_group": "r", "workspace_name": "lab"}
    file = project.root / ".azureml/config.json"
    project.write(".azureml/config.json", json.dumps(names))
    shown = " ".join(plan(project, "-j", "good").stdout.split("\n\n")[0].split())
    assert shown == f"2 steps on cpu workspace lab, from {file}"
    project.write(".azureml/config.json", "{")
    done = plan(project, "-j", "good")
    assert done.returncode == 1
    assert str(file) in done.stderr


def test_mermaid_can_be_pasted_into_a_page(project):
    done = plan(project, "-j", "good", "--format", "mermaid", "-o", "plan.mmd")
    assert (done.returncode, done.stdout) == (0, "")
    lines = (project.root / "plan.mmd").read_text().splitlines()
    assert lines[:2] == ["flowchart TD", '  m0["prepare<br>2 nodes"]']


def test_a_job_with_errors_is_shown_too_and_ends_with_1(project):
    done = plan(project, "-j", "circle")
    assert done.returncode == 1
    assert "circular-groups" in done.stderr
    assert "outer" in done.stdout


def test_a_job_that_is_not_there_is_one_message(project):
    done = plan(project, "-j", "god")
    assert (done.returncode, done.stdout) == (1, "")
    assert "did you mean 'good'?" in done.stderr
