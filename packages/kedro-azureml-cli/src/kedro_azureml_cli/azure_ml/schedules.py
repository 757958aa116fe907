"""Create, list, enable, disable and delete the schedules of a workspace."""

from __future__ import annotations

import io
import re
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from kedro_azureml_compiler import Cron, Recurrence, RecurrencePattern, Schedule
from kedro_azureml_datasets.azure_ml.errors import AzureMLError, AzureSignInError, NotFoundError
from kedro_azureml_datasets.azure_ml.sdk_errors import translate_sdk_errors

from kedro_azureml_cli.azure_ml.chatter import drop_upload_progress
from kedro_azureml_cli.azure_ml.jobs.reading import ENV_TAG, JOB_TAG, PROJECT_TAG
from kedro_azureml_cli.azure_ml.retrying import retry_if_transient
from kedro_azureml_cli.azure_ml.submission import send_bundle

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from azure.ai.ml import MLClient
    from azure.ai.ml.entities import PipelineJob
    from azure.core.polling import LROPoller

    from kedro_azureml_cli.azure_ml.component_registration import OnRegistered
    from kedro_azureml_cli.azure_ml.known_components import KnownComponents

PLACE_TAG = "kedro_schedule"
"""Tag of a schedule: its place in `azureml.yml`."""

_VERSION = re.compile(r".*/data/([^/]+)/versions/([^/]+)")


@dataclass(frozen=True)
class WantedSchedule:
    """A schedule as a project wants it.

    Args:
        name: Its name in Azure ML.
        job: Name of the job in `azureml.yml`.
        place: Its place in `azureml.yml`: `schedules.nightly`, `jobs.train.schedule`.
        schedule: When the job runs.
        package: Name of the project's package.
        env: The Kedro environment that was asked for; empty where none was.
    """

    name: str
    job: str
    place: str
    schedule: Schedule
    package: str
    env: str = ""

    @property
    def tags(self) -> dict[str, str]:
        """What it is known by in Azure ML."""
        own = {PROJECT_TAG: self.package, JOB_TAG: self.job, PLACE_TAG: self.place}
        return {**own, ENV_TAG: self.env} if self.env else own


@dataclass(frozen=True)
class ScheduleState:
    """A schedule as a workspace has it.

    Args:
        name: Its name in Azure ML.
        job: Name of the job in `azureml.yml`.
        place: Its place in `azureml.yml` when it was created.
        env: The Kedro environment that was asked for then; empty where none was.
        is_enabled: Whether it lets the job run.
        schedule: When the job runs.
    """

    name: str
    job: str
    place: str
    env: str
    is_enabled: bool
    schedule: Schedule


@dataclass(frozen=True)
class CreatedSchedule:
    """A schedule that a workspace has taken.

    Args:
        wanted: What was wanted.
        is_new: Whether it was not there before.
        is_enabled: Whether it lets the job run.
        versions: Input of the job to the data asset and the version that every run reads.
        uploads: Input of the job to the place of the uploaded file that every run reads.
        environments: Reference to an environment, such as `env@latest`, to what every run takes.
    """

    wanted: WantedSchedule
    is_new: bool
    is_enabled: bool
    versions: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    uploads: Mapping[str, str] = field(default_factory=dict)
    environments: Mapping[str, str] = field(default_factory=dict)


def list_schedules(client: MLClient, package: str) -> list[ScheduleState]:
    """List the schedules of a project, disabled ones included, by job and place.

    Args:
        client: The client of the workspace.
        package: Name of the project's package.

    Raises:
        AzureMLError: Azure ML did not answer.
    """
    with translate_sdk_errors(
        "listing the schedules", more="az ml schedule list --include-disabled"
    ):
        # By itself it would list the enabled ones. The enum of these words is private.
        listed: Any = partial(client.schedules.list, list_view_type="All")
        found = retry_if_transient(lambda: list(listed()))
    states = [_state(one) for one in found if (one.tags or {}).get(PROJECT_TAG) == package]
    return sorted(states, key=lambda state: (state.job, state.env, state.place, state.name))


def create_schedule(
    client: MLClient,
    bundle: Path,
    known: KnownComponents,
    wanted: WantedSchedule,
    existing: ScheduleState | None,
    *,
    data_inputs: Collection[str],
    experiment_name: str,
    on_registered: OnRegistered | None = None,
) -> CreatedSchedule:
    """Create a schedule of a bundle, or update it; a disabled one stays disabled.

    Args:
        client: The client of the workspace.
        bundle: The bundle's folder.
        known: What the workspace has already.
        wanted: The schedule.
        existing: What the workspace has of that name.
        data_inputs: Names of those inputs of the job that are data, and no values.
        experiment_name: The experiment, where the bundle names none.
        on_registered: Told of the progress.

    Raises:
        AzureMLError: Azure ML did not take it.
    """
    environments: dict[str, str] = {}
    is_enabled = existing is None or existing.is_enabled

    def send(job: PipelineJob) -> Any:
        from azure.ai.ml.entities import JobSchedule

        job.experiment_name = job.experiment_name or experiment_name
        schedule = JobSchedule(
            name=wanted.name,
            display_name=f"{wanted.job}: {wanted.place}",
            description=job.description,
            tags=wanted.tags,
            trigger=_trigger(wanted.schedule),
            create_job=job,
            # Not documented; without it a disabled schedule would be enabled.
            is_enabled=is_enabled,
        )
        return retry_if_transient(
            lambda: _finished(client.schedules.begin_create_or_update(schedule))
        )

    with drop_upload_progress():
        taken = send_bundle(
            client,
            bundle,
            known,
            send,
            f"creating the schedule '{wanted.name}'",
            f"az ml schedule show --name {wanted.name}",
            on_registered=on_registered,
            on_environments=environments.update,
        )
    versions, uploads = _fixed_inputs(taken.create_job.inputs, data_inputs)
    return CreatedSchedule(wanted, existing is None, is_enabled, versions, uploads, environments)


def switch_schedule(client: MLClient, name: str, *, enabled: bool) -> None:
    """Enable or disable a schedule, and wait for it.

    Args:
        client: The client of the workspace.
        name: Its name in Azure ML.
        enabled: Which of the two.

    Raises:
        AzureMLError: Azure ML did not do it.
    """
    doing = "enabling" if enabled else "disabling"
    switch = client.schedules.begin_enable if enabled else client.schedules.begin_disable
    with translate_sdk_errors(
        f"{doing} the schedule '{name}'", more=f"az ml schedule show --name {name}"
    ):
        retry_if_transient(lambda: _finished(switch(name)))


def delete_schedule(client: MLClient, state: ScheduleState) -> None:
    """Delete a schedule, and wait for it; one that is gone already is no error.

    Azure ML deletes only disabled schedules, so it is disabled before. Where Azure refuses to show
    how far the deletion is, the schedule itself is looked up.

    Args:
        client: The client of the workspace.
        state: The schedule.

    Raises:
        AzureMLError: Azure ML did not do it.
        AzureSignInError: The sign-in has expired, or was refused.
    """
    name = state.name
    more = f"az ml schedule show --name {name}"
    try:
        if state.is_enabled:
            switch_schedule(client, name, enabled=False)
        with translate_sdk_errors(f"deleting the schedule '{name}'", more=more):
            retry_if_transient(lambda: _finished(client.schedules.begin_delete(name)))
    except NotFoundError:
        return
    except (AzureMLError, AzureSignInError):
        if not _is_gone(client, name):
            raise


def _is_gone(client: MLClient, name: str) -> bool:
    try:
        with translate_sdk_errors(f"reading the schedule '{name}'"):
            client.schedules.get(name)
    except NotFoundError:
        return True
    except (AzureMLError, AzureSignInError):
        return False
    return False


def _finished(poller: LROPoller[Any]) -> Any:
    """Wait for what takes Azure ML some seconds; the SDK prints a dot for each look at it."""
    with redirect_stdout(io.StringIO()):
        return poller.result()


def _trigger(schedule: Schedule) -> Any:
    from azure.ai.ml.entities import CronTrigger, RecurrenceTrigger
    from azure.ai.ml.entities import RecurrencePattern as Pattern

    cron, recurrence = schedule.cron, schedule.recurrence
    trigger: Any = cron or recurrence
    times = {
        "time_zone": trigger.time_zone,
        "start_time": trigger.start_time,
        "end_time": trigger.end_time,
    }
    if cron is not None:
        return CronTrigger(expression=cron.expression, **times)
    given = trigger.pattern
    pattern = given and Pattern(
        hours=list(given.hours),
        minutes=list(given.minutes),
        week_days=[day.lower() for day in given.week_days] or None,
    )
    return RecurrenceTrigger(
        frequency=trigger.frequency.lower(), interval=trigger.interval, schedule=pattern, **times
    )


def _state(schedule: Any) -> ScheduleState:
    tags = schedule.tags or {}
    return ScheduleState(
        str(schedule.name),
        str(tags.get(JOB_TAG, "")),
        str(tags.get(PLACE_TAG, "")),
        str(tags.get(ENV_TAG, "")),
        schedule.is_enabled is not False,
        _times(schedule.trigger),
    )


def _times(trigger: Any) -> Schedule:
    """Return a trigger as `azureml.yml` would have it; nothing is checked, since Azure has it."""
    times: dict[str, Any] = {
        "time_zone": str(getattr(trigger, "time_zone", None) or "UTC"),
        "start_time": _text(getattr(trigger, "start_time", None)),
        "end_time": _text(getattr(trigger, "end_time", None)),
    }
    if hasattr(trigger, "expression"):
        cron = Cron.model_construct(expression=str(trigger.expression), **times)
        return Schedule.model_construct(cron=cron)
    if not hasattr(trigger, "frequency"):
        return Schedule.model_construct()
    given = trigger.schedule
    pattern = None
    if given is not None and given.hours:
        pattern = RecurrencePattern.model_construct(
            hours=tuple(given.hours),
            minutes=tuple(given.minutes or ()),
            week_days=tuple(str(day).lower() for day in given.week_days or ()),
        )
    recurrence = Recurrence.model_construct(
        frequency=str(trigger.frequency).lower(),
        interval=int(trigger.interval),
        pattern=pattern,
        **times,
    )
    return Schedule.model_construct(recurrence=recurrence)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _fixed_inputs(
    inputs: Mapping[str, Any], names: Collection[str]
) -> tuple[dict[str, tuple[str, str]], dict[str, str]]:
    """Return what the data of a job that Azure ML has taken stands for."""
    versions: dict[str, tuple[str, str]] = {}
    uploads: dict[str, str] = {}
    for name in names:
        path = str(inputs[name].path)
        version = _VERSION.fullmatch(path)
        if version is not None:
            versions[name] = (version.group(1), version.group(2))
        else:
            uploads[name] = path
    return versions, uploads
