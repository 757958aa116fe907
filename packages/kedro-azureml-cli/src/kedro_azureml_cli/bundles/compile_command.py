"""`kedro azureml compile`: write the bundle of a job."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kedro_azureml_cli.terminal.exit_codes import show_errors_as_messages
from kedro_azureml_cli.terminal.findings import show_findings
from kedro_azureml_cli.terminal.garbage import collect_garbage_rarely
from kedro_azureml_cli.terminal.job_choice import choose_job
from kedro_azureml_cli.terminal.options import job_options
from kedro_azureml_cli.terminal.result_stream import redirect_the_rest_to_stderr

if TYPE_CHECKING:
    from kedro.framework.startup import ProjectMetadata

    from kedro_azureml_cli.terminal.options import ReadingOptions


@click.command("compile")
@job_options
@click.pass_obj
def compile_command(
    metadata: ProjectMetadata, /, job: str | None, output: Path | None, reading: ReadingOptions
) -> None:
    """Compile a job to a bundle.

    A bundle is a folder with the pipeline YAML, the code as it will be uploaded, and the plan:
    what each node and dataset becomes, and why (plan.html).
    """
    with show_errors_as_messages(), redirect_the_rest_to_stderr(), collect_garbage_rarely():
        from kedro_azureml_compiler import compile_request

        request = reading.request(metadata.project_path)
        job = choose_job(request, job)
        compiled = compile_request(request, job, output=output)
    show_findings(compiled.findings)
    steps = len(compiled.plan.steps)
    click.echo(f"Compiled the job '{job}': {steps} step{'s' * (steps != 1)}.")
    click.echo(f"  {_shown(compiled.bundle)}/pipeline.yml")


def _shown(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
