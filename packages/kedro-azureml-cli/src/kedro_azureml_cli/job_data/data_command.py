"""`kedro azureml data`: what a submitted job has read and left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kedro_azureml_cli.jobs.remote.download_limits import download_options
from kedro_azureml_cli.terminal.command_groups import CommandGroup
from kedro_azureml_cli.terminal.exit_codes import show_errors_as_messages
from kedro_azureml_cli.terminal.option_values import NamedPath
from kedro_azureml_cli.terminal.options import (
    following_options,
    form_option,
    submitted_job_argument,
)
from kedro_azureml_cli.terminal.result_stream import print_result, redirect_the_rest_to_stderr

if TYPE_CHECKING:
    from pathlib import Path

    from kedro.framework.startup import ProjectMetadata

    from kedro_azureml_cli.job_data.job_datasets import JobDatasets
    from kedro_azureml_cli.jobs.remote.download_limits import DownloadLimits
    from kedro_azureml_cli.terminal.options import WorkspaceOptions


@click.group("data", cls=CommandGroup)
def data_command() -> None:
    """List and download what a submitted job has read and left.

    JOB is a job's name in Azure ML, or its name in azureml.yml, which means its newest run.
    """


@data_command.command("list")
@submitted_job_argument
@following_options
@form_option
@click.pass_obj
def list_command(
    metadata: ProjectMetadata, /, job: str, asked: WorkspaceOptions, form: str
) -> None:
    """List the datasets of a job, and where they lie.

    Those that it has read, and those that pass between its steps or leave it. Example:
    kedro azureml data list training
    """
    with show_errors_as_messages(), redirect_the_rest_to_stderr():
        from kedro_azureml_cli.job_data.data_output import list_as_json, list_as_text

        name, datasets = _open(metadata, job, asked)
        found = datasets.all
        if form == "json":
            result = list_as_json(name, found)
        elif found:
            result = list_as_text(found)
        else:
            result = f"No data leaves a step of the job {name}.\n"
    print_result(result)


@data_command.command("get")
@submitted_job_argument
@click.argument("datasets", metavar="[DATASET]...", nargs=-1)
@click.option(
    "--to",
    "target",
    type=NamedPath(file_okay=False),
    help="Copy each dataset into this folder; build/azureml-jobs/JOB/data keeps it by default.",
)
@click.option("--force", is_flag=True, help="Replace what is in the folder of --to.")
@download_options
@following_options
@form_option
@click.pass_obj
def get_command(
    metadata: ProjectMetadata,
    /,
    job: str,
    datasets: tuple[str, ...],
    target: Path | None,
    force: bool,
    limits: DownloadLimits,
    asked: WorkspaceOptions,
    form: str,
) -> None:
    """Download datasets of a job, and print where they are.

    All that its steps have left, unless DATASETs are named; the project's catalog need not know
    them. What is here already is not downloaded again. Example: kedro azureml data get training
    model --yes
    """
    if force and target is None:
        raise click.UsageError("--force belongs to --to.")
    with show_errors_as_messages(), redirect_the_rest_to_stderr():
        from kedro_azureml_cli.job_data.data_output import places_as_json, places_as_text

        name, known = _open(metadata, job, asked)
        wanted = known.choose(datasets)
        limits.check(known.size_bytes(wanted))
        places = known.fetch_all(wanted)
        if target is not None:
            places = known.copy(places, target.absolute(), force=force)
        if form == "json":
            result = places_as_json(name, places)
        else:
            result = places_as_text(places) or f"The job {name} has left no data.\n"
    print_result(result)


def _open(metadata: ProjectMetadata, job: str, asked: WorkspaceOptions) -> tuple[str, JobDatasets]:
    from kedro_azureml_cli.job_data.job_datasets import JobDatasets
    from kedro_azureml_cli.jobs.job_lookup import find_submitted

    request = asked.reading.request(metadata.project_path)
    found = find_submitted(request, metadata.package_name, asked.workspace, job)
    return found.state.name, JobDatasets(found, found.reader().read(), metadata.project_path)
