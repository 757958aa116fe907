"""`kedro azureml resume`: send only what has to run again of a job that has ended."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from kedro_azureml_cli.terminal.exit_codes import show_errors_as_messages
from kedro_azureml_cli.terminal.options import changing_options, form_option, reading_options
from kedro_azureml_cli.terminal.result_stream import print_result, redirect_the_rest_to_stderr

if TYPE_CHECKING:
    from kedro.framework.startup import ProjectMetadata
    from kedro_azureml_compiler import JobChanges

    from kedro_azureml_cli.terminal.options import ReadingOptions


@click.command("resume")
@click.argument("azure_job", metavar="AZURE_JOB")
@reading_options
@changing_options
@click.option(
    "--accept-code-changes",
    is_flag=True,
    help="Take over what completed though the code has changed.",
)
@click.option(
    "--dry-run", is_flag=True, help="Show what runs again and what is taken over; send nothing."
)
@click.option("--wait", is_flag=True, help="Wait until the job ends; exit code 1 if it fails.")
@click.option("--open", "opens", is_flag=True, help="Open the job in Studio, in the browser.")
@form_option
@click.pass_obj
def resume_command(
    metadata: ProjectMetadata,
    /,
    azure_job: str,
    accept_code_changes: bool,
    dry_run: bool,
    wait: bool,
    opens: bool,
    form: str,
    reading: ReadingOptions,
    changes: JobChanges,
) -> None:
    r"""Send a new job with only what has to run again of one that has ended.

    AZURE_JOB is a job's name in Azure ML, or its name in azureml.yml, which means its newest run.
    A node is taken over if it completed, if what it is made from is the same (parameters, catalog
    entries, versions, data), and if what it hands to nodes that run is stored and there. All
    others run again. Where the code has changed, the files are listed and nothing is sent, unless
    --from-nodes names the nodes that the change affects, or --accept-code-changes is given.

    \b
    kedro azureml resume train-20260301-101500-a1b2c3 --from-nodes fit
    """
    if dry_run and (opens or wait):
        other = "--open" if opens else "--wait"
        raise click.UsageError(
            f"{other} and --dry-run cannot be used together: nothing is submitted."
        )
    from kedro_azureml_cli.bundles.choices_output import describe_choices, show_choices
    from kedro_azureml_cli.bundles.compiling import refuse_unsendable
    from kedro_azureml_cli.earlier_jobs.resuming import compile_rest
    from kedro_azureml_cli.jobs.job_lookup import find_submitted
    from kedro_azureml_cli.resuming.sending_rest import describe_nothing, preview, send
    from kedro_azureml_cli.terminal.exit_codes import leave
    from kedro_azureml_cli.terminal.findings import show_findings

    filters = dict(reading.filters)
    from_nodes = filters.pop("from_nodes", ())
    request = reading._replace(filters=filters).request(metadata.project_path)
    with show_errors_as_messages(), redirect_the_rest_to_stderr():
        found = find_submitted(request, metadata.package_name, changes.workspace, azure_job)
        name, job = found.state.name, found.state.job
        rest = compile_rest(
            found,
            request,
            metadata.package_name,
            changes,
            from_nodes=from_nodes,
            accept_code_changes=accept_code_changes,
        )
        show_choices(() if dry_run and rest.compiled else rest.choices, rest.unknown)
        if rest.compiled is None:
            outcome = describe_nothing(rest, name)
        else:
            show_findings(rest.compiled.findings)
            refuse_unsendable(job, rest.compiled)
            if dry_run:
                outcome = preview(job, rest, rest.compiled)
            else:
                outcome = send(metadata.project_path, found, rest.compiled, wait=wait, opens=opens)
        result = outcome.text
        if form == "json":
            choices = describe_choices(rest.choices, rest.unknown)
            content = {"resumed": name, **choices, "jobs": outcome.content}
            result = json.dumps(content, indent=2) + "\n"
    print_result(result)
    if outcome.is_interrupted:
        leave()
    if outcome.exit_code:
        sys.exit(outcome.exit_code)
