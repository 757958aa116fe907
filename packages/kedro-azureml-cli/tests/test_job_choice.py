"""Which job a command takes that names none, and which jobs there are."""

import json

import pytest
from checked_project import CheckedProject
from click.testing import CliRunner, Result
from kedro.framework.startup import bootstrap_project
from kedro_azureml_cli import __version__
from kedro_azureml_cli.commands import azureml
from written_project import isolate_imports

ASK = ["compile", "plan", "simulate", "verify", "run", "schedule"]


@pytest.fixture
def project(tmp_path, monkeypatch) -> CheckedProject:
    isolate_imports(monkeypatch)
    return CheckedProject(tmp_path / "farm")


def call(project: CheckedProject, *args: str) -> Result:
    return CliRunner().invoke(azureml, args, obj=bootstrap_project(project.root))


def test_the_only_job_need_not_be_named(project):
    project.settings_of({"only": {}})
    result = call(project, "compile")
    assert result.exit_code == 0, result.output
    assert "Compiled the job 'only': 1 step." in result.output
    assert (project.root / "build/azureml/only/pipeline.yml").is_file()
    assert "sent to the workspace 'w'" in call(project, "run", "--dry-run").output


@pytest.mark.parametrize("command", ASK)
def test_of_several_jobs_one_must_be_named_and_all_are_listed(project, command):
    project.settings_of({"one": {}, "two": {}})
    result = call(project, command)
    assert result.exit_code == 2
    lines = result.output.splitlines()
    assert lines[-3:] == [
        "Error: azureml.yml defines 2 jobs; name one of them:", "  -j one", "  -j two",
    ]  # fmt: skip
    assert not (project.root / "build").exists()


@pytest.mark.parametrize("command", ASK)
def test_without_any_job_the_message_says_where_to_add_one(project, command):
    project.settings_of({})
    result = call(project, command)
    assert result.exit_code == 2
    assert result.output.endswith("Error: azureml.yml has no jobs; add one below 'jobs:'.\n")


def test_a_mistake_in_azureml_yml_is_a_message_where_a_job_is_chosen(project):
    project.azureml("jobs: [a]\n")
    result = call(project, "compile")
    assert result.exit_code == 1
    assert "jobs: expected a mapping" in result.output


def test_defined_jobs_are_listed_with_those_of_factories(project):
    project.pipelines(
        "def register_pipelines():\n"
        '    part = Pipeline([node(lambda: 1, None, "x", name="load")])\n'
        '    return {"__default__": Pipeline(part, namespace="eu") + '
        'Pipeline(part, namespace="us"), "p": part}\n'
    )
    project.settings_of(
        {
            "all": {"pipeline": {"pipeline_names": ["__default__", "p"]}},
            "{region}-train": {"pipeline": {"node_namespaces": ["{region}"]}},
        }
    )
    result = call(project, "jobs", "--defined")
    assert result.exit_code == 0, result.output
    assert [line.split() for line in result.output.splitlines()][-4:] == [
        ["job", "pipelines", "workspace", "compute"],
        ["all", "__default__,", "p", "__default__", "__default__"],
        ["eu-train", "__default__", "__default__", "__default__"],
        ["us-train", "__default__", "__default__", "__default__"],
    ]
    printed = call(project, "jobs", "--defined", "--format", "json").output
    document = json.loads(printed[printed.index("{\n") :])
    assert [job["job"] for job in document["jobs"]] == ["all", "eu-train", "us-train"]
    assert call(project, "jobs", "--defined", "--all").exit_code == 2


def test_the_version_is_that_of_the_distribution(project):
    assert call(project, "--version").output == f"kedro-azureml-cli {__version__}\n"
