"""`kedro azureml schedule`: creates and manages the schedules of jobs in Azure ML."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from kedro_azureml_cli.terminal.exit_codes import errors_as_messages
from kedro_azureml_cli.terminal.options import changing_options, form_option, reading_options
from kedro_azureml_cli.terminal.result_stream import everything_else_to_stderr, print_result

if TYPE_CHECKING:
    from kedro.framework.startup import ProjectMetadata

_ACTIONS = ("list", "delete", "enable", "disable")


@click.command("schedule")
@click.option(
    "-j",
    "--job",
    "jobs",
    multiple=True,
    help="Name of a job in azureml.yml; may be given several times.",
)
@click.option("--list", "list_", is_flag=True, help="List the schedules in the workspace.")
@click.option("--delete", is_flag=True, help="Delete the job's schedules from the workspace.")
@click.option("--enable", is_flag=True, help="Enable the job's schedules in the workspace.")
@click.option("--disable", is_flag=True, help="Disable the job's schedules in the workspace.")
@click.option(
    "--prune", is_flag=True, help="Delete schedules of the job that left azureml.yml as well."
)
@click.option("--dry-run", is_flag=True, help="Show what would be done, and change nothing.")
@reading_options
@changing_options
@form_option
@click.pass_obj
def schedule_command(
    metadata: ProjectMetadata,
    /,
    jobs: tuple[str, ...],
    prune: bool,
    dry_run: bool,
    form: str,
    **options: Any,
) -> None:
    """Create the schedules of jobs in Azure ML, or bring them up to date.

    A job has them in azureml.yml, below 'schedule'. Running this again updates the same schedules.
    A schedule keeps the job as it is now: its code, the versions of its data and the files that
    are uploaded. So schedule it again after a change.

    With --list, --delete, --enable or --disable nothing is created.
    """
    from kedro_azureml_compiler.job_changes import JobChanges

    given = [name for name in _ACTIONS if options.pop("list_" if name == "list" else name)]
    action = given[0] if given else None
    if len(given) > 1:
        raise click.UsageError(f"Give only one of --{' and --'.join(given)}.")
    if prune and action is not None:
        raise click.UsageError(f"--prune belongs to creating schedules, and not to --{action}.")
    if not jobs and action != "list":
        raise click.UsageError("Name the job with -j; --list alone needs none.")
    own = {field: options.pop(field) for field in JobChanges.__dataclass_fields__}
    with errors_as_messages(), everything_else_to_stderr():
        if action is None:
            result, failed = _create(
                metadata, jobs, JobChanges(**own), prune, dry_run, form, options
            )
        else:
            entry = own["workspace"]
            result, failed = _manage(metadata, action, jobs, entry, dry_run, form, options), 0
    print_result(result)
    if failed:
        sys.exit(failed)


def _create(
    metadata: ProjectMetadata,
    jobs: tuple[str, ...],
    changes: Any,
    prune: bool,
    dry_run: bool,
    form: str,
    options: dict[str, Any],
) -> tuple[str, int]:
    from kedro_azureml_compiler.project.opening import ProjectRequest

    from kedro_azureml_cli.bundles.compiling import compile_jobs
    from kedro_azureml_cli.schedules import scheduling, scheduling_output

    project = metadata.project_path
    env = ProjectRequest(project, options["env"]).asked_env or ""
    compiled = compile_jobs(project, jobs, changes, stopping={scheduling.REFUSED}, **options)
    wanted = scheduling.wanted_schedules(compiled, metadata.package_name, env)
    if dry_run:
        return scheduling_output.preview(wanted, compiled, form), 0
    outcomes = scheduling.create_schedules(project, compiled, wanted, prune=prune)
    as_json = form == "json"
    show = scheduling_output.created_as_json if as_json else scheduling_output.created_as_text
    return show(outcomes, compiled), max(outcome.exit_code for outcome in outcomes)


def _manage(
    metadata: ProjectMetadata,
    action: str,
    jobs: tuple[str, ...],
    entry: str | None,
    dry_run: bool,
    form: str,
    options: dict[str, Any],
) -> str:
    from kedro_azureml_compiler.project.azureml_yml import read_settings
    from kedro_azureml_compiler.project.opening import ProjectRequest

    from kedro_azureml_cli.azure_ml.connection import connect
    from kedro_azureml_cli.azure_ml.schedules import list_schedules
    from kedro_azureml_cli.jobs.job_lookup import choose_workspace
    from kedro_azureml_cli.schedules import scheduling, scheduling_output

    request = ProjectRequest(metadata.project_path, **options)
    config = read_settings(request)
    package = metadata.package_name
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
        whose = "these jobs" if jobs else "this project"
        where = ", ".join(f"'{place.name}'" for place in places)
        return f"There are no schedules of {whose} in the workspace {where}.\n"
    workspaces = {job: choose_workspace(config, entry, job) for job in jobs}
    found = scheduling.existing_schedules(workspaces, package, request.asked_env or "")
    if not dry_run:
        scheduling.change_schedules(action, found)
    if form == "json":
        done = {"done": None if dry_run else action}
        return scheduling_output.states_as_json(found, **done)
    return scheduling_output.changed_as_text(action, found, dry_run=dry_run)
