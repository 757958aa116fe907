"""`kedro azureml compile`: write the bundle of a job."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kedro_azureml_cli.bundles.failed_jobs import show_failures, stop_on_failures
from kedro_azureml_cli.bundles.several_jobs import several_jobs_options
from kedro_azureml_cli.terminal.exit_codes import show_errors_as_messages
from kedro_azureml_cli.terminal.findings import describe_finding, show_findings_of_jobs
from kedro_azureml_cli.terminal.options import form_option
from kedro_azureml_cli.terminal.result_stream import print_result, redirect_the_rest_to_stderr
from kedro_azureml_cli.terminal.sizes import format_size, measure_folder
from kedro_azureml_cli.terminal.start_up.garbage import collect_garbage_rarely

if TYPE_CHECKING:
    from kedro.framework.startup import ProjectMetadata
    from kedro_azureml_compiler import CompiledJob
    from kedro_azureml_datasets import KedroAzureMLError

    from kedro_azureml_cli.bundles.several_jobs import JobsOptions
    from kedro_azureml_cli.terminal.options import ReadingOptions

FORMAT = 1
"""Version of the JSON document; it changes when a field is removed or changes its meaning."""


@click.command("compile")
@several_jobs_options
@form_option
@click.pass_obj
def compile_command(
    metadata: ProjectMetadata, /, jobs: JobsOptions, form: str, reading: ReadingOptions
) -> None:
    """Compile jobs to bundles.

    A bundle is a folder with the pipeline YAML, the code as it will be uploaded, and the plan:
    what each node and dataset becomes, and why (plan.html).

    The error of one job does not keep the others from being compiled.
    """
    with show_errors_as_messages(), redirect_the_rest_to_stderr(), collect_garbage_rarely():
        from kedro_azureml_compiler import compile_jobs

        request = reading.request(metadata.project_path)
        done = compile_jobs(request, jobs.choose(request))
        if not jobs.are_several:
            (only,) = done.values()
            if isinstance(only, Exception):
                raise only
    show_findings_of_jobs({job: getattr(one, "findings", ()) for job, one in done.items()})
    if form == "json":
        documents = [_describe(job, one) for job, one in done.items()]
        content: Any = documents if jobs.are_several else documents[0]
        print_result(_json(content))
    else:
        print_result("".join(_lines(job, one) for job, one in done.items()))
    failed = {job: one for job, one in done.items() if isinstance(one, Exception)}
    show_failures(failed)
    stop_on_failures(failed, len(done), "compiled")


def _lines(job: str, done: CompiledJob | KedroAzureMLError) -> str:
    if isinstance(done, Exception):
        return ""
    steps, more = len(done.plan.steps), len(done.notifying_steps)
    notifying = f", and {more} more for notifications" if more else ""
    return (
        f"Compiled the job '{job}': {steps} step{'s' * (steps != 1)}{notifying}.\n"
        f"  {_shown(done.bundle)}/pipeline.yml\n"
        f"{_code_of(done)}"
    )


def _code_of(done: CompiledJob) -> str:
    """Say what would be uploaded; nothing where the image has the code."""
    from kedro_azureml_compiler import CODE_FOLDER

    code = done.bundle / CODE_FOLDER
    if not code.is_dir():
        return ""
    return f"  code: {format_size(measure_folder(code))}, with the runner of the steps\n"


def _describe(job: str, done: CompiledJob | KedroAzureMLError) -> dict[str, Any]:
    bundle, steps, error = None, None, None
    notifying: list[str] | None = None
    if isinstance(done, Exception):
        error = str(done)
    else:
        bundle, steps = str(done.bundle), [step.name for step in done.plan.steps]
        notifying = list(done.notifying_steps)
    return {
        "format": FORMAT,
        "job": job,
        "bundle": bundle,
        "steps": steps,
        "notifying_steps": notifying,
        "findings": [describe_finding(one) for one in getattr(done, "findings", ())],
        "error": error,
    }


def _json(content: Any) -> str:
    import json

    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _shown(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
