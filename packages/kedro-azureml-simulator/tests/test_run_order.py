"""In which order steps run, what a failure stops, and how long a step waits."""

from __future__ import annotations

import json
import os
import shlex
import signal
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from kedro_azureml_simulator import (
    RunStarted,
    StepFinished,
    StepStarted,
)

if TYPE_CHECKING:
    from conftest import Project

FOLDER = {"type": "uri_folder"}
STOPPING = {
    "settings": {"default_compute": "azureml:cpu", "continue_on_step_failure": False},
}


def from_step(step: str, port: str = "y") -> str:
    return f"${{{{parent.jobs.{step}.outputs.{port}}}}}"


def statuses(result: Any) -> dict[str, str]:
    return {step.name: step.status for step in result.steps}


def test_a_failed_step_keeps_its_exit_code_and_log_and_stops_the_rest_on_request(
    project: Project,
) -> None:
    result = project.run(
        {
            "bad": project.command(
                "echo out; echo err >&2; exit 3", outputs={"y": FOLDER}, display_name="pipe.bad"
            ),
            "after": project.command("true", inputs={"x": from_step("bad")}),
            "other": project.command("true"),
        },
        max_workers=1,
        fields=STOPPING,
    )

    assert result.status == "failed"
    assert statuses(result) == {"bad": "failed", "after": "skipped", "other": "skipped"}
    bad, after, _ = result.steps
    assert bad.exit_code == 3
    assert bad.display_name == "pipe.bad"
    assert "exit code 3" in bad.message
    assert project.log(bad).startswith("out\nerr\n")
    assert (after.exit_code, after.log_path, after.duration_s) == (None, None, 0)


def test_independent_branches_go_on_after_a_failed_step(project: Project) -> None:
    result = project.run(
        {
            "bad": project.command("false", outputs={"y": FOLDER}),
            "after": project.command("true", inputs={"x": from_step("bad")}),
            "other": project.command("true"),
        },
        max_workers=1,
    )

    assert result.status == "failed"
    assert statuses(result) == {"bad": "failed", "after": "skipped", "other": "completed"}


def test_a_command_does_not_stop_at_its_first_error_as_set_e_would(project: Project) -> None:
    assert project.run({"a": project.command("false\ntrue")}).status == "completed"


def test_a_step_that_a_signal_ended_says_which(project: Project) -> None:
    step = project.run({"a": project.command("kill -KILL $$")}).steps[0]

    assert step.exit_code == 137
    assert "SIGKILL" in step.message


def test_logs_keep_every_byte(project: Project) -> None:
    step = project.run({"a": project.command(r"printf '\xff\x00\r\xfe'")}).steps[0]

    assert step.log_path is not None
    assert step.log_path.read_bytes() == b"\xff\x00\r\xfe"


def test_the_record_of_a_run_is_truthful_and_can_be_moved(project: Project) -> None:
    result = project.run(
        {
            "good": project.command(
                "echo 1 > ${{outputs.y}}/f", outputs={"y": {**FOLDER, "name": "m", "version": "1"}}
            ),
            "bad": project.command("exit 4", inputs={"x": from_step("good")}),
            "never": project.command("true"),
        },
        max_workers=1,
        fields=STOPPING,
    )

    text = (project.run_dir / "run.json").read_text()
    record = json.loads(text)
    assert str(project.folder) not in json.dumps(
        {key: value for key, value in record.items() if key != "steps"}
    )
    assert (record["format"], record["status"]) == (1, "failed")
    good, bad, never = record["steps"]
    assert (good["status"], bad["status"], never["status"]) == ("completed", "failed", "skipped")
    assert bad["exit_code"] == 4
    moved = project.run_dir.rename(project.folder / "moved")
    assert (moved / good["outputs"]["y"] / "f").read_text() == "1\n"
    assert (moved / bad["log_path"]).exists()
    assert record["registered"] == {"m:1": "assets/m/1"}
    assert result.registered == {"m:1": project.run_dir / "assets" / "m" / "1"}


def test_steps_run_side_by_side_up_to_the_limit(project: Project) -> None:
    # Each step waits for the other one: with one worker neither would end.
    meeting = project.folder / "meeting"
    meeting.mkdir()
    place = shlex.quote(str(meeting))

    def step(me: str, other: str) -> dict[str, Any]:
        line = f"touch {place}/{me}; until test -e {place}/{other}; do sleep 0.01; done"
        return project.command(line, limits={"timeout": 10})

    assert project.run({"a": step("a", "b"), "b": step("b", "a")}).status == "completed"


def test_no_more_steps_run_than_allowed_and_events_come_in_order(project: Project) -> None:
    events: list[Any] = []
    names = [f"s{n}" for n in range(5)]

    project.run(
        {name: project.command("sleep 0.02") for name in names},
        max_workers=2,
        on_event=events.append,
    )

    running = 0
    assert isinstance(events[0], RunStarted)
    assert events[0].total == 5
    for event in events[1:]:
        running += 1 if isinstance(event, StepStarted) else -1
        assert 0 <= running <= 2
    assert [event.name for event in events if isinstance(event, StepStarted)] == names
    finished = [event for event in events if isinstance(event, StepFinished)]
    assert [(event.finished, event.total) for event in finished] == [(n, 5) for n in range(1, 6)]


def test_max_workers_below_one_is_refused(project: Project) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        project.run({"a": project.command("true")}, max_workers=0)


def test_the_last_step_runs_also_after_a_failure_and_the_first_before_all(project: Project) -> None:
    result = project.run(
        {
            "end": project.command("date +%s%N"),
            "good": project.command("date +%s%N"),
            "bad": project.command("date +%s%N; false"),
            "begin": project.command("date +%s%N"),
        },
        fields={
            "settings": {
                "default_compute": "azureml:cpu", "on_init": "begin", "on_finalize": "end",
                "continue_on_step_failure": False,
            }
        },
        max_workers=1,
    )  # fmt: skip

    steps = {step.name: step for step in result.steps}
    times = {name: int(project.log(s).split()[0]) for name, s in steps.items() if s.log_path}
    assert result.status == "failed"
    assert steps["end"].status == steps["begin"].status == "completed"
    assert sorted(times, key=times.__getitem__) == ["begin", "good", "bad", "end"]


def test_a_step_waits_its_overhead_before_its_command_and_counts_as_running(
    project: Project,
) -> None:
    jobs = {name: project.command("date +%s.%N") for name in ("one", "two")}

    result = project.run(jobs, step_overhead_s=0.6, max_workers=1)

    first, second = (float(project.log(step)) for step in result.steps)
    assert second - first >= 0.6
    assert all(step.duration_s >= 0.6 for step in result.steps)


def test_a_step_that_is_cancelled_while_it_waits_its_overhead_runs_no_command(
    project: Project,
) -> None:
    jobs = {"waits": project.command("touch ran; exit 3")}
    started = time.monotonic()

    def cancel_soon(event: object) -> None:
        if isinstance(event, StepStarted):
            threading.Timer(0.2, os.kill, [os.getpid(), signal.SIGINT]).start()

    with pytest.raises(KeyboardInterrupt) as caught:
        project.run(jobs, step_overhead_s=50, on_event=cancel_soon)

    assert time.monotonic() - started < 20
    assert all(step.status == "canceled" for step in caught.value.result.steps)
    assert caught.value.result.steps[0].log_path is None


@pytest.mark.parametrize("seconds", [-1, float("nan"), 1e12])
def test_an_overhead_that_no_step_can_wait_is_refused(project: Project, seconds: float) -> None:
    with pytest.raises(ValueError, match="step_overhead_s must be a number from 0 to 86,400"):
        project.run({"one": project.command("true")}, step_overhead_s=seconds)
