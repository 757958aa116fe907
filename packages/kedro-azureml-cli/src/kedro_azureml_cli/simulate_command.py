"""`kedro azureml simulate`: compiles a job and runs its bundle on this machine."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from kedro_azureml_datasets import KedroAzureMLError

from kedro_azureml_cli.exit_codes import USER_MUST_CHANGE_SOMETHING, errors_as_messages
from kedro_azureml_cli.findings_output import show_findings
from kedro_azureml_cli.options import job_options

if TYPE_CHECKING:
    from kedro.framework.startup import ProjectMetadata


class CodeInImageError(KedroAzureMLError):
    """A job whose code is in an image cannot be simulated."""


@click.command("simulate")
@job_options
@click.option(
    "--python",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Interpreter of the step image's packages; this one by default.",
)
@click.option(
    "--max-workers",
    type=click.IntRange(min=1),
    default=2,
    show_default=True,
    help="Steps that run at the same time.",
)
@click.option(
    "--run-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the run; build/azureml-runs/JOB by default.",
)
@click.pass_obj
def simulate_command(
    metadata: ProjectMetadata,
    /,
    job: str,
    python: Path | None,
    max_workers: int,
    run_dir: Path | None,
    **options: Any,
) -> None:
    """Compile a job and run it on this machine.

    Needs no Azure account. Every step gets a process of its own, a fresh copy of the code, a clean
    environment and no data but that at its mounts.
    """
    from kedro_azureml_compiler import compile_job
    from kedro_azureml_compiler.examination import RUNS_FOLDER
    from kedro_azureml_compiler.lowering import CODE_FOLDER
    from kedro_azureml_simulator import simulate
    from kedro_azureml_simulator.console import reporting, show_result
    from rich.console import Console

    from kedro_azureml_cli.asset_paths import local_asset_paths

    console = Console()
    project = metadata.project_path
    run_dir = run_dir or project / RUNS_FOLDER / job
    with errors_as_messages():
        compiled = compile_job(project, job, **options)
        show_findings(compiled.findings)
        if not (compiled.bundle / CODE_FOLDER).is_dir():
            raise CodeInImageError(
                f"The job '{job}' takes its code from the image (code_directory: null), and a "
                "simulation has no image.",
                hint="Set 'code_directory: .' for the simulation.",
            )
        with reporting(console) as on_event:
            result = simulate(
                compiled.bundle / "pipeline.yml",
                run_dir=run_dir,
                # Not resolved: a virtual environment is known by the path of its interpreter.
                python=(python or Path(sys.executable)).absolute(),
                max_workers=max_workers,
                assets=local_asset_paths(compiled.plan, project),
                on_event=on_event,
            )
    show_result(result, console)
    if result.status != "completed":
        sys.exit(USER_MUST_CHANGE_SOMETHING)
