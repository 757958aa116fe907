"""A step of a submitted job on this machine: its inputs, its pipeline and its folder."""

import json

import pytest
import yaml
from kedro_azureml_cli.azure_ml.jobs.document import JobDocument
from kedro_azureml_cli.azure_ml.jobs.remote_job import StepComponent
from kedro_azureml_cli.jobs.remote.download_limits import DownloadLimits, format_bytes
from kedro_azureml_cli.jobs.remote.inputs import (
    FromStep,
    Literal,
    Remote,
    UnreadableInputError,
    find_followers,
    resolve_inputs,
)
from kedro_azureml_cli.jobs.remote.places import JobFolderError, claim_job, clean, locate_job
from kedro_azureml_cli.replay.replay_pipeline import ReplayedStep, make_pipeline
from kedro_azureml_compiler import Workspace

OUTPUT_OF_A = "${{parent.jobs.a.outputs.x}}"


def workspace(name: str) -> Workspace:
    return Workspace(subscription_id="s", resource_group="g", name=name)


def test_an_input_is_a_value_data_of_a_step_or_data_in_the_workspace():
    job = JobDocument(
        {
            "a": {},
            "b": {
                "inputs": {
                    "x": {"path": OUTPUT_OF_A, "mode": "download"},
                    "table": "${{parent.inputs.table}}",
                    "rate": "${{parent.inputs.rate}}",
                    "direct": {"type": "uri_file", "path": "azureml:penguins:3"},
                }
            },
        },
        "blobs",
        {"table": {"type": "uri_file", "path": "azureml://datastores/d/paths/t.csv"}, "rate": 0.5},
    )
    kinds = {"x": "uri_folder", "table": "uri_folder", "rate": "number", "direct": "uri_file"}
    assert resolve_inputs("b", job, kinds) == {
        "x": FromStep("a", "x", OUTPUT_OF_A),
        "table": Remote("azureml://datastores/d/paths/t.csv", "uri_file"),
        "rate": Literal(0.5),
        "direct": Remote("azureml:penguins:3", "uri_file"),
    }


@pytest.mark.parametrize(
    ("inputs", "kind", "told"),
    [
        ({"x": "${{parent.inputs.gone}}"}, "uri_folder", "the job's input 'gone', which the job"),
        ({"x": "azureml:t:1"}, "mltable", "is of the type 'mltable', which cannot be downloaded"),
    ],
)
def test_an_input_that_cannot_be_read_here_is_named(inputs, kind, told):
    with pytest.raises(UnreadableInputError, match=told):
        resolve_inputs("b", JobDocument({"b": {"inputs": inputs}}, "blobs"), {"x": kind})


def test_what_follows_a_step_is_all_that_waits_for_it_in_the_order_of_the_job():
    after = {"inputs": {"x": "${{parent.jobs.b.outputs.x}}"}}
    job = JobDocument({"c": after, "a": {}, "b": {"inputs": {"x": OUTPUT_OF_A}}, "d": {}}, "blobs")
    assert find_followers(job, "a") == ["c", "a", "b"]
    assert find_followers(job, "d") == ["d"]


def replayed(tmp_path, *, alone: bool, **content: object) -> dict[str, object]:
    component = StepComponent(
        "azureml_anonymous",
        "1",
        "python .kedro-azureml",
        "/codes/c/versions/1",
        "/subscriptions/s/x/environments/env/versions/3",
        False,
        {"x": "uri_folder", "unset": "string"},
        {"y": "uri_folder"},
    )
    step = ReplayedStep(content, component, tmp_path, {"x": {"path": "/data"}}, alone)
    return yaml.safe_load(make_pipeline("job-1", {"fit": step}))["jobs"]["fit"]


@pytest.mark.parametrize(
    ("distribution", "expected"),
    [
        (
            {"type": "pytorch", "process_count_per_instance": 4},
            {"type": "pytorch", "process_count_per_instance": 1},
        ),
        (
            {"type": "mpi", "process_count_per_instance": 2},
            {"type": "mpi", "process_count_per_instance": 1},
        ),
        (
            {"type": "tensorflow", "worker_count": 3, "parameter_server_count": 2},
            {"type": "tensorflow", "worker_count": 1, "parameter_server_count": 0},
        ),
    ],
)
def test_a_distributed_step_is_one_process_and_one_that_follows_stays_what_it_was(
    tmp_path, distribution, expected
):
    content = {"distribution": distribution, "resources": {"instance_count": 2}}
    alone = replayed(tmp_path, alone=True, **content)
    assert (alone["distribution"], alone["resources"]) == (expected, {"instance_count": 1})
    follower = replayed(tmp_path, alone=False, **content)
    assert (follower["distribution"], follower["resources"]["instance_count"]) == (distribution, 2)
    assert "distribution" not in replayed(tmp_path, alone=True, distribution={"type": "ray"})


def test_a_replayed_step_has_its_command_its_environment_and_its_variables(tmp_path):
    step = replayed(tmp_path, alone=True, environment_variables={"A": "1"}, compute="azureml:cpu")
    assert step["environment_variables"] == {"A": "1"}
    assert step["component"]["command"] == "python .kedro-azureml"
    assert step["component"]["environment"] == "azureml:env:3"
    assert step["component"]["inputs"]["unset"] == {"type": "string", "optional": True}
    assert "compute" not in step


def test_the_folder_of_a_job_belongs_to_one_workspace_until_it_is_removed(tmp_path):
    folder = claim_job(tmp_path, "job-1", workspace("one"))
    assert (
        folder
        == tmp_path / "build/azureml-jobs/job-1"
        == claim_job(tmp_path, "job-1", workspace("ONE"))
    )
    with pytest.raises(JobFolderError, match="of the workspace 'one', and this job is in 'two'"):
        claim_job(tmp_path, "job-1", workspace("two"))
    for broken in ("{", "7", json.dumps(["a"]), ""):
        (folder / "workspace.json").write_text(broken)
        with pytest.raises(JobFolderError, match="of another workspace"):
            claim_job(tmp_path, "job-1", workspace("one"))
    assert clean(tmp_path, "job-1")
    assert not clean(tmp_path, "job-1")
    assert claim_job(tmp_path, "job-1", workspace("two")).is_dir()


def test_a_name_that_leads_elsewhere_is_no_job_and_a_link_is_not_followed(tmp_path):
    for name in ("..", "../x", "a/b", "", "-x", "a\0"):
        with pytest.raises(JobFolderError, match="is not the name of a job"):
            locate_job(tmp_path, name)
    (tmp_path / "mine").mkdir()
    (tmp_path / "build/azureml-jobs").mkdir(parents=True)
    (tmp_path / "build/azureml-jobs/job-1").symlink_to(tmp_path / "mine")
    with pytest.raises(JobFolderError, match="is a link; remove it yourself"):
        clean(tmp_path, "job-1")
    assert (tmp_path / "mine").is_dir()


def test_sizes_are_read_by_people():
    assert format_bytes(1) == "1 byte"
    assert format_bytes(2_340_000_000) == "2.3 GB"
    DownloadLimits(max_size_bytes=10, yes=True).check(10)
    DownloadLimits().check(0)
