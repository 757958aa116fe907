"""Commands about several jobs: `--all-jobs`, and several `-j`."""

import json

import pytest
from checked_project import CheckedProject
from click.testing import CliRunner, Result
from kedro.framework.startup import bootstrap_project
from kedro_azureml_cli.commands import azureml
from written_project import isolate_imports


@pytest.fixture
def project(tmp_path, monkeypatch) -> CheckedProject:
    isolate_imports(monkeypatch)
    monkeypatch.setenv("COLUMNS", "200")
    project = CheckedProject(tmp_path / "farm")
    project.nodes(("load", None, "raw"), ("fit", "raw", None))
    project.settings_of({"one": {}, "two": {"grouping": "pipeline"}})
    return project


def call(project: CheckedProject, *args: str) -> Result:
    return CliRunner().invoke(azureml, args, obj=bootstrap_project(project.root))


def lines_of(result: Result) -> list[str]:
    return [line for line in result.output.splitlines() if "ompiled" in line or "pipeline" in line]


def test_what_would_be_uploaded_is_said_with_its_size(project):
    result = call(project, "compile", "-j", "one")
    code = project.root / "build/azureml/one/code"
    sizes = [file.stat().st_size for file in code.rglob("*") if file.is_file()]
    size = f"{len(sizes)} files ({sum(sizes):,} bytes)"
    assert result.output.endswith(f"  code: {size}, with the runner of the steps\n")


def fail(project: CheckedProject) -> None:
    """Let the second of three jobs fail."""
    project.settings_of({"one": {}, "bad": {"steps": {"ift": {}}}, "two": {"grouping": "pipeline"}})


def test_all_jobs_are_compiled_each_to_its_bundle(project):
    result = call(project, "compile", "--all-jobs")
    assert result.exit_code == 0, result.output
    root = project.root / "build/azureml"
    assert lines_of(result) == [
        "Compiled the job 'one': 2 steps.",
        f"  {root}/one/pipeline.yml",
        "Compiled the job 'two': 1 step.",
        f"  {root}/two/pipeline.yml",
    ]


@pytest.mark.parametrize(
    ("args", "jobs"),
    [
        (["-j", "two", "-j", "one", "-j", "two"], ["two", "one"]),
        (["--all-jobs"], ["one", "two"]),
    ],
)
def test_the_output_of_several_jobs_holds_a_folder_for_each(project, args, jobs):
    target = project.root / "out"
    result = call(project, "compile", *args, "-o", str(target), "--format", "json")
    assert result.exit_code == 0, result.output
    documents = json.loads(result.stdout)
    assert [one["job"] for one in documents] == jobs
    assert [one["bundle"] for one in documents] == [str(target / job) for job in jobs]
    assert {one["job"]: one["steps"] for one in documents} == {
        "one": ["load", "fit"],
        "two": ["two"],
    }
    assert sorted(path.name for path in target.iterdir()) == ["one", "two"]
    assert not (project.root / "build").exists()


def test_one_job_has_one_document_and_the_folder_itself(project):
    target = project.root / "out"
    result = call(project, "compile", "-j", "one", "-o", str(target), "--format", "json")
    assert json.loads(result.stdout)["bundle"] == str(target)
    assert (target / "pipeline.yml").is_file()
    refused = call(project, "compile", "--all-jobs", "-o", str(target))
    assert refused.exit_code == 2
    assert "is a bundle" in refused.output
    assert not (target / "one").exists()


def test_a_job_that_fails_does_not_hide_the_others(project):
    fail(project)
    result = call(project, "compile", "--all-jobs")
    assert result.exit_code == 1
    assert "Compiled the job 'one'" in result.output
    assert "Compiled the job 'two'" in result.output
    assert "pattern-matches-nothing: jobs.bad.steps.ift" in result.output
    assert result.output.splitlines()[-2:] == [
        "bad: The job cannot be compiled: 1 error.",
        "Error: 1 of 3 jobs could not be compiled: bad.",
    ]
    assert not (project.root / "build/azureml/bad").exists()
    result = call(project, "compile", "--all-jobs", "-n", "load", "--format", "json")
    documents = json.loads(result.stdout)
    assert [one["error"] for one in documents] == [
        None,
        "The job cannot be compiled: 1 error.",
        None,
    ]
    assert [one["steps"] for one in documents] == [["load"], None, ["two"]]
    assert documents[1]["findings"][-1]["code"] == "pattern-matches-nothing"


@pytest.mark.parametrize("command", ["compile", "verify"])
@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["--all-jobs", "-j", "one"], "--all-jobs and -j cannot be used together."),
        (["--all-jobs", "-o", "out.yml"], "'out.yml' would be a folder that holds pipeline.yml"),
        (["--all-jobs", "-o", "FILE"], "is a file"),
        (["--all-jobs", "-o", ""], "the path is empty; write . for the working directory."),
        (["-j", "one", "--output="], "the path is empty; write . for the working directory."),
    ],
)
def test_what_does_not_fit_all_jobs_is_one_message(project, command, args, told):
    project.write("file", "")
    given = [str(project.root / "file") if arg == "FILE" else arg for arg in args]
    result = call(project, command, *given)
    assert result.exit_code == 2
    assert told in " ".join(result.output.split())
    assert not (project.root / "build").exists()


def test_all_jobs_of_a_project_without_any_is_one_message(project):
    project.settings_of({})
    result = call(project, "compile", "--all-jobs")
    assert result.exit_code == 2
    assert "azureml.yml has no jobs; add one below 'jobs:'." in result.output


@pytest.mark.once
def test_each_job_is_verified_and_the_exit_code_is_the_worst(project, tmp_path):
    fail(project)
    project.write("conf/local/.gitkeep", "")
    runs = tmp_path / "runs"
    args = ("-j", "bad", "-j", "two", "--format", "json", "--run-dir", str(runs))
    result = call(project, "verify", *args)
    assert result.exit_code == 1
    bad, two = json.loads(result.stdout)
    assert (bad["job"], bad["result"]) == ("bad", "failed")
    assert bad["error"] == "The job cannot be compiled: 1 error."
    assert (two["job"], two["run_dir"]) == ("two", str(runs / "two"))
    assert [path.name for path in runs.iterdir()] == ["two"]


@pytest.mark.parametrize("command", ["compile", "verify"])
def test_what_several_jobs_have_in_common_is_told_once(project, command):
    result = call(project, command, "--all-jobs", "-n", "nobody")
    assert result.exit_code == 1
    assert result.output.count("'nobody'") == 1
    assert "one, two: " in result.output
