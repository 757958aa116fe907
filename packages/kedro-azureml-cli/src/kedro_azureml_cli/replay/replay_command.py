"""`kedro azureml replay`: run a step of a submitted job on this machine."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kedro_azureml_cli.jobs.remote.download_limits import DownloadLimits, download_options
from kedro_azureml_cli.terminal.exit_codes import (
    INTERRUPTED,
    USER_MUST_CHANGE_SOMETHING,
    show_errors_as_messages,
)
from kedro_azureml_cli.terminal.local_variables import local_variables_options
from kedro_azureml_cli.terminal.options import (
    following_options,
    form_option,
    hooks_option,
    submitted_job_argument,
)
from kedro_azureml_cli.terminal.result_stream import print_result, redirect_the_rest_to_stderr
from kedro_azureml_cli.terminal.verbosity import is_quiet, note

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kedro.framework.startup import ProjectMetadata
    from kedro_azureml_simulator import RunResult

    from kedro_azureml_cli.terminal.options import WorkspaceOptions


@click.command("replay")
@submitted_job_argument
@click.argument("step", metavar="[STEP]", required=False)
@click.option(
    "--from",
    "with_followers",
    is_flag=True,
    help="Go on with the steps that wait for STEP; breakpoint() needs a step alone.",
)
@click.option(
    "--python",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Python with the step image's packages; this one by default.",
)
@local_variables_options
@download_options
@click.option("--clean", is_flag=True, help="Remove what was downloaded of JOB, and its replays.")
@following_options
@hooks_option
@form_option
@click.pass_obj
def replay_command(
    metadata: ProjectMetadata,
    /,
    job: str,
    step: str | None,
    with_followers: bool,
    python: Path | None,
    variables: Mapping[str, str],
    limits: DownloadLimits,
    clean: bool,
    asked: WorkspaceOptions,
    form: str,
) -> None:
    """Run one step of a submitted job on this machine.

    Brings the step's code as it was sent, its command, and its inputs, which are mounted read-only,
    and runs it in this terminal, so that breakpoint() works; of a distributed step one process. The
    step may have failed or succeeded. JOB is a job's name in Azure ML, or its name in azureml.yml,
    which means its newest run. What was brought stays in build/azureml-jobs/JOB and is not
    downloaded again: edit the code there to try a change. Pass secrets with --env-file. Example:
    kedro azureml replay training fit --env-file .env
    """
    if step is None and not clean:
        raise click.UsageError("Name the STEP to replay:  kedro azureml status JOB  lists them.")
    if clean and (with_followers or step is not None):
        raise click.UsageError("--clean removes all of JOB; it takes no STEP and no --from.")
    result: RunResult
    project = metadata.project_path
    with show_errors_as_messages():
        with redirect_the_rest_to_stderr():
            if clean:
                _clean(metadata, job, asked)
                return
            pipeline = _bring(
                metadata, job, str(step), asked, limits, with_followers=with_followers
            )
        arguments = {
            # Not resolved: a virtual environment is known by its interpreter's path.
            "python": Path(python or sys.executable).absolute(),
            "variables": variables,
            "run_dir": pipeline.parent / "run",
            "keep": True,
        }
        words = ["kedro", "azureml", "replay", job, str(step)]
        result = _run(
            pipeline,
            arguments,
            project,
            words,
            alone=not with_followers,
            as_json=form == "json",
        )
    if form == "json":
        print_result((result.run_dir / "run.json").read_text(encoding="utf-8"))
    if result.status != "completed":
        sys.exit(USER_MUST_CHANGE_SOMETHING)


def _bring(
    metadata: ProjectMetadata,
    job: str,
    step: str,
    asked: WorkspaceOptions,
    limits: DownloadLimits,
    *,
    with_followers: bool,
) -> Path:
    from kedro_azureml_cli.jobs.job_lookup import find_submitted
    from kedro_azureml_cli.replay.replaying import bring_step

    request = asked.reading.request(metadata.project_path)
    found = find_submitted(request, metadata.package_name, asked.workspace, job)
    state = found.reader().read()
    return bring_step(
        found,
        state,
        step,
        metadata.project_path,
        with_followers=with_followers,
        check_size=limits.check,
        on_progress=note,
    )


def _clean(metadata: ProjectMetadata, job: str, asked: WorkspaceOptions) -> None:
    from kedro_azureml_cli.jobs.job_lookup import find_submitted
    from kedro_azureml_cli.jobs.remote.places import clean, locate_job

    name = job
    if not locate_job(metadata.project_path, job).exists():  # perhaps a name of azureml.yml
        request = asked.reading.request(metadata.project_path)
        name = find_submitted(request, metadata.package_name, asked.workspace, job).state.name
    there = clean(metadata.project_path, name)
    note(f"Removed what was here of {name}." if there else f"Nothing of {name} is here.")


def _run(
    pipeline: Path,
    arguments: Mapping[str, Any],
    project: Path,
    words: list[str],
    *,
    alone: bool,
    as_json: bool,
) -> RunResult:
    """Run the pipeline of a replay and show what came of it."""
    from kedro_azureml_simulator import (
        RunInterruptedError,
        describe_interruption,
        leave_terminal_to_step,
        report_run,
        show_result,
        simulate,
    )
    from rich.console import Console

    alone = alone and not as_json
    progress = Console(quiet=is_quiet(), stderr=as_json)
    try:
        with (
            report_run(progress, live=not alone) as on_event,
            leave_terminal_to_step(shared=alone),
        ):
            result = simulate(
                pipeline,
                project_dir=project,
                interactive=alone,
                on_event=on_event,
                **arguments,
            )
    except KeyboardInterrupt as error:
        done = error.result if isinstance(error, RunInterruptedError) else None
        click.echo(describe_interruption(done), err=True)
        sys.exit(INTERRUPTED)
    if not as_json:
        show_result(result, Console(), rerun=lambda _: shlex.join(words))
    return result
