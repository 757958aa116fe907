"""`kedro azureml logs`: print the logs of a job's steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kedro_azureml_cli.terminal.exit_codes import show_errors_as_messages
from kedro_azureml_cli.terminal.options import following_options, submitted_job_argument
from kedro_azureml_cli.terminal.result_stream import print_result, redirect_the_rest_to_stderr

if TYPE_CHECKING:
    from kedro.framework.startup import ProjectMetadata

    from kedro_azureml_cli.terminal.options import WorkspaceOptions


@click.command("logs")
@submitted_job_argument
@click.argument("step", required=False)
@following_options
@click.option(
    "-n",
    "--lines",
    type=click.IntRange(min=1),
    metavar="N",
    help="Show only the last N lines of each log.",
)
@click.option("-f", "--follow", is_flag=True, help="Keep printing until the job ends.")
@click.pass_obj
def logs_command(
    metadata: ProjectMetadata,
    /,
    job: str,
    step: str | None,
    asked: WorkspaceOptions,
    lines: int | None,
    follow: bool,
) -> None:
    """Print the logs of a job's steps.

    JOB is a job's name in Azure ML, or its name in azureml.yml, which means its newest run. Without
    STEP, prints the logs of the failed steps, or of all steps if none failed.
    """
    with show_errors_as_messages():
        with redirect_the_rest_to_stderr():
            from kedro_azureml_cli.jobs.following import exit_while_running
            from kedro_azureml_cli.jobs.job_lookup import find_submitted
            from kedro_azureml_cli.jobs.log_output import choose_steps, read_logs, stream_logs

            request = asked.reading.request(metadata.project_path)
            found = find_submitted(request, metadata.package_name, asked.workspace, job)
            reader = found.reader()
            state = reader.read()
            chosen = choose_steps(state, step, only_failed=not follow)
        if follow:
            try:
                for line in stream_logs(reader, found.logs, state, step, lines):
                    print_result(line)
            except KeyboardInterrupt:
                exit_while_running([state.name])
        else:
            for text in read_logs(found.logs, state, chosen, lines):
                print_result(text)
