"""One step again, everything from a step on, and what need not run again."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from kedro_azureml_simulator import RunFolderError, SelectionError, read_run
from kedro_azureml_simulator.terminal.command import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Project

FOLDER = {"type": "uri_folder"}


def chain(project: Project, middle: str = "cat ${{inputs.x}}/f > ${{outputs.y}}/f") -> dict:
    """Return three steps in a row and one beside them, each counting its runs."""
    count = "echo ran >> {0}/runs_{1}; "

    def step(name: str, line: str, **fields: Any) -> dict[str, Any]:
        return project.command(count.format(project.folder, name) + line, **fields)

    return {
        "first": step("first", "echo $RANDOM > ${{outputs.y}}/f", outputs={"y": FOLDER}),
        "middle": step(
            "middle", middle, inputs={"x": "${{parent.jobs.first.outputs.y}}"},
            outputs={"y": {**FOLDER, "name": "m", "version": "1"}},
        ),
        "last": step("last", "cat ${{inputs.x}}/f",
                     inputs={"x": "${{parent.jobs.middle.outputs.y}}"}),
        "beside": step("beside", "true"),
    }  # fmt: skip


def runs(project: Project) -> dict[str, int]:
    return {
        path.name.removeprefix("runs_"): len(path.read_text().splitlines())
        for path in sorted(project.folder.glob("runs_*"))
    }


def test_one_step_runs_again_on_what_the_others_left(project: Project) -> None:
    first = project.run(chain(project))
    value = (first.steps[0].outputs["y"] / "f").read_text()

    again = project.run(chain(project, "echo new $(cat ${{inputs.x}}/f) > ${{outputs.y}}/f"),
                        only="middle")  # fmt: skip

    assert again.status == "completed"
    assert runs(project) == {"beside": 1, "first": 1, "last": 1, "middle": 2}
    assert (again.steps[1].outputs["y"] / "f").read_text() == f"new {value}"
    assert (again.registered["m:1"] / "f").read_text() == f"new {value}"
    assert [step.reused for step in again.steps] == [True, False, True, True]
    record = json.loads((project.run_dir / "run.json").read_text())
    assert [step["status"] for step in record["steps"]] == ["completed"] * 4


def test_everything_from_a_step_on_runs_again(project: Project) -> None:
    project.run(chain(project))

    again = project.run(chain(project), start="middle")

    assert again.status == "completed"
    assert runs(project) == {"beside": 1, "first": 1, "last": 2, "middle": 2}


def test_a_failed_run_goes_on_from_its_failed_step(project: Project) -> None:
    assert project.run(chain(project, "exit 3")).status == "failed"

    again = project.run(chain(project), start="middle")

    assert again.status == "completed"
    assert runs(project) == {"beside": 1, "first": 1, "last": 1, "middle": 2}


def test_a_step_is_also_known_by_its_display_name(project: Project) -> None:
    step = project.command("true", display_name="training.split")
    project.run({"a": step})

    assert project.run({"a": step}, only="training.split").status == "completed"


def test_a_step_that_does_not_exist_is_refused_with_its_nearest(project: Project) -> None:
    with pytest.raises(SelectionError, match="did you mean `middle`"):
        project.run(chain(project), only="midle")


def test_a_step_needs_what_an_earlier_run_has_left(project: Project) -> None:
    with pytest.raises(RunFolderError, match="no earlier run"):
        project.run(chain(project), only="middle")
    assert not project.run_dir.exists()

    project.run(chain(project, "exit 3"))
    with pytest.raises(SelectionError, match="no completed run of `middle`"):
        project.run(chain(project), only="last")
    assert (project.run_dir / "steps" / "first").exists()


BROKEN_RECORDS = [
    "", "{", "null", "[]", "[" * 100_000, '{"steps": 3}', '{"steps": [3]}',
    '{"steps": [{"status": "completed"}]}', "\xff",
]  # fmt: skip


@pytest.mark.parametrize("content", BROKEN_RECORDS)
def test_a_record_that_no_run_has_written_is_refused_by_its_name(
    project: Project, content: str
) -> None:
    project.run({"a": project.command("true"), "b": project.command("true")})
    record = project.run_dir / "run.json"
    record.write_bytes(content.encode("latin-1"))
    with pytest.raises(RunFolderError, match="is not the record of a run") as caught:
        project.run({"a": project.command("true"), "b": project.command("true")}, only="b")
    assert str(record) in str(caught.value)
    assert "run the whole pipeline there again" in str(caught.value)


def test_a_record_that_is_a_device_is_not_read(project: Project) -> None:
    project.run({"a": project.command("true"), "b": project.command("true")})
    (project.run_dir / "run.json").unlink()
    (project.run_dir / "run.json").symlink_to("/dev/zero")
    with pytest.raises(RunFolderError, match="no earlier run"):
        project.run({"a": project.command("true"), "b": project.command("true")}, only="b")


@pytest.mark.parametrize(
    "content",
    [
        *BROKEN_RECORDS,
        '{"fingerprint": "../../../precious", "run": "1"}',
        '{"fingerprint": 3, "run": "1"}',
        '{"fingerprint": null, "run": null}',
    ],
)
def test_a_step_whose_identity_nobody_has_written_runs_again_and_nothing_else_is_touched(
    project: Project, content: str
) -> None:
    precious = project.write("precious/file", "mine")
    project.run(chain(project), reuse=True)
    identity = project.run_dir / "steps" / "first" / "identity.json"
    identity.write_bytes(content.encode("latin-1"))
    again = project.run(chain(project), reuse=True)
    assert again.status == "completed"
    assert not again.steps[0].reused
    assert precious.read_text() == "mine"


def test_unchanged_deterministic_steps_are_reused(project: Project) -> None:
    first = project.run(chain(project), reuse=True)

    again = project.run(chain(project), reuse=True)

    assert runs(project) == {"beside": 1, "first": 1, "last": 1, "middle": 1}
    assert [step.reused for step in again.steps] == [True] * 4
    assert again.status == "completed"
    assert project.log(again.steps[2]) == project.log(first.steps[2])
    assert (again.registered["m:1"] / "f").exists()
    # Without `reuse` nothing is, and what it leaves can be reused.
    project.run(chain(project))
    project.run(chain(project), reuse=True)
    assert runs(project) == {"beside": 2, "first": 2, "last": 2, "middle": 2}


@pytest.mark.parametrize(
    ("change", "again"),
    [
        ({"command": "cat ${{inputs.x}}/f # changed"}, {"last"}),
        ({"environment_variables": {"A": "1"}}, {"last"}),
        ({"distribution": {"type": "pytorch"}}, {"last"}),
        ({"environment": "azureml:other:1"}, {"last"}),
        ({"display_name": "other"}, set()),
    ],
)
def test_what_a_step_does_decides_whether_it_is_reused(
    project: Project, change: dict[str, Any], again: set[str]
) -> None:
    project.run(chain(project), reuse=True)
    jobs = chain(project)
    count = jobs["last"]["command"].partition("; ")[0]
    jobs["last"].update(change)
    if "command" in change:
        jobs["last"]["command"] = f"{count}; {change['command']}"

    result = project.run(jobs, reuse=True)

    assert {step.name for step in result.steps if not step.reused} == again


def test_changed_code_and_changed_data_are_not_reused(project: Project) -> None:
    project.write("src/main.sh", "cat $1/f")
    project.write("data/f", "1")
    jobs = {
        "a": project.command(
            "bash main.sh ${{inputs.x}}", code="src", inputs={"x": {**FOLDER, "path": "data"}}
        )
    }

    def reused() -> bool:
        return project.run(jobs, reuse=True).steps[0].reused

    assert [reused(), reused()] == [False, True]
    project.write("src/main.sh", "cat $1/f; true")
    assert [reused(), reused()] == [False, True]
    project.write("data/f", "2")
    assert [reused(), reused()] == [False, True]
    project.write("src/__pycache__/x.pyc", "does not travel")
    assert reused()


def test_nothing_that_reads_a_step_that_ran_is_reused(project: Project) -> None:
    jobs = chain(project)
    component = {key: jobs["first"][key] for key in ("command", "environment", "outputs")}
    jobs["first"] = {"component": {**component, "is_deterministic": False}}

    project.run(jobs, reuse=True)
    result = project.run(jobs, reuse=True)

    assert [step.reused for step in result.steps] == [False, False, False, True]


def test_the_pipeline_may_forbid_reuse(project: Project) -> None:
    settings = {"default_compute": "azureml:cpu", "force_rerun": True}

    for _ in range(2):
        result = project.run(chain(project), reuse=True, fields={"settings": settings})

    assert not any(step.reused for step in result.steps)


def test_what_a_failed_run_reused_or_did_is_reused_by_the_next(project: Project) -> None:
    project.run(chain(project), reuse=True)
    project.run(chain(project, "exit 3"), reuse=True)

    result = project.run(chain(project), reuse=True)

    assert [step.reused for step in result.steps] == [True] * 4
    assert runs(project)["first"] == 1


def test_the_command_reuses_by_default(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.folder)
    project.pipeline({"a": project.command("true")})

    for arguments, words in (([], "done a"), ([], "reused a"), (["--no-reuse"], "done a")):
        assert main(["pipeline.yml", *arguments]) == 0
        assert words in capsys.readouterr().out


def test_kept_working_directories_and_inputs_can_be_looked_at(project: Project) -> None:
    project.write("src/main.txt", "main")
    project.write("data/f", "1")
    step = project.command("touch made", code="src", inputs={"x": {**FOLDER, "path": "data"}})

    for keep in (False, True):
        project.run({"a": step}, keep=keep)
        folder = project.run_dir / "steps" / "a"
        assert (folder / "code" / "made").exists() is keep
        assert (folder / "mounts" / "inputs" / "x" / "f").exists() is keep


def run_command(project: Project, *arguments: str, **options: Any) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "kedro_azureml_simulator", "pipeline.yml", *arguments],
        cwd=project.folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        **options,
    )


def test_a_failure_names_the_command_that_runs_the_step_again_under_a_debugger(
    project: Project,
) -> None:
    project.write("src/main.py", "import sys\nx = 6 * 7\nprint(1 / int(sys.argv[1]))\n")
    project.write("birds/1/f", "a bird")
    step = project.command(
        "cat ${{inputs.birds}}/f; python main.py ${{inputs.n}}",
        code="src",
        inputs={"n": "${{parent.inputs.n}}", "birds": {**FOLDER, "path": "azureml:birds:1"}},
    )
    project.pipeline({"a": step}, inputs={"n": 1})
    options = ["--python", sys.executable, "--asset", "birds:1=birds/1", "--inputs", "n=0"]

    failed = run_command(project, *options)

    assert failed.returncode == 1
    assert "ZeroDivisionError" in failed.stdout
    line = next(line for line in failed.stdout.splitlines() if line.endswith(" --only a")).strip()
    assert line.startswith("azureml-simulate pipeline.yml ")
    # The line itself, with a debugger in the code.
    project.write("src/main.py", "import sys\nx = 6 * 7\nbreakpoint()\n")
    program = f"exec {sys.executable} -m kedro_azureml_simulator " + line.partition(" ")[2]
    debugged = subprocess.run(
        ["bash", "-c", program], cwd=project.folder, input="p x + int(sys.argv[1])\nc\n",
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert debugged.returncode == 0, debugged
    assert "a bird" in debugged.stdout
    assert "(Pdb) 42" in debugged.stdout


def test_a_terminal_s_ctrl_c_is_for_the_step_that_runs_alone(project: Project) -> None:
    line = f"trap 'echo caught; exit 5' INT; touch {project.folder}/ready; sleep 600 & wait"
    project.pipeline({"a": project.command("true")})
    assert run_command(project).returncode == 0
    project.pipeline({"a": project.command(line)})

    # A session of its own, whose terminal this is.
    enter = (
        "import fcntl, os, sys, termios; os.setsid();"
        "fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
    )
    arguments = ["-m", "kedro_azureml_simulator", "pipeline.yml", "--only", "a", "--no-isolation"]
    terminal, other_end = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", enter, sys.executable, *arguments],
        cwd=project.folder, stdin=other_end, stdout=other_end, stderr=other_end,
    )  # fmt: skip
    os.close(other_end)
    project.wait_for((project.folder / "ready").exists, limit_s=30)
    os.write(terminal, b"\x03")
    shown = b""
    try:
        while chunk := os.read(terminal, 4096):
            shown += chunk
    except OSError:
        pass  # nobody holds the other end any more
    os.close(terminal)

    assert b"caught" in shown, shown
    assert b"exit code: 5" in shown
    assert process.wait() == 1


def overwrite(folder: Path) -> None:
    (folder / "f").write_text("another")


def put_an_older_file_there(folder: Path) -> None:
    overwrite(folder)
    os.utime(folder / "f", (0, 0))


def take_a_file_away(folder: Path) -> None:
    (folder / "g").unlink()


def empty(folder: Path) -> None:
    take_a_file_away(folder)
    (folder / "f").unlink()


@pytest.mark.parametrize(
    "change", [overwrite, put_an_older_file_there, take_a_file_away, empty, shutil.rmtree]
)
def test_an_output_that_was_changed_after_its_step_is_not_what_the_run_has_left(
    project: Project, change: Callable[[Path], None]
) -> None:
    steps = {
        name: project.command("echo 1 > ${{outputs.y}}/f; echo 2 > ${{outputs.y}}/g",
                              outputs={"y": {**FOLDER, "name": name, "version": "1"}})
        for name in ("changed", "kept")
    }  # fmt: skip
    result = project.run(steps)
    moved = project.folder / "moved"
    left = read_run(project.run_dir).steps
    assert {name: list(step.outputs) for name, step in left.items()} == {
        "changed": ["y"],
        "kept": ["y"],
    }

    change(result["changed"].outputs["y"])
    project.run_dir.rename(moved)
    left = read_run(moved).steps
    assert {name: list(step.outputs) for name, step in left.items()} == {
        "changed": [],
        "kept": ["y"],
    }
