"""`status --wait`, `run --wait` and `logs --follow` on jobs whose states a test plays."""

import fcntl
import json
import os
import pty
import select
import struct
import termios

import pytest
import yaml
from azure_loopback.processes import until
from followed_project import FollowedProject
from message_receiver import receive_messages


@pytest.fixture
def farm(shop, azure):
    return FollowedProject(shop, azure)


def test_waiting_shows_each_change_and_ends_with_the_job(farm):
    farm.put("all-1")
    farm.jobs.play("all-1", job="Running")
    farm.jobs.script += [
        {"clean": "Running"},
        {"clean": "Completed", "fit": "Running"},
        {"fit": "Completed", "report__it": "Running"},
        {"report__it": "Completed", "": "Completed"},
    ]
    told = farm.run("status", "all-1", "--wait")
    changes = [line.partition(" after")[0].rstrip(".") for line in told.splitlines()]
    for change in (
        "all: the step 'clean' is Running",
        "all: the step 'clean' is Completed",
        "all: the step 'report.it' is Completed",
        "all: the job is Completed",
    ):
        assert changes.count(change) == 1, told


def test_a_job_that_fails_while_it_is_waited_for_shows_the_end_of_the_log_and_is_an_error(farm):
    farm.put("all-1")
    farm.jobs.play("all-1", job="Running", clean="Completed", fit="Running")
    farm.azure.put_log("all-1", "fit", "".join(f"line {n}\n" for n in range(100)))
    farm.jobs.script += [{}, {"fit": "Failed", "report__it": "Canceled", "": "Failed"}]
    told = farm.run("status", "all", "--wait", code=1)
    assert "Last lines of the failed step 'fit':\n  line 70\n" in told
    assert "  line 99\nSee the whole logs:  kedro azureml logs all-1\n" in told
    assert "line 69" not in told


def test_channels_are_told_of_the_end_while_somebody_waits(farm, tmp_path):
    settings = yaml.safe_load((farm.folder / "conf/base/azureml.yml").read_text())
    settings["notifications"] = {"chat": {"apprise_env": "CHANNELS", "events": ["failure"]}}
    settings["jobs"]["all"]["notifications"] = "chat"
    farm.shop.write("conf/base/azureml.yml", yaml.safe_dump(settings))
    farm.put("all-1")
    farm.jobs.play("all-1", job="Running", clean="Running")
    farm.jobs.script += [{}, {"clean": "Failed", "": "Failed"}]
    unset = farm.run("status", "all", "--watch", code=1)
    assert "Warning: no notifications are sent from here: the environment variable" in unset
    farm.put("all-2")
    farm.jobs.play("all-2", job="Running", clean="Running")
    farm.jobs.script += [{}, {"clean": "Failed", "": "Failed"}]
    with receive_messages() as (host, got):
        farm.shop.environ = {**farm.shop.environ, "CHANNELS": f"json://{host}"}
        told = farm.run("status", "all-2", "--watch", code=1)
    assert "Warning: the notification" not in told
    (message,) = got
    assert message["message"].startswith("Job 'all' failed in 'clean' (Failed).")


@pytest.mark.parametrize("kind", ["reset", 503, 429, "truncated"])
def test_a_passing_fault_does_not_end_the_waiting(farm, kind):
    farm.put("all-1")
    farm.jobs.play("all-1", job="Running", clean="Running")
    retry_after = "0" if kind == 429 else ""
    farm.azure.control.faults.add(
        kind, "GET .*/children", number=2, times=2, retry_after=retry_after
    )
    ended = dict.fromkeys(("clean", "fit", "report__it", ""), "Completed")
    farm.jobs.script += [{}, {}, ended]
    assert "the job is Completed" in farm.run("status", "all-1", "--wait")


def test_ctrl_c_ends_the_waiting_and_not_the_job(farm):
    farm.put("all-1")
    farm.jobs.play("all-1", job="Running", clean="Running")
    waiting = farm.start("status", "all-1", "--wait")
    until(lambda: "'clean' is Running" in waiting.said())
    waiting.interrupt()
    finished = waiting.wait()
    assert finished.returncode == 130
    assert "the job all-1 is still running." in finished.output
    assert "kedro azureml cancel all-1" in finished.output
    assert "Traceback" not in finished.output
    assert farm.jobs.runs["all-1"].status == "Running"


def test_a_job_is_polled_with_two_requests_while_its_steps_work(farm):
    farm.put("all-1")
    farm.jobs.play("all-1", job="Running", clean="Running")
    ended = dict.fromkeys(("clean", "fit", "report__it", ""), "Completed")
    farm.jobs.script += [*({} for _ in range(6)), ended]
    farm.run("status", "all-1", "--wait")
    paths = [path for _, path in farm.azure.control.requests]
    looks = sum(path.endswith("/children") for path in paths)
    assert looks == 7
    # The first look also asks where the run history is, the last one for the job itself.
    assert len(paths) <= 2 * looks + 5, paths


def sent(farm, *options):
    """Start `run --wait`, and give its process and the name that the job has got."""
    running = farm.start("run", "-j", "all", "--wait", *options)
    until(lambda: farm.jobs.bodies)
    return running, next(iter(farm.jobs.bodies))


def test_a_job_that_is_sent_is_followed_and_its_registered_versions_are_shown(farm):
    running, name = sent(farm, "--format", "json")
    until(lambda: "the job is NotStarted" in running.said())
    plan = farm.folder / "build/azureml/all/plan.html"
    page_of_plan = plan.read_bytes()
    run_id = farm.jobs.run_of(name, "fit").run_id
    uri = f"azureml://datastores/workspaceblobstore/paths/azureml/{run_id}/model/"
    farm.azure.register("model", "4", None, uri=uri)
    farm.azure.register("model", "5", None, uri=uri.replace(run_id, "another"))
    farm.jobs.play(name, clean="Completed", fit="Completed", report__it="Completed")
    farm.jobs.play(name, job="Completed")
    finished = running.wait()
    assert finished.returncode == 0, finished.output
    (told,) = json.loads(finished.output[finished.output.index('{\n  "jobs"') :])["jobs"]
    assert (told["name"], told["status"], told["error"]) == (name, "Completed", None)
    assert told["assets"] == {"model": "4"}
    page = farm.folder / f"build/azureml-jobs/{name}/run.html"
    assert "cpu" in page.read_text(encoding="utf-8")  # from the bundle that was sent
    assert plan.read_bytes() == page_of_plan


def test_a_job_that_is_sent_and_fails_makes_the_command_fail_and_channels_are_told(farm):
    settings = yaml.safe_load((farm.folder / "conf/base/azureml.yml").read_text())
    settings["notifications"] = {"chat": {"apprise_env": "CHATS", "events": ["start", "failure"]}}
    settings["jobs"]["all"]["notifications"] = "chat"
    farm.shop.write("conf/base/azureml.yml", yaml.safe_dump(settings))
    with receive_messages() as (host, got):
        chats = f"json://{host} json://127.0.0.1:1"  # one of which does not answer
        farm.shop.environ = {**farm.shop.environ, "CHATS": chats}
        running, name = sent(farm)
        farm.jobs.play(name, job="Running", clean="Running")
        until(lambda: got)
        finished = end_badly(farm, running, name)
    started, failed = (message["message"] for message in got)
    assert started.startswith("Job 'all'")
    assert failed.startswith("Job 'all' failed in 'clean' (Failed).")
    assert "Warning: the notification" in finished.output


def end_badly(farm, running, name):
    farm.azure.put_log(name, "clean", "Traceback\nValueError: bad row\n")
    farm.jobs.play(name, job="Failed", clean="Failed")
    finished = running.wait()
    assert finished.returncode == 1
    assert "Last lines of the failed step 'clean':\n  Traceback\n  ValueError: bad row" in (
        finished.output
    )
    assert "It ended with the status Failed." in finished.output
    return finished


def test_ctrl_c_while_a_sent_job_is_followed_tells_its_name(farm):
    running, name = sent(farm)
    until(lambda: "the job is NotStarted" in running.said())
    assert f"all: https://ml.azure.com/runs/{name}?" in running.said()
    running.interrupt()
    finished = running.wait()
    assert finished.returncode == 130
    assert f"the job {name} is still running." in finished.output


def test_on_a_terminal_the_steps_are_a_table_that_lives(farm):
    farm.put("all-1")
    farm.jobs.play("all-1", job="Running", clean="Running")
    terminal, device = pty.openpty()
    fcntl.ioctl(device, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
    running = farm.start("status", "all-1", "--wait", terminal=os.ttyname(device))
    shown = ""

    def has_shown(text):
        nonlocal shown
        if select.select([terminal], [], [], 0.05)[0]:
            shown += os.read(terminal, 65536).decode(errors="replace")
        return text in shown

    until(lambda: has_shown("report.it"))
    farm.jobs.play("all-1", clean="Completed", fit="Failed", report__it="Canceled", job="Failed")
    until(lambda: has_shown("Canceled"))
    until(lambda: has_shown("printed nothing"))
    assert running.wait().returncode == 1
    assert "\x1b[" in shown  # it is drawn anew in its place
    assert "'clean' is" not in shown  # no lines besides
    os.close(device)
    os.close(terminal)


def test_several_jobs_are_followed_together_and_one_that_fails_makes_the_command_fail(farm):
    settings = yaml.safe_load(farm.shop.read("conf/base/azureml.yml"))
    settings["jobs"]["other"] = {}
    farm.shop.write("conf/base/azureml.yml", yaml.safe_dump(settings))
    running = farm.start("run", "-j", "all", "-j", "other", "--wait")
    until(lambda: len(farm.jobs.bodies) == 2)
    first, second = farm.jobs.bodies
    farm.jobs.play(first, job="Completed", clean="Completed", fit="Completed")
    until(lambda: "all: the job is Completed." in running.said())
    farm.jobs.play(second, job="Failed", clean="Failed")
    finished = running.wait()
    assert finished.returncode == 1
    assert "other: the step 'clean' is Failed" in finished.output
    assert finished.output.count("It ended with the status") == 2
