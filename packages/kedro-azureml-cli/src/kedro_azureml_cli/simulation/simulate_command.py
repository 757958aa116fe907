"""`kedro azureml simulate`: compile a job and run its bundle on this machine."""

from __future__ import annotations

import shlex
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import click

from kedro_azureml_cli.simulation.resume_options import refuse_odd_resumes, resume_options
from kedro_azureml_cli.simulation.resume_output import show_that_nothing_runs
from kedro_azureml_cli.simulation.run_options import run_options
from kedro_azureml_cli.terminal.exit_codes import (
    INTERRUPTED,
    USER_MUST_CHANGE_SOMETHING,
    choose_exit_code,
    show_errors_as_messages,
)
from kedro_azureml_cli.terminal.findings import show_findings
from kedro_azureml_cli.terminal.job_choice import choose_job
from kedro_azureml_cli.terminal.local_variables import local_variables_options, strip_values
from kedro_azureml_cli.terminal.options import form_option, job_options
from kedro_azureml_cli.terminal.result_stream import print_result, redirect_the_rest_to_stderr
from kedro_azureml_cli.terminal.verbosity import is_quiet

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kedro.framework.startup import ProjectMetadata
    from kedro_azureml_compiler import CompiledJob
    from kedro_azureml_simulator import Problem, RunResult

    from kedro_azureml_cli.simulation.resume_options import ResumeOptions
    from kedro_azureml_cli.terminal.options import ReadingOptions


@click.command("simulate")
@job_options
@run_options
@resume_options
@local_variables_options
@form_option
@click.pass_obj
def simulate_command(
    metadata: ProjectMetadata,
    /,
    job: str | None,
    output: Path | None,
    reading: ReadingOptions,
    run: Mapping[str, Any],
    variables: Mapping[str, str],
    run_dir: Path | None,
    form: str,
    resume: ResumeOptions,
) -> None:
    r"""Compile a job and run it on this machine.

    Needs no Azure account, and asks no key vault: pass the value of a secret as the variable that
    stands for it, with --env-file or --env-var. Each step runs in a separate process, with a fresh
    copy of the code, a clean environment and only the data at its mounts; where the kernel allows
    it, the step cannot see the project either.

    With --resume, only what has to run again does: nodes that did not complete in an earlier
    simulation, and those that are made from something else now, with all that follow.

    \b
    kedro azureml simulate -j train --resume build/azureml-runs/train
    """
    from kedro_azureml_simulator import SimulatorError, make_error_record, show_problems

    from kedro_azureml_cli.simulation.bundle_arguments import make_bundle_arguments
    from kedro_azureml_cli.simulation.missing_secrets import refuse_missing_secrets
    from kedro_azureml_cli.simulation.preparing import prepare

    refuse_odd_resumes(run, resume, run_dir)
    as_json = form == "json"
    project = metadata.project_path
    problems: tuple[Problem, ...] = ()
    result: RunResult | None = None
    with show_errors_as_messages(), ExitStack() as stack:
        if as_json:
            stack.enter_context(redirect_the_rest_to_stderr())
        with redirect_the_rest_to_stderr():
            request = reading.request(project)
            job = choose_job(request, job)
        try:
            prepared = prepare(reading, project, job, output, run, variables, resume)
            compiled = prepared.compiled
            if compiled is None:
                stack.close()
                show_that_nothing_runs(as_json=as_json)
                return
            show_findings(compiled.findings)
            pipeline = compiled.bundle / "pipeline.yml"
            arguments = make_bundle_arguments(compiled, project, run)
            arguments["assets"].update(prepared.paths)
            if run["validate"]:
                problems = _problems(pipeline, arguments)
            else:
                if run["start"] is None:  # otherwise each step refuses for itself
                    refuse_missing_secrets(compiled, variables, run["only"])
                arguments["variables"] = variables
                arguments["run_dir"] = run_dir or prepared.run_dir
                arguments["notes"] = prepared.notes
                result = _run(
                    pipeline, arguments, project, compiled,
                    as_json=as_json, is_resumed=resume.earlier is not None,
                )  # fmt: skip
        except SimulatorError as error:
            if not as_json:
                raise
            stack.close()
            print_result(make_error_record(error))
            sys.exit(choose_exit_code(error))
    if result is None:
        failed = show_problems(problems, form, strict=run["strict"])
    else:
        failed = result.status != "completed"
        if as_json:
            print_result((result.run_dir / "run.json").read_text(encoding="utf-8"))
    if failed:
        sys.exit(USER_MUST_CHANGE_SOMETHING)


def _problems(pipeline: Path, arguments: Mapping[str, Any]) -> tuple[Problem, ...]:
    from kedro_azureml_simulator import validate

    known = ("assets", "inputs", "components")
    return validate(pipeline, **{name: arguments[name] for name in known})


def _run(
    pipeline: Path,
    arguments: Mapping[str, Any],
    project: Path,
    compiled: CompiledJob,
    *,
    as_json: bool,
    is_resumed: bool,
) -> RunResult:
    """Run a bundle and show what came of it."""
    from kedro_azureml_simulator import (
        RunInterruptedError,
        describe_interruption,
        leave_terminal_to_step,
        report_run,
        show_result,
        simulate,
    )
    from rich.console import Console

    from kedro_azureml_cli.run_pages.simulation import StepClock, describe_simulation
    from kedro_azureml_cli.run_pages.writing import write_run_page

    job = compiled.plan.job
    console, progress = Console(), Console(quiet=is_quiet())
    alone = arguments["only"] is not None and not as_json
    try:
        with (
            report_run(progress, live=not alone) as on_event,
            leave_terminal_to_step(shared=alone),
        ):
            clock = StepClock(on_event)
            result = simulate(
                pipeline, project_dir=project, interactive=alone, on_event=clock, **arguments
            )
    except KeyboardInterrupt as error:
        done = error.result if isinstance(error, RunInterruptedError) else None
        click.echo(describe_interruption(done), err=True)
        if done is not None:
            run = describe_simulation(done, clock, interrupted=True)
            write_run_page(done.run_dir, compiled.plan, run, compiled.details)
        sys.exit(INTERRUPTED)
    run = describe_simulation(result, clock)
    write_run_page(result.run_dir, compiled.plan, run, compiled.details)

    def rerun(step: str) -> str:
        if not is_resumed:
            return make_rerun_command(sys.argv, job, step)
        return shlex.join(
            ["kedro", "azureml", "simulate", "-j", job, "--resume", str(result.run_dir)]
        )

    show_result(result, console, rerun=rerun)
    return result


def make_rerun_command(argv: list[str], job: str, step: str) -> str:
    """Return the command that runs one step of the same job again, alone.

    Args:
        argv: The words of this process.
        job: The job.
        step: The step.

    Example:
        >>> argv = ["/bin/kedro", "azureml", "simulate", "-j", "x", "--keep"]
        >>> make_rerun_command(argv, "x", "fit")
        'kedro azureml simulate -j x --keep --only fit'
        >>> argv = ["kedro", "azureml", "simulate", "--from", "a", "-j", "x"]
        >>> make_rerun_command(argv, "x", "fit")
        'kedro azureml simulate -j x --only fit'
        >>> argv = ["kedro", "azureml", "simulate", "-j", "x", "--env-var", "K=v"]
        >>> make_rerun_command(argv, "x", "f")
        'kedro azureml simulate -j x --env-var K --only f'
    """
    words = ["-j", job]
    if "simulate" in argv:
        words = []
        argv = strip_values(argv)
        given = iter(argv[argv.index("simulate") + 1 :])
        for word in given:
            if word in {"--only", "--from", "--format"}:
                next(given, None)
            elif not word.startswith(("--only=", "--from=", "--format=")):
                words.append(word)
    return shlex.join(["kedro", "azureml", "simulate", *words, "--only", step])
