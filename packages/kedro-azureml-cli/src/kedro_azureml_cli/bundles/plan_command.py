"""`kedro azureml plan`: show what each node and dataset of a job becomes, and why."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from kedro_azureml_cli.terminal.exit_codes import (
    USER_MUST_CHANGE_SOMETHING,
    show_errors_as_messages,
)
from kedro_azureml_cli.terminal.findings import show_findings
from kedro_azureml_cli.terminal.garbage import little_garbage_collection
from kedro_azureml_cli.terminal.options import job_option, reading_options, result_option
from kedro_azureml_cli.terminal.result_stream import (
    print_result,
    redirect_the_rest_to_stderr,
    write_result,
)

if TYPE_CHECKING:
    from pathlib import Path

    from kedro.framework.startup import ProjectMetadata
    from kedro_azureml_compiler import ExaminedJob
    from rich.console import Console

    from kedro_azureml_cli.terminal.options import ReadingOptions


@click.command("plan")
@job_option
@reading_options
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "mermaid"]),
    default="table",
    show_default=True,
    help="Output format: a table for people, JSON for programs, or a Mermaid flowchart.",
)
@result_option
@click.pass_obj
def plan_command(
    metadata: ProjectMetadata,
    /,
    job: str,
    form: str,
    output: Path | None,
    reading: ReadingOptions,
) -> None:
    """Show what each node and dataset of a job becomes, and why.

    Writes no bundle. If the job has errors, they are shown and the exit code is 1.
    """
    from kedro_azureml_compiler import Severity, examine_job

    with show_errors_as_messages(), redirect_the_rest_to_stderr(), little_garbage_collection():
        examined = examine_job(reading.request(metadata.project_path), job)
        show_findings(examined.findings)
    result = {"table": _as_tables, "json": _as_json, "mermaid": _as_mermaid}[form](examined)
    if output is None:
        print_result(result)
    else:
        write_result(output, result)
    if any(finding.severity is Severity.ERROR for finding in examined.findings):
        sys.exit(USER_MUST_CHANGE_SOMETHING)


def _as_tables(examined: ExaminedJob) -> str:
    from rich.console import Console

    console = Console()
    if not console.is_terminal:
        console = Console(width=200)  # a file or a pipe can be scrolled
    with console.capture() as captured:
        _print_tables(examined, console)
    return captured.get()


def _print_tables(examined: ExaminedJob, console: Console) -> None:
    from kedro_azureml_compiler import make_azure_name
    from rich.text import Text

    plan = examined.plan
    steps = _table("Step", "Nodes", "Reads", "Writes", "Waits for", "Runs on")
    for step in plan.steps:
        lowered = examined.pipeline_job.jobs[make_azure_name(step.name)]
        where = lowered.compute or examined.pipeline_job.default_compute
        nodes = "" if step.nodes == (step.name,) else "\n".join(step.nodes)
        name = f"{step.name}\n(may be reused)" if step.deterministic else step.name
        columns = (name, nodes, *map("\n".join, (step.reads, step.writes, step.waits_for)))
        steps.add_row(*map(Text, (*columns, where.removeprefix("azureml:"))))
    datasets = _table("Dataset", "Becomes", "Why", "Written by", "Read by")
    for dataset in plan.datasets:
        columns = (dataset.name, dataset.flow.value, dataset.why, dataset.written_by or "")
        datasets.add_row(*map(Text, (*columns, "\n".join(dataset.read_by))))
    console.print(steps)
    console.print(datasets)
    if plan.promoted:
        inputs = _table("Input of the job", "Parameter", "Type", "Value")
        for promoted in plan.promoted:
            value = str(promoted.default)
            inputs.add_row(*map(Text, (promoted.name, promoted.parameter, promoted.type, value)))
        console.print(inputs)


def _table(*columns: str) -> Any:
    from rich import box
    from rich.table import Table

    return Table(*columns, box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)


def _as_json(examined: ExaminedJob) -> str:
    import json

    from kedro_azureml_compiler import plan_to_dict

    return json.dumps(plan_to_dict(examined.plan), indent=2, ensure_ascii=False) + "\n"


def _as_mermaid(examined: ExaminedJob) -> str:
    from kedro_azureml_compiler import render_mermaid

    return render_mermaid(examined.plan)
