"""No process is left behind, however a step or a run ends."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from kedro_azureml_simulator import (
    MachineError,
    RunInterruptedError,
    StepFinished,
    StepStarted,
)
from kedro_azureml_simulator.terminal.console import describe_interruption

if TYPE_CHECKING:
    from conftest import Project

pytestmark = pytest.mark.once

STOPPING = {
    "settings": {"default_compute": "azureml:cpu", "continue_on_step_failure": False},
}


def pids(project: Project, count: int) -> list[int]:
    """Wait until background processes have told their ids."""
    folder = project.folder / "pids"
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        texts = [path.read_text() for path in folder.iterdir()]
        if len(texts) >= count and all(text.endswith("\n") for text in texts):
            return [int(text) for text in texts]
        time.sleep(0.005)
    raise AssertionError(f"fewer than {count} background processes started")


def leaves_behind(project: Project, line: str) -> str:
    """Return a command that starts a background process first."""
    folder = project.folder / "pids"
    folder.mkdir(exist_ok=True)
    return f"sleep 600 & echo $! > {folder}/$BASHPID; {line}"


def gone(project: Project, found: list[int]) -> bool:
    # A killed process is gone when the kernel has had its turn, not when the signal was sent.
    deadline = time.monotonic() + 2
    while any(project.lives(pid) for pid in found) and time.monotonic() < deadline:
        time.sleep(0.005)
    return not any(project.lives(pid) for pid in found)


@pytest.mark.parametrize(("line", "status"), [("true", "completed"), ("exit 1", "failed")])
def test_what_a_step_leaves_in_the_background_ends_with_it(
    project: Project, line: str, status: str
) -> None:
    result = project.run({"a": project.command(leaves_behind(project, line))})

    assert result.status == status
    assert gone(project, pids(project, 1))


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")
@pytest.mark.parametrize("away", ["setsid", "set -m; nohup"])
def test_what_left_the_process_group_ends_too(project: Project, away: str) -> None:
    line = leaves_behind(project, "sleep 0.1")  # time for it to leave the group
    line = line.replace("sleep 600", f"{away} sleep 600", 1).replace("set -m; nohup", "nohup", 1)
    if "-m" in away:
        line = f"set -m; {line}"

    project.run({"a": project.command(line)})

    assert gone(project, pids(project, 1))


def test_a_step_that_ends_does_not_end_the_processes_of_another_one(project: Project) -> None:
    # Step 1 ends while step 10 runs.
    flag = project.folder / "flag"
    jobs = {f"s{n}": project.command("true") for n in range(11)}
    jobs["s1"] = project.command(f"until test -e {flag}; do sleep 0.01; done")
    jobs["s10"] = project.command(f"touch {flag}; sleep 0.3; echo whole")

    result = project.run(jobs)

    assert result.status == "completed", result.steps[10]
    assert project.log(result.steps[10]) == "whole\n"


def test_a_timeout_ends_the_whole_group_and_says_so(project: Project) -> None:
    step = project.command(leaves_behind(project, "sleep 600"), limits={"timeout": 0.3})

    result = project.run({"a": step})

    assert result.steps[0].status == "failed"
    assert "longer than its limits.timeout of 0.3 s" in result.steps[0].message
    assert result.steps[0].exit_code is None
    assert gone(project, pids(project, 1))


def test_a_step_that_ignores_sigterm_is_killed_after_the_grace(project: Project) -> None:
    line = leaves_behind(project, "trap '' TERM; while true; do sleep 0.05; done")
    step = project.command(line, limits={"timeout": 0.1})

    started = time.monotonic()
    result = project.run({"a": step})

    assert time.monotonic() - started > 4.5  # the grace of 5 s
    assert result.steps[0].status == "failed"
    assert gone(project, pids(project, 1))


def test_a_step_that_is_ended_may_finish_what_it_saves(project: Project) -> None:
    # bash itself dies of SIGTERM at once; its child needs a moment.
    child = (
        "import signal, sys, time, pathlib\n"
        "def save(*_):\n"
        "    time.sleep(0.3); pathlib.Path(sys.argv[1], 'saved').write_text('x'); sys.exit()\n"
        "signal.signal(signal.SIGTERM, save)\n"
        "pathlib.Path(sys.argv[2]).write_text('x')\n"
        "time.sleep(600)\n"
    )
    project.write("src/child.py", child)
    ready = project.folder / "ready"
    result = project.run(
        {
            "saving": project.command(
                f"{sys.executable} child.py ${{{{outputs.y}}}} {ready}; true",
                code="src",
                outputs={"y": {"type": "uri_folder"}},
            ),
            "bad": project.command(f"until test -e {ready}; do sleep 0.01; done; exit 1"),
        },
        fields=STOPPING,
    )

    assert result.steps[0].status == "canceled"
    place = result.steps[0].outputs["y"]
    assert [path.name for path in place.iterdir()] == ["saved"]


def test_where_the_pipeline_says_so_the_first_failure_ends_running_siblings(
    project: Project,
) -> None:
    waiting = leaves_behind(project, "sleep 600")
    failing = f'until test -n "$(cat {project.folder}/pids/*)"; do sleep 0.01; done; exit 1'

    result = project.run(
        {
            "sibling": project.command(waiting),
            "bad": project.command(failing),
            "never": project.command("true"),
        },
        fields=STOPPING,
    )

    statuses = [step.status for step in result.steps]
    assert statuses == ["canceled", "failed", "skipped"]
    assert result.steps[0].exit_code is None
    assert gone(project, pids(project, 1))


def test_ctrl_c_ends_every_child_and_leaves_a_truthful_record(project: Project) -> None:
    line = leaves_behind(project, "sleep 600")

    def interrupt() -> None:
        pids(project, 2)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        project.run(
            {
                "first": project.command("true"),
                "a": project.command(line),
                "b": project.command(line),
                "never": project.command("true"),
            }
        )
    thread.join()

    assert gone(project, pids(project, 2))
    record = json.loads((project.run_dir / "run.json").read_text())
    assert record["status"] == "canceled"
    assert [step["status"] for step in record["steps"]] == [
        "completed", "canceled", "canceled", "skipped",
    ]  # fmt: skip


def test_a_second_ctrl_c_does_not_wait_for_the_grace(project: Project) -> None:
    line = leaves_behind(project, "trap '' TERM; while true; do sleep 0.05; done")

    def interrupt() -> None:
        pids(project, 1)
        time.sleep(0.2)
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.3)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        project.run({"a": project.command(line)})
    thread.join()

    assert time.monotonic() - started < 4
    assert gone(project, pids(project, 1))


@pytest.mark.parametrize("moment", [StepStarted, StepFinished])
def test_a_callback_that_raises_ends_the_run_and_every_child(
    project: Project, moment: type[Any]
) -> None:
    seen: list[Any] = []

    def on_event(event: Any) -> None:
        seen.append(event)
        if isinstance(event, moment) and len(seen) > 2:
            raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        project.run(
            {
                "a": project.command(leaves_behind(project, "sleep 600")),
                "b": project.command(
                    f'until test -n "$(cat {project.folder}/pids/*)"; do sleep 0.01; done'
                ),
            },
            on_event=on_event,
        )

    record = json.loads((project.run_dir / "run.json").read_text())
    assert record["status"] == "failed"
    assert "enough" in record["message"]
    assert record["steps"][0]["status"] == "canceled"
    assert gone(project, [int(path.read_text()) for path in (project.folder / "pids").iterdir()])


def test_a_machine_without_bash_is_the_machine_s_failure(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(project.folder))

    with pytest.raises(MachineError, match="bash is not on PATH"):
        project.run({"a": project.command("true")})

    assert not project.run_dir.exists()


def test_a_machine_that_fails_a_step_leaves_a_truthful_record(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A bash that is found, and cannot be started.
    shell = project.write("bin/bash", "#!/nonexistent/interpreter\n")
    shell.chmod(0o755)
    monkeypatch.setenv("PATH", str(project.folder / "bin"))

    with pytest.raises(MachineError):
        project.run({"a": project.command("true"), "b": project.command("true")}, max_workers=1)

    record = json.loads((project.run_dir / "run.json").read_text())
    assert record["status"] == "failed"
    assert [step["status"] for step in record["steps"]] == ["failed", "skipped"]
    assert "this machine failed" in record["steps"][0]["message"]


def test_a_machine_that_cannot_write_the_record_either_names_the_step(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell = project.write("bin/bash", "#!/nonexistent/interpreter\n")
    shell.chmod(0o755)
    monkeypatch.setenv("PATH", str(project.folder / "bin"))

    def obstruct(event: object) -> None:
        if isinstance(event, StepStarted):
            (project.run_dir / ".run.json").mkdir()

    with pytest.raises(MachineError, match="failed in the step a"):
        project.run({"a": project.command("true")}, on_event=obstruct)


def test_artifacts_that_cannot_be_kept_fail_the_step_and_not_the_run(project: Project) -> None:
    # A path that is just short enough, and is not where artifacts are kept.
    deep = (
        "cd outputs; while [ ${#PWD} -lt 3850 ]; do mkdir $N; cd $N; done;"
        " touch $(printf %0$((4092 - ${#PWD}))d 0)"
    )
    steps = {
        "a": project.command(deep, environment_variables={"N": "n" * 100}),
        "b": project.command("true"),
    }
    result = project.run(steps, max_workers=1)

    assert [step.status for step in result.steps] == ["failed", "completed"]
    assert "./outputs cannot be kept: " in result.steps[0].message


def test_a_scratch_folder_goes_also_where_path_has_no_rm(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = project.folder / "scratch"
    scratch.mkdir()
    shell = shutil.which("bash")
    (project.folder / "bin").mkdir()
    (project.folder / "bin/bash").symlink_to(str(shell))
    monkeypatch.setenv("PATH", str(project.folder / "bin"))
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))

    assert project.run({"a": project.command("true")}).status == "completed"
    assert project.wait_for(lambda: not list(scratch.iterdir()))


@pytest.mark.parametrize("away", ["", "setsid "])
def test_a_simulator_that_is_killed_leaves_no_child_and_a_truthful_record(
    project: Project, away: str
) -> None:
    line = leaves_behind(project, "trap '' TERM; sleep 600; sleep 600")
    line = line.replace("sleep 600", f"{away}sleep 600", 1)
    pipeline = project.pipeline({"a": project.command(line)})
    code = (
        "import sys, pathlib; from kedro_azureml_simulator import simulate;"
        "simulate(pathlib.Path(sys.argv[1]), run_dir=pathlib.Path(sys.argv[2]))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(pipeline), str(project.run_dir)],
        env={**os.environ, "TMPDIR": str(project.folder)},
    )
    found = pids(project, 1)
    process.kill()
    process.wait()

    assert gone(project, found)
    assert json.loads((project.run_dir / "run.json").read_text())["status"] == "running"
    # Not even its scratch folder is left, and the next run starts clean.
    deadline = time.monotonic() + 2
    while list(project.folder.glob("azureml-simulate-*")) and time.monotonic() < deadline:
        time.sleep(0.005)
    assert not list(project.folder.glob("azureml-simulate-*"))
    assert project.run({"b": project.command("true")}).status == "completed"
    assert sorted(path.name for path in (project.run_dir / "steps").iterdir()) == ["b"]


def test_a_run_that_is_interrupted_says_what_was_done(project: Project) -> None:
    line = leaves_behind(project, "sleep 600")

    def interrupt() -> None:
        pids(project, 1)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(RunInterruptedError) as caught:
        project.run({"a": project.command(line), "b": project.command("true")}, max_workers=1)
    thread.join()

    assert [step.status for step in caught.value.result.steps] == ["canceled", "skipped"]
    text = describe_interruption(caught.value.result)
    assert "ended a; no process is left; 1 canceled, 1 skipped" in text
    assert str(project.run_dir) in text


def test_a_keeper_that_is_killed_leaves_nothing_and_fails_the_run(project: Project) -> None:
    line = leaves_behind(project, "sleep 600")
    folder = project.folder / "pids"

    def kill_keeper() -> None:
        found = pids(project, 1)
        shell = int(next(folder.iterdir()).name)  # which its keeper is the parent of
        status = Path(f"/proc/{shell}/status").read_text()
        os.kill(int(status.split("PPid:")[1].split()[0]), signal.SIGKILL)
        assert found

    thread = threading.Thread(target=kill_keeper)
    thread.start()
    with pytest.raises(MachineError, match=r"step a: its keeper was killed\n.*want of memory"):
        project.run({"a": project.command(line)})
    thread.join()

    assert gone(project, [int(path.read_text()) for path in folder.iterdir()])


def test_one_keeper_keeps_step_after_step_and_ends_with_the_run(project: Project) -> None:
    step = project.command("echo $PPID")
    result = project.run(dict.fromkeys("abc", step), max_workers=1)

    keepers = {int(project.log(found)) for found in result.steps}
    assert len(keepers) == 1
    assert gone(project, list(keepers))


def test_a_keeper_that_was_asked_to_end_its_step_keeps_no_other(project: Project) -> None:
    """A signal that comes a moment too late must not end the step that comes next."""
    steps = {
        "a": project.command("echo $PPID; exec sleep 600", limits={"timeout": 0.3}),
        "b": project.command("echo $PPID"),
    }
    result = project.run(steps, max_workers=1)

    assert [step.status for step in result.steps] == ["failed", "completed"]
    first = int(project.log(result.steps[0]).splitlines()[0])
    assert int(project.log(result.steps[1])) != first
    assert gone(project, [first])


def test_a_step_that_stops_its_parent_is_ended_by_its_limit(project: Project) -> None:
    steps = {
        "a": project.command("kill -STOP $PPID", limits={"timeout": 0.5}),
        "b": project.command("true"),
    }
    result = project.run(steps, max_workers=1)

    assert [step.status for step in result.steps] == ["failed", "completed"]
    assert "limits.timeout" in result.steps[0].message


def test_signals_to_the_parent_of_a_step_end_nothing(project: Project) -> None:
    sent = "; ".join(f"kill -{name} $PPID" for name in ("TERM", "USR1", "CHLD", "INT", "HUP"))
    line = leaves_behind(project, f"{sent}; sleep 0.05; echo ended")
    steps = {"a": project.command(f"setsid {line}"), "b": project.command("echo ended")}
    result = project.run(steps, max_workers=1)

    assert [step.status for step in result.steps] == ["completed"] * 2
    assert [project.log(step) for step in result.steps] == ["ended\n"] * 2
    assert gone(project, pids(project, 1))


@pytest.mark.parametrize(
    ("change", "show"),
    [
        ("renice -n 5 -p", "nice"),
        ("prlimit --nofile=60:60 --pid", "ulimit -n"),
        ("taskset -p 1", "taskset -p $$ | cut -d: -f2"),
    ],
)
def test_what_a_step_changes_of_its_parent_is_not_inherited_by_the_next(
    project: Project, change: str, show: str
) -> None:
    step = project.command(f"{show}; {change} $PPID >> changed")
    result = project.run({"a": step, "b": step}, max_workers=1)

    first, second = (project.log(found) for found in result.steps)
    assert result.status == "completed"
    assert first
    assert first == second


@pytest.mark.parametrize("size_bytes", [1, 100_000])
def test_a_keeper_that_is_killed_between_two_steps_is_replaced(
    project: Project, size_bytes: int
) -> None:
    def kill_keeper(event: object) -> None:
        if isinstance(event, StepFinished) and event.result.name == "a":
            os.kill(int(project.log(event.result)), signal.SIGKILL)

    large = project.command(
        "echo $PPID; echo ${#LARGE}", environment_variables={"LARGE": "x" * size_bytes}
    )
    steps = {"a": project.command("echo $PPID"), "b": large, "c": large}
    result = project.run(steps, max_workers=1, on_event=kill_keeper)

    assert [step.status for step in result.steps] == ["completed"] * 3
    logs = [project.log(step).split() for step in result.steps]
    assert logs[0][0] != logs[1][0]
    assert logs[1] == logs[2] == [logs[1][0], str(size_bytes)]
