"""What the options of a command change in a job, for one bundle alone."""

import copy
import pickle

import pytest
import yaml
from kedro_azureml_compiler import NodeFilters, ProjectRequest
from kedro_azureml_compiler.compilation import compile_job
from kedro_azureml_compiler.findings import FindingsError
from kedro_azureml_compiler.job_changes import JobChanges

pytestmark = pytest.mark.once


@pytest.fixture
def promoting(small_project):
    small_project.write("conf/base/parameters.yml", "model: {rate: 0.5, label: plain}\n")
    inputs = {"rate": "params:model.rate", "label": "params:model.label"}
    steps = {"b": {"environment_variables": {"MODE": "slow", "LEVEL": "1"}}}
    small_project.settings_of({"j": {"inputs": inputs, "steps": steps}})
    small_project.nodes(("a", None, "x"), ("b", "x", "y"))
    return small_project


def compiled(project, **changes):
    made = compile_job(project.root, "j", changes=JobChanges(**changes))
    return made, yaml.safe_load((made.bundle / "pipeline.yml").read_text())


def refused(project, **changes):
    with pytest.raises(FindingsError) as stopped:
        compiled(project, **changes)
    found = stopped.value.findings
    return [f"{one.where}: {one.message}" for one in found if one.severity.value == "error"]


def test_without_changes_the_bundle_is_the_same_to_the_byte(promoting):
    plain = compile_job(promoting.root, "j").bundle / "pipeline.yml"
    before = plain.read_bytes()
    compiled(promoting)
    assert plain.read_bytes() == before


def test_each_change_is_in_the_job_that_simulate_runs_and_run_sends(promoting):
    made, job = compiled(
        promoting,
        environment="other:3",
        environment_variables={"MODE": "fast"},
        display_name="A try",
        experiment_name="tries",
        tags={"by": "someone", "kedro_job": "mine"},
        inputs={"rate": "2", "label": "it's"},
    )
    assert (job["display_name"], job["experiment_name"]) == ("A try", "tries")
    own = {"kedro_pipelines": "__default__", "kedro_project": promoting.package}
    assert job["tags"] == {"kedro_job": "mine", "by": "someone", **own}
    assert job["inputs"] == {"rate": 2.0, "label": "it's"}
    assert {step["component"]["environment"] for step in job["jobs"].values()} == {
        "azureml:other:3"
    }
    assert job["jobs"]["a"]["environment_variables"] == {"MODE": "fast"}
    assert job["jobs"]["b"]["environment_variables"] == {"MODE": "fast", "LEVEL": "1"}
    assert made.settings.display_name == "A try"


def test_a_workspace_is_an_entry_of_azureml_yml(promoting):
    (error,) = refused(promoting, workspace="production")
    assert "production" in error
    assert "workspace" in error


def test_a_step_keeps_its_own_environment(promoting):
    promoting.settings_of({"j": {"steps": {"b": {"environment": "own:1"}}}})
    _, job = compiled(promoting, environment="other:3")
    environments = {name: step["component"]["environment"] for name, step in job["jobs"].items()}
    assert environments == {"a": "azureml:other:3", "b": "azureml:own:1"}


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("rat", "1", "the job has no input 'rat' (did you mean 'rate'?)"),
        ("rate", "many", "is promoted as float, and the job gives it the text 'many'"),
        ("label", "", "the value is empty"),
        ("label", "${{inputs.x}}", "which Azure ML would replace"),
    ],
)
def test_an_input_that_cannot_be_is_an_error_that_says_so(promoting, name, value, told):
    (error,) = refused(promoting, inputs={name: value})
    assert error.startswith(f"--input {name}: ")
    assert told in error


def test_a_secret_that_everybody_could_read_is_a_warning(promoting):
    made, _ = compiled(
        promoting, environment_variables={"API_KEY": "abc"}, tags={"password": "abc"}
    )
    told = {finding.where for finding in made.findings if finding.code == "secret-in-job"}
    assert told == {"--env-var API_KEY", "--tag password"}


@pytest.mark.parametrize(
    ("option", "changes"),
    [
        ("--workspace", {"workspace": "production"}),
        ("--experiment-name", {"experiment_name": "a b"}),
        ("--aml-env", {"environment": "env"}),
    ],
)
def test_what_is_wrong_with_an_option_is_said_of_the_option_and_not_of_the_file(
    promoting, option, changes
):
    with pytest.raises(FindingsError) as stopped:
        compiled(promoting, **changes)
    (error,) = (one for one in stopped.value.findings if one.severity.value == "error")
    (value,) = changes.values()
    assert error.where == f"{option} {value}"
    assert error.file is None


def test_what_is_asked_for_and_what_is_returned_can_be_pickled_and_copied(small_project):
    compiled = compile_job(small_project.root, "j")
    request = ProjectRequest(small_project.root)
    for value in (compiled, request, JobChanges(), NodeFilters(tags=("a",)), *compiled.findings):
        assert pickle.loads(pickle.dumps(value)) == value
        assert copy.deepcopy(value) == value
