"""Read how long the steps of an earlier run took: of a simulation, or of a job in Azure ML."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kedro_azureml_compiler import MeasuredStep
from kedro_azureml_datasets import KedroAzureMLError
from kedro_azureml_datasets.azure_ml.errors import NotFoundError
from kedro_azureml_datasets.azure_ml.thread_pools import open_pool
from kedro_azureml_runner import InvocationError, read_step_times

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from kedro_azureml_cli.azure_ml.jobs.remote_job import RemoteJob
    from kedro_azureml_cli.azure_ml.jobs.states import StepState
    from kedro_azureml_cli.azure_ml.jobs.step_logs import StepLogs

_AT_ONCE = 8
"""Logs that are read at the same time."""


class NoTimesError(KedroAzureMLError):
    """The earlier run does not say how long its steps took."""

    blame = "user"


def read_simulated_times(run_dir: Path, job: str) -> list[MeasuredStep]:
    """Read the times of a simulation.

    What a step takes besides its code is this machine's affair, and says nothing of Azure ML.

    Args:
        run_dir: The run folder.
        job: Name of the job, for people.

    Raises:
        NoTimesError: There is none, or no step of it has completed.
    """
    from kedro_azureml_cli.azure_ml.jobs.step_command import read_command

    file = run_dir / "run.json"
    hint = f"Simulate the job first:  kedro azureml simulate -j {job}"
    measured = []
    try:
        for step in json.loads(file.read_text(encoding="utf-8"))["steps"]:
            try:
                nodes = read_command(step["command"], {}).nodes
            except InvocationError:
                continue  # a step that runs no nodes
            seconds = None
            if step["status"] == "completed" and step["log_path"] and not step["reused"]:
                log = run_dir / step["log_path"]
                seconds = _seconds(log.read_text(encoding="utf-8", errors="replace"))
            measured.append(MeasuredStep(nodes, seconds, None, step["reused"] is True))
    except FileNotFoundError as error:
        message = f"No simulation of '{job}' was found: '{error.filename}' does not exist."
        raise NoTimesError(message, hint=hint) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        message = f"'{file}' cannot be read as the record of a simulation."
        raise NoTimesError(message, hint=hint) from error
    return _check(measured, f"the simulation in '{run_dir}'", hint)


def read_job_times(job: RemoteJob, logs: StepLogs, nodes: Collection[str]) -> list[MeasuredStep]:
    """Read the times of a job in Azure ML.

    Args:
        job: The job.
        logs: What reads the logs of its steps.
        nodes: Names of the nodes of the job as it is now.

    Raises:
        NoTimesError: No step of it has completed, or their logs do not say when they ran.
        KedroAzureMLError: Azure ML did not answer.
    """
    steps = [step for step in job.state.steps if step.run_id]
    named = {step.display_name for step in steps}
    # One request each; what a step of one node runs can be seen from its name.
    asks = not named.issuperset(nodes)

    def measure(step: StepState) -> MeasuredStep | None:
        return _measure(job, logs, step, nodes, asks=asks)

    measured = [measure(step) for step in steps[:1]]  # what all need is then known
    with open_pool(_AT_ONCE) as pool:
        measured += pool.call_each(measure, steps[1:])
    return _check(
        [step for step in measured if step is not None],
        f"the job {job.name}",
        "Choose a job of which steps have completed, and that was sent by a version of this "
        "plugin whose steps say when they run:  kedro azureml jobs",
    )


def _measure(
    job: RemoteJob, logs: StepLogs, step: StepState, known: Collection[str], *, asks: bool
) -> MeasuredStep | None:
    nodes: tuple[str, ...] = (step.display_name,)
    if asks:
        try:
            nodes = job.invocation(step.step).nodes
        except (InvocationError, NotFoundError, KeyError):
            return None  # a step that runs no nodes, or that the job does not describe
    elif step.display_name not in known:
        return None
    if step.data_run_id not in {"", step.run_id}:
        return MeasuredStep(nodes, is_reused=True)
    if step.status != "Completed":
        return MeasuredStep(nodes)
    seconds = _seconds(*logs.read_ends(step.run_id))
    waiting = None
    if seconds is not None and step.started is not None and step.ended is not None:
        waiting = max((step.ended - step.started).total_seconds() - seconds, 0.0)
    return MeasuredStep(nodes, seconds, waiting)


def _seconds(*logs: str) -> float | None:
    times = read_step_times(*logs)
    if times is None or times.ended is None:
        return None
    return (times.ended - times.started).total_seconds()


def _check(measured: list[MeasuredStep], what: str, hint: str) -> list[MeasuredStep]:
    if not any(step.code_s is not None for step in measured):
        raise NoTimesError(f"The times of no step are known from {what}.", hint=hint)
    return measured
