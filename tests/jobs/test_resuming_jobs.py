"""A job that has ended is resumed: only what has to run again is sent, and nothing by mistake."""

import json
import re
import shutil
from typing import Any

import pytest
import yaml
from azure_loopback.azurite import ACCOUNT
from azure_loopback.processes import until
from sent_project import NODES, SentProject
from stress import EVERY_DAY, FACTOR

MENDED = NODES.replace('if "bad" in table', 'if "bad" in table and not table')


@pytest.fixture
def farm(shop, azure, bench) -> SentProject:
    return SentProject(shop, azure, bench.user.path)


def resume(farm: SentProject, *options: str, code: int = 0) -> tuple[str, dict[str, Any]]:
    """Resume a job; return what was printed, and what was sent or nothing."""
    before = set(farm.jobs.bodies)
    told = farm.run("resume", *options, code=code)
    assert "Traceback" not in told
    new = set(farm.jobs.bodies) - before
    assert len(new) <= 1
    return told, farm.jobs.bodies[new.pop()]["properties"] if new else {}


def choices(told: str) -> dict[str, str]:
    """Return for each node what becomes of it, and why."""
    found = re.findall(r"^ *(runs again|taken over): (\S+) \((.*)\)$", told, re.MULTILINE)
    return {name: f"{what}: {why}" for what, name, why in found}


def run_of(farm: SentProject, name: str, step: str) -> str:
    return next(run.run_id for run in farm.jobs.of(name) if run.step == step)


def test_only_what_failed_and_what_follows_is_sent_bound_to_what_was_stored(farm):
    name = farm.fail()
    farm.write_nodes(MENDED)
    plan = farm.run("plan", "--resume", name, "--from-nodes", "fit")
    assert f"Resuming {name}: 2 of 3 nodes run again." in plan
    assert "  changed: src/shop/nodes.py\n" in plan
    assert set(farm.jobs.bodies) == {name}
    told, job = resume(farm, name, "--from-nodes", "fit")
    assert choices(told) == choices(plan)
    assert choices(told) == {
        "clean": "taken over: it completed, and nothing that it is made from differs",
        "fit": "runs again: --from-nodes names it",
        "report.it": "runs again: it did not complete",
    }
    assert set(job["jobs"]) == {"fit", "report__it"}
    assert set(job["inputs"]) == {"clean"}
    assert job["inputs"]["clean"]["uri"].endswith(
        f"/datastores/workspaceblobstore/paths/azureml/{run_of(farm, name, 'clean')}/clean"
    )
    assert job["tags"]["kedro_resumes"] == name


def test_one_that_waits_for_the_end_writes_the_page_of_the_new_job(farm):
    name = farm.fail()
    running = farm.start("resume", name, "--from-nodes", "fit", "--wait")
    until(lambda: len(farm.jobs.bodies) == 2)
    (sent,) = set(farm.jobs.bodies) - {name}
    plans = {page: page.read_bytes() for page in farm.folder.rglob("plan.html")}
    farm.play(sent, fit="Completed", report__it="Completed")
    done = running.wait()
    assert done.returncode == 0, done.output
    page = (farm.folder / f"build/azureml-jobs/{sent}/run.html").read_text(encoding="utf-8")
    assert "report.it" in page
    assert "Completed" in page
    assert plans
    assert {page: page.read_bytes() for page in plans} == plans


def test_changed_code_is_listed_and_nothing_is_sent_until_somebody_says_what_it_means(farm):
    name = farm.fail()
    farm.write_nodes(MENDED)
    farm.shop.write("src/shop/more.py", "")
    told, job = resume(farm, name, code=1)
    assert "changed: src/shop/nodes.py" in told
    assert "added: src/shop/more.py" in told
    assert not job
    told, job = resume(farm, name, "--accept-code-changes")
    assert set(job["jobs"]) == {"fit", "report__it"}
    shutil.rmtree(farm.folder / "build")  # as on another machine: the code comes from Azure ML
    farm.azure.add_datastore("workspaceblobstore", "AccountKey", is_default=True)
    told, job = resume(farm, name, code=1)
    assert "changed: src/shop/nodes.py" in told
    assert "added: src/shop/more.py" in told
    assert not job


@pytest.mark.parametrize(
    ("file", "text", "options", "running", "why"),
    [
        ("conf/base/parameters.yml", "rate: 4\n", (), {"fit", "report__it"}, "parameter 'rate'"),
        (None, "", ("--params", "rate=5"), {"fit", "report__it"}, "the parameter 'rate' differs"),
        (None, "", ("--env-var", "A=b"), {"clean", "fit", "report__it"}, "variables differ"),
        (
            None,
            "",
            ("--aml-env", "other@latest"),
            {"clean", "fit", "report__it"},
            "its environment differs",
        ),
    ],
)
def test_what_is_made_from_something_else_runs_again(farm, file, text, options, running, why):
    farm.azure.add_environment("other", "1")
    name = farm.complete()
    if file:
        farm.shop.write(file, text)
    told, job = resume(farm, name, *options)
    assert set(job["jobs"]) == running
    assert why in told


def test_a_new_version_of_an_asset_is_read_again_and_pinned(farm):
    name = farm.complete()
    farm.azure.register("penguins", "8", {"p.txt": b"TWO"})
    told, job = resume(farm, name)
    assert choices(told)["clean"] == "runs again: the data of 'penguins' differs"
    assert job["inputs"]["penguins"]["uri"].endswith("/data/penguins/versions/8")
    told, job = resume(farm, name, "--load-versions", "penguins:7")
    assert "Nothing has to run: all 3 nodes are taken over" in told
    assert not job


def test_an_empty_plan_sends_nothing(farm):
    name = farm.complete()
    requests = farm.asked()
    told, job = resume(farm, "all", "--format", "json")
    assert not job
    content = json.loads(told[told.index("{") :])
    assert content["resumed"] == name
    assert [node["runs"] for node in content["nodes"]] == [False] * 3
    assert content["jobs"] == []
    plan = farm.run("plan", "--resume", "all", "-j", "all", "--format", "json")
    planned = json.loads(plan[plan.index("{") :])
    assert planned | {"jobs": []} == content | {"code_changes": []}
    assert not [one for one in farm.azure.control.requests[requests:] if one[0] == "PUT"]


def test_what_is_not_there_any_more_is_made_again(farm):
    name = farm.fail()
    run = run_of(farm, name, "clean")
    farm.azure.container().delete_blob(f"azureml/{run}/clean/data.pkl")
    told, job = resume(farm, name)
    assert choices(told)["clean"] == (
        "runs again: 'fit' runs, and 'clean', which it reads, is not stored"
    )
    assert set(job["jobs"]) == {"clean", "fit", "report__it"}


def test_an_asset_is_bound_by_the_version_that_the_run_has_registered(farm):
    name = farm.complete()
    run = run_of(farm, name, "fit")
    place = f"azureml://datastores/workspaceblobstore/paths/azureml/{run}/model"
    farm.azure.register("model", "4", None, uri=place)
    farm.azure.register("model", "5", {"p.txt": b"of another job"})
    _, job = resume(farm, name, "--from-nodes", "report.it")
    assert set(job["jobs"]) == {"report__it"}
    assert job["inputs"]["model"]["uri"].endswith("/data/model/versions/4")


def test_a_reused_step_has_left_its_data_in_the_run_that_was_reused(farm):
    name = farm.fail()
    first = run_of(farm, name, "clean")
    again = farm.fail()
    next(run for run in farm.jobs.of(again) if run.step == "clean").reused = first
    _, job = resume(farm, again)
    assert job["inputs"]["clean"]["uri"].endswith(f"/azureml/{first}/clean")
    farm.azure.container().delete_blob(f"azureml/{first}/clean/data.pkl")
    told, job = resume(farm, again)
    assert "'clean', which it reads, is not stored" in told
    assert set(job["jobs"]) == {"clean", "fit", "report__it"}


def test_an_output_at_a_fixed_place_is_not_trusted_and_container_arguments_count(farm):
    settings = yaml.safe_load(farm.shop.read("conf/base/azureml.yml"))
    of_clean = {"output": {"path": "all/clean"}, "docker_args": "--ipc host"}
    settings["jobs"]["all"]["steps"] = {"clean": of_clean}
    farm.shop.write("conf/base/azureml.yml", yaml.safe_dump(settings))
    name = farm.complete()
    assert "Nothing has to run" in resume(farm, name)[0]
    told, job = resume(farm, name, "--from-nodes", "fit")
    assert "'clean', which it reads, is not stored" in told
    assert set(job["jobs"]) == {"clean", "fit", "report__it"}
    of_clean["docker_args"] = "--ipc none"
    farm.shop.write("conf/base/azureml.yml", yaml.safe_dump(settings))
    assert choices(resume(farm, name)[0])["clean"] == "runs again: its environment differs"


def test_of_a_step_that_azure_ml_has_started_again_the_newest_run_counts(farm):
    name = farm.send()
    farm.jobs.play(name, clean="Failed")
    farm.jobs.retry(name, "clean")
    farm.play(name, clean="Completed", fit="Failed", report__it="Canceled")
    farm.azure.put_output(name, "clean", "clean", {"data.pkl": b"."})
    _, job = resume(farm, name)
    newest = farm.jobs.run_of(name, "clean").run_id
    assert job["inputs"]["clean"]["uri"].endswith(f"/azureml/{newest}/clean")


def test_another_environment_is_told_and_what_another_workspace_has_left_here_is_not_taken(farm):
    farm.shop.write("conf/prod/parameters.yml", "rate: 9\n")
    name = farm.complete("--env", "prod")
    told, job = resume(farm, name, code=1)
    assert f"The job {name} was sent with  --env prod" in told
    told, job = resume(farm, name, "--env", "prod")
    assert "was sent" not in told.replace("Nothing was sent", "")
    assert "Nothing has to run" in told
    record = farm.folder_of(name) / "workspace.json"
    record.write_text('["s", "r", "another"]', encoding="utf-8")
    told, job = resume(farm, name, "--env", "prod", code=1)
    assert f"holds data of the job {name} of the workspace 'another'" in told
    assert not job


def test_a_job_that_works_is_refused(farm):
    name = farm.send()
    farm.jobs.play(name, job="Running", clean="Running")
    told, job = resume(farm, name, code=1)
    assert f"The job {name} is Running; only a job that has ended can be resumed." in told
    assert not job


def test_a_resumed_job_is_resumed_in_turn(farm):
    first = farm.fail()
    told, job = resume(farm, first)
    second = re.search(r"as (all-\S+)\.", told).group(1)
    farm.play(second, fit="Completed", report__it="Failed")
    farm.azure.put_output(second, "fit", "model", {"p.txt": b"one3"})
    told, job = resume(farm, second)
    assert choices(told) == {
        "clean": "taken over: it completed, and nothing that it is made from differs",
        "fit": "taken over: it completed, and nothing that it is made from differs",
        "report.it": "runs again: it did not complete",
    }
    assert set(job["inputs"]) == {"model"}
    third = re.search(r"as (all-\S+)\.", told).group(1)
    farm.play(third, report__it="Completed")
    told, job = resume(farm, third)
    assert "Nothing has to run" in told
    # What the second one has made again, and not finished, is not taken from the first.
    told, job = resume(farm, second, "--from-nodes", "clean")
    fourth = re.search(r"as (all-\S+)\.", told).group(1)
    farm.play(fourth, clean="Failed", fit="Canceled", report__it="Canceled")
    told, job = resume(farm, fourth)
    assert set(job["jobs"]) == {"clean", "fit", "report__it"}


def test_whatever_goes_wrong_at_a_request_sends_one_job_or_none_and_is_no_traceback(farm):
    name = farm.fail()
    farm.azure.control.requests.clear()
    resume(farm, name)
    asked = len(farm.azure.control.requests)
    kinds = ["reset", "lost", "truncated", 429, 500, 403, 404]
    # With every change some kinds at one of the requests, in `nox -s stress` all at all of them.
    for position, kind in enumerate(kinds if FACTOR > 1 else EVERY_DAY):
        every = range(1, asked + 1)
        for number in every if FACTOR > 1 else every[position * asked // len(kinds) :][:1]:
            before = set(farm.jobs.bodies)
            faults = farm.azure.control.faults
            faults.add(kind, number=number, retry_after="0" if kind == 429 else "")
            finished = farm.start("resume", name).wait()
            faults.clear()
            told = finished.output
            assert "Traceback" not in told, (kind, number, told)
            new = set(farm.jobs.bodies) - before
            assert len(new) == (finished.returncode == 0), (kind, number, told)
            assert finished.returncode in {0, 1, 3}, (kind, number, told)


def test_a_fault_while_the_data_is_looked_for_is_one_message_and_sends_nothing(farm):
    name = farm.fail()
    farm.azure.proxy.cuts += [(f"{ACCOUNT}.blob.core.windows.net", 0)] * 1000
    told, job = resume(farm, name, code=3)
    farm.azure.proxy.cuts.clear()
    assert not job
    assert "Azure cannot be reached" in told or "no connection" in told


def test_the_step_that_announces_the_end_is_no_node_and_is_sent_anew(farm):
    settings = yaml.safe_load(farm.shop.read("conf/base/azureml.yml"))
    settings["notifications"] = {"team": {"webhook_env": "HOOK", "events": ["success"]}}
    settings["jobs"]["all"]["notifications"] = "team"
    farm.shop.write("conf/base/azureml.yml", yaml.safe_dump(settings))
    name = farm.fail()
    assert "notify" in farm.jobs.bodies[name]["properties"]["jobs"]
    told, job = resume(farm, name)
    assert set(choices(told)) == {"clean", "fit", "report.it"}
    assert set(job["jobs"]) == {"fit", "report__it", "notify"}


def test_ctrl_c_and_kills_send_nothing_and_leave_nothing_in_the_way(farm, azure):
    name = farm.fail()
    sent = set(farm.jobs.bodies)
    for end, part in (
        ("interrupt", "/children"),
        ("kill", "/components/"),
        ("interrupt", "/data/"),
    ):
        held = azure.control.faults.add("held", part, times=1000)
        running = farm.start("resume", name)
        held.wait()
        getattr(running, end)()
        done = running.wait()
        assert "Traceback" not in done.output, done.output
        assert end == "kill" or done.returncode == 130, done.output
        assert set(farm.jobs.bodies) == sent
        azure.control.faults.clear()
    _, job = resume(farm, name)
    assert set(job["jobs"]) == {"fit", "report__it"}


def test_uploaded_files_and_long_parameters_are_compared_with_what_was_sent(farm):
    catalog = yaml.safe_load(farm.shop.read("conf/base/catalog.yml"))
    catalog["extra"] = {**catalog["report"], "dataset": {**catalog["report"]["dataset"]}}
    catalog["extra"]["dataset"]["filepath"] = "deep/extra.txt"
    farm.shop.write("conf/base/catalog.yml", yaml.safe_dump(catalog))
    farm.shop.write("data/deep/extra.txt", "one")
    registry = farm.shop.read("src/shop/pipeline_registry.py")
    registry = registry.replace("['clean', 'params:rate']", "['clean', 'params:rate', 'extra']")
    farm.shop.write("src/shop/pipeline_registry.py", registry)
    farm.write_nodes(NODES.replace("def fit(table, rate)", "def fit(table, rate, extra)"))
    long = ("--params", f"note={'x' * 60_000}")
    name = farm.complete(*long)
    told, job = resume(farm, name, *long)
    assert "Nothing has to run" in told, told
    farm.shop.write("data/deep/extra.txt", "two")
    told, job = resume(farm, name, *long)
    assert choices(told)["fit"] == "runs again: the data of 'extra' differs"
    assert set(job["jobs"]) == {"fit", "report__it"}
    assert set(job["inputs"]) == {"clean", "extra", "_params"}
    told, job = resume(farm, name, "--params", "rate=4")
    assert choices(told)["fit"].startswith("runs again: the parameter 'rate' differs")
