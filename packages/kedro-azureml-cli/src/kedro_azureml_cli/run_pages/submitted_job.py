"""Write the page of a job in a workspace."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import PurePath
from typing import TYPE_CHECKING

from kedro_azureml_compiler import (
    ANNOUNCING_STEP,
    BUNDLES_FOLDER,
    JOBS_FOLDER,
    ComparedData,
    Plan,
    PlannedStep,
    RunFacts,
    StepRun,
    read_plan,
)

from kedro_azureml_cli.run_pages.writing import format_time, write_beside_run, write_run_page

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from kedro_azureml_compiler import CompiledJob

    from kedro_azureml_cli.azure_ml.jobs.states import JobState, StepState

_COMPARED = ".compared.json"
_OF_BUNDLE = (
    "The picture is that of the bundle on this machine, which may have been compiled anew since "
    "this job was submitted."
)
_STEPS_ALONE = (
    "The picture shows the steps alone: this machine has no bundle with the steps of this job."
)


def write_job_page(
    project: Path,
    state: JobState,
    compiled: CompiledJob | None = None,
    compared: Iterable[ComparedData] | None = None,
) -> None:
    """Write the page of a submitted job to `build/azureml-jobs/<its name>/run.html`.

    Data that was compared is kept beside the page, so that later pages of the job show it, too.

    Args:
        project: The project's folder.
        state: What is known of the job.
        compiled: What was submitted; None if another command did.
        compared: Data that was compared with that of a local run; None for what is kept.
    """
    if not _is_file_name(state.name):  # what a service answers leads to no other folder
        return
    plan, note = (compiled.plan, "") if compiled is not None else _find_plan(project, state)
    details = compiled.details if compiled is not None else None
    folder = project / JOBS_FOLDER / state.name
    if compared is None:
        compared = _read_compared(folder / _COMPARED)
    else:
        compared = tuple(compared)
        write_beside_run(folder, _COMPARED, [json.dumps(compared)])
    run = describe_job(state, note, datetime.now(timezone.utc))._replace(compared=compared)
    write_run_page(folder, plan, run, details)


def _read_compared(file: Path) -> tuple[ComparedData, ...]:
    """Return what an earlier comparison kept; nothing if there was none that can be read."""
    try:
        rows = [[str(value) for value in row] for row in json.loads(file.read_text("utf-8"))]
        return tuple(ComparedData(*row) for row in rows)
    except (OSError, ValueError, TypeError, RecursionError):
        return ()


def describe_job(state: JobState, note: str, now: datetime) -> RunFacts:
    """Return what the page shows of a job.

    Args:
        state: What is known of it.
        note: What a reader must know of the page.
        now: The time, for steps that are running.
    """
    begin = state.created or min((s.started for s in state.steps if s.started), default=None)
    ends = [step.ended for step in state.steps if step.ended]
    end = max(ends) if state.is_final and ends else now
    return RunFacts(
        f"Job {state.name} in Azure ML",
        state.status,
        format_time(begin) if begin else "",
        max((end - begin).total_seconds(), 0.0) if begin else None,
        {step.display_name: _describe_step(step, begin, now) for step in state.steps},
        address=state.studio_url,
        note=note,
    )


def _describe_step(step: StepState, begin: datetime | None, now: datetime) -> StepRun:
    if step.started is None or begin is None:
        return StepRun(step.status or "not started")
    end = step.ended or now
    return StepRun(
        step.status,
        max((step.started - begin).total_seconds(), 0.0),
        max((end - step.started).total_seconds(), 0.0),
    )


def _find_plan(project: Path, state: JobState) -> tuple[Plan, str]:
    """Return the plan of the job's bundle if its steps are those of the job, and a note."""
    names = [step.display_name for step in state.steps]
    is_known = _is_file_name(state.job)
    plan = read_plan(project / BUNDLES_FOLDER / state.job) if is_known else None
    if plan is not None:
        known = {step.name for step in plan.steps}
        unknown = [name for name in names if name not in known]
        if all(name.startswith(ANNOUNCING_STEP) for name in unknown):  # it runs no node
            return plan, _OF_BUNDLE
    steps = tuple(PlannedStep(name, (name,)) for name in dict.fromkeys(names))
    return Plan(state.job or state.name, (), steps, ()), _STEPS_ALONE


def _is_file_name(name: str) -> bool:
    return PurePath(name).name == name and name not in {"", ".."}
