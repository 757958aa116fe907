"""Show jobs of a workspace and the statuses of their steps, as text or as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro_azureml_cli.terminal.tables import (
    format_duration,
    format_json,
    format_local_time,
    format_table,
    format_utc,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from kedro_azureml_cli.azure_ml.jobs.states import JobState, StepState


def jobs_as_text(jobs: Sequence[JobState]) -> str:
    """Return a table of jobs.

    Args:
        jobs: The jobs, the newest first.
    """
    rows = [(job.name, job.job or "-", job.status, format_local_time(job.created)) for job in jobs]
    return format_table(("name", "job", "state", "submitted"), rows)


def jobs_as_json(jobs: Sequence[JobState]) -> str:
    """Return jobs as JSON.

    Args:
        jobs: The jobs, the newest first.
    """
    return format_json({"jobs": [_job(job) for job in jobs]})


def state_as_text(state: JobState, now: datetime) -> str:
    """Return the status of a job and its steps, as text.

    Args:
        state: The job.
        now: The time now, with its zone.
    """
    known = f", the job '{state.job}'" if state.job else ""
    lines = [f"{state.name}{known}: {state.status}"]
    lines += [f"  submitted {format_local_time(state.created)}"] if state.created else []
    lines += [f"  {state.studio_url}"] if state.studio_url else []
    rows = [
        (step.display_name, step.status, format_step_duration(step, now)) for step in state.steps
    ]
    table = format_table(("step", "state", "duration"), rows) if rows else ""
    return "".join(f"{line}\n" for line in lines) + table


def state_as_json(state: JobState) -> str:
    """Return a job and its steps as JSON.

    Args:
        state: The job.
    """
    return format_json({**_job(state), "steps": [_step(step) for step in state.steps]})


def format_step_duration(step: StepState, now: datetime) -> str:
    """Return how long a step took, or has taken so far; empty if that is not known.

    Args:
        step: The step.
        now: The time now, with its zone.
    """
    end = step.ended if step.is_final else now
    if step.started is None or end is None:
        return ""
    return format_duration((end - step.started).total_seconds())


def _job(job: JobState) -> dict[str, Any]:
    return {
        "name": job.name,
        "job": job.job or None,
        "display_name": job.display_name,
        "status": job.status,
        "submitted": format_utc(job.created),
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
        "started": format_utc(step.started),
        "ended": format_utc(step.ended),
    }
