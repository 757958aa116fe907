"""The workspace on this machine answers as the SDK expects the service to answer."""

import json

import pytest
from azure_loopback.control_plane import MANAGEMENT, WORKSPACE
from azure_loopback.loopback import GROUP, SUBSCRIPTION
from followed_project import FollowedProject

CLIENT = f"""
import sys
from azure.ai.ml import MLClient
from azure.ai.ml.exceptions import PipelineChildJobError
from azure.core.exceptions import ResourceNotFoundError
from azure.identity import EnvironmentCredential


def jobs(workspace="{WORKSPACE}", **options):
    scope = ("{SUBSCRIPTION}", "{GROUP}", workspace)
    return MLClient(EnvironmentCredential(), *scope, **options).jobs

"""


@pytest.fixture
def farm(shop, azure):
    return FollowedProject(shop, azure)


def asked(farm, code, *arguments):
    """Run code with the real client; return what it printed last, a JSON document."""
    done = farm.shop.start(f"{CLIENT}\nimport json\n{code}", *arguments).wait()
    assert done.returncode == 0, done.output
    return json.loads(done.output.splitlines()[-1])


STEP_BY_ITSELF = """
step = jobs().get(sys.argv[2])
refused = []
for act in (lambda: jobs().stream(step.name), lambda: jobs().update(step.name, tags={"a": "b"})):
    try:
        act()
    except (PipelineChildJobError, AttributeError):  # some versions meet that None themselves
        refused.append(True)
known = [step.name, step.display_name, step.status, hasattr(step, "outputs")]
print(json.dumps([known, refused]))
"""


def test_a_step_by_itself_has_no_outputs_and_cannot_be_changed(farm):
    farm.put("all-1")
    farm.jobs.play("all-1", job="Running", clean="Completed")
    run_id = farm.jobs.run_of("all-1", "clean").run_id
    known, refused = asked(farm, STEP_BY_ITSELF, run_id)
    assert known == [run_id, "clean", "Completed", False]
    assert refused == [True, True]


def test_the_ids_of_steps_say_nothing_of_them(farm):
    farm.put("all-1")
    farm.put("all-2")
    ids = [run.run_id for name in ("all-1", "all-2") for run in farm.jobs.steps(name)]
    assert len(set(ids)) == 6
    assert not any(word in run_id for run_id in ids for word in ("all", "clean", "fit", "report"))


LISTS = """
from kedro_azureml_cli.azure_ml.run_pages import RunPages

found = [job.name for job in jobs().list()]
joined = jobs(per_call_policies=RunPages())
print(json.dumps([found, [run.name for run in joined.list(parent_job_name="all-1")]]))
"""


def test_long_lists_come_in_pages_and_the_steps_of_a_job_are_all_read(farm):
    for number in range(101):
        farm.put(f"all-{number}")
    for _ in range(98):
        farm.jobs.retry("all-1", "clean")
    names, runs = asked(farm, LISTS)
    assert names == [f"all-{number}" for number in reversed(range(101))]
    paths = [path for _, path in farm.azure.control.requests]
    assert sum(path.endswith("/jobs") for path in paths) == 2
    assert sum(path.endswith("/children") for path in paths) == 2
    assert runs == [run.run_id for run in farm.jobs.steps("all-1")]


DOWNLOAD = """
jobs().download(sys.argv[2], download_path="got", output_name="model")
print("null")
"""


def test_the_client_downloads_an_output_of_a_step_from_where_it_lies(farm):
    farm.put("all-1")
    farm.jobs.play("all-1", job="Completed", clean="Completed", fit="Completed")
    farm.azure.put_output("all-1", "fit", "model", {"p.txt": b"fitted"})
    asked(farm, DOWNLOAD, farm.jobs.run_of("all-1", "fit").run_id)
    assert farm.shop.read("got/named-outputs/model/p.txt") == "fitted"


TWO_WORKSPACES = """
lists = [[job.name for job in jobs(name).list()] for name in ("laboratory", *sys.argv[2:])]
try:
    jobs(sys.argv[2]).get("all-1")
except ResourceNotFoundError:
    print(json.dumps(lists))
"""


def test_the_jobs_and_snapshots_of_a_workspace_are_its_own(farm):
    control = farm.azure.control
    place = farm.azure.path().replace(WORKSPACE, "laboratory")
    here = control.resources[farm.azure.path().lower()]
    control.put(place, {key: here[key] for key in ("location", "properties")})
    farm.put("all-1", workspace="laboratory")
    assert asked(farm, TWO_WORKSPACES, WORKSPACE) == [["all-1"], []]
    control.put(f"{place}/codes/c/versions/1", {"properties": {"properties": {"hash_sha256": "h"}}})
    versions = "codes/other/versions?hash=h&hashVersion=202208"
    answers = [
        control.answer("GET", MANAGEMENT, f"{root}/{versions}", b"")[1]["value"]
        for root in (place, farm.azure.path())
    ]
    assert [len(found) for found in answers] == [1, 0]
