"""What the page of a plan shows beside the plan: values of the job, masked and in words."""

import pytest
import yaml
from kedro_azureml_compiler.azureml.names import make_azure_name
from kedro_azureml_compiler.bundle.page_details import collect_page_details, list_travelling_notes
from kedro_azureml_compiler.bundle_layout import JOBS_FOLDER, RUNS_FOLDER
from kedro_azureml_compiler.drawing.page import render_plan_page
from kedro_azureml_compiler.examination import examine_job
from kedro_azureml_compiler.project.request import ProjectRequest

SECRET = "AccountKey=c2VjcmV0LXRoYXQtbm9ib2R5LW1heS1zZWU="
CATALOG = """
"raw@csv": {type: pandas.CSVDataset, filepath: data/raw.csv}
x:
  type: kedro_azureml_datasets.AzureMLPipelineDataset
  dataset: {type: pandas.CSVDataset, filepath: x.csv}
outside: {type: pandas.CSVDataset, filepath: /somewhere/else.csv}
"""


@pytest.fixture
def farm(small_project):
    small_project.catalog(CATALOG)
    small_project.write("data/raw.csv", "a\n1\n")
    small_project.nodes(("on", ["raw@csv", "outside"], "x"), ("größe.B-1", "x", None))
    return small_project


def details_of(project):
    examined = examine_job(ProjectRequest(project.root), "j")
    details = collect_page_details(
        examined.plan, examined.pipeline_job, examined.findings, examined.facts
    )
    return examined, details


def test_a_step_has_its_compute_environment_command_and_mounts(farm):
    _, details = details_of(farm)
    made = details.steps["on"]
    assert (made.runs_on, made.environment) == ("cpu", "env@latest")
    assert made.command.startswith("python .kedro-azureml")
    assert "--node on" in made.command
    (written,) = made.mounts
    assert written.startswith("writes x: azureml://datastores/")
    assert details.steps["größe.B-1"].mounts == ("reads x: ${{parent.jobs.on.outputs.x}}",)


def test_a_step_that_is_placed_elsewhere_says_where(farm):
    farm.settings_of(
        {"j": {"steps": {"on": {"compute": "large"}}}},
        compute={"__default__": {"cluster_name": "cpu"}, "large": {"cluster_name": "gpu-4"}},
    )
    _, details = details_of(farm)
    assert {name: step.runs_on for name, step in details.steps.items()} == {
        "on": "gpu-4", "größe.B-1": "cpu",
    }  # fmt: skip


def test_the_part_of_the_yaml_is_that_of_the_step_whatever_its_name(farm):
    examined, details = details_of(farm)
    for name, step in details.steps.items():
        key = make_azure_name(name)
        assert yaml.safe_load(step.yaml) == {key: examined.pipeline_job.jobs[key].to_dict()}


def test_a_node_has_the_files_of_the_project_that_it_reads_and_no_other(farm):
    _, details = details_of(farm)
    (node,) = details.steps["on"].nodes
    assert node.files == (("raw", "data/raw.csv"),)
    assert str(farm.root) not in repr(details)
    assert "/somewhere" not in repr(details.files)


def test_no_secret_of_the_settings_is_shown(farm):
    variables = {"*": {"environment_variables": {"LAKE": SECRET}}}
    farm.settings_of({"j": {"steps": variables}})
    examined, details = details_of(farm)
    assert "LAKE" in details.steps["on"].yaml
    assert "c2VjcmV0" not in "".join(render_plan_page(examined.plan, details))


def test_findings_come_with_their_place_and_what_to_do(farm):
    examined, details = details_of(farm)
    assert len(details.findings) == len(examined.findings) > 0
    (note,) = [note for note in details.findings if note.code == "local-input-outside"]
    assert (note.severity, note.where) == ("error", "outside")
    assert note.text.startswith("conf/base/catalog.yml:6: outside: ")
    assert "Put it into the project" in note.text


def test_the_pages_of_runs_are_in_no_snapshot(farm):
    before, _ = details_of(farm)
    for folder in (JOBS_FOLDER, RUNS_FOLDER):
        farm.write(str(folder / "calm_sail_1/run.html"), "<html>")
    after, _ = details_of(farm)
    assert after.code == before.code
    assert "conf/base/catalog.yml" in after.code


def test_no_finding_about_a_file_that_stays_behind_is_in_a_bundle(farm):
    farm.write("conf/local/catalog.yml", "x: {type: MemoryDataset}")
    farm.write("conf/local/parameters.yml", "{}")
    examined, details = details_of(farm)
    assert "local-configuration" in {note.code for note in details.findings}
    kept = list_travelling_notes(examined.findings, examined.code)
    assert "local-configuration" not in {note.code for note in kept}
    assert "local-input-outside" in {note.code for note in kept}
    assert list_travelling_notes(examined.findings, None) == kept
