"""Bring a step of a submitted job to this machine, ready to be run."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from kedro_azureml_compiler import did_you_mean
from kedro_azureml_datasets import KedroAzureMLError
from kedro_azureml_datasets.azure_ml.registered_assets import RegisteredVersion

from kedro_azureml_cli.azure_ml.jobs.remote_job import RemoteJob
from kedro_azureml_cli.azure_ml.jobs.step_command import runs_nodes
from kedro_azureml_cli.jobs.remote.code import bring_code
from kedro_azureml_cli.jobs.remote.inputs import (
    DataCache,
    FromStep,
    Literal,
    UnreadableInputError,
    find_followers,
    resolve_inputs,
)
from kedro_azureml_cli.jobs.remote.places import claim_job, report_unwritable
from kedro_azureml_cli.replay.replay_pipeline import ReplayedStep, make_pipeline

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from kedro_azureml_cli.azure_ml.jobs.states import JobState
    from kedro_azureml_cli.jobs.job_lookup import FoundJob


class ReplayError(KedroAzureMLError):
    """A step cannot be replayed."""

    blame = "user"


def bring_step(
    found: FoundJob,
    state: JobState,
    step: str,
    project: Path,
    *,
    with_followers: bool,
    check_size: Callable[[int], None],
    on_progress: Callable[[str], None],
) -> Path:
    """Bring a step here: its code, its command and its inputs.

    All that can be missing is found before anything is downloaded.

    Args:
        found: The job.
        state: The job with its steps.
        step: The step, by its name or its display name.
        project: The project's folder.
        with_followers: Whether the steps that wait for it are brought as well.
        check_size: Called with the bytes of data that have to be downloaded; raises to stop.
        on_progress: Told what happens next.

    Returns:
        The pipeline YAML of the replay; what it needs lies beside it.

    Raises:
        ReplayError: The job has no such step, or it runs no node.
        KedroAzureMLError: Something of it cannot be had; what has come stays for the next time.
    """
    job = RemoteJob(found.client, state)
    document = job.document
    name = find_step(job, step)
    if not runs_nodes(job.component(name).command):
        raise ReplayError(f"The step '{step}' announces the end of the job and runs no node.")
    followers = find_followers(document, name) if with_followers else [name]
    names = [each for each in followers if runs_nodes(job.component(each).command)]
    folder = claim_job(project, state.name, found.workspace)
    cache = DataCache(found.storage, folder / "data", document, state)
    inputs = {each: _locate_inputs(each, job, cache, names) for each in names}
    data = dict.fromkeys(
        value
        for bound in inputs.values()
        for value in bound.values()
        if isinstance(value, RegisteredVersion)
    )
    check_size(sum(map(cache.size_bytes, data)))
    steps: dict[str, ReplayedStep] = {}
    for each in names:
        content = document.steps[each]
        on_progress(f"Bringing the step '{_show(state, each)}' ...")
        component = job.component(each)
        steps[each] = ReplayedStep(
            {**content, "display_name": _show(state, each)},
            component,
            bring_code(found, each, component, project, folder / "code"),
            {
                port: _fetch(_show(state, each), port, value, cache)
                for port, value in inputs[each].items()
            },
            alone=each == name,
        )
    target = folder / "steps" / name / "pipeline.yml"
    draft = target.with_name(".pipeline.yml")
    with report_unwritable(target.parent):
        target.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(make_pipeline(state.name, steps), encoding="utf-8")
        draft.replace(target)
    return target


def _locate_inputs(
    step: str, job: RemoteJob, cache: DataCache, here: Collection[str]
) -> dict[str, Any]:
    """Return what each input of a step gets: a value, a binding to a step that is here, or data."""
    kinds = job.component(step).inputs
    inputs: dict[str, Any] = {}
    for port, value in resolve_inputs(step, job.document, kinds).items():
        if isinstance(value, Literal):
            inputs[port] = value.value
        elif isinstance(value, FromStep) and value.step in here:
            inputs[port] = value.binding
        else:
            try:
                inputs[port] = cache.locate(value, kinds.get(port) or "uri_folder")
            except UnreadableInputError as error:
                if not isinstance(value, FromStep) or value.step not in job.document.steps:
                    raise
                writer = shlex.quote(_show(job.state, value.step))
                hint = f"Go on from there:  kedro azureml replay {job.name} {writer} --from"
                raise UnreadableInputError(error.message, hint=hint) from error
    return inputs


def _fetch(step: str, port: str, value: Any, cache: DataCache) -> Any:
    if not isinstance(value, RegisteredVersion):
        return value
    place = cache.fetch(value, f"The input '{port}' of the step '{step}'")
    return {"type": value.kind, "path": str(place), "mode": "ro_mount"}


def find_step(job: RemoteJob, step: str) -> str:
    """Return the name of a step of a job.

    Args:
        job: The job.
        step: The step, by its name or its display name.

    Raises:
        ReplayError: There is none, or several are shown under that name.
    """
    if step in job.document.steps:
        return step
    shown = {name: _show(job.state, name) for name in job.document.steps}
    named = [name for name, display_name in shown.items() if display_name == step]
    if len(named) == 1:
        return named[0]
    if named:
        raise ReplayError(
            f"Several steps of the job {job.name} are shown as '{step}'.",
            hint="Name one: " + ", ".join(named) + ".",
        )
    raise ReplayError(
        f"The job {job.name} has no step '{step}' {did_you_mean(step, shown.values())}."
    )


def _show(state: JobState, name: str) -> str:
    return next((step.display_name for step in state.steps if step.step == name), name)
