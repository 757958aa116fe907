"""What the CI of the starter's project runs, run here; and what its files are for their readers."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from documented_blocks import parse_command
from environments import Environment, new_environment
from kedro_azureml_cli.fixing.ci_files import CI_FILES, CiProject, render_ci_file

JUDGES = {
    "github": ("--builtin-schema", "vendor.github-workflows"),
    "azure": (
        "--builtin-schema", "vendor.azure-pipelines",
        "--data-transform", "azure-pipelines", "--regex-variant", "nonunicode",
    ),
}  # fmt: skip
OTHER_PROJECTS = [
    CiProject("nightly run: #1", "3.12", ".", has_tests=False),
    CiProject("yes", "3.10", '-r requirements.txt "kedro-azureml-cli>=0.2,<0.3"', has_tests=True),
]


def judged_by_its_service(kind: str, *files: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "check_jsonschema", *JUDGES[kind], *map(str, files)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("kind", CI_FILES)
def test_the_schema_of_who_runs_it_takes_each_file(kind, penguins, tmp_path):
    files = [penguins / CI_FILES[kind]]
    for number, project in enumerate(OTHER_PROJECTS):
        files.append(tmp_path / f"{number}.yml")
        files[-1].write_text(render_ci_file(kind, project))
    done = judged_by_its_service(kind, *files)
    assert done.returncode == 0, done.stdout + done.stderr
    files[0].write_text(files[0].read_text().replace("steps:", "stesp:", 1))
    assert judged_by_its_service(kind, files[0]).returncode == 1


def steps_of(project: Path, job: str) -> list[dict]:
    """Return the steps of a job of the workflow."""
    return yaml.safe_load((project / CI_FILES["github"]).read_text())["jobs"][job]["steps"]


def lines_of(project: Path, job: str) -> list[str]:
    return [step["run"] for step in steps_of(project, job) if "run" in step]


def run_line(environment: Environment, line: str, cwd: Path, **environ: str) -> str:
    """Run a line as GitHub does, in a fresh shell, and return what it prints."""
    environ |= {
        "JOB": yaml.safe_load((cwd / CI_FILES["github"]).read_text())["env"]["JOB"],
        "GITHUB_ACTIONS": "true",
        "CI": "true",
    }
    done = environment.run("/bin/bash", "-e", "-c", line, cwd=cwd, **environ)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_only_the_job_that_submits_may_sign_in_and_only_on_main(penguins):
    workflow = yaml.safe_load((penguins / CI_FILES["github"]).read_text())
    assert workflow["permissions"] == {"contents": "read"}
    assert "permissions" not in workflow["jobs"]["check"]
    submit = workflow["jobs"]["submit"]
    assert submit["permissions"] == {"contents": "read", "id-token": "write"}
    assert submit["needs"] == "check"
    assert "github.ref == 'refs/heads/main'" in submit["if"]
    (login,) = [step for step in submit["steps"] if "azure/login" in step.get("uses", "")]
    assert login["with"]["client-id"] == "${{ vars.AZURE_CLIENT_ID }}"  # cookiecutter leaves it
    assert not any("--wait" in line for line in lines_of(penguins, "submit"))


def test_azure_devops_runs_the_same_lines(penguins):
    pipeline = yaml.safe_load((penguins / CI_FILES["azure"]).read_text())
    (check,), (submit,) = (
        stage["jobs"]
        for stage in (
            pipeline["stages"][0],
            pipeline["stages"][1]["${{ if ne(variables.serviceConnection, '') }}"][0],
        )
    )
    lines = [step["script"] for step in check["steps"] if "script" in step]
    for_github = [line.replace(" --format github", "") for line in lines_of(penguins, "check")]
    assert lines == for_github
    *_, install, sent = submit["steps"]
    assert [install["script"], sent["inputs"]["inlineScript"]] == lines_of(penguins, "submit")


@pytest.fixture
def own_wheels(wheels) -> dict[str, str]:
    """Variables with which pip takes our packages from the built wheels."""
    return {"PIP_FIND_LINKS": str(Path(wheels["kedro_azureml_cli"]).parent)}


def passes_tests_and_check(project: Path, environment: Environment, *lines: str) -> None:
    tests, check = lines
    assert re.search(r"\d+ passed", run_line(environment, tests, project))
    annotations = run_line(environment, check, project)
    assert "::warning file=conf/base/azureml.yml,line=" in annotations
    assert "::error" not in annotations


def test_a_new_project_passes_its_tests_and_the_check_of_its_ci(penguins, local):
    _, tests, check, verify = lines_of(penguins, "check")
    passes_tests_and_check(penguins, local, tests, check)
    parse_command(verify)  # the tutorial of the first job runs the same command on this project


@pytest.mark.stress
def test_a_new_project_passes_what_its_ci_runs_on_a_push_on_a_fresh_machine(
    penguins, tmp_path, own_wheels
):
    environment = new_environment(tmp_path / "fresh", "pip")
    install, tests, check, verify = lines_of(penguins, "check")
    run_line(environment, install, penguins, **own_wheels)
    passes_tests_and_check(penguins, environment, tests, check)
    assert "11 of 11 datasets are the same." in run_line(environment, verify, penguins)


def test_what_the_ci_submits_reaches_the_workspace(penguins, local, azure):
    _, submit = lines_of(penguins, "submit")
    settings = penguins / "conf/base/azureml.yml"
    placed = {
        "<subscription-id>": azure.path().split("/")[2],
        "<resource-group>": azure.path().split("/")[4],
        "<workspace-name>": azure.path().split("/")[-1],
        "<cluster-name>": "cpu",
    }
    text = settings.read_text()
    for placeholder, value in placed.items():
        text = text.replace(placeholder, value)
    settings.write_text(text)
    azure.register("penguins", "1", {"penguins.csv": b"x"})
    azure.add_environment("penguins-env", "1")
    told = run_line(local, submit, penguins, **azure.environ)
    (name,) = azure.control.jobs.bodies
    assert name.startswith("training-")
    assert f"Submitted the job 'training' as {name}." in told


def test_the_hook_checks_the_project_before_a_commit(penguins, local):
    environ = {
        "PATH": f"{local.programs}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(penguins.parent),
        "KEDRO_DISABLE_TELEMETRY": "1",
    }

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=penguins, env=environ, capture_output=True, text=True, check=False
        )

    run("git", "init", "--quiet")
    run("git", "add", "README.md", ".pre-commit-config.yaml")
    run("git", "-c", "user.name=a", "-c", "user.email=a", "commit", "--quiet", "--message", "a")
    hooks = (sys.executable, "-m", "pre_commit", "run")
    nodes = penguins / "src/penguins/pipelines/training/pipeline.py"
    nodes.write_text("import nowhere\n")
    run("git", "add", "src")
    done = run(*hooks)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "No module named 'nowhere'" in done.stdout
    run("git", "rm", "--cached", "--quiet", "-r", "src")
    (penguins / "README.md").write_text("changed")
    run("git", "add", "README.md")
    done = run(*hooks)  # documentation is not checked
    assert "Skipped" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0
