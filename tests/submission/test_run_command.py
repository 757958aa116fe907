"""`kedro azureml run`, as a user and as a CI job call it."""

import json
import re
import shutil

import pytest
import yaml
from azure_loopback.processes import until

KEDRO = """
import sys

sys.argv = ["kedro", "azureml", *sys.argv[2:]]
from kedro.framework.cli.cli import main

main()
"""


PRESSED_AT_THE_END = """
import os
import signal

from kedro_azureml_cli.submission import sending

wait = sending.wait


def wait_and_press(tasks, **options):
    ended = wait(tasks, **options)
    if not ended.not_done:
        sending.wait = wait
        os.kill(os.getpid(), signal.SIGINT)
    return ended


sending.wait = wait_and_press
"""
"""Presses Ctrl-C when the jobs have been sent, and before anybody has been told."""

FROM_CONFIG = """
from azure.ai.ml import MLClient
from azure.identity import DefaultAzureCredential

client = MLClient.from_config(DefaultAzureCredential(), path="src")
print(client.subscription_id, client.resource_group_name, client.workspace_name)
"""


@pytest.fixture
def two_jobs(farm):
    """The farm with a second job, of a part of its pipeline."""
    settings = yaml.safe_load((farm.folder / "conf/base/azureml.yml").read_text())
    settings["jobs"]["part"] = {"pipeline": {"node_names": ["clean"]}}
    farm.write("conf/base/azureml.yml", yaml.safe_dump(settings))
    farm.write(
        "src/shop/told.py",
        "from pathlib import Path\n\n\ndef write(job):\n"
        "    Path('told.txt').write_text(f'{job.name} {job.studio_url}')\n",
    )
    return farm


def kedro(project, *arguments):
    done = project.start(KEDRO, *arguments).wait()
    assert "Traceback" not in done.output, done.output
    return done


def ended_by_ctrl_c(running):
    done = running.wait()
    assert "Traceback" not in done.output, done.output
    assert done.returncode == 130, done.output
    return done


def document(done):
    return json.loads(done.output[done.output.index("{") :])


def test_a_job_is_sent_and_its_name_and_page_are_shown(two_jobs, azure):
    done = kedro(two_jobs, "run", "-j", "part")
    assert done.returncode == 0, done.output
    (name,) = azure.control.jobs.bodies
    assert name.startswith("part-")
    assert f"Submitted the job 'part' as {name}." in done.output
    assert f"https://ml.azure.com/runs/{name}?" in done.output
    assert azure.control.jobs.bodies[name]["properties"]["experimentName"] == "project"


def test_without_workspace_in_azureml_yml_the_job_goes_to_that_of_the_machine(two_jobs, azure):
    settings = yaml.safe_load(two_jobs.read("conf/base/azureml.yml"))
    place = settings.pop("workspace")["__default__"]
    two_jobs.write("conf/base/azureml.yml", yaml.safe_dump(settings))
    names = {**place, "workspace_name": place["name"]}
    two_jobs.write(".azureml/config.json", json.dumps(names))
    found_by_sdk = two_jobs.start(FROM_CONFIG).wait().output
    assert f"{place['subscription_id']} {place['resource_group']} {place['name']}" in found_by_sdk
    done = kedro(two_jobs, "run", "-j", "part")
    assert done.returncode == 0, done.output
    assert len(azure.control.jobs.bodies) == 1
    file = two_jobs.folder / ".azureml/config.json"
    assert f"  Workspace: {place['name']}, from {file}." in done.output


def test_options_change_the_job_that_is_sent_and_no_file_of_the_project(two_jobs, azure):
    before = two_jobs.files("conf")
    done = kedro(
        two_jobs, "run", "-j", "all", "--input", "rate=2", "--env-var", "MODE=fast",
        "--tag", "by=me", "--display-name", "A try", "--experiment-name", "tries",
        "--load-versions", "penguins:7", "--format", "json",
    )  # fmt: skip
    assert done.returncode == 0, done.output
    (told,) = document(done)["jobs"]
    sent = azure.control.jobs.bodies[told["name"]]["properties"]
    assert (sent["displayName"], sent["experimentName"]) == ("A try", "tries")
    assert sent["tags"]["by"] == "me"
    assert sent["inputs"]["rate"]["value"] == "2.0"
    assert sent["jobs"]["fit"]["environment_variables"] == {"MODE": "fast"}
    assert (told["job"], told["status"], told["error"]) == ("all", "NotStarted", None)
    assert two_jobs.files("conf") == before


def test_a_dry_run_shows_the_job_and_asks_nobody(two_jobs, azure):
    done = kedro(two_jobs, "run", "-j", "part", "--dry-run")
    assert done.returncode == 0, done.output
    assert "loopback-workspace" in done.output
    shown = yaml.safe_load(done.output[done.output.index("# The job") :])
    bundle = two_jobs.folder / "build/azureml/part/pipeline.yml"
    assert shown == yaml.safe_load(bundle.read_text())
    assert azure.proxy.connections == []


def test_what_the_check_refuses_is_not_sent_and_neither_are_the_others(two_jobs, azure):
    done = kedro(two_jobs, "run", "-j", "part", "-j", "all", "--input", "rate=much")
    assert done.returncode == 1
    assert "'much'" in done.output
    assert azure.proxy.connections == []


def test_a_job_that_azure_refuses_does_not_hinder_the_others(two_jobs, azure):
    azure.control.faults.add(400, "PUT .*/jobs/part-", times=100, message="Not this one.")
    done = kedro(
        two_jobs, "run", "-j", "part", "-j", "all", "--concurrent", "2", "--format", "json"
    )
    assert done.returncode == 1
    part, whole = document(done)["jobs"]
    assert "Not this one." in part["error"]
    assert part["name"] is None
    assert set(azure.control.jobs.bodies) == {whole["name"]}


def test_the_function_of_the_project_is_called_with_each_job(two_jobs, azure):
    done = kedro(two_jobs, "run", "-j", "part", "--on-job-scheduled", "shop.told:write")
    assert done.returncode == 0, done.output
    (name,) = azure.control.jobs.bodies
    assert two_jobs.read("told.txt").startswith(f"{name} https://")


def test_a_function_that_fails_is_reported_and_the_job_too(two_jobs, azure):
    two_jobs.write("src/shop/told.py", "def write(job):\n    raise OSError('no line')\n")
    done = kedro(two_jobs, "run", "-j", "part", "--on-job-scheduled", "shop.told:write")
    assert done.returncode == 1, done.output
    (name,) = azure.control.jobs.bodies
    assert f"Submitted the job 'part' as {name}." in done.output
    assert "The function 'write' failed: OSError: no line" in done.output


@pytest.mark.parametrize(
    ("function", "told"),
    [
        ("shop.told", "does not name a function"),
        ("shop.tell:write", "cannot be imported"),
        ("shop.told:writ", "has no function 'writ'"),
    ],
)
def test_a_function_that_is_not_there_is_reported_before_anything_is_sent(
    two_jobs, azure, function, told
):
    done = kedro(two_jobs, "run", "-j", "part", "--on-job-scheduled", function)
    assert done.returncode == 1
    assert told in done.output
    assert azure.proxy.connections == []


def test_a_missing_network_is_reported_promptly(two_jobs, azure):
    two_jobs.environ = {**azure.environ, "HTTPS_PROXY": "http://127.0.0.1:9"}
    done = kedro(two_jobs, "run", "-j", "part")
    assert done.returncode == 3, done.output
    assert "Connecting to Azure failed: no connection to" in done.output


def test_ctrl_c_while_components_are_registered_sends_no_job(two_jobs, azure):
    held = azure.control.faults.add("held", "/components/", times=1000)
    running = two_jobs.start(KEDRO, "run", "-j", "part", "-j", "all")
    held.wait()
    running.interrupt()
    done = ended_by_ctrl_c(running)
    assert azure.control.jobs.bodies == {}
    for job in ("part", "all"):
        assert f"The job '{job}' was not submitted. Ctrl-C came before" in done.output


def test_ctrl_c_keeps_what_was_registered(two_jobs, azure):
    held = azure.control.faults.add("held", "PUT .*/components/", number=2, times=1000)
    running = two_jobs.start(KEDRO, "run", "-j", "all")
    held.wait()
    running.interrupt()
    ended_by_ctrl_c(running)
    azure.control.faults.clear()
    azure.control.requests.clear()
    assert kedro(two_jobs, "run", "-j", "all").returncode == 0
    sent = [path for _, path in azure.control.requests if "/components/" in path]
    assert len(sent) == 2, "one of three was registered"


def test_ctrl_c_while_a_job_is_sent_tells_that_it_was_and_sends_no_other(two_jobs, azure):
    held = azure.control.faults.add("held", "/data/penguins", times=1000)
    running = two_jobs.start(KEDRO, "run", "-j", "all", "-j", "part", "--format", "json")
    held.wait()
    running.interrupt()
    until(lambda: "Waiting for Azure ML's answer to 'all'" in running.said())
    held.release()
    done = ended_by_ctrl_c(running)
    (name,) = azure.control.jobs.bodies
    sent, left = document(done)["jobs"]
    assert (sent["name"], sent["error"]) == (name, None)
    assert (left["job"], left["name"]) == ("part", None)


def test_ctrl_c_when_all_has_been_sent_is_one_line_too(two_jobs, azure):
    done = ended_by_ctrl_c(two_jobs.start(PRESSED_AT_THE_END + KEDRO, "run", "-j", "part"))
    (name,) = azure.control.jobs.bodies
    assert f"Submitted the job 'part' as {name}." in done.output
    (told,) = [line for line in done.output.splitlines() if "Ctrl-C" in line]
    assert told == "Stopped by Ctrl-C, which came when Azure ML had answered."


def test_a_second_ctrl_c_tells_which_job_may_be_there(two_jobs, azure):
    held = azure.control.faults.add("held", "/data/penguins", times=1000)
    running = two_jobs.start(KEDRO, "run", "-j", "all")
    held.wait()
    running.interrupt()
    until(lambda: "Waiting for Azure ML's answer" in running.said())
    running.interrupt()
    done = ended_by_ctrl_c(running)
    assert re.search("the job all-.* may or may not exist", done.output)
    assert "was not submitted" not in done.output


def test_a_bundle_that_goes_away_meanwhile_hinders_no_other_job(two_jobs, azure):
    azure.proxy.delay_s = 0.5  # between compiling and sending somebody signs in
    running = two_jobs.start(KEDRO, "run", "-j", "part", "-j", "all", "--format", "json")
    until(lambda: azure.proxy.connections)
    shutil.rmtree(two_jobs.folder / "build/azureml/part")
    azure.proxy.delay_s = 0.0
    done = running.wait()
    assert done.returncode == 3, done.output
    part, whole = document(done)["jobs"]
    assert "build/azureml/part' cannot be read: No such file" in part["error"]
    assert set(azure.control.jobs.bodies) == {whole["name"]}


def test_the_sdk_prints_nothing_itself(two_jobs, azure):
    logs_all = "import logging\n\nlogging.getLogger().setLevel(logging.INFO)\n"
    done = two_jobs.start(logs_all + KEDRO, "run", "-j", "part").wait()
    assert done.returncode == 0, done.output
    assert "Request URL" not in done.output
    assert "\x1b" not in done.output
    assert "" not in done.output.splitlines()
