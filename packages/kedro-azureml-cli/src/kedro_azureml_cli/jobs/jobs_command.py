"""`kedro azureml jobs`: list the recent jobs of this project in a workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kedro_azureml_cli.terminal.exit_codes import show_errors_as_messages
from kedro_azureml_cli.terminal.options import following_options, form_option
from kedro_azureml_cli.terminal.result_stream import print_result, redirect_the_rest_to_stderr

if TYPE_CHECKING:
    from kedro.framework.startup import ProjectMetadata

    from kedro_azureml_cli.terminal.options import WorkspaceOptions


@click.command("jobs")
@following_options
@click.option(
    "-n",
    "--number",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    help="Maximum number of jobs.",
)
@click.option(
    "--all",
    "all_jobs",
    is_flag=True,
    help="List all jobs in the workspace, not only this project's.",
)
@click.option(
    "--defined",
    is_flag=True,
    help="List the jobs that azureml.yml defines, with those of its factories; asks no workspace.",
)
@click.option("--open", "opens", is_flag=True, help="Open the newest of them in Studio.")
@form_option
@click.pass_obj
def jobs_command(
    metadata: ProjectMetadata,
    /,
    asked: WorkspaceOptions,
    number: int,
    all_jobs: bool,
    defined: bool,
    opens: bool,
    form: str,
) -> None:
    """List this project's recent jobs, newest first.

    With --defined, lists the jobs that can be run instead: those of azureml.yml.
    """
    request = asked.reading.request(metadata.project_path)
    if defined:
        if all_jobs or opens or asked.workspace is not None:
            raise click.UsageError(
                "--defined asks no workspace: it takes no --all, --open or --workspace."
            )
        with show_errors_as_messages(), redirect_the_rest_to_stderr():
            from kedro_azureml_compiler import list_defined_jobs

            from kedro_azureml_cli.jobs import defined_jobs_output as output

            jobs = list_defined_jobs(request)
            listed = output.as_json(jobs) if form == "json" else output.as_text(jobs)
        print_result(listed)
        return
    with show_errors_as_messages(), redirect_the_rest_to_stderr():
        from kedro_azureml_compiler import read_settings

        from kedro_azureml_cli.azure_ml.connection import connect
        from kedro_azureml_cli.azure_ml.jobs.reading import is_of_project, list_jobs
        from kedro_azureml_cli.jobs.job_lookup import choose_workspace
        from kedro_azureml_cli.jobs.state_output import jobs_as_json, jobs_as_text

        config = read_settings(request)
        place = choose_workspace(config, asked.workspace)
        package = metadata.package_name
        found = list_jobs(
            connect(place),
            number=number,
            wanted=lambda job: all_jobs or is_of_project(job, package),
        )
        if form == "json":
            result = jobs_as_json(found)
        elif found:
            result = jobs_as_text(found)
        else:
            whose = "There are" if all_jobs else "This project has"
            others = "" if all_jobs else "; list everyone's with --all"
            result = f"{whose} no jobs in the workspace '{place.name}'{others}.\n"
        if opens and found and found[0].studio_url:
            from kedro_azureml_cli.terminal.browser import open_page

            open_page(found[0].studio_url)
    print_result(result)
