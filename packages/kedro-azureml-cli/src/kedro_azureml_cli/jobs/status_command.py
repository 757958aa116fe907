"""`kedro azureml status`: show the status of a job and its steps."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from kedro_azureml_cli.terminal.exit_codes import (
    USER_MUST_CHANGE_SOMETHING,
    show_errors_as_messages,
)
from kedro_azureml_cli.terminal.options import (
    following_options,
    form_option,
    submitted_job_argument,
)
from kedro_azureml_cli.terminal.result_stream import print_result, redirect_the_rest_to_stderr

if TYPE_CHECKING:
    from kedro.framework.startup import ProjectMetadata

    from kedro_azureml_cli.terminal.options import WorkspaceOptions


@click.command("status")
@submitted_job_argument
@following_options
@click.option(
    "--wait",
    "--watch",
    "wait",
    is_flag=True,
    help="Show each change until the job ends; the exit code is 1 if it fails.",
)
@click.option("--open", "opens", is_flag=True, help="Open the job in Studio.")
@form_option
@click.pass_obj
def status_command(
    metadata: ProjectMetadata,
    /,
    job: str,
    asked: WorkspaceOptions,
    wait: bool,
    opens: bool,
    form: str,
) -> None:
    """Show the status of a job and its steps.

    JOB is a job's name in Azure ML, or its name in azureml.yml, which means its newest run.
    """
    with show_errors_as_messages(), redirect_the_rest_to_stderr():
        from datetime import datetime, timezone

        from kedro_azureml_cli.azure_ml.jobs.states import COMPLETED
        from kedro_azureml_cli.jobs.job_lookup import find_submitted
        from kedro_azureml_cli.jobs.state_output import state_as_json, state_as_text

        request = asked.reading.request(metadata.project_path)
        found = find_submitted(request, metadata.package_name, asked.workspace, job)
        reader = found.reader()
        if opens and found.state.studio_url:
            from kedro_azureml_cli.terminal.browser import open_page

            open_page(found.state.studio_url)
        if wait:
            from kedro_azureml_cli.jobs.channels import find_notifications, open_channels
            from kedro_azureml_cli.jobs.following import FollowedJob, wait_for_ends

            name = found.state.name
            label = found.state.job or name
            entry = find_notifications(found.config, label)
            channels = open_channels(found.config, label, entry, is_new=False)
            followed = FollowedJob(label, reader, found.logs, name, channels=channels)
            wait_for_ends([followed])
            if followed.error is not None:
                raise followed.error
            state = followed.state or reader.read()
        else:
            state = reader.read()
        from kedro_azureml_cli.run_pages.submitted_job import write_job_page

        write_job_page(metadata.project_path, state)
        now = datetime.now(timezone.utc)
        result = state_as_json(state) if form == "json" else state_as_text(state, now)
    print_result(result)
    if wait and state.status != COMPLETED:
        sys.exit(USER_MUST_CHANGE_SOMETHING)
