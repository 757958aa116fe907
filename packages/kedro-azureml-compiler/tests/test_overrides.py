"""Raw YAML of Azure ML that a job merges into what is compiled."""

import pytest
import yaml
from kedro_azureml_compiler import FindingsError, JobChanges, compile_job, examine_job
from kedro_azureml_compiler.azureml.pipeline_job import merge_yaml
from kedro_azureml_compiler.project.request import ProjectRequest
from kedro_azureml_compiler.settings.parsing import ConfigError

pytestmark = pytest.mark.once

STEPS = {"eu.train": {"timeout": 60, "environment_variables": {"A": "1", "B": "2"}}}


@pytest.fixture
def project(small_project):
    small_project.nodes(("load", None, "x"), ("eu.train", "x", None))
    return small_project


def compiled(project, overrides, changes=None, **job):
    project.settings_of({"j": {"steps": STEPS, "overrides": overrides, **job}})
    made = compile_job(project.root, "j", changes=changes or JobChanges())
    document = yaml.safe_load((made.bundle / "pipeline.yml").read_text(encoding="utf-8"))
    return made, document


def test_mappings_are_merged_lists_replace_and_null_deletes():
    content = {"a": {"b": 1, "c": [1, 2]}, "d": {"e": 1}, "f": 1}
    override = {"a": {"c": [3], "n": {"m": None, "k": 1}}, "d": None, "f": {"g": 2}}
    assert merge_yaml(content, override) == {
        "a": {"b": 1, "c": [3], "n": {"k": 1}},
        "f": {"g": 2},
    }
    assert content["a"] == {"b": 1, "c": [1, 2]}


def test_a_job_and_a_step_by_its_kedro_name_get_the_yaml_as_it_is(project):
    _, before = compiled(project, {})
    _, document = compiled(
        project,
        {
            "settings": {"continue_on_step_failure": True},
            "properties": {"cost": "7"},
            "jobs": {"eu.train": {"queue_settings": {"job_tier": "spot"}, "limits": None}},
        },
    )
    train = before["jobs"]["eu__train"]
    assert train.pop("limits") == {"timeout": 60}
    train["queue_settings"] = {"job_tier": "spot"}
    before["settings"]["continue_on_step_failure"] = True
    before["properties"] = {"cost": "7"}
    assert document == before


def test_what_other_stages_know_of_a_step_is_overridden_for_them_too(project):
    made, document = compiled(
        project,
        {"jobs": {"eu.train": {"environment_variables": {"A": None, "B": 3}, "tags": {"t": "u"}}}},
    )
    assert made.variables["eu.train"] == {"B": "3"}
    assert document["jobs"]["eu__train"]["environment_variables"] == {"B": "3"}
    assert document["jobs"]["eu__train"]["tags"]["t"] == "u"
    _, document = compiled(project, {"jobs": {"eu.train": {"environment_variables": None}}})
    assert "environment_variables" not in document["jobs"]["eu__train"]


def test_an_option_of_the_command_wins_over_an_override(project):
    overrides = {
        "display_name": "file", "experiment_name": "file", "tags": {"t": "file"},
        "jobs": {"load": {"environment_variables": {"A": "file"}}},
    }  # fmt: skip
    changes = JobChanges(
        display_name="option", tags={"t": "option"}, environment_variables={"A": "option"}
    )
    _, document = compiled(project, overrides, changes)
    assert (document["display_name"], document["experiment_name"]) == ("option", "file")
    assert document["tags"]["t"] == "option"
    assert document["jobs"]["load"]["environment_variables"]["A"] == "option"


def test_the_plan_holds_what_is_overridden(project):
    made, _ = compiled(project, {"jobs": {"load": {"comment": "c"}}})
    assert '"overrides": {"jobs": {"load": {"comment": "c"}}}' in (
        made.bundle / "plan.json"
    ).read_text(encoding="utf-8")


@pytest.mark.parametrize("key", ["type", "component", "command", "code", "inputs", "outputs"])
def test_what_the_data_flow_rests_on_cannot_be_overridden(project, key):
    for overrides, place in (({key: {}}, key), ({"jobs": {"load": {key: 1}}}, f"jobs.load.{key}")):
        project.settings_of({"j": {"overrides": overrides}})
        with pytest.raises(ConfigError) as caught:
            compile_job(project.root, "j")
        ((where, text),) = caught.value.mistakes
        assert where == f"jobs.j.overrides.{place}"
        assert text.startswith(f"'{key}' cannot be overridden: ")


@pytest.mark.parametrize(
    ("overrides", "where", "text"),
    [
        ({"name": "mine"}, "name", "each job that is sent gets a new one"),
        ({"tags": {"kedro_job": "x"}}, "tags.kedro_job", "jobs are found by them"),
        ({"tags": None}, "tags", "expected a mapping"),
        ({"jobs": {"load": None}}, "jobs.load", "expected a mapping"),
        ({"jobs": ["load"]}, "jobs", "expected a mapping"),
        ({"display_name": 3}, "display_name", "expected a string or null"),
        ({"jobs": {"load": {"environment": "e:1"}}}, "jobs.load.environment", "'execution'"),
        (
            {"jobs": {"load": {"environment_variables": {"A": True}}}},
            "jobs.load.environment_variables.A",
            "expected a string, or null",
        ),
        ({"properties": {"a": ["${{parent.x}}"]}}, "properties.a", "Azure ML would replace"),
        ({"properties": {"$[[x]]": "a"}}, "properties.'$[[x]]'", "Azure ML would replace"),
        ({"properties": {3: "a"}}, "properties", "the key 3 is not a string"),
        ({"properties": {"a": float("inf")}}, "properties.a", "inf is not a value of JSON"),
    ],
)
def test_an_override_that_cannot_be_merged_is_refused_at_its_place(project, overrides, where, text):
    project.settings_of({"j": {"overrides": overrides}})
    written = project.root / "conf/base/azureml.yml"
    written.write_text(written.read_text().replace("${{", "\\${{"))
    findings = project.check()[None]
    assert [finding.where for finding in findings] == [f"jobs.j.overrides.{where}"]
    assert text in findings[0].message
    assert (findings[0].file, findings[0].line is None) == ("conf/base/azureml.yml", False)


def test_a_name_that_no_step_has_is_refused_with_the_one_that_was_meant(project):
    project.settings_of(
        {"j": {"overrides": {"jobs": {"eu.trian": {}, "load": {}}}, "grouping": {"g": ["load"]}}}
    )
    examined = examine_job(ProjectRequest(project.root), "j")
    found = {f.where: (f.message, f.hint) for f in examined.findings if f.severity.value == "error"}
    assert "did you mean 'eu.train'" in found["jobs.j.overrides.jobs.eu.trian"][0]
    assert found["jobs.j.overrides.jobs.load"][1] == "Write 'g' instead."


def test_secrets_are_found_in_overrides_by_value_and_by_key(project):
    secret = "postgresql://me:hunter2-and-more@db.example.org/shop"
    overrides = {"properties": {"source": secret, "api_key": "0a1b2c"}}
    project.settings_of({"j": {"overrides": overrides}})
    codes = {f.where: f.code for f in project.check()["j"]}
    assert codes["jobs.j.overrides.properties.source"] == "secret-value-in-job"
    assert codes["jobs.j.overrides.properties.api_key"] == "secret-in-job"
    with pytest.raises(FindingsError):
        compile_job(project.root, "j")


def test_what_is_too_long_for_azure_ml_is_found_in_overrides(project):
    project.settings_of({"j": {"overrides": {"experiment_name": "a b", "description": "d" * 5001}}})
    codes = {f.where: f.code for f in project.check()["j"]}
    assert codes["jobs.j.overrides.experiment_name"] == "experiment-name"
    assert codes["jobs.j.overrides.description"] == "text-too-long"
