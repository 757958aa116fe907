"""`kedro azureml check` in a process of its own, in a project that prints."""

import json
import os
import subprocess
import sys

import pytest
from checked_project import CheckedProject

pytestmark = pytest.mark.once

LOGGING = """
version: 1
handlers: {console: {class: logging.StreamHandler, stream: "ext://sys.stdout"}}
loggers: {kedro: {level: WARNING}}
root: {level: INFO, handlers: [console]}
"""


@pytest.fixture
def noisy(tmp_path) -> CheckedProject:
    """A project with an error in one of two jobs, whose code prints in every way."""
    project = CheckedProject(tmp_path / "farm")
    project.write("logging.yml", LOGGING)
    registry = project.root / f"src/{project.package}/pipeline_registry.py"
    registry.write_text(
        "import logging, os\n"
        "print('printed'); os.write(1, b'written\\n'); logging.getLogger('x').warning('logged')\n"
        + registry.read_text()
    )
    project.settings_of({"good": {}, "bad": {"experiment_name": "no name"}})
    return project


def check(project: CheckedProject, *args: str, **environ: str) -> subprocess.CompletedProcess[str]:
    env = {
        **os.environ,
        "KEDRO_DISABLE_TELEMETRY": "1",
        "KEDRO_LOGGING_CONFIG": str(project.root / "logging.yml"),
        **environ,
    }
    done = subprocess.run(
        [sys.executable, "-m", "kedro", "azureml", "check", *args],
        cwd=project.root, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    return done


def test_the_standard_output_holds_the_result_and_nothing_else(noisy):
    done = check(noisy, "--format", "json")
    document = json.loads(done.stdout)
    assert done.returncode == 1
    found = {job["job"]: [f["code"] for f in job["findings"]] for job in document["jobs"]}
    assert found == {"good": [], "bad": ["experiment-name"]}
    finding = document["jobs"][1]["findings"][0]
    assert (finding["file"], finding["line"]) == ("conf/base/azureml.yml", 14)
    assert finding["docs"] == "findings/experiment-name.md"
    for noise in ("printed", "written", "logged"):
        assert noise in done.stderr


def test_a_file_for_the_result_holds_it_alone(noisy):
    done = check(noisy, "--format", "json", "--output", "found.json")
    assert (done.returncode, done.stdout) == (1, "")
    assert json.loads((noisy.root / "found.json").read_text())["errors"] == 1
    assert not (noisy.root / "build").exists()


def test_jobs_that_are_named_are_checked_alone(noisy):
    done = check(noisy, "-j", "good")
    assert (done.returncode, done.stdout) == (
        0,
        "Checked the job 'good': 0 errors, 0 warnings, 0 notes.\n",
    )


def test_names_that_the_output_cannot_encode_are_shown_as_escapes(noisy):
    noisy.nodes(("a", "größe", None))
    done = check(noisy, "-j", "good", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == 1
    assert "error unregistered-name: gr\\xf6\\xdfe: it is not in the catalog" in done.stdout


def test_a_code_can_be_explained_without_a_check(noisy):
    done = check(noisy, "--explain", "large-input")
    assert done.returncode == 0
    assert done.stdout.startswith("A local file of more than 10 MB is uploaded with the job.")
    done = check(noisy, "--explain", "large-inptu")
    assert done.returncode == 2
    assert "did you mean 'large-input'?" in done.stderr
