"""`doctor --assumptions` sends one small job, and says which assumptions about the service hold."""

import json
from contextlib import contextmanager
from threading import Event, Thread

import pytest
from azure_loopback.processes import until
from followed_project import FollowedProject
from kedro_azureml_cli.diagnosis.assumptions import ASSUMPTIONS

CHECKED = {one.key for one in ASSUMPTIONS if one.check}


@pytest.fixture
def farm(shop, azure):
    return FollowedProject(shop, azure)


def check(farm, exit_code=0, change=None, **said):
    """Run the check against a workspace where it finds what is assumed, but for what is changed."""
    running = farm.start("doctor", "--assumptions", "-j", "all", "--format", "json")
    until(lambda: farm.jobs.bodies)
    (name,) = farm.jobs.bodies
    if change is not None:
        change(name)
    for step in ("write", "read"):
        run_id = farm.jobs.run_of(name, step).run_id
        known = {"run": run_id, "root": name, "code": "yes", "read": "kedro-azureml-probe"} | said
        own = "probe run={run} root={root} code={code}\n".format(**known)
        if known["read"]:
            own = f"read {known['read']}\n{own}" if step == "read" else own
        if said.get("log", True):
            farm.azure.put_log(name, step, own)
    if said.get("data", True):
        farm.azure.put_output(name, "write", "data", {"probe.txt": b"kedro-azureml-probe"})
    farm.jobs.play(name, write="Completed", read="Completed", job="Completed")
    finished = running.wait()
    assert finished.returncode == exit_code, finished.output
    assert len(farm.jobs.bodies) == 1
    text = finished.output
    rows = json.loads(text[text.index('{\n  "job"') :])["assumptions"]
    assert [row["key"] for row in rows] == [one.key for one in ASSUMPTIONS]
    return {row["key"]: (row["verdict"], row["found"]) for row in rows}


def broken(found):
    return {key for key, (verdict, _) in found.items() if verdict == "does not hold"}


def test_each_that_one_job_can_show_holds_and_the_others_say_what_they_need(farm):
    found = check(farm)
    assert {key for key, (verdict, _) in found.items() if verdict == "holds"} == CHECKED
    for key in {one.key for one in ASSUMPTIONS} - CHECKED:
        verdict, why = found[key]
        assert verdict == "could not be checked"
        assert why


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ({"run": "another"}, "run-variable"),
        ({"root": "another"}, "root-variable"),
        ({"code": "no"}, "code-snapshot"),
        ({"read": ""}, "bound-output"),
        ({"log": False}, "log-place"),
        ({"data": False}, "output-address"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_the_steps_contradict_does_not_hold(farm, said, key):
    assert broken(check(farm, exit_code=1, **said)) == {key}


def test_tags_that_are_lost_do_not_hold(farm):
    def lose(name):
        farm.jobs.bodies[name]["properties"]["tags"] = {}

    # Read when the job is over, so it is lost by then whatever was seen before.
    assert broken(check(farm, exit_code=1, change=lose)) == {"job-tags"}


def test_runs_of_other_names_do_not_hold_and_what_needs_them_is_not_checked(farm):
    def rename(name):
        for run in farm.jobs.steps(name):
            run.display_name = f"{run.step} (renamed)"

    found = check(farm, exit_code=1, change=rename)
    assert broken(found) == {"step-display-name"}
    assert found["log-place"][0] == "could not be checked"


def test_runs_that_are_not_listed_do_not_hold(farm):
    farm.jobs.lists_steps = False
    found = check(farm, exit_code=1)
    assert broken(found) == {"steps-listed"}


def test_a_component_that_reads_back_without_its_command_does_not_hold(farm):
    def forget(name):
        for path, resource in farm.azure.control.resources.items():
            if "/components/" in path:
                resource["properties"]["componentSpec"]["command"] = "true"

    assert broken(check(farm, exit_code=1, change=forget)) == {"component-command"}


def test_options_that_do_not_go_together_are_refused(farm):
    assert "it takes one -j and no --offline" in farm.run(
        "doctor", "--assumptions", "--offline", code=2
    )
    assert farm.jobs.bodies == {}


def start(farm):
    return farm.start("doctor", "--assumptions", "-j", "all", "--format", "json")


@contextmanager
def ended_by_itself(farm):
    """Let each job of the workspace run to its end as soon as it is there."""
    over = Event()

    def play():
        while not over.wait(0.05):
            for name in list(farm.jobs.bodies):
                if not farm.jobs.runs[name].ended:
                    farm.jobs.play(name, write="Completed", read="Completed", job="Completed")

    player = Thread(target=play)
    player.start()
    try:
        yield
    finally:
        over.set()
        player.join()


@pytest.mark.parametrize("part", ["/components/", "PUT .*/jobs/"])
def test_ctrl_c_while_the_job_is_sent_names_a_job_that_may_be_there(farm, part):
    held = farm.azure.control.faults.add("held", part, times=1000)
    running = start(farm)
    held.wait()
    running.interrupt()
    finished = running.wait()
    assert finished.returncode == 130, finished.output
    assert "Traceback" not in finished.output
    assert "{" not in finished.output  # no part of a result
    held.release()
    until(lambda: farm.jobs.bodies or "jobs" not in part)
    assert len(farm.jobs.bodies) == ("jobs" in part)
    assert all(name in finished.output for name in farm.jobs.bodies)
    assert ("may or may not exist" in finished.output) is ("jobs" in part)


@pytest.mark.stress
@pytest.mark.parametrize("fault", [403, 404, 429, 500, "reset", "lost", "truncated"])
def test_a_fault_at_any_request_is_survived_or_one_message(farm, fault):
    faults, requests = farm.azure.control.faults, farm.azure.control.requests
    with ended_by_itself(farm):
        start(farm).wait()
        for number in range(1, len(requests) + 1):
            faults.clear()
            farm.jobs.clear()
            faults.add(fault, number=number, retry_after="0")
            finished = start(farm).wait()
            assert "Traceback" not in finished.output
            assert finished.returncode in {0, 1, 3}
            assert len(farm.jobs.bodies) <= 1  # nothing is sent twice


@pytest.mark.parametrize(("fault", "code"), [(403, 1), (500, 3), ("reset", 3)])
def test_a_job_that_is_not_taken_is_one_message(farm, fault, code):
    farm.azure.control.faults.add(fault, "PUT .*/jobs/", times=1000)
    finished = start(farm).wait()
    assert finished.returncode == code, finished.output
    assert "Traceback" not in finished.output
    assert farm.jobs.bodies == {}
