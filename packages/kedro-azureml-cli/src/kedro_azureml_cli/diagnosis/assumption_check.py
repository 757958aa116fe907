"""Check the assumptions about the service with one small job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kedro_azureml_compiler import ConfigError, examine_job, read_settings

from kedro_azureml_cli.azure_ml.connection import connect, open_storage
from kedro_azureml_cli.azure_ml.jobs.reading import JobReader
from kedro_azureml_cli.azure_ml.jobs.remote_job import RemoteJob
from kedro_azureml_cli.azure_ml.jobs.step_logs import StepLogs
from kedro_azureml_cli.diagnosis.assumption_job import send_assumption_job
from kedro_azureml_cli.diagnosis.assumptions import Evidence, Judgement, judge
from kedro_azureml_cli.diagnosis.needed_resources import list_computes, list_environments
from kedro_azureml_cli.jobs.following import FollowedJob, wait_for_ends
from kedro_azureml_cli.jobs.job_lookup import choose_workspace

if TYPE_CHECKING:
    from kedro_azureml_compiler import ProjectRequest


@dataclass(frozen=True)
class Checked:
    """The assumptions, as one job has shown them.

    Args:
        job: Name of the job in Azure ML.
        judgements: One for each assumption.
    """

    job: str
    judgements: list[Judgement]


def check_assumptions(request: ProjectRequest, job: str, entry: str | None) -> Checked:
    """Send a small job, wait until it has ended, and check each assumption by what it has left.

    Args:
        request: Which project.
        job: The job of `azureml.yml` whose environment, compute and workspace are used.
        entry: Entry of `workspace` that is used instead.

    Raises:
        ConfigError: The job has no environment or compute that a small job can name.
        KedroAzureMLError: The job could not be sent or followed.
    """
    config = read_settings(request)
    examined = {job: examine_job(request, job)}
    environments = [name for name in list_environments(examined) if not name.startswith("image ")]
    computes = [name for name in list_computes(examined) if "${{" not in name]
    if not environments or not computes:
        lacking = "compute" if environments else "registered environment"
        raise ConfigError(
            f"The job '{job}' names no {lacking}, in which the check of assumptions could run."
        )
    workspace = choose_workspace(config, entry, job)
    client = connect(workspace)
    name = send_assumption_job(client, environments[0], computes[0])
    storage = open_storage(client, workspace)
    logs = StepLogs(storage)
    followed = FollowedJob("assumptions", JobReader(client, name), logs, name)
    wait_for_ends([followed])
    if followed.error is not None:
        raise followed.error
    if followed.state is None:
        raise AssertionError("a job that is over has a state or an error")
    return Checked(name, judge(Evidence(RemoteJob(client, followed.state), storage, logs)))
