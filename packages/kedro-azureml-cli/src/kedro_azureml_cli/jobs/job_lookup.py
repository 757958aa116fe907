"""Find the job that a user means: by its name in Azure ML, or by its name in `azureml.yml`."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kedro_azureml_compiler import (
    ConfigError,
    did_you_mean,
    find_factory_entry,
    make_azure_name,
    read_settings,
)
from kedro_azureml_datasets import KedroAzureMLError
from kedro_azureml_datasets.azure_ml.errors import AzureMLError

from kedro_azureml_cli.azure_ml.connection import connect, open_storage
from kedro_azureml_cli.azure_ml.jobs.reading import JobReader, find_job, is_of_project, list_jobs
from kedro_azureml_cli.azure_ml.jobs.step_logs import StepLogs

if TYPE_CHECKING:
    from kedro_azureml_compiler import AzureMLConfig, ProjectRequest, Workspace
    from kedro_azureml_datasets.azure_ml.workspace import AzureWorkspace

    from kedro_azureml_cli.azure_ml.connection import Client
    from kedro_azureml_cli.azure_ml.jobs.states import JobState

_AZURE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,254}")
"""Names that a job can have in Azure ML; a job of `azureml.yml` may have others."""

_OUR_NAME = re.compile(r"(.+)-\d{8}-\d{6}-[0-9a-f]{6}")
"""Names that `run` gives."""


class UnknownJobError(KedroAzureMLError):
    """The workspace has no such job."""

    blame = "user"


@dataclass(frozen=True)
class FoundJob:
    """A job in its workspace.

    Args:
        client: The client of the workspace.
        workspace: The workspace.
        state: The job, without the states of its steps.
        config: The content of `azureml.yml`.
    """

    client: Client
    workspace: Workspace
    state: JobState
    config: AzureMLConfig

    @property
    def storage(self) -> AzureWorkspace:
        """What reads the data of the workspace."""
        return open_storage(self.client, self.workspace)

    @property
    def logs(self) -> StepLogs:
        """What reads the logs of steps."""
        return StepLogs(self.storage)

    def reader(self) -> JobReader:
        """Return a reader of the job and its steps."""
        return JobReader(self.client, self.state.name, self.state)


def choose_workspace(
    config: AzureMLConfig, entry: str | None, name: str | None = None
) -> Workspace:
    """Return the workspace in which a job is looked for.

    Args:
        config: The content of `azureml.yml`.
        entry: The entry of `workspace` that was asked for; None for the job's own.
        name: Name of a job, in Azure ML or in `azureml.yml`.

    Raises:
        ConfigError: There is no such entry.
    """
    if entry is not None:
        if entry not in config.workspace:
            raise ConfigError(
                f"azureml.yml has no workspace '{entry}' {did_you_mean(entry, config.workspace)}."
            )
        return config.workspace[entry]
    job = config.jobs.get(name or "")
    ours = _OUR_NAME.fullmatch(name or "")
    if job is None and ours is not None:
        job = next((j for n, j in config.jobs.items() if make_azure_name(n) == ours.group(1)), None)
    if job is not None:
        wanted: str | None = job.workspace
    else:
        wanted = find_factory_entry(config.jobs, name or "", "workspace")
    return config.workspace_named(wanted)


def find_submitted(request: ProjectRequest, package: str, entry: str | None, name: str) -> FoundJob:
    """Find a job that was submitted.

    Args:
        request: Which project.
        package: Name of the project's package, which is a tag of its jobs.
        entry: The entry of `workspace` in `azureml.yml`; None for the job's own.
        name: Its name in Azure ML; or its name in `azureml.yml`, which is its newest run.

    Raises:
        UnknownJobError: There is none; near names are suggested.
        AzureMLError: Azure ML did not answer.
    """
    config = read_settings(request)
    workspace = choose_workspace(config, entry, name)
    client = connect(workspace)
    found = find_job(client, name) if _AZURE_NAME.fullmatch(name) else None
    if found is not None:
        return FoundJob(client, workspace, found, config)
    if entry is None and _OUR_NAME.fullmatch(name):
        elsewhere = _find_elsewhere(config, workspace, name)
        if elsewhere is not None:
            return elsewhere
    seen: list[JobState] = []

    def is_wanted(job: JobState) -> bool:
        is_ours = is_of_project(job, package)
        seen.extend([job] if is_ours else [])
        return is_ours and job.job == name

    newest = list_jobs(client, number=1, wanted=is_wanted)
    if newest:
        # Read by itself: a list need not hold the steps.
        state = find_job(client, newest[0].name) or newest[0]
        return FoundJob(client, workspace, state, config)
    if name in config.jobs:
        raise UnknownJobError(
            f"The job '{name}' has not been submitted to the workspace '{workspace.name}'.",
            hint=f"Submit it:  kedro azureml run -j {name}",
        )
    near = {job.name for job in seen} | {job.job for job in seen}
    raise UnknownJobError(
        f"The job '{name}' was not found in the workspace '{workspace.name}' "
        f"{did_you_mean(name, near | set(config.jobs))}.",
        hint="JOB is a job's name in Azure ML, or its name in azureml.yml, which means its newest "
        "run.\nList the jobs:  kedro azureml jobs",
    )


def _find_elsewhere(config: AzureMLConfig, searched: Workspace, name: str) -> FoundJob | None:
    """Look for a job in the other workspaces of `azureml.yml`: `run -w` may have sent it there."""
    for workspace in dict.fromkeys(config.workspace.values()):
        if workspace != searched:
            client = connect(workspace)
            with suppress(AzureMLError):  # the user need not have access there
                found = find_job(client, name)
                if found is not None:
                    return FoundJob(client, workspace, found, config)
    return None
