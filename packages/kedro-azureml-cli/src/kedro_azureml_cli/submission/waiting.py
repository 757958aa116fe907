"""Wait for the ends of submitted jobs, and collect what they registered."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kedro_azureml_compiler import Flow
from kedro_azureml_datasets import KedroAzureMLError

from kedro_azureml_cli.azure_ml.connection import open_storage
from kedro_azureml_cli.azure_ml.jobs.reading import JobReader
from kedro_azureml_cli.azure_ml.jobs.registered_outputs import find_version_of_run
from kedro_azureml_cli.azure_ml.jobs.states import COMPLETED, JobState
from kedro_azureml_cli.azure_ml.jobs.step_logs import StepLogs
from kedro_azureml_cli.jobs.channels import open_channels
from kedro_azureml_cli.jobs.following import FollowedJob, wait_for_ends
from kedro_azureml_cli.run_pages.submitted_job import write_job_page
from kedro_azureml_cli.terminal.verbosity import note

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kedro_azureml_compiler import CompiledJob

    from kedro_azureml_cli.azure_ml.connection import Client
    from kedro_azureml_cli.submission.sending import SentJob


def wait_for_jobs(
    project: Path,
    sent: list[SentJob],
    clients: Mapping[str, Client],
    compiled: Mapping[str, CompiledJob],
) -> list[SentJob]:
    """Wait for the ends of jobs, show them meanwhile, and write the page of each.

    Ctrl-C ends the command with the exit code 130; the jobs go on.

    Args:
        project: The project's folder.
        sent: What was sent; what was not taken stays as it is.
        clients: Name of a job in `azureml.yml` to the client of its workspace.
        compiled: The same name to what was compiled.

    Returns:
        The same with the states at the end and the data assets that were registered; a job that
        could not be followed to its end has an error.
    """
    followed: dict[str, FollowedJob] = {}
    for outcome in sent:
        if outcome.submitted is None:
            continue
        client, name = clients[outcome.job], outcome.submitted.name
        if outcome.submitted.studio_url:
            note(f"{outcome.job}: {outcome.submitted.studio_url}")
        logs = StepLogs(open_storage(client, compiled[outcome.job].workspace))
        job = compiled[outcome.job]
        channels = open_channels(job.config, outcome.job, job.settings.notifications, is_new=True)
        reader = JobReader(client, name)
        followed[outcome.job] = FollowedJob(outcome.job, reader, logs, name, channels=channels)
    wait_for_ends(followed.values())
    results = []
    for outcome in sent:
        ended_job = followed.get(outcome.job)
        if ended_job is not None:
            assets = {}
            if ended_job.state is not None:
                write_job_page(project, ended_job.state, compiled[outcome.job])
            if ended_job.state is not None and ended_job.error is None:
                assets = _registered(clients[outcome.job], compiled[outcome.job], ended_job.state)
            ended = replace(outcome, state=ended_job.state, error=ended_job.error, assets=assets)
            results.append(ended)
        else:
            results.append(outcome)
    return results


def _registered(client: Client, compiled: CompiledJob, state: JobState) -> dict[str, str]:
    """Find which versions of data assets a job has registered."""
    runs = {step.display_name: step.data_run_id for step in state.steps if step.status == COMPLETED}
    assets = {}
    for dataset in compiled.plan.datasets:
        run_id = runs.get(dataset.written_by or "")
        if dataset.flow is Flow.STEP_OUTPUT and dataset.asset is not None and run_id:
            try:
                version = find_version_of_run(client, dataset.asset.name, run_id)
            except KedroAzureMLError as error:  # it has registered it all the same
                note(str(error))
                continue
            if version is not None:
                assets[dataset.asset.name] = version.version
    return assets
