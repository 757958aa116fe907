"""`kedro azureml download`: download the outputs of a job."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kedro_azureml_cli.terminal.exit_codes import show_errors_as_messages
from kedro_azureml_cli.terminal.options import (
    following_options,
    hooks_option,
    submitted_job_argument,
)
from kedro_azureml_cli.terminal.result_stream import print_result, redirect_the_rest_to_stderr
from kedro_azureml_cli.terminal.verbosity import note

if TYPE_CHECKING:
    from kedro.framework.startup import ProjectMetadata

    from kedro_azureml_cli.terminal.options import WorkspaceOptions


@click.command("download")
@submitted_job_argument
@click.argument("datasets", metavar="[DATASET]...", nargs=-1)
@following_options
@hooks_option
@click.option("--force", is_flag=True, help="Replace existing data.")
@click.pass_obj
def download_command(
    metadata: ProjectMetadata,
    /,
    job: str,
    datasets: tuple[str, ...],
    asked: WorkspaceOptions,
    force: bool,
) -> None:
    """Download a job's outputs to their catalog paths.

    The next local run continues from them. JOB is a job's name in Azure ML, or its name in
    azureml.yml, which means its newest run. Without DATASET, downloads all outputs that a local
    run can read. Replaces existing data only with --force.
    """
    with show_errors_as_messages(), redirect_the_rest_to_stderr():
        from kedro_azureml_compiler import examine_job

        from kedro_azureml_cli.azure_ml.jobs.reading import ENV_TAG, PROJECT_TAG, is_of_project
        from kedro_azureml_cli.jobs.downloading import download
        from kedro_azureml_cli.jobs.job_lookup import find_submitted
        from kedro_azureml_cli.jobs.outputs import NotDownloadableError

        request = asked.reading.request(metadata.project_path)
        found = find_submitted(request, metadata.package_name, asked.workspace, job)
        name = found.state.job
        if not name:
            raise NotDownloadableError(
                f"The job {found.state.name} was not submitted with 'kedro azureml': it has no tag "
                "'kedro_job'.",
                hint=f"Download its outputs:  az ml job download --name {found.state.name} --all",
            )
        if not is_of_project(found.state, metadata.package_name):
            owner = found.state.tags[PROJECT_TAG]
            note(f"The job {found.state.name} is one of the project '{owner}', not of this one.")
        state = found.reader().read()
        env = request.env or found.state.tags.get(ENV_TAG)
        examined = examine_job(request._replace(env=env), name)
        arrived, left_out = download(found, state, examined, datasets, force=force)
        lines = []
        for output in arrived:
            root = examined.facts.root
            inside = output.place.is_relative_to(root)
            place = output.place.relative_to(root) if inside else output.place
            remark = f" ({output.note})" if output.note else ""
            lines.append(f"{output.dataset}: {place}{remark}\n")
        lines = lines or [f"The job {state.name} has no outputs that a local run can read.\n"]
        for reason in left_out:
            note(f"Skipped: {reason}")
    print_result("".join(lines))
