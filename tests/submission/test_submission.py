"""Jobs that are sent with the real SDK to an Azure ML on this machine."""

import json
import shutil

import pytest
import yaml
from azure_loopback.loopback import DATASTORE
from azure_loopback.sent_jobs import COMPILE, send, uploaded_code


def asked(azure, *parts):
    """Requests whose method and path hold all of these."""
    lines = [f"{method} {path}" for method, path in azure.control.requests]
    return [line for line in lines if all(part in line for part in parts)]


def test_the_code_goes_up_once_and_each_component_once_and_the_environment_is_asked_once(
    compiled_farm, azure
):
    done = send(compiled_farm)
    assert done.returncode == 0, done.output
    name, url, experiment, status = json.loads(done.output.splitlines()[-1])
    assert (name, experiment, status) == ("job-1", "shop", "NotStarted")
    assert url.startswith("https://ml.azure.com/runs/job-1?")
    assert len(asked(azure, "POST", "/startPendingUpload")) == 1
    assert len(asked(azure, "PUT", "/codes/")) == 1
    assert len(asked(azure, "PUT", "/components/azureml_anonymous/")) == 3
    assert len(asked(azure, "/environments/")) == 1
    assert len(asked(azure, "PUT", "/jobs/")) == 1


def test_what_has_not_changed_is_not_sent_again(compiled_farm, azure):
    assert send(compiled_farm).returncode == 0
    azure.control.requests.clear()
    assert send(compiled_farm, "job-2").returncode == 0
    assert asked(azure, "/codes/") == asked(azure, "/components/") == []
    assert len(azure.control.requests) <= 6, azure.control.requests
    first, second = azure.control.jobs.bodies.values()
    assert first == second


def test_only_what_has_changed_is_sent_where_the_code_is_the_same(compiled_farm, azure):
    assert send(compiled_farm).returncode == 0
    azure.control.requests.clear()
    file = compiled_farm.folder / "build/azureml/all/pipeline.yml"
    file.write_text(file.read_text().replace("display_name: fit", "display_name: train"))
    assert send(compiled_farm, "job-2").returncode == 0
    assert len(asked(azure, "PUT", "/components/")) == 1
    assert asked(azure, "/startPendingUpload") == []


@pytest.mark.parametrize("gone", ["/components/", "/codes/"])
def test_a_record_that_the_workspace_does_not_bear_out_heals_itself(compiled_farm, azure, gone):
    assert send(compiled_farm).returncode == 0
    resources = azure.control.resources
    for path in [path for path in resources if "/components/" in path or gone in path]:
        del resources[path]
    done = send(compiled_farm, "job-2")
    assert done.returncode == 0, done.output
    assert set(azure.control.jobs.bodies) == {"job-1", "job-2"}
    azure.control.requests.clear()
    assert send(compiled_farm, "job-3").returncode == 0
    assert asked(azure, "/components/") == []


def test_the_job_is_the_bundle_with_its_references_resolved(compiled_farm, azure):
    assert send(compiled_farm).returncode == 0
    bundle = compiled_farm.folder / "build/azureml/all"
    document = yaml.safe_load((bundle / "pipeline.yml").read_text())
    sent = azure.control.jobs.bodies["job-1"]["properties"]
    root = azure.path()

    assert sent["displayName"] == document["display_name"]
    assert sent["tags"] == document["tags"]
    assert sent["settings"]["default_compute"] == f"{root}/computes/cpu"
    assert sent["inputs"]["rate"] == {"jobInputType": "literal", "value": "0.5"}
    assert sent["inputs"]["penguins"]["uri"] == f"{root}/data/penguins/versions/7"
    assert sent["inputs"]["penguins"]["jobInputType"] == "uri_folder"
    assert set(sent["jobs"]) == set(document["jobs"])
    for step, job in document["jobs"].items():
        got = sent["jobs"][step]
        assert got["display_name"] == job["display_name"]
        bound = {port: value["value"] for port, value in got["inputs"].items()}
        assert bound == job.get("inputs", {})
        names = {port: value.get("name") for port, value in got.get("outputs", {}).items()}
        assert {p: n for p, n in names.items() if n} == {
            port: value["name"] for port, value in job.get("outputs", {}).items() if "name" in value
        }
        registered = azure.control.resources[got["componentId"].lower()]["properties"]
        spec, component = registered["componentSpec"], job["component"]
        for key in ("command", "display_name", "description", "is_deterministic"):
            assert spec[key] == component[key], key
        assert {p: v["type"] for p, v in spec.get("outputs", {}).items()} == {
            p: v["type"] for p, v in component.get("outputs", {}).items()
        }
        assert spec["environment"] == f"azureml:{root}/environments/env/versions/3"
        assert uploaded_code(azure, spec["code"]) == files_of(bundle / "code")


def test_it_is_the_job_that_the_sdk_alone_would_send(compiled_farm, azure):
    assert send(compiled_farm).returncode == 0
    by_the_sdk = """
import sys
from azure.ai.ml import load_job
import yaml
from pathlib import Path
from kedro_azureml_cli.azure_ml.connection import connect
from kedro_azureml_compiler.settings.models import Workspace

project = Path(sys.argv[1])
settings = yaml.safe_load((project / "conf/base/azureml.yml").read_text())
job = load_job(project / "build/azureml/all/pipeline.yml")
job.name = "job-2"
job.experiment_name = "shop"
connect(Workspace(**settings["workspace"]["__default__"])).jobs.create_or_update(job)
"""
    done = compiled_farm.start(by_the_sdk).wait()
    assert done.returncode == 0, done.output
    ours, theirs = (azure.control.jobs.bodies[name]["properties"] for name in ("job-1", "job-2"))
    for job in (*ours["jobs"].values(), *theirs["jobs"].values()):
        del job["_source"]  # where the SDK has a component from: a file, or the workspace
    assert ours == theirs  # ids of components too, which the SDK makes of all that is in them


def test_a_local_file_that_no_step_produces_is_uploaded(compiled_farm, azure):
    project = compiled_farm
    project.pipeline("[node(str.upper, 'report', 'z', name='read')]")
    project.write("data/report.txt", "here")
    assert project.start(COMPILE).wait().returncode == 0
    done = send(project)
    assert done.returncode == 0, done.output
    uri = azure.control.jobs.bodies["job-1"]["properties"]["inputs"]["report"]["uri"]
    assert f"/datastores/{DATASTORE}/paths/" in uri
    path = uri.partition("/paths/")[2].rstrip("/")
    assert azure.container().download_blob(f"{path}/report.txt").readall() == b"here"


def test_what_the_sdk_writes_as_a_coloured_page_is_one_line(compiled_farm):
    project = compiled_farm
    project.pipeline("[node(str.upper, 'report', 'z', name='read')]")
    project.write("data/report.txt", "here")
    assert project.start(COMPILE).wait().returncode == 0
    shutil.rmtree(project.folder / "build/azureml/all/inputs")
    done = send(project)
    assert done.returncode == 1, done.output
    assert "Sending the job 'job-1' failed: No such file or directory: /" in done.output
    assert "(x)" not in done.output


def files_of(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
