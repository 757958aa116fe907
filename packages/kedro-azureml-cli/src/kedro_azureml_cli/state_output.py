"""Shows jobs of a workspace and the states of their steps, as text or as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kedro_azureml_cli.azure_ml.job_states import JobState, StepState


def jobs_as_text(jobs: Sequence[JobState]) -> str:
    """List jobs, a line for each.

    Args:
        jobs: The jobs, the newest first.
    """
    rows = [(job.name, job.job or "-", job.status, local_time(job.created)) for job in jobs]
    return as_table(("name", "job", "state", "submitted"), rows)


def jobs_as_json(jobs: Sequence[JobState]) -> str:
    """Give jobs as JSON.

    Args:
        jobs: The jobs, the newest first.
    """
    return _json({"jobs": [_job(job) for job in jobs]})


def state_as_text(state: JobState, now: datetime) -> str:
    """Tell how a job is, and each of its steps.

    Args:
        state: The job.
        now: The time now, with its zone.
    """
    known = f", the job '{state.job}'" if state.job else ""
    lines = [f"{state.name}{known}: {state.status}"]
    lines += [f"  submitted {local_time(state.created)}"] if state.created else []
    lines += [f"  {state.studio_url}"] if state.studio_url else []
    lines += [f"  {state.error}"] if state.error else []
    rows = [(step.display_name, step.status, step_duration(step, now)) for step in state.steps]
    table = as_table(("step", "state", "duration"), rows) if rows else ""
    return "".join(f"{line}\n" for line in lines) + table


def state_as_json(state: JobState) -> str:
    """Give a job and its steps as JSON.

    Args:
        state: The job.
    """
    return _json({**_job(state), "steps": [_step(step) for step in state.steps]})


def step_duration(step: StepState, now: datetime) -> str:
    """Tell how long a step has taken, or takes by now; empty where that is not known.

    Args:
        step: The step.
        now: The time now, with its zone.
    """
    end = step.ended if step.is_final else now
    if step.started is None or end is None:
        return ""
    return duration((end - step.started).total_seconds())


def duration(seconds: float) -> str:
    """Write a duration for people.

    Args:
        seconds: The duration.

    Example:
        >>> duration(3.2), duration(63), duration(7500)
        ('3 s', '1 min 03 s', '2 h 05 min')
    """
    whole = max(int(seconds), 0)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"


def as_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write rows below a head, each column as wide as it has to be.

    Args:
        head: Names of the columns.
        rows: What stands in them.

    Example:
        >>> print(as_table(("name", "state"), [("train", "done")]), end="")
        name   state
        train  done
    """
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        + "\n"
        for line in lines
    )


def local_time(moment: datetime | None) -> str:
    """Write a time for people: in the zone of this machine.

    Args:
        moment: The time, with its zone; None is written as `-`.
    """
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S") if moment else "-"


def as_utc(moment: datetime | None) -> str | None:
    """Write a time for programs: in UTC, to the second.

    Args:
        moment: The time, with its zone; None is written as None.
    """
    return moment.astimezone(timezone.utc).isoformat(timespec="seconds") if moment else None


def _job(job: JobState) -> dict[str, Any]:
    return {
        "name": job.name,
        "job": job.job or None,
        "display_name": job.display_name,
        "status": job.status,
        "submitted": as_utc(job.created),
        "experiment_name": job.experiment_name or None,
        "studio_url": job.studio_url or None,
        "tags": dict(job.tags),
    }


def _step(step: StepState) -> dict[str, Any]:
    return {
        "step": step.step,
        "display_name": step.display_name,
        "name": step.run_id or None,
        "status": step.status,
        "started": as_utc(step.started),
        "ended": as_utc(step.ended),
    }


def _json(content: Any) -> str:
    return json.dumps(content, indent=2) + "\n"
