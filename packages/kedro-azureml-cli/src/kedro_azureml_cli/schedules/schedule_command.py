"""`kedro azureml schedule`: create and manage the schedules of jobs in Azure ML."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from kedro_azureml_cli.terminal.exit_codes import show_errors_as_messages
from kedro_azureml_cli.terminal.job_choice import choose_job
from kedro_azureml_cli.terminal.options import changing_options, form_option, reading_options
from kedro_azureml_cli.terminal.result_stream import print_result, redirect_the_rest_to_stderr

if TYPE_CHECKING:
    from kedro.framework.startup import ProjectMetadata
    from kedro_azureml_compiler import JobChanges, ProjectRequest

    from kedro_azureml_cli.terminal.options import ReadingOptions


@click.command("schedule")
@click.option(
    "-j",
    "--job",
    "jobs",
    multiple=True,
    help="Name of a job in azureml.yml; repeatable. If there is only one, it need not be named.",
)
@click.option("--list", "list_", is_flag=True, help="List the schedules in the workspace.")
@click.option("--delete", is_flag=True, help="Delete the job's schedules from the workspace.")
@click.option("--enable", is_flag=True, help="Enable the job's schedules in the workspace.")
@click.option("--disable", is_flag=True, help="Disable the job's schedules in the workspace.")
@click.option(
    "--prune",
    is_flag=True,
    help="Also delete the job's schedules that are no longer in azureml.yml.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be done; change nothing.")
@reading_options
@changing_options
@form_option
@click.pass_obj
def schedule_command(
    metadata: ProjectMetadata,
    /,
    jobs: tuple[str, ...],
    list_: bool,
    delete: bool,
    enable: bool,
    disable: bool,
    prune: bool,
    dry_run: bool,
    form: str,
    reading: ReadingOptions,
    changes: JobChanges,
) -> None:
    """Create or update the schedules of jobs in Azure ML.

    A job's schedules are in azureml.yml, under 'schedule'. Running this again updates the same
    schedules. A schedule freezes the job as it is now: its code, the versions of its data and the
    uploaded files. Run this again after a change.

    With --list, --delete, --enable or --disable, nothing is created.
    """
    if reading.filters:
        raise click.UsageError(
            "schedule takes no filters such as --nodes: a schedule runs the job as azureml.yml has "
            "it. Write the filters there, below 'pipeline' of the job or of another one."
        )
    asked = {"list": list_, "delete": delete, "enable": enable, "disable": disable}
    given = [name for name, is_given in asked.items() if is_given]
    action = given[0] if given else None
    if len(given) > 1:
        raise click.UsageError(f"Give only one of --{' and --'.join(given)}.")
    if prune and action is not None:
        raise click.UsageError(f"--prune cannot be used with --{action}.")
    request = reading.request(metadata.project_path)
    package = metadata.package_name
    with show_errors_as_messages(), redirect_the_rest_to_stderr():
        if not jobs and action != "list":
            jobs = (choose_job(request, None),)
        if action is None:
            result, failed = _create(request, package, jobs, changes, prune, dry_run, form)
        else:
            entry = changes.workspace
            result, failed = _manage(request, package, action, jobs, entry, dry_run, form), 0
    print_result(result)
    if failed:
        sys.exit(failed)


def _create(
    request: ProjectRequest,
    package: str,
    jobs: tuple[str, ...],
    changes: JobChanges,
    prune: bool,
    dry_run: bool,
    form: str,
) -> tuple[str, int]:
    from kedro_azureml_cli.bundles.compiling import compile_jobs
    from kedro_azureml_cli.schedules import scheduling, scheduling_output

    env = request.asked_env or ""
    compiled = compile_jobs(request, jobs, changes, stopping={scheduling.REFUSED})
    wanted = scheduling.collect_schedules(compiled, package, env)
    if dry_run:
        return scheduling_output.preview(wanted, compiled, form), 0
    outcomes = scheduling.create_schedules(request.path, compiled, wanted, prune=prune)
    as_json = form == "json"
    show = scheduling_output.created_as_json if as_json else scheduling_output.created_as_text
    return show(outcomes, compiled), max(outcome.exit_code for outcome in outcomes)


def _manage(
    request: ProjectRequest,
    package: str,
    action: str,
    jobs: tuple[str, ...],
    entry: str | None,
    dry_run: bool,
    form: str,
) -> str:
    from kedro_azureml_compiler import read_settings

    from kedro_azureml_cli.azure_ml.connection import connect
    from kedro_azureml_cli.azure_ml.schedules import list_schedules
    from kedro_azureml_cli.jobs.job_lookup import choose_workspace
    from kedro_azureml_cli.schedules import scheduling, scheduling_output

    config = read_settings(request)
    if action == "list":
        named = [choose_workspace(config, entry, job) for job in jobs]
        places = dict.fromkeys(named or [choose_workspace(config, entry)])
        listed = [
            (place, state)
            for place in places
            for state in list_schedules(connect(place), package)
            if not jobs or state.job in jobs
        ]
        if form == "json":
            return scheduling_output.states_as_json(listed)
        if listed:
            return scheduling_output.listed_as_text([state for _, state in listed])
        whose = "These jobs have" if jobs else "This project has"
        where = ", ".join(f"'{place.name}'" for place in places)
        return f"{whose} no schedules in the workspace {where}.\n"
    workspaces = {job: choose_workspace(config, entry, job) for job in jobs}
    found = scheduling.find_schedules(workspaces, package, request.asked_env or "")
    if not dry_run:
        scheduling.change_schedules(action, found)
    if form == "json":
        done = {"done": None if dry_run else action}
        return scheduling_output.states_as_json(found, **done)
    return scheduling_output.changed_as_text(action, found, dry_run=dry_run)
