"""Read jobs of a workspace and the states of their steps, with few requests."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from kedro_azureml_datasets import KedroAzureMLError
from kedro_azureml_datasets.azure_ml.errors import NotFoundError
from kedro_azureml_datasets.azure_ml.sdk_errors import retry_if_cut_off, translate_sdk_errors

from kedro_azureml_cli.azure_ml.jobs.states import FINAL, JobState, StepState, read_state_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from azure.ai.ml import MLClient

JOB_TAG = "kedro_job"
"""Tag that every job of this plugin has: its name in `azureml.yml`."""

PROJECT_TAG = "kedro_project"
"""Tag that names the package of a job's project, where it has one."""

ENV_TAG = "kedro_env"
"""Tag of those that were compiled for a Kedro environment."""

NOT_STARTED = "NotStarted"
_WAITING = frozenset({NOT_STARTED, "", "Queued", "Preparing", "Provisioning", "Paused"})
"""States before anything of a step runs."""

_MOST_LOOKED_AT = 1000
"""Jobs of a workspace that are looked through, the newest first."""

_LOOKS_WITHOUT_JOB = 8
"""So often the steps are looked at before the job itself is asked again, while they work."""


def list_jobs(
    client: MLClient, *, number: int, wanted: Callable[[JobState], bool] = lambda _: True
) -> list[JobState]:
    """List jobs of a workspace, the newest first, without their steps.

    Args:
        client: The client of the workspace.
        number: How many, at most.
        wanted: Which ones. Those of the last 1,000 are looked at.

    Raises:
        AzureMLError: Azure ML did not list them.
    """
    with translate_sdk_errors("listing the jobs of the workspace", more="az ml job list"):
        found = retry_if_cut_off(lambda: list(islice(filter(wanted, _newest(client)), number)))
    return sorted(found, key=_created, reverse=True)


def _newest(client: MLClient) -> Iterator[JobState]:
    for job in islice(client.jobs.list(), _MOST_LOOKED_AT):
        if job is not None:  # of a kind that the SDK knows
            yield _state(job)


def is_of_project(job: JobState, package: str) -> bool:
    """Check whether a job is one of a project, as far as its tags tell.

    Args:
        job: The job.
        package: Name of the project's package.
    """
    return bool(job.job) and job.tags.get(PROJECT_TAG, package) == package


def find_job(client: MLClient, name: str) -> JobState | None:
    """Return a job by its name in Azure ML; None if there is none.

    Args:
        client: The client of the workspace.
        name: The name.

    Raises:
        AzureMLError: Azure ML did not answer.
    """
    try:
        return _read_job(client, name)
    except NotFoundError:
        return None


def _read_job(client: MLClient, name: str) -> JobState:
    with translate_sdk_errors(f"looking up the job '{name}'", more="kedro azureml jobs"):
        return _state(retry_if_cut_off(lambda: client.jobs.get(name)))


class AmbiguousStepsError(KedroAzureMLError):
    """Two steps of a job cannot be told apart."""

    blame = "user"


class JobReader:
    """Reads one job again and again.

    While steps work the job works too: then only they are asked for.

    Args:
        client: The client of the workspace.
        name: The job's name in Azure ML.
        job: What is known of it, where it was read a moment ago.
    """

    def __init__(self, client: MLClient, name: str, job: JobState | None = None) -> None:
        self._client = client
        self._name = name
        self._job = job
        self._looks = 0

    def read(self) -> JobState:
        """Read the job's state and that of its steps.

        Raises:
            AzureMLError: Azure ML did not answer.
            AmbiguousStepsError: Two steps have the same display name.
        """
        is_new = self._looks == 0
        job = self._job or _read_job(self._client, self._name)
        _refuse_ambiguous(job)
        steps = self._read_steps()
        self._looks += 1
        works = any(not step.is_final and step.status not in _WAITING for step in steps)
        asked_again = not works or self._looks % _LOOKS_WITHOUT_JOB == 0
        if not is_new and not job.is_final and asked_again:
            job = _read_job(self._client, self._name)
            if job.is_final and not all(step.is_final for step in steps):
                steps = self._read_steps()  # what they have become meanwhile
        self._job = job
        return replace(job, status=_status(job, works), steps=_merged(job.steps, steps))

    def _read_steps(self) -> tuple[StepState, ...]:
        what = f"looking up the steps of the job '{self._name}'"
        with translate_sdk_errors(what, more=f"az ml job show --name {self._name}"):
            runs = retry_if_cut_off(
                lambda: list(self._client.jobs.list(parent_job_name=self._name))
            )
        return tuple(_step(run) for run in runs if run is not None)


def _refuse_ambiguous(job: JobState) -> None:
    """Refuse steps with the same display name: by nothing else is a run known as a step's."""
    seen: dict[str, str] = {}
    for step in job.steps:
        other = seen.setdefault(step.display_name, step.step)
        if other != step.step:
            raise AmbiguousStepsError(
                f"The steps '{other}' and '{step.step}' of the job {job.name} have the same "
                f"display name '{step.display_name}', so their runs cannot be told apart.",
                hint=f"See them in Studio: {job.studio_url}\nGive each step its own display name, "
                "and run the job again.",
            )


def _status(state: JobState, works: bool) -> str:
    return "Running" if works and state.status in _WAITING else state.status


def _state(job: Any) -> JobState:
    tags = {str(key): str(value) for key, value in (job.tags or {}).items()}
    steps = getattr(job, "jobs", None)
    return JobState(
        name=str(job.name),
        job=tags.get(JOB_TAG, ""),
        display_name=str(job.display_name or job.name),
        status=read_state_name(job.status),
        steps=tuple(
            StepState(str(name), str(getattr(step, "display_name", None) or name), "", NOT_STARTED)
            for name, step in (steps.items() if isinstance(steps, dict) else ())
        ),
        created=job.creation_context.created_at if job.creation_context else None,
        studio_url=str(job.studio_url or ""),
        experiment_name=str(job.experiment_name or ""),
        tags=tags,
    )


def _step(run: Any) -> StepState:
    status = read_state_name(run.status)
    context = run.creation_context
    properties = run.properties or {}
    reused = properties.get("azureml.reusedrunid") if _is_reused(properties) else None
    return StepState(
        step="",
        display_name=str(run.display_name or run.name),
        run_id=str(run.name),
        status=status,
        started=context.created_at if context and status not in _WAITING else None,
        ended=context.last_modified_at if context and status in FINAL else None,
        data_run_id=str(reused or run.name),
    )


def _is_reused(properties: Any) -> bool:
    return str(properties.get("azureml.isreused", "")).lower() == "true"


def _merged(known: tuple[StepState, ...], read: tuple[StepState, ...]) -> tuple[StepState, ...]:
    """Put what was read into the order of the job, which knows the steps before they have runs.

    A step that Azure ML runs again has several runs of its name; the newest counts.
    """
    if not known:
        return tuple(replace(step, step=step.step or step.display_name) for step in read)
    newest: dict[str, StepState] = {}
    for step in read:
        other = newest.get(step.display_name)
        if other is None or _age(other) <= _age(step):
            newest[step.display_name] = step
    merged = []
    for step in known:
        found = newest.pop(step.display_name, None) or newest.pop(step.step, None)
        merged.append(step if found is None else replace(
            found, step=step.step, display_name=step.display_name
        ))  # fmt: skip
    return (*merged, *(replace(step, step=step.display_name) for step in newest.values()))


def _age(step: StepState) -> tuple[bool, float]:
    """Order the runs of one step: what has not ended is the newest."""
    return not step.is_final, step.started.timestamp() if step.started else 0.0


def _created(job: JobState) -> float:
    created: datetime | None = job.created
    return created.timestamp() if created else 0.0
