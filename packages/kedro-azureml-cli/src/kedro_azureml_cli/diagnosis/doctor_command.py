"""`kedro azureml doctor`: check what a job needs, and show the fix of what is not ok."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from kedro_azureml_cli.terminal.exit_codes import (
    USER_MUST_CHANGE_SOMETHING,
    show_errors_as_messages,
)
from kedro_azureml_cli.terminal.options import following_options, form_option, hooks_option
from kedro_azureml_cli.terminal.result_stream import print_result, redirect_the_rest_to_stderr

if TYPE_CHECKING:
    from kedro.framework.startup import ProjectMetadata

    from kedro_azureml_cli.terminal.options import WorkspaceOptions


@click.command("doctor")
@click.option(
    "-j",
    "--job",
    "jobs",
    multiple=True,
    help="Name of a job in azureml.yml; repeatable. All jobs by default.",
)
@click.option("--offline", is_flag=True, help="Check this machine and the project; ask no Azure.")
@click.option(
    "--assumptions",
    is_flag=True,
    help="Send one small job, and check by it what this plugin takes for granted of Azure ML.",
)
@following_options
@hooks_option
@form_option
@click.pass_obj
def doctor_command(
    metadata: ProjectMetadata,
    /,
    jobs: tuple[str, ...],
    offline: bool,
    assumptions: bool,
    asked: WorkspaceOptions,
    form: str,
) -> None:
    """Check what a job needs, and show the fix of what is not ok.

    With --assumptions, sends one small job instead and waits for it. Example:
    kedro azureml doctor --assumptions -j train

    Looks at Python, the packages and plugins, the project and its ignore file; then, with your
    sign-in, at the workspace and its computes, environments, data assets, default datastore and
    key vault. Only reads; changes nothing. The exit code is 1 if something has to be changed, and 3
    if the network or Azure failed.
    """
    if assumptions:
        _check_assumptions(metadata, jobs, asked, form, offline=offline)
        return
    with show_errors_as_messages(), redirect_the_rest_to_stderr():
        from kedro_azureml_cli.diagnosis import doctor_output as output
        from kedro_azureml_cli.diagnosis.diagnosing import diagnose
        from kedro_azureml_cli.diagnosis.subject import Subject

        request = asked.reading.request(metadata.project_path)
        found = diagnose(Subject(request, jobs, asked.workspace, offline))
    print_result(output.as_json(found) if form == "json" else output.as_text(found))
    code = output.choose_exit_code(found)
    if code:
        sys.exit(code)


def _check_assumptions(
    metadata: ProjectMetadata,
    jobs: tuple[str, ...],
    asked: WorkspaceOptions,
    form: str,
    *,
    offline: bool,
) -> None:
    if offline or len(jobs) > 1:
        raise click.UsageError("--assumptions sends one job: it takes one -j and no --offline.")
    with show_errors_as_messages(), redirect_the_rest_to_stderr():
        from kedro_azureml_cli.diagnosis import assumptions_output as output
        from kedro_azureml_cli.diagnosis.assumption_check import check_assumptions
        from kedro_azureml_cli.diagnosis.assumptions import Verdict
        from kedro_azureml_cli.terminal.job_choice import choose_job

        request = asked.reading.request(metadata.project_path)
        job = choose_job(request, jobs[0] if jobs else None)
        checked = check_assumptions(request, job, asked.workspace)
    show = output.as_json if form == "json" else output.as_text
    print_result(show(checked.judgements, checked.job))
    if any(one.verdict is Verdict.BROKEN for one in checked.judgements):
        sys.exit(USER_MUST_CHANGE_SOMETHING)
