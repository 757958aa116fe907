"""Show which nodes of a submitted job would run again if it were resumed, and why."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from kedro_azureml_cli.bundles.choices_output import describe_rest, format_rest, warn_of_unknown
from kedro_azureml_cli.earlier_jobs.resuming import choose_rest_of_job
from kedro_azureml_cli.jobs.job_lookup import find_submitted
from kedro_azureml_cli.terminal.exit_codes import show_errors_as_messages
from kedro_azureml_cli.terminal.result_stream import (
    print_result,
    redirect_the_rest_to_stderr,
    write_result,
)

if TYPE_CHECKING:
    from pathlib import Path

    from kedro.framework.startup import ProjectMetadata

    from kedro_azureml_cli.terminal.options import ReadingOptions


def show_resumed_plan(
    metadata: ProjectMetadata,
    earlier: str,
    job: str | None,
    reading: ReadingOptions,
    *,
    form: str,
    output: Path | None,
) -> None:
    """Show what would run again of a job, and what would be taken over.

    Args:
        metadata: The project.
        earlier: The job, by its name in Azure ML or in `azureml.yml`.
        job: The job that the command names, if it does.
        reading: How the project is read; `--from-nodes` names nodes that run again in any case.
        form: `text`, `table` or `json`.
        output: The file for the result; None for the standard output.
    """
    filters = dict(reading.filters)
    from_nodes = filters.pop("from_nodes", ())
    request = reading._replace(filters=filters).request(metadata.project_path)
    with show_errors_as_messages(), redirect_the_rest_to_stderr():
        found = find_submitted(request, metadata.package_name, None, earlier)
        name = found.state.name
        if job not in {None, found.state.job}:
            raise click.UsageError(
                f"{name} is a run of the job '{found.state.job}'; leave out --job, or name that."
            )
        rest = choose_rest_of_job(found, request, metadata.package_name, from_nodes)
        warn_of_unknown(rest.unknown)
    if form == "json":
        result = json.dumps(describe_rest(rest, name), indent=2, ensure_ascii=False) + "\n"
    else:
        result = format_rest(rest, name)
    if output is None:
        print_result(result)
    else:
        write_result(output, result)
