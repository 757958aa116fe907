"""Create the schedules of jobs in their workspaces, and manage existing ones."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from kedro_azureml_compiler import (
    RECORDS_FOLDER,
    Flow,
    did_you_mean,
    make_azure_name,
    resolve_schedules,
)
from kedro_azureml_datasets import KedroAzureMLError

from kedro_azureml_cli.azure_ml.connection import connect
from kedro_azureml_cli.azure_ml.known_components import KnownComponents, locate_record
from kedro_azureml_cli.azure_ml.schedules import (
    CreatedSchedule,
    ScheduleState,
    WantedSchedule,
    create_schedule,
    delete_schedule,
    list_schedules,
    switch_schedule,
)
from kedro_azureml_cli.submission.sending import name_experiment
from kedro_azureml_cli.terminal.exit_codes import choose_exit_code

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from kedro_azureml_compiler import CompiledJob, Workspace

    from kedro_azureml_cli.azure_ml.connection import Client

REFUSED = "schedule-refused"
"""Code of the findings that stop scheduling alone."""

DELETE, ENABLE, DISABLE = "delete", "enable", "disable"

_LONGEST_WORDS = 80
_INLINE = re.compile(r"jobs\..*\.schedule(?:\[(\d+)\])?", re.DOTALL)


class NoScheduleError(KedroAzureMLError):
    """There is no schedule to create, or none to change."""

    blame = "user"


@dataclass(frozen=True)
class ScheduledJob:
    """What became of the schedules of a job.

    Args:
        job: Its name in `azureml.yml`.
        workspace: The workspace.
        created: Schedules that the workspace has taken.
        gone: Schedules of the job there that are not in `azureml.yml` any more.
        pruned: Whether those were deleted.
        error: What went wrong; None where nothing did.
    """

    job: str
    workspace: Workspace
    created: tuple[CreatedSchedule, ...] = ()
    gone: tuple[ScheduleState, ...] = ()
    pruned: bool = False
    error: KedroAzureMLError | None = None

    @property
    def exit_code(self) -> int:
        """0, or what this outcome makes of the command's exit code."""
        return 0 if self.error is None else choose_exit_code(self.error)


def make_schedule_name(package: str, job: str, place: str, env: str = "") -> str:
    """Return the name of a schedule in Azure ML, the same for the same place of the same project.

    Args:
        package: Name of the project's package.
        job: Name of the job in `azureml.yml`.
        place: The schedule's place there: `schedules.nightly`, `jobs.train.schedule[1]`.
        env: The Kedro environment that was asked for; empty where none was.

    Returns:
        Lower-case letters, digits and `-`; the first is a letter or a digit.

    Example:
        >>> make_schedule_name("shop", "train", "schedules.nightly")
        'shop-train-nightly-1597bb10'
        >>> make_schedule_name("shop", "train", "jobs.train.schedule")
        'shop-train-895233b6'
    """
    inline = _INLINE.fullmatch(place)
    # One schedule is the same as the first of a list.
    key = f"[{inline.group(1) or 0}]" if inline else place
    number = int(inline.group(1) or 0) + 1 if inline else 1
    label = place.removeprefix("schedules.") if inline is None else str(number) * (number > 1)
    words = re.sub(r"[^a-z0-9]+", "-", "-".join((package, job, env, label)).lower()).strip("-")
    exact = "\0".join((package, job, env, key)).encode("utf-8", "surrogatepass")
    digest = sha256(exact).hexdigest()[:8]
    return f"{words[:_LONGEST_WORDS].strip('-')}-{digest}".lstrip("-")


def collect_schedules(
    compiled: Mapping[str, CompiledJob], package: str, env: str
) -> dict[str, list[WantedSchedule]]:
    """Return the schedules of jobs as `azureml.yml` has them.

    Args:
        compiled: Name of each job to what was compiled.
        package: Name of the project's package.
        env: The Kedro environment that was asked for; empty where none was.

    Raises:
        NoScheduleError: A job has none.
    """
    wanted = {}
    for job, made in compiled.items():
        found = resolve_schedules(job, made.settings, made.config)
        if not found:
            raise NoScheduleError(
                f"The job '{job}' has no schedule in azureml.yml.",
                hint=f"Write one under jobs.{job}, for example:  schedule: {{cron: {{expression: "
                f'"0 3 * * *"}}}}\nDelete those in the workspace:  kedro azureml schedule '
                f"-j {job} --delete",
            )
        wanted[job] = [
            WantedSchedule(
                make_schedule_name(package, job, place, env), job, place, schedule, package, env
            )
            for place, schedule in found.items()
        ]
    return wanted


def create_schedules(
    project: Path,
    compiled: Mapping[str, CompiledJob],
    wanted: Mapping[str, Sequence[WantedSchedule]],
    *,
    prune: bool,
) -> list[ScheduledJob]:
    """Create or update the schedules of jobs.

    A job whose schedules are not taken does not hinder the others.

    Args:
        project: The project's folder.
        compiled: Name of each job to what was compiled.
        wanted: Name of each job to its schedules.
        prune: Whether schedules that are not in `azureml.yml` any more are deleted.

    Raises:
        AzureMLError: Azure cannot be reached, or nobody is signed in.
    """
    clients = {place: connect(place) for place in {job.workspace for job in compiled.values()}}
    return [
        _create(
            clients[compiled[job].workspace],
            project,
            job,
            compiled[job],
            schedules,
            prune=prune,
        )
        for job, schedules in wanted.items()
    ]


def _create(
    client: Client,
    project: Path,
    job: str,
    compiled: CompiledJob,
    wanted: Sequence[WantedSchedule],
    *,
    prune: bool,
) -> ScheduledJob:
    workspace = compiled.workspace
    known = KnownComponents(locate_record(project / RECORDS_FOLDER, workspace))
    created: list[CreatedSchedule] = []
    gone: list[ScheduleState] = []
    try:
        there = {state.name: state for state in list_schedules(client, wanted[0].package)}
        for schedule in wanted:
            created.append(
                create_schedule(
                    client,
                    compiled.bundle,
                    known,
                    schedule,
                    there.get(schedule.name),
                    data_inputs=_data_inputs(compiled),
                    experiment_name=name_experiment(project),
                )
            )
        names = {schedule.name for schedule in wanted}
        gone += [
            state
            for state in there.values()
            if (state.job, state.env) == (job, wanted[0].env) and state.name not in names
        ]
        if prune:
            for state in gone:
                delete_schedule(client, state)
    except KedroAzureMLError as error:
        return ScheduledJob(job, workspace, tuple(created), tuple(gone), error=error)
    return ScheduledJob(job, workspace, tuple(created), tuple(gone), pruned=prune)


def _data_inputs(compiled: CompiledJob) -> list[str]:
    enters = {Flow.VERSION, Flow.UPLOAD}
    return [make_azure_name(one.name) for one in compiled.plan.datasets if one.flow in enters]


def find_schedules(
    workspaces: Mapping[str, Workspace], package: str, env: str
) -> list[tuple[Workspace, ScheduleState]]:
    """Find the schedules of jobs in their workspaces.

    Args:
        workspaces: Name of each job to its workspace.
        package: Name of the project's package.
        env: The Kedro environment that was asked for; empty where none was.

    Raises:
        NoScheduleError: A job has none.
        AzureMLError: Azure ML did not answer.
    """
    listed = {
        workspace: list_schedules(connect(workspace), package)
        for workspace in dict.fromkeys(workspaces.values())
    }
    found = []
    for job, workspace in workspaces.items():
        there = listed[workspace]
        own = [state for state in there if (state.job, state.env) == (job, env)]
        if not own:
            raise _none_there(job, workspace, env, there)
        found += [(workspace, state) for state in own]
    return found


def _none_there(
    job: str, workspace: Workspace, env: str, there: Iterable[ScheduleState]
) -> NoScheduleError:
    known = list(there)
    asked = f" for the environment '{env}'" if env else ""
    near = did_you_mean(job, {state.job for state in known})
    envs = sorted({state.env for state in known if state.job == job})
    if envs:
        others = ", ".join(f"--env {other}" if other else "no --env" for other in envs)
        near, hint = "", f"The job has schedules with {others}."
    else:
        hint = "List this project's schedules:  kedro azureml schedule --list"
    message = f"The workspace '{workspace.name}' has no schedule of the job '{job}'{asked} {near}"
    return NoScheduleError(f"{message.rstrip()}.", hint=hint)


def change_schedules(action: str, found: Sequence[tuple[Workspace, ScheduleState]]) -> None:
    """Delete, enable or disable schedules, one after the other.

    Args:
        action: `delete`, `enable` or `disable`.
        found: The schedules: `find_schedules`.

    Raises:
        AzureMLError: Azure ML did not do it; those before are done.
    """
    clients = {workspace: connect(workspace) for workspace, _ in found}
    for workspace, state in found:
        client = clients[workspace]
        if action == DELETE:
            delete_schedule(client, state)
        elif state.is_enabled is not (action == ENABLE):
            switch_schedule(client, state.name, enabled=action == ENABLE)
