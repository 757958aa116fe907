"""`kedro azureml verify`: run jobs both ways and compare the data."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kedro_azureml_cli.bundles.failed_jobs import show_failures, stop_on_failures
from kedro_azureml_cli.bundles.several_jobs import name_only_job, several_jobs_options
from kedro_azureml_cli.simulation.simulate_command import make_rerun_command
from kedro_azureml_cli.terminal.exit_codes import (
    INTERRUPTED,
    USER_MUST_CHANGE_SOMETHING,
    show_errors_as_messages,
)
from kedro_azureml_cli.terminal.findings import show_findings_of_jobs
from kedro_azureml_cli.terminal.local_variables import local_variables_options
from kedro_azureml_cli.terminal.option_values import NamedPath
from kedro_azureml_cli.terminal.result_stream import print_result, redirect_the_rest_to_stderr
from kedro_azureml_cli.terminal.verbosity import is_quiet, note
from kedro_azureml_cli.verification.against_options import AgainstOptions, against_options

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from kedro.framework.startup import ProjectMetadata
    from kedro_azureml_compiler import ComparedData, CompiledJob
    from rich.console import Console

    from kedro_azureml_cli.bundles.several_jobs import JobsOptions
    from kedro_azureml_cli.terminal.options import ReadingOptions
    from kedro_azureml_cli.verification.verify import Verification


@click.command("verify")
@several_jobs_options
@against_options
@click.option(
    "--python",
    type=NamedPath(dir_okay=False, exists=True),
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
    type=NamedPath(file_okay=False),
    help="Folder for the runs, build/azureml-runs/JOB by default; for several jobs, the folder in "
    "which each gets a folder.",
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
    jobs: JobsOptions,
    against: AgainstOptions,
    reading: ReadingOptions,
    python: Path | None,
    variables: dict[str, str],
    max_workers: int,
    run_dir: Path | None,
    form: str,
    strict: bool,
) -> None:
    """Check that jobs give the same data as `kedro run`.

    Simulates the job, runs the same nodes as `kedro run` in a copy of the project, and compares
    every dataset that crosses a step or leaves the pipeline: its bytes and, if they differ, the
    loaded data. Data that also differs between two local runs is reported as not deterministic.
    Neither run asks a key vault: pass the value of a secret as the variable that stands for it,
    with --env-file or --env-var. The exit code is 1 if data differs or a run fails.

    Several jobs are compiled together and run one after the other; none keeps the others from being
    verified.

    With --against nothing is simulated: what a finished job has left in Azure is compared with a
    local run of the code that was sent, with that job's parameters, load versions and inputs.
    """
    from kedro_azureml_compiler import compile_jobs
    from rich.console import Console

    if against.job is not None:
        if jobs.are_several or jobs.output is not None:
            raise click.UsageError("--against compares one job; it takes no --all-jobs and no -o.")
        local = {"python": python, "variables": variables, "run_dir": run_dir}
        with show_errors_as_messages():
            _verify_against(metadata, against, jobs, reading, local, form, strict=strict)
        return
    documents: list[str] = []
    failed: dict[str, Exception] = {}
    different = False
    with show_errors_as_messages(), ExitStack() as stack:
        if form == "json":
            stack.enter_context(redirect_the_rest_to_stderr())
        console = Console()
        project = metadata.project_path
        with redirect_the_rest_to_stderr():
            request = reading.request(project)
            compiled = compile_jobs(request, jobs.choose(request))
        if jobs.are_several:
            show_findings_of_jobs(
                {job: getattr(one, "findings", ()) for job, one in compiled.items()}
            )
            failed = {job: one for job, one in compiled.items() if isinstance(one, Exception)}
            show_failures(failed)
        for job, one in compiled.items():
            try:
                if isinstance(one, Exception):
                    raise one
                if not jobs.are_several:
                    show_findings_of_jobs({job: one.findings})
                place = run_dir / job if run_dir is not None and jobs.are_several else run_dir
                options = {
                    "python": python,
                    "max_workers": max_workers,
                    "variables": variables,
                    "run_dir": place,
                }
                verification = _verify(one, project, options)
            except Exception as error:
                if not jobs.are_several or not hasattr(error, "blame"):
                    raise
                if job not in failed:
                    show_failures({job: error})
                failed[job] = error
                from kedro_azureml_cli.verification.verification_output import describe_failure

                documents.append(describe_failure(job, error))
                continue
            words = name_only_job(sys.argv, job) if jobs.are_several else sys.argv
            documents.append(_keep(verification, console, words, show=form == "text"))
            different |= not verification.passes(strict=strict)
    if form == "json":
        listed = ",\n".join(document.rstrip("\n") for document in documents)
        print_result(f"[\n{listed}\n]\n" if jobs.are_several else documents[0])
    stop_on_failures(failed, len(compiled), "verified")
    if different:
        sys.exit(USER_MUST_CHANGE_SOMETHING)


def _verify_against(
    metadata: ProjectMetadata,
    against: AgainstOptions,
    jobs: JobsOptions,
    reading: ReadingOptions,
    options: Mapping[str, Any],
    form: str,
    *,
    strict: bool,
) -> None:
    """Compare a job in Azure ML and show what came of it."""
    from rich.console import Console

    from kedro_azureml_cli.jobs.job_lookup import find_submitted
    from kedro_azureml_cli.jobs.remote.places import report_unwritable
    from kedro_azureml_cli.run_pages.submitted_job import write_job_page
    from kedro_azureml_cli.verification.against import AgainstError, RemoteComparison
    from kedro_azureml_cli.verification.verification_output import (
        DOCUMENT,
        as_json,
        show_verification,
    )

    with redirect_the_rest_to_stderr():
        request = reading.request(metadata.project_path)
        name = str(against.job)
        found = find_submitted(request, metadata.package_name, against.workspace, name)
        state = found.reader().read()
        if jobs.named and state.job != jobs.named[0]:
            raise AgainstError(
                f"The job {state.name} was submitted as '{state.job}', not as '{jobs.named[0]}'."
            )
        comparison = RemoteComparison(found, state, metadata.project_path, against.datasets)
        against.limits.check(comparison.size_bytes())
        verification = comparison.run(on_progress=note, **options)
    document = as_json(verification)
    folder = verification.simulation.run_dir
    with report_unwritable(folder):
        (folder / DOCUMENT).write_text(document, encoding="utf-8", newline="\n")
    write_job_page(metadata.project_path, state, compared=_list_compared(verification))
    if form == "json":
        print_result(document)
    else:
        show_verification(verification, Console())
    if not verification.passes(strict=strict):
        sys.exit(USER_MUST_CHANGE_SOMETHING)


def _list_compared(verification: Verification) -> Iterator[ComparedData]:
    from kedro_azureml_compiler import ComparedData

    for one in verification.datasets:
        yield ComparedData(one.name, one.outcome.value, one.detail)


def _verify(compiled: CompiledJob, project: Path, options: Mapping[str, Any]) -> Verification:
    from kedro_azureml_compiler import RUNS_FOLDER
    from kedro_azureml_simulator import RunInterruptedError, describe_interruption, report_run
    from rich.console import Console

    from kedro_azureml_cli.run_pages.simulation import StepClock, describe_simulation
    from kedro_azureml_cli.run_pages.writing import write_run_page
    from kedro_azureml_cli.verification.verify import verify_compiled

    progress = Console(quiet=is_quiet())
    clock: StepClock | None = None
    try:
        with report_run(progress) as on_event:
            clock = StepClock(on_event)
            verification = verify_compiled(
                compiled,
                project,
                on_event=clock,
                on_progress=lambda text: progress.print(text, highlight=False, markup=False),
                **options,
            )
    except KeyboardInterrupt as error:
        if isinstance(error, RunInterruptedError):
            done = error.result
            click.echo(describe_interruption(done), err=True)
            place = options["run_dir"] or project / RUNS_FOLDER / compiled.plan.job
            if clock is not None and done.run_dir.samefile(place):  # not the seeded repetition
                run = describe_simulation(done, clock, interrupted=True)
                write_run_page(done.run_dir, compiled.plan, run, compiled.details)
        else:
            click.echo("interrupted; no process is left running", err=True)
        sys.exit(INTERRUPTED)
    run = describe_simulation(verification.simulation, clock, _list_compared(verification))
    write_run_page(verification.simulation.run_dir, compiled.plan, run, compiled.details)
    return verification


def _keep(verification: Verification, console: Console, words: list[str], *, show: bool) -> str:
    """Write the document of a verification beside its runs, and show it as text if asked to."""
    from kedro_azureml_simulator import show_result

    from kedro_azureml_cli.verification.verification_output import (
        DOCUMENT,
        as_json,
        show_verification,
    )

    if verification.simulation.status != "completed":
        rerun = partial(make_rerun_command, _as_simulate(words), verification.job)
        show_result(verification.simulation, console, rerun=rerun)
    document = as_json(verification)
    file = verification.simulation.run_dir / DOCUMENT
    file.write_text(document, encoding="utf-8", newline="\n")
    if show:
        show_verification(verification, console)
    return document


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
