"""`kedro azureml run`: compile jobs and submit them to Azure ML."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from kedro_azureml_cli.terminal.exit_codes import show_errors_as_messages
from kedro_azureml_cli.terminal.job_choice import choose_job
from kedro_azureml_cli.terminal.options import changing_options, form_option, reading_options
from kedro_azureml_cli.terminal.result_stream import print_result, redirect_the_rest_to_stderr
from kedro_azureml_cli.terminal.verbosity import is_quiet, note

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kedro.framework.startup import ProjectMetadata
    from kedro_azureml_compiler import CompiledJob, JobChanges

    from kedro_azureml_cli.azure_ml.connection import Client
    from kedro_azureml_cli.terminal.options import ReadingOptions


@click.command("run")
@click.option(
    "-j",
    "--job",
    "jobs",
    multiple=True,
    help="Name of a job in azureml.yml; repeatable. If there is only one, it need not be named.",
)
@reading_options
@changing_options
@click.option("--dry-run", is_flag=True, help="Show what would be submitted; submit nothing.")
@click.option(
    "--wait",
    "--wait-for-completion",
    "wait",
    is_flag=True,
    help="Wait until the jobs end; the exit code is 1 if one fails.",
)
@click.option(
    "--open", "opens", is_flag=True, help="Open the submitted jobs in Studio, in the browser."
)
@click.option(
    "--concurrent",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Number of jobs to submit at the same time.",
)
@click.option(
    "--on-job-scheduled",
    "callback",
    metavar="MODULE:FUNCTION",
    help="Function to call with each submitted job.",
)
@form_option
@click.pass_obj
def run_command(
    metadata: ProjectMetadata,
    /,
    jobs: tuple[str, ...],
    dry_run: bool,
    wait: bool,
    opens: bool,
    concurrent: int,
    callback: str | None,
    form: str,
    reading: ReadingOptions,
    changes: JobChanges,
) -> None:
    """Compile jobs and submit them to Azure ML.

    Checks the jobs first, and submits nothing if there are errors. Submits the same bundle that
    'simulate' runs.
    """
    if opens and dry_run:
        raise click.UsageError(
            "--open and --dry-run cannot be used together: nothing is submitted."
        )
    from kedro_azureml_cli.bundles.compiling import compile_jobs
    from kedro_azureml_cli.submission import run_output
    from kedro_azureml_cli.submission.sending import (
        SendingInterruptedError,
        connect_workspaces,
        find_function,
        send_jobs,
    )
    from kedro_azureml_cli.terminal.exit_codes import leave

    project: Path = metadata.project_path
    interrupted = False
    with show_errors_as_messages(), redirect_the_rest_to_stderr():
        called = find_function(callback) if callback else None
        request = reading.request(project)
        compiled = compile_jobs(request, jobs or [choose_job(request, None)], changes)
        if dry_run:
            result = run_output.preview(compiled, form)
            failed = 0
        else:
            clients = connect_workspaces(compiled)
            if not is_quiet():  # else nobody would be told what a request would find
                _warn_of_old_environments(project, compiled, clients)
            try:
                sent = send_jobs(project, compiled, clients, concurrent=concurrent, callback=called)
            except SendingInterruptedError as stop:
                sent, interrupted = stop.sent, True
            if opens and not interrupted:
                from kedro_azureml_cli.terminal.browser import open_page

                for outcome in sent:
                    if outcome.submitted is not None and outcome.submitted.studio_url:
                        open_page(outcome.submitted.studio_url)
            if wait and not interrupted:
                from kedro_azureml_cli.submission.waiting import wait_for_jobs

                sent = wait_for_jobs(project, sent, clients, compiled)
            show = run_output.as_json if form == "json" else run_output.as_text
            result = show(sent, compiled)
            failed = max((outcome.exit_code for outcome in sent), default=0)
    print_result(result)
    if interrupted:
        leave()
    if failed:
        sys.exit(failed)


def _warn_of_old_environments(
    project: Path, compiled: Mapping[str, CompiledJob], clients: Mapping[str, Client]
) -> None:
    from kedro_azureml_cli.environments.registering import find_old_environments

    for sentence in find_old_environments(project, compiled, clients):
        note(f"Warning: {sentence}")
