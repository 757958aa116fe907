"""`kedro azureml cancel`: cancel a job in its workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kedro_azureml_cli.terminal.exit_codes import show_errors_as_messages
from kedro_azureml_cli.terminal.options import following_options, submitted_job_argument
from kedro_azureml_cli.terminal.result_stream import print_result, redirect_the_rest_to_stderr

if TYPE_CHECKING:
    from kedro.framework.startup import ProjectMetadata

    from kedro_azureml_cli.terminal.options import WorkspaceOptions


@click.command("cancel")
@submitted_job_argument
@following_options
@click.pass_obj
def cancel_command(metadata: ProjectMetadata, /, job: str, asked: WorkspaceOptions) -> None:
    """Cancel a job and all of its steps.

    JOB is a job's name in Azure ML, or its name in azureml.yml, which means its newest run. A job
    that has ended is left as it is.
    """
    with show_errors_as_messages(), redirect_the_rest_to_stderr():
        from kedro_azureml_cli.azure_ml.jobs.cancelling import cancel_job
        from kedro_azureml_cli.jobs.job_lookup import find_submitted

        request = asked.reading.request(metadata.project_path)
        found = find_submitted(request, metadata.package_name, asked.workspace, job)
        state = found.state
        known = f" (the job '{state.job}')" if state.job and state.job != state.name else ""
        if state.is_final:
            result = (
                f"{state.name}{known} has already ended ({state.status}); nothing was cancelled.\n"
            )
        else:
            cancel_job(found.client, state.name)
            result = (
                f"Azure ML is cancelling {state.name}{known}, which was {state.status}.\n"
                f"  See its status:  kedro azureml status {state.name}\n"
            )
    print_result(result)
