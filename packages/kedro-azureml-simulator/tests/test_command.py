"""The command, as a process, and what it shows."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from kedro_azureml_simulator.terminal.command import main
from kedro_azureml_simulator.terminal.console import report_run, show_result
from rich.console import Console

if TYPE_CHECKING:
    from conftest import Project


@pytest.fixture(autouse=True)
def _in_project(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project.folder)


def test_a_pipeline_that_completes_exits_with_0(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.write("birds/f", "bird")
    step = project.command(
        "cat ${{inputs.x}}/f; echo ${{inputs.rate}}",
        display_name="training.split",
        inputs={
            "x": {"type": "uri_folder", "path": "azureml:penguins:1"},
            "rate": "${{parent.inputs.rate}}",
        },
    )
    project.pipeline({"a": step}, inputs={"rate": 1})

    code = main(
        ["pipeline.yml", "--asset", "penguins:1=birds", "--input", "rate=a=b",
         "--python", sys.executable, "--max-workers", "1"]
    )  # fmt: skip

    output = capsys.readouterr()
    assert code == 0, output
    lines = output.out.splitlines()
    assert "isolated" in lines[0]
    assert lines[1] == "started training.split"
    assert lines[2].startswith("done training.split 0.")
    assert lines[2].endswith(" s (1/1)")
    assert lines[-1].startswith("completed in ")
    assert (project.folder / "azureml-simulation/steps/a/log.txt").read_text() == "birda=b\n"


def test_a_failed_step_shows_its_command_exit_code_and_the_end_of_its_log(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.pipeline({"a": project.command("for i in {1..99}; do echo [red]line $i; done; exit 7")})

    code = main(["pipeline.yml", "--run-dir", "here"])

    output = capsys.readouterr().out
    assert code == 1
    assert "exit code: 7" in output
    assert "for i in {1..99}; do echo [red]line $i; done; exit 7" in output
    assert "[red]line 61\n" in output
    assert "[red]line 60\n" not in output
    assert str(project.folder / "here/steps/a/log.txt") in output
    assert "1 failed" in output


def test_json_is_the_record_and_nothing_else(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.pipeline({"a": project.command("exit 7")})

    code = main(["pipeline.yml", "--format", "json"])

    output = capsys.readouterr()
    assert code == 1
    assert json.loads(output.out)["steps"][0]["exit_code"] == 7
    assert output.err == ""


def test_a_wrong_pipeline_exits_with_1_and_shows_every_problem(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.pipeline({"A": project.command(""), "b": project.command("${{inputs.x}}")})

    assert main(["pipeline.yml"]) == 1
    text = capsys.readouterr().err
    assert "3 problems" in text
    assert "jobs.b.command" in text
    assert main(["pipeline.yml", "--format", "json"]) == 1
    record = json.loads(capsys.readouterr().out)
    assert record["status"] == "invalid"
    assert len(record["problems"]) == 3


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["pipeline.yml", "--max-workers", "0"],
        ["pipeline.yml", "--max-workers", "two"],
        ["pipeline.yml", "--step-overhead", "nan"],
        ["pipeline.yml", "--asset", "penguins:1"],
        ["pipeline.yml", "--input", "=x"],
        ["pipeline.yml", "--format", "xml"],
        ["pipeline.yml", "--nonsense"],
        ["pipeline.yml", "--only", "a", "--from", "a"],
        ["pipeline.yml", "--assets", "nowhere"],
        ["pipeline.yml", "--environment", "x"],
        ["pipeline.yml", "--step-env", "x"],
    ],
)
def test_wrong_usage_exits_with_2(
    project: Project, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    project.pipeline({"a": project.command("true")})

    with pytest.raises(SystemExit) as caught:
        main(arguments)

    assert caught.value.code == 2
    assert "usage: azureml-simulate" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--python", "nowhere"], ["--run-dir", "."]])
def test_an_option_that_cannot_be_used_exits_with_2(
    project: Project, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    project.pipeline({"a": project.command("true")})

    assert main(["pipeline.yml", *arguments]) == 2
    assert capsys.readouterr().err.startswith("azureml-simulate: ")


def test_a_machine_without_bash_exits_with_3(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(project.folder))
    project.pipeline({"a": project.command("true")})

    assert main(["pipeline.yml"]) == 3
    assert "bash is not on PATH" in capsys.readouterr().err


def test_a_run_folder_that_the_machine_cannot_make_exits_with_3_and_a_wrong_one_with_2(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.pipeline({"a": project.command("true")})

    assert main(["pipeline.yml", "--run-dir", "x" * 300]) == 3  # longer than a name may be
    assert "this machine failed" in capsys.readouterr().err

    assert main(["pipeline.yml", "--run-dir", "pipeline.yml/run"]) == 2
    assert "cannot be made a folder" in capsys.readouterr().err


# Python imports this module at its start: it sends the signal when a module is imported.
AT_START = """
import os, signal, sys

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == os.environ["INTERRUPTED_AT"]:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupting())
"""


AS_A_SCRIPT = """
import sys
from importlib.metadata import entry_points

[script] = entry_points(group="console_scripts", name="azureml-simulate")
sys.exit(script.load()())
"""


@pytest.mark.parametrize(
    "module",
    [
        "kedro_azureml_simulator.terminal.command",
        "kedro_azureml_simulator.terminal.arguments",
        "kedro_azureml_simulator.simulation",
        "yaml",
        "rich.console",
    ],
)
def test_ctrl_c_before_anything_runs_is_one_line(project: Project, module: str) -> None:
    project.pipeline({"a": project.command("true")})
    project.write("early/sitecustomize.py", AT_START)
    done = subprocess.run(
        [sys.executable, "-c", AS_A_SCRIPT, "pipeline.yml"],
        env={**os.environ, "PYTHONPATH": "early", "INTERRUPTED_AT": module},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 130, done.stderr
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("azureml-simulate: interrupted before a")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_command_ends_its_steps_and_says_so(
    project: Project, number: signal.Signals
) -> None:
    project.pipeline({"a": project.command(f"echo $$ > {project.folder}/pid; sleep 600; true")})
    process = subprocess.Popen(
        [sys.executable, "-m", "kedro_azureml_simulator", "pipeline.yml", "--no-isolation"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    pid_file = project.folder / "pid"
    deadline = time.monotonic() + 10
    while not (pid_file.exists() and pid_file.read_text()) and time.monotonic() < deadline:
        time.sleep(0.005)
    process.send_signal(number)
    _, errors = process.communicate(timeout=10)

    assert process.returncode == 130
    assert errors == (
        "azureml-simulate: interrupted; ended a; no process is left; 1 canceled; logs and outputs"
        f" so far are in {project.folder / 'azureml-simulation'}\n"
    )
    assert not project.lives(int(pid_file.read_text()))


@pytest.mark.parametrize("more", [[], ["--validate"], ["--format", "json"]])
def test_a_closed_pipe_ends_as_other_commands_do_without_a_traceback(
    project: Project, more: list[str]
) -> None:
    project.pipeline({f"s{n}": project.command("true") for n in range(10)})
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "kedro_azureml_simulator", "pipeline.yml", *more],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writer)

    assert "Traceback" not in done.stderr
    assert done.returncode == 1


def test_a_terminal_sees_a_table_that_says_what_became_of_each_step(project: Project) -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=80, height=30)

    with report_run(console) as on_event:
        result = project.run(
            {"good": project.command("true"), "bad": project.command("sleep 0.3; exit 2")},
            max_workers=1,
            on_event=on_event,
        )
    show_result(result, console)

    text = screen.getvalue()
    for word in ("running", "done", "good", "failed", "bad", "2/2", "exit code: 2"):
        assert word in text


def test_a_log_s_own_markup_and_bytes_do_no_harm(project: Project) -> None:
    screen = io.StringIO()
    step = project.command(r"printf '[/red] \xff \033[31mred\033[0m\n'; exit 1")

    show_result(project.run({"a": step}), Console(file=screen, width=40))

    assert "[/red] \ufffd red\n" in screen.getvalue()


def test_skipped_steps_are_counted(project: Project) -> None:
    screen = io.StringIO()
    jobs: dict[str, Any] = {"a": project.command("exit 1"), "b": project.command("true")}

    settings = {"default_compute": "azureml:c", "continue_on_step_failure": False}

    result = project.run(jobs, max_workers=1, fields={"settings": settings})
    show_result(result, Console(file=screen))

    assert "1 failed, 1 skipped" in screen.getvalue()


def test_the_printed_time_counts_from_the_start_of_the_process(project: Project) -> None:
    project.pipeline({"a": project.command("true")})
    slow_start = (
        "import time; time.sleep(1.2);"
        "from kedro_azureml_simulator.__main__ import main; raise SystemExit(main())"
    )
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", slow_start, "pipeline.yml"],
        cwd=project.folder, capture_output=True, text=True, check=True,
    )  # fmt: skip
    seconds = time.monotonic() - started

    printed = float(done.stdout.rpartition("completed in ")[2].split()[0])
    assert 1.2 <= printed <= seconds + 0.1


def test_a_caller_of_the_command_is_told_the_time_of_its_own_run(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.pipeline({"a": project.command("true")})
    started = time.monotonic()
    assert main([str(project.folder / "pipeline.yml"), "--run-dir", str(project.run_dir)]) == 0
    seconds = time.monotonic() - started

    printed = float(capsys.readouterr().out.rpartition("completed in ")[2].split()[0])
    assert printed <= seconds + 0.1
