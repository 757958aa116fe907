"""`kedro azureml verify`: run a job both ways and compare the data."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kedro_azureml_cli.simulation.simulate_command import make_rerun_command
from kedro_azureml_cli.terminal.exit_codes import (
    INTERRUPTED,
    USER_MUST_CHANGE_SOMETHING,
    show_errors_as_messages,
)
from kedro_azureml_cli.terminal.findings import show_findings
from kedro_azureml_cli.terminal.job_choice import choose_job
from kedro_azureml_cli.terminal.local_variables import local_variables_options
from kedro_azureml_cli.terminal.options import job_options
from kedro_azureml_cli.terminal.result_stream import print_result, redirect_the_rest_to_stderr
from kedro_azureml_cli.terminal.verbosity import is_quiet

if TYPE_CHECKING:
    from kedro.framework.startup import ProjectMetadata

    from kedro_azureml_cli.terminal.options import ReadingOptions


@click.command("verify")
@job_options
@click.option(
    "--python",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Python with the step image's packages, for both runs; this one by default.",
)
@local_variables_options
@click.option(
    "--max-workers",
    type=click.IntRange(min=1),
    default=2,
    show_default=True,
    help="Number of steps to run at the same time.",
)
@click.option(
    "--run-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the runs; build/azureml-runs/JOB by default.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Output format: text for people, or JSON for programs.",
)
@click.option(
    "--strict",
    is_flag=True,
    help="Also fail if data is not deterministic or cannot be compared.",
)
@click.pass_obj
def verify_command(
    metadata: ProjectMetadata,
    /,
    job: str | None,
    output: Path | None,
    reading: ReadingOptions,
    python: Path | None,
    variables: dict[str, str],
    max_workers: int,
    run_dir: Path | None,
    form: str,
    strict: bool,
) -> None:
    """Check that a job gives the same data as `kedro run`.

    Simulates the job, runs the same nodes as `kedro run` in a copy of the project, and compares
    every dataset that crosses a step or leaves the pipeline: its bytes and, if they differ, the
    loaded data. Data that also differs between two local runs is reported as not deterministic.
    Neither run asks a key vault: pass the value of a secret as the variable that stands for it,
    with --env-file or --env-var. The exit code is 1 if data differs or a run fails.
    """
    from kedro_azureml_compiler import compile_request
    from rich.console import Console

    with show_errors_as_messages(), ExitStack() as stack:
        if form == "json":
            stack.enter_context(redirect_the_rest_to_stderr())
        from kedro_azureml_simulator import (
            RunInterruptedError,
            describe_interruption,
            report_run,
            show_result,
        )

        from kedro_azureml_cli.verification.verification_output import (
            DOCUMENT,
            as_json,
            show_verification,
        )
        from kedro_azureml_cli.verification.verify import verify_compiled

        console, progress = Console(), Console(quiet=is_quiet())
        project = metadata.project_path
        with redirect_the_rest_to_stderr():
            request = reading.request(project)
            job = choose_job(request, job)
            compiled = compile_request(request, job, output=output)
        show_findings(compiled.findings)
        try:
            with report_run(progress) as on_event:
                verification = verify_compiled(
                    compiled,
                    project,
                    python=python,
                    max_workers=max_workers,
                    variables=variables,
                    run_dir=run_dir,
                    on_event=on_event,
                    on_progress=lambda text: progress.print(text, highlight=False, markup=False),
                )
        except KeyboardInterrupt as error:
            if isinstance(error, RunInterruptedError):
                click.echo(describe_interruption(error.result), err=True)
            else:
                click.echo("interrupted; no process is left running", err=True)
            sys.exit(INTERRUPTED)
        if verification.simulation.status != "completed":
            again = _as_simulate(sys.argv)
            rerun = partial(make_rerun_command, again, job)
            show_result(verification.simulation, console, rerun=rerun)
        document = as_json(verification)
        file = verification.simulation.run_dir / DOCUMENT
        file.write_text(document, encoding="utf-8", newline="\n")
        if form == "text":
            show_verification(verification, console)
    if form == "json":
        print_result(document)
    if not verification.passes(strict=strict):
        sys.exit(USER_MUST_CHANGE_SOMETHING)


def _as_simulate(argv: list[str]) -> list[str]:
    """Return the words of this command as those of `simulate`, whose run folder is the same.

    Example:
        >>> _as_simulate(["kedro", "azureml", "verify", "-j", "x", "--format", "json", "--strict"])
        ['kedro', 'azureml', 'simulate', '-j', 'x']
    """
    words, given = [], iter(argv)
    for word in given:
        if word == "--format":
            next(given, None)
        elif word != "--strict" and not word.startswith("--format="):
            words.append("simulate" if word == "verify" and "simulate" not in words else word)
    return words
