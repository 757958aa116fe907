"""What commands print: their result alone on the standard output, in colour if that is wanted."""

import json
import os
import re
import subprocess
import sys
import textwrap
import warnings
from pathlib import Path

import pytest
from checked_project import CheckedProject
from kedro_azureml_cli.terminal.result_stream import redirect_the_rest_to_stderr

pytestmark = pytest.mark.once

NOISY = """
import warnings

print("the project prints")
warnings.warn("the project warns", UserWarning)


def register_pipelines():
    return {"__default__": Pipeline([node(lambda: 1, None, "x", name="a")])}
"""


@pytest.fixture
def project(tmp_path) -> CheckedProject:
    project = CheckedProject(tmp_path / "farm")
    project.pipelines(NOISY)
    project.write("logging.yml", "version: 1\n")
    return project


def kedro(
    project: CheckedProject, *args: str, stdout=subprocess.PIPE, **environ: str
) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if k not in {"NO_COLOR", "FORCE_COLOR"}}
    kept |= {"KEDRO_DISABLE_TELEMETRY": "1", **environ}
    kept["KEDRO_LOGGING_CONFIG"] = str(project.root / "logging.yml")
    return subprocess.run(
        [sys.executable, "-m", "kedro", "azureml", *args],
        cwd=project.root, env=kept, stdout=stdout, stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip


def test_what_the_project_prints_and_warns_of_is_on_the_standard_error(project):
    done = kedro(project, "compile")
    assert done.returncode == 0, done.stderr
    *first, last = done.stdout.splitlines()
    assert first == ["Compiled the job 'j': 1 step.", "  build/azureml/j/pipeline.yml"]
    assert last.startswith("  code: ")
    assert "the project prints" in done.stderr
    assert "the project warns" in done.stderr


def test_a_simulation_shows_its_own_lines_alone(project):
    done = kedro(project, "simulate", "--validate", "--format", "text")
    assert done.returncode == 0, done.stderr
    assert "the project prints" not in done.stdout
    assert "the project prints" in done.stderr


def test_what_the_settings_print_is_not_in_the_result_either(project):
    project.settings("print('the settings print')")
    done = kedro(project, "plan", "--format", "json")
    assert json.loads(done.stdout)["job"] == "j"
    assert "the settings print" in done.stderr


def test_what_others_print_after_the_command_is_not_in_the_result(project):
    # As kedro-telemetry does, with its notice.
    project.settings("import atexit\natexit.register(print, 'the settings print')")
    done = kedro(project, "jobs", "--defined", "--format", "json")
    assert [*json.loads(done.stdout)] == ["jobs"]
    assert "the settings print" in done.stderr


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("src/{}/settings.py", "x = 1\nHOOKS = (\n", "settings.py:2: SyntaxError: '(' was never"),
        ("src/{}/settings.py", "1 / 0\n", "settings.py:1: ZeroDivisionError: division by zero"),
        ("pyproject.toml", "[tool.kedro]\n[[[\n", "pyproject.toml:2: TOMLDecodeError: "),
    ],
)
def test_a_project_that_kedro_cannot_open_is_one_message_without_traceback(
    project, file, text, said
):
    path = project.root / file.format(project.package)
    path.write_text(text)
    done = kedro(project, "check")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: The project cannot be read: ")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 2


def test_colours_are_those_that_the_environment_asks_for(project):
    project.settings_of({"j": {"notifications": "nobody"}})
    coloured = re.compile(r"\x1b\[")
    assert not coloured.search(kedro(project, "check").stdout)
    assert coloured.search(kedro(project, "check", FORCE_COLOR="1").stdout)
    assert not coloured.search(kedro(project, "check", FORCE_COLOR="1", NO_COLOR="1").stdout)


def test_one_warning_that_no_user_can_avoid_is_left_out_and_no_other():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with redirect_the_rest_to_stderr():
            warnings.warn("register_new_resolver() is deprecated, use another", stacklevel=1)
            warnings.warn("another() is deprecated", stacklevel=1)
            warnings.warn("register_new_resolver() is slow", stacklevel=1)
    assert [str(one.message) for one in caught] == [
        "another() is deprecated",
        "register_new_resolver() is slow",
    ]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_result_that_cannot_be_written_is_one_message(project):
    with Path("/dev/full").open("w") as full:
        done = kedro(project, "check", stdout=full)
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1] == (
        "Error: The result cannot be written to the standard output: No space left on device."
    )


@pytest.mark.parametrize(("option", "later"), [((), "later\n"), (("--quiet",), "")])
def test_what_is_printed_after_the_result_is_diverted_and_the_end_of_the_process_is_silent(
    option, later
):
    program = """
    import sys
    sys.argv = ["kedro", "azureml", "compile", *sys.argv[1:]]
    from kedro_azureml_cli.terminal import result_stream
    from kedro_azureml_cli.terminal.start_up import starting
    starting.begin()
    starting.end()
    print("the result")
    starting.take_output()
    print("later")
    vars(result_stream).update(dict.fromkeys(vars(result_stream)))  # as Python does at its end
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), *option],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("the result\n", later)
