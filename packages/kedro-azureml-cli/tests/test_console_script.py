"""The script `kedro-azureml`: what `kedro azureml` does, with a standard output of its own."""

import json
import os
import subprocess
import sys

import pytest
from checked_project import CheckedProject

pytestmark = pytest.mark.once

SCRIPT = [sys.executable, "-c", "from kedro_azureml_cli.console import main; main()"]

PRINTS_ITS_VARIABLE = """
import logging
import os
import subprocess
import sys

seen = [repr(os.environ.get("KEDRO_LOGGING_CONFIG"))]
seen.append(subprocess.check_output(
    [sys.executable, "-c", "import os; print(repr(os.environ.get('KEDRO_LOGGING_CONFIG')))"],
    text=True,
).strip())
print("seen", *seen)
"""


@pytest.fixture
def project(tmp_path) -> CheckedProject:
    return CheckedProject(tmp_path / "farm")


def run(folder, *args: str, script=SCRIPT, **environ: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if k != "KEDRO_LOGGING_CONFIG"}
    kept |= {"KEDRO_DISABLE_TELEMETRY": "1", **environ}
    return subprocess.run(
        [*script, *args], cwd=folder, env=kept, capture_output=True, text=True, check=False
    )


def test_nothing_but_the_result_is_printed_in_a_project_with_stock_logging(project):
    done = run(project.root, "compile")
    assert done.returncode == 0, done.stderr
    *first, last = done.stdout.splitlines()
    assert first == ["Compiled the job 'j': 1 step.", "  build/azureml/j/pipeline.yml"]
    assert last.startswith("  code: ")
    assert done.stderr == ""
    kedro = run(project.root, "azureml", "compile", script=[sys.executable, "-m", "kedro"])
    assert len(kedro.stdout.splitlines()) > 3  # the line that this script is there to avoid


def test_the_projects_code_and_its_processes_see_no_variable_of_the_script(project):
    project.settings(PRINTS_ITS_VARIABLE)
    done = run(project.root, "plan", "--format", "json")
    assert json.loads(done.stdout)["job"] == "j"
    assert "seen None None" in done.stderr


def test_the_logging_that_the_user_has_chosen_wins(project):
    file = project.root / "mine.yml"
    file.write_text(
        "version: 1\ndisable_existing_loggers: false\n"
        "handlers: {mine: {class: logging.FileHandler, filename: mine.log}}\n"
        "root: {level: INFO, handlers: [mine]}\n"
    )
    project.settings(PRINTS_ITS_VARIABLE)
    done = run(project.root, "compile", KEDRO_LOGGING_CONFIG=str(file))
    assert done.returncode == 0, done.stderr
    assert f"seen {str(file)!r} {str(file)!r}" in done.stderr
    assert "mine.yml" in (project.root / "mine.log").read_text()


def test_a_folder_of_the_project_an_error_and_a_wrong_command_are_as_for_kedro(project, tmp_path):
    assert run(project.root / "conf" / "base", "check").stdout.startswith("Checked the job 'j'")
    project.settings_of({"j": {"experimen_name": "x"}})
    failed = run(project.root, "compile")
    assert failed.returncode == 1
    assert "did you mean 'experiment_name'" in failed.stderr
    wrong = run(project.root, "complie")
    assert wrong.returncode == 2
    assert "did you mean 'compile'?" in wrong.stderr
    outside = run(tmp_path, "check")
    assert (outside.returncode, outside.stdout) == (2, "")
    assert "Traceback" not in outside.stderr


def test_a_warning_of_others_is_on_the_standard_error_and_gone_from_a_quiet_command(project):
    project.settings("import logging\nlogging.getLogger('farm').warning('the barn is full')")
    loud, quiet = run(project.root, "check"), run(project.root, "check", "--quiet")
    assert "the barn is full" in loud.stderr
    assert loud.stdout == quiet.stdout
    assert quiet.stderr == ""


@pytest.mark.parametrize("content", [None, "version: 1\nroot: {handlers: [none]}\n", "{"])
def test_logging_that_cannot_be_configured_is_one_line(tmp_path, content):
    file = tmp_path / "mine.yml"
    if content is not None:
        file.write_text(content)
    done = run(tmp_path, "--version", KEDRO_LOGGING_CONFIG=str(file))
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"Error: KEDRO_LOGGING_CONFIG names '{file}', from which logging cannot")


@pytest.mark.parametrize("option", ["--quiet", "-v"])
def test_an_option_of_every_command_is_answered_before_the_command(project, option):
    done = run(project.root, option, "check")
    assert done.returncode == 2
    assert f"write it after the command:  kedro azureml COMMAND {option}" in done.stderr


def test_a_completion_without_words_completes_nothing_typed(tmp_path):
    done = run(tmp_path, _KEDRO_AZUREML_COMPLETE="1")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("plain\tassets\t")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps a folder that is in use")
def test_a_working_directory_that_has_been_deleted_is_one_line(tmp_path):
    code = "import os, sys; os.rmdir(os.getcwd()); os.execv(sys.executable, sys.argv[1:])"
    folder = tmp_path / "gone"
    folder.mkdir()
    done = run(folder, *SCRIPT, "check", script=[sys.executable, "-c", code])
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "Error: the working directory cannot be entered: No such file or directory.\n"
    )


def test_a_quiet_option_that_is_joined_to_another_keeps_the_settings_quiet_too(project):
    project.settings("print('moo')")
    assert "moo" in run(project.root, "compile", "-j", "j").stderr
    assert run(project.root, "compile", "-qj", "j").stderr == ""
