"""`kedro azureml simulate`: compile a job and run its bundle on this machine."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kedro_azureml_cli.terminal.exit_codes import (
    INTERRUPTED,
    USER_MUST_CHANGE_SOMETHING,
    errors_as_messages,
)
from kedro_azureml_cli.terminal.findings import show_findings
from kedro_azureml_cli.terminal.options import job_options, pairs

if TYPE_CHECKING:
    from kedro.framework.startup import ProjectMetadata

    from kedro_azureml_cli.terminal.options import ReadingOptions


@click.command("simulate")
@job_options
@click.option(
    "--python",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Python with the step image's packages; this one by default.",
)
@click.option(
    "--environment",
    "environments",
    multiple=True,
    callback=pairs,
    metavar="NAME=PATH",
    help="Interpreter, requirements file or conda file for steps with this environment; "
    "repeatable.",
)
@click.option(
    "--inputs",
    multiple=True,
    callback=pairs,
    metavar="NAME=VALUE",
    help="Value for an input of the job, such as a promoted parameter; repeatable.",
)
@click.option("--only", metavar="STEP", help="Run only this step, in this terminal.")
@click.option("--from", "start", metavar="STEP", help="Run this step and all that depend on it.")
@click.option("--no-reuse", is_flag=True, help="Run unchanged steps tagged `deterministic` too.")
@click.option("--keep", is_flag=True, help="Keep the folders of completed steps too.")
@click.option("--no-isolation", is_flag=True, help="Do not hide this machine's files from steps.")
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
    help="Folder for the run; build/azureml-runs/JOB by default.",
)
@click.pass_obj
def simulate_command(
    metadata: ProjectMetadata,
    /,
    job: str,
    output: Path | None,
    reading: ReadingOptions,
    python: Path | None,
    environments: dict[str, str],
    inputs: dict[str, str],
    only: str | None,
    start: str | None,
    no_reuse: bool,
    keep: bool,
    no_isolation: bool,
    max_workers: int,
    run_dir: Path | None,
) -> None:
    """Compile a job and run it on this machine.

    Needs no Azure account. Each step runs in a separate process, with a fresh copy of the code, a
    clean environment and only the data at its mounts; where the kernel allows it, the step cannot
    see the project either.
    """
    from kedro_azureml_compiler import RUNS_FOLDER, compile_request
    from kedro_azureml_simulator import (
        RunInterruptedError,
        interruption,
        reporting,
        show_result,
        simulate,
        terminal_for_step,
    )
    from rich.console import Console

    from kedro_azureml_cli.simulation.asset_paths import find_local_assets
    from kedro_azureml_cli.simulation.code_in_image import refuse_code_in_image

    console = Console()
    project = metadata.project_path
    run_dir = run_dir or project / RUNS_FOLDER / job
    alone = only is not None
    with errors_as_messages():
        compiled = compile_request(reading.request(project), job, output=output)
        show_findings(compiled.findings)
        refuse_code_in_image(job, compiled.bundle)
        try:
            with (
                reporting(console, live=not alone) as on_event,
                terminal_for_step(shared=alone),
            ):
                result = simulate(
                    compiled.bundle / "pipeline.yml",
                    run_dir=run_dir,
                    # Not resolved: a virtual environment is known by its interpreter's path.
                    python=(python or Path(sys.executable)).absolute(),
                    max_workers=max_workers,
                    assets=find_local_assets(compiled.plan, project, compiled.workspace),
                    inputs=inputs,
                    environments={name: Path(path) for name, path in environments.items()},
                    only=only,
                    start=start,
                    reuse=not no_reuse,
                    keep=keep,
                    isolate=not no_isolation,
                    project_dir=project,
                    interactive=alone,
                    on_event=on_event,
                )
        except KeyboardInterrupt as error:
            done = error.result if isinstance(error, RunInterruptedError) else None
            click.echo(interruption(done), err=True)
            sys.exit(INTERRUPTED)
    show_result(result, console, rerun=lambda step: rerun_command(sys.argv, job, step))
    if result.status != "completed":
        sys.exit(USER_MUST_CHANGE_SOMETHING)


def rerun_command(argv: list[str], job: str, step: str) -> str:
    """Return the command that runs one step of the same job again, alone.

    Args:
        argv: The words of this process.
        job: The job.
        step: The step.

    Example:
        >>> rerun_command(["/bin/kedro", "azureml", "simulate", "-j", "x", "--keep"], "x", "fit")
        'kedro azureml simulate -j x --keep --only fit'
        >>> rerun_command(["kedro", "azureml", "simulate", "--from", "a", "-j", "x"], "x", "fit")
        'kedro azureml simulate -j x --only fit'
    """
    words = ["-j", job]
    if "simulate" in argv:
        words = []
        given = iter(argv[argv.index("simulate") + 1 :])
        for word in given:
            if word in {"--only", "--from"}:
                next(given, None)
            elif not word.startswith(("--only=", "--from=")):
                words.append(word)
    return shlex.join(["kedro", "azureml", "simulate", *words, "--only", step])
