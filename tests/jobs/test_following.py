"""Jobs that were sent are listed, followed, cancelled, and their logs are read."""

import json
import sys

import pytest
import yaml
from azure_loopback.processes import until
from followed_project import FollowedProject


@pytest.fixture
def farm(shop, azure):
    return FollowedProject(shop, azure)


def test_the_newest_jobs_of_the_project_are_listed_first(farm):
    farm.put("all-1")
    farm.put("by-someone-else", job="")
    farm.put("all-2")
    listed = farm.run("jobs").splitlines()
    assert [line.split()[0] for line in listed] == ["name", "all-2", "all-1"]
    assert listed[1].split()[1:3] == ["all", "NotStarted"]
    listed = farm.run("jobs", "--all", "-n", "2").splitlines()
    assert [line.split()[0] for line in listed] == ["name", "all-2", "by-someone-else"]


def test_jobs_that_name_another_project_are_not_this_ones(farm):
    farm.put("all-1", kedro_project="shop")
    farm.put("all-2", kedro_project="stall")
    assert [line.split()[0] for line in farm.run("jobs").splitlines()] == ["name", "all-1"]
    assert farm.run("status", "all").startswith("all-1, ")


def test_jobs_for_programs(farm):
    farm.put("all-1", kedro_env="prod")
    (job,) = json.loads(farm.run("jobs", "--format", "json"))["jobs"]
    assert (job["name"], job["job"], job["status"]) == ("all-1", "all", "NotStarted")
    assert job["tags"] == {"kedro_job": "all", "kedro_env": "prod"}
    assert job["studio_url"].startswith("https://ml.azure.com/runs/all-1?")
    assert job["submitted"].endswith("+00:00")


def test_watching_is_waiting(farm):
    farm.put("all-1")
    farm.jobs.play("all-1", job="Failed", clean="Failed")
    said = farm.run("status", "all-1", "--watch", code=1)
    assert "all: the job is Failed" in said


def test_a_job_is_opened_in_studio(farm, tmp_path):
    farm.put("all-1")
    farm.put("all-2")
    program, opened = tmp_path / "browser.py", tmp_path / "opened.txt"
    program.write_text("import sys; open(sys.argv[1], 'a').write(sys.argv[2] + '\\n')")
    farm.shop.environ |= {"BROWSER": f"{sys.executable} {program} {opened} %s", "CI": ""}
    assert "all-2" in farm.run("jobs", "--open")
    farm.run("status", "all-1", "--open")
    pages = [page.partition("?")[0] for page in opened.read_text().splitlines()]
    assert pages == [f"https://ml.azure.com/runs/all-{number}" for number in (2, 1)]
    assert "it takes no --all, --open" in farm.run("jobs", "--defined", "--open", code=2)


def test_a_workspace_without_jobs_of_the_project_says_so(farm):
    farm.put("by-someone-else", job="")
    assert "This project has no jobs in the workspace 'loopback-workspace'" in farm.run("jobs")


def test_the_status_has_kedros_names_and_each_steps_state(farm):
    farm.put("all-1")
    farm.jobs.play("all-1", job="Running", clean="Completed", fit="Running")
    told = farm.run("status", "all-1")
    assert told.startswith("all-1, the job 'all': Running\n")
    rows = [line.split()[:2] for line in told.splitlines()[4:]]
    assert rows == [["clean", "Completed"], ["fit", "Running"], ["report.it", "NotStarted"]]
    state = json.loads(farm.run("status", "all-1", "--format", "json"))
    clean, fit, report = state["steps"]
    assert clean["step"] == clean["display_name"] == "clean"
    assert (report["step"], report["display_name"]) == ("report__it", "report.it")
    assert clean["ended"] is not None
    assert (fit["ended"], report["started"]) == (None, None)
    page = (farm.folder / "build/azureml-jobs/all-1/run.html").read_text(encoding="utf-8")
    assert "<strong>Running</strong>" in page
    assert ">NotStarted</text>" in page


def test_the_name_in_azureml_yml_is_its_newest_job(farm):
    farm.put("all-1")
    farm.put("all-2")
    farm.put("other-1", job="other")
    assert farm.run("status", "all").startswith("all-2, the job 'all'")
    farm.put("all", job="other")  # a name in Azure ML wins
    assert farm.run("status", "all").startswith("all, the job 'other'")


def test_a_status_needs_six_requests_and_a_name_of_azureml_yml_two_more(farm):
    farm.put("all-1")
    farm.run("status", "all-1")
    assert farm.asked() == 6, farm.azure.control.requests
    farm.azure.control.requests.clear()
    farm.run("status", "all")
    assert farm.asked() == 8, farm.azure.control.requests


def test_an_unknown_job_is_answered_with_a_near_name(farm):
    assert "has not been submitted to the workspace 'loopback-workspace'" in farm.run(
        "status", "all", code=1
    )
    farm.put("train-1", job="train")
    told = farm.run("status", "trian", code=1)
    assert "The job 'trian' was not found in the workspace 'loopback-workspace'" in told
    assert "did you mean 'train" in told


def test_an_unknown_entry_of_workspace_is_named(farm):
    assert "no workspace 'lap' (there are: __default__)" in farm.run("jobs", "-w", "lap", code=1)


def test_a_cancelled_job_is_cancelled_once(farm):
    farm.put("all-1")
    farm.jobs.play("all-1", job="Running", clean="Completed", fit="Running")
    assert "Azure ML is cancelling all-1 (the job 'all'), which was Running" in farm.run(
        "cancel", "all"
    )
    assert farm.jobs.runs["all-1"].status == "Canceled"
    again = farm.run("cancel", "all-1")
    assert again == "all-1 (the job 'all') has already ended (Canceled); nothing was cancelled.\n"
    assert [m for m, path in farm.azure.control.requests if path.endswith("/cancel")] == ["POST"]


def test_a_lost_answer_to_a_cancellation_is_asked_again(farm):
    farm.put("all-1")
    farm.azure.control.faults.add("lost", "POST .*/cancel")
    assert "Azure ML is cancelling all-1" in farm.run("cancel", "all-1")


def test_the_log_of_a_step_is_printed(farm):
    farm.put("all-1")
    farm.jobs.play("all-1", job="Running", clean="Completed", fit="Running")
    farm.azure.put_log("all-1", "clean", "one\ntwo\nthree\n")
    assert farm.run("logs", "all", "clean") == "one\ntwo\nthree\n"
    assert farm.run("logs", "all-1", "clean", "-n", "2") == "two\nthree\n"
    assert "The step 'fit' is Running and has printed nothing yet" in farm.run("logs", "all", "fit")
    told = farm.run("logs", "all", "report", code=1)
    assert "The job all-1 has no step 'report' (did you mean 'report.it'?)" in told


def test_without_a_step_the_logs_of_those_that_failed_are_printed_or_of_all(farm):
    farm.put("all-1")
    farm.jobs.play("all-1", job="Running", clean="Completed", fit="Running")
    farm.azure.put_log("all-1", "clean", "fine\n")
    farm.azure.put_log("all-1", "fit", "begun\n")
    assert "=== clean: Completed\nfine\n=== fit: Running\nbegun\n" in farm.run("logs", "all")
    farm.jobs.play("all-1", job="Failed", fit="Failed")
    assert farm.run("logs", "all") == "begun\n"


def test_a_log_is_printed_while_it_is_written_and_each_line_once(farm):
    farm.put("all-1")
    farm.jobs.play("all-1", job="Running", clean="Running")
    farm.azure.put_log("all-1", "clean", "one\ntw")
    following = farm.start("logs", "all-1", "clean", "--follow")
    until(lambda: "one\n" in following.said())
    farm.azure.put_log("all-1", "clean", "one\ntwo\nthr\u00e9e")
    until(lambda: "two\n" in following.said())
    farm.jobs.play("all-1", clean="Completed")
    finished = following.wait()
    assert (finished.returncode, finished.output) == (0, "one\ntwo\nthr\u00e9e\n")


def test_of_several_runs_of_one_step_the_newest_counts(farm):
    farm.put("all-1")
    farm.jobs.play("all-1", job="Running", clean="Failed")
    again = farm.jobs.retry("all-1", "clean")
    clean, *_ = json.loads(farm.run("status", "all-1", "--format", "json"))["steps"]
    assert (clean["name"], clean["status"], clean["step"]) == (again.run_id, "Queued", "clean")


def wide_job(farm, steps):
    """Let the workspace have a job of many steps."""
    farm.put("all-1")
    properties = farm.jobs.bodies.pop("all-1")["properties"]
    one = properties["jobs"]["clean"]
    properties["jobs"] = {f"s{n}": {**one, "display_name": f"step {n}"} for n in range(steps)}
    farm.jobs.clear()
    assert farm.jobs.put(farm.azure.path("jobs", "all-1"), {"properties": properties})[0] == 201


def test_each_step_of_a_job_of_more_than_a_page_is_read(farm):
    wide_job(farm, 250)
    for run in farm.jobs.steps("all-1"):
        run.move("Completed")
    state = json.loads(farm.run("status", "all-1", "--format", "json"))
    assert [step["status"] for step in state["steps"]] == ["Completed"] * 250
    assert all(step["name"] for step in state["steps"])


@pytest.mark.parametrize("kind", ["reset", 503, "truncated"])
def test_a_fault_between_two_pages_loses_no_step(farm, kind):
    wide_job(farm, 150)
    farm.azure.control.faults.add(kind, "GET .*/children", number=2)
    told = farm.run("status", "all-1", "--format", "json")
    state = json.loads(told[told.index("{\n") :])  # a warning of the SDK may come before it
    assert len(state["steps"]) == 150
    assert all(step["name"] for step in state["steps"])


@pytest.mark.parametrize(
    ("link", "reason"),
    [("https://attacker.example/x", "another host"), ("{url}?a=1", "has no end")],
)
def test_a_wrong_link_to_the_next_page_is_an_error(farm, link, reason):
    wide_job(farm, 150)
    farm.jobs.next_link = lambda url: link.format(url=url)
    told = farm.run("status", "all-1", code=1)
    assert reason in told
    assert "Traceback" not in told


@pytest.mark.parametrize(
    "page",
    [
        "[]",
        '"later"',
        "null",
        '{"value": 7}',
        '{"value": ["step"]}',
        '{"value": [], "nextLink": 3}',
    ],
)
def test_a_page_that_is_not_one_is_an_error(farm, page):
    farm.put("all-1")
    farm.jobs.odd_pages = [json.loads(page)]
    told = farm.run("status", "all-1", code=1)
    assert "list of steps" in told
    assert "Traceback" not in told


def test_two_steps_of_one_display_name_are_refused(farm):
    """Which run is which step's is known by that name alone."""
    farm.put("all-1")
    farm.jobs.bodies["all-1"]["properties"]["jobs"]["fit"]["display_name"] = "clean"
    told = farm.run("status", "all-1", code=1)
    assert "The steps 'clean' and 'fit' of the job all-1 have the same display name 'clean'" in told
    assert "Traceback" not in told
    assert farm.run("jobs").splitlines()[1].startswith("all-1")


def with_a_laboratory(farm, **jobs):
    """Let the project know a second workspace, which has what the first one has."""
    settings = yaml.safe_load(farm.shop.read("conf/base/azureml.yml"))
    first = settings["workspace"]["__default__"]
    settings["workspace"]["lab"] = {**first, "name": "laboratory"}
    settings["jobs"] |= jobs
    farm.shop.write("conf/base/azureml.yml", yaml.safe_dump(settings))
    resources = farm.azure.control.resources
    here = resources[farm.azure.path().lower()]
    place = farm.azure.path().replace("loopback-workspace", "laboratory")
    farm.azure.control.put(place, {key: here[key] for key in ("location", "properties")})


def test_a_job_that_was_sent_to_another_workspace_is_found_by_its_name(farm):
    with_a_laboratory(farm)
    name = "all-20260131-030000-1a2b3c"
    farm.put(name, workspace="laboratory")
    assert farm.run("status", name).startswith(f"{name}, the job 'all': NotStarted")
    assert "was not found" in farm.run("status", name, "-w", "__default__", code=1)


def test_the_job_of_a_factory_is_looked_for_in_its_workspace(farm):
    filters = {"pipeline": {"node_namespaces": ["{region}"]}}
    with_a_laboratory(farm, **{"{region}-train": {**filters, "workspace": "lab"}})
    farm.put("eu-train-1", job="eu-train", workspace="laboratory")
    farm.run("status", "eu-train")
    asked = [path for _, path in farm.azure.control.requests]
    assert any("/workspaces/laboratory/jobs/eu-train-1" in path for path in asked)
    assert not any("/workspaces/loopback-workspace" in path for path in asked)


@pytest.mark.parametrize(
    ("kind", "code", "told"),
    [
        (401, 1, "sign in again"),
        (403, 1, "Ask for the role"),
        (404, 1, "Check the name."),
        ("truncated", 3, "The connection broke off."),
    ],
)
def test_a_workspace_that_does_not_tell_its_addresses_is_one_message(farm, kind, code, told):
    farm.put("all-1")
    farm.azure.control.faults.add(kind, "GET /discovery", times=1000)
    said = farm.run("status", "all-1", code=code)
    assert "ooking up the steps of the job 'all-1'" in said
    assert told in said
    assert "Traceback" not in said
