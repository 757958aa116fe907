"""`kedro azureml plan`: show what each node and dataset of a job becomes, and why."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from kedro_azureml_cli.bundles.advice_options import advice_options
from kedro_azureml_cli.terminal.exit_codes import (
    USER_MUST_CHANGE_SOMETHING,
    MachineError,
    show_errors_as_messages,
)
from kedro_azureml_cli.terminal.findings import show_findings
from kedro_azureml_cli.terminal.job_choice import choose_job
from kedro_azureml_cli.terminal.options import job_option, reading_options, result_option
from kedro_azureml_cli.terminal.result_stream import (
    print_result,
    redirect_the_rest_to_stderr,
    write_result,
)
from kedro_azureml_cli.terminal.start_up.garbage import collect_garbage_rarely

if TYPE_CHECKING:
    from pathlib import Path

    from kedro.framework.startup import ProjectMetadata
    from kedro_azureml_compiler import ExaminedJob

    from kedro_azureml_cli.bundles.advice_options import AdviceOptions
    from kedro_azureml_cli.bundles.advising import GivenAdvice
    from kedro_azureml_cli.terminal.options import ReadingOptions


@click.command("plan")
@job_option
@reading_options
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "table", "json", "mermaid"]),
    default="text",
    show_default=True,
    help="Output format: text for people ('table' is the same), JSON for programs, or a Mermaid "
    "flowchart.",
)
@click.option(
    "--open",
    "opens",
    is_flag=True,
    help="Also write the page of the plan to build/azureml/JOB.html, and open it in the browser.",
)
@click.option(
    "--parameters", is_flag=True, help="Also show the parameters with their values, in the text."
)
@click.option(
    "--resume",
    "earlier",
    metavar="AZURE_JOB",
    help="Show instead which nodes would run again if that job were resumed, and why; --from-nodes"
    " then names nodes that run again in any case.",
)
@advice_options
@result_option
@click.pass_obj
def plan_command(
    metadata: ProjectMetadata,
    /,
    job: str | None,
    form: str,
    parameters: bool,
    opens: bool,
    output: Path | None,
    earlier: str | None,
    reading: ReadingOptions,
    advice: AdviceOptions | None,
) -> None:
    """Show what each node and dataset of a job becomes, and why.

    Writes no bundle. If the job has errors, they are shown and the exit code is 1.

    With --advise, shows which nodes should share a step for the job to take the least time, as YAML
    to paste: the overhead of each step is weighed against what runs side by side.

    With --resume, shows what kedro azureml resume would run again and what it would take over.

    Example: kedro azureml plan -j train --advise --from-run --price cpu=0.25
    """
    from kedro_azureml_compiler import Severity, examine_job

    if advice is not None and any(reading.filters.values()):
        raise click.UsageError(
            "--advise looks at the whole job, whose grouping it is; leave out the filters of nodes."
        )
    if earlier is not None:
        if advice is not None or opens or parameters or form == "mermaid":
            raise click.UsageError(
                "--resume cannot be used with --advise, --open, --parameters or --format mermaid."
            )
        from kedro_azureml_cli.bundles.resumed_plan import show_resumed_plan

        show_resumed_plan(metadata, earlier, job, reading, form=form, output=output)
        return
    given = None
    with show_errors_as_messages(), redirect_the_rest_to_stderr(), collect_garbage_rarely():
        request = reading.request(metadata.project_path)
        examined = examine_job(request, choose_job(request, job), with_parameters=parameters)
        show_findings(examined.findings)
        has_errors = any(one.severity is Severity.ERROR for one in examined.findings)
        if advice is not None and not has_errors:
            from kedro_azureml_cli.bundles.advising import advise

            given = advise(request, metadata.package_name, examined, advice)
    if form in {"json", "mermaid"}:
        result = _as_json(examined, given) if form == "json" else _as_mermaid(examined)
    elif given is not None:
        from kedro_azureml_cli.bundles.advice_output import advice_as_text

        result = advice_as_text(given)
    elif advice is not None:
        result = ""  # no advice for a job that cannot run
    else:
        from kedro_azureml_cli.bundles.plan_output import as_text

        result = as_text(examined, with_parameters=parameters)
    if opens:
        _open_page(metadata.project_path, examined)
    if output is None:
        print_result(result)
    else:
        write_result(output, result)
    if has_errors:
        sys.exit(USER_MUST_CHANGE_SOMETHING)


def _open_page(project: Path, examined: ExaminedJob) -> None:
    from kedro_azureml_compiler import BUNDLES_FOLDER, collect_page_details, render_plan_page

    from kedro_azureml_cli.terminal.browser import open_page

    file = project / BUNDLES_FOLDER / f"{examined.plan.job}.html"  # no snapshot holds this folder
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MachineError(f"'{file}' cannot be written: {error.strerror or error}.") from error
    details = collect_page_details(
        examined.plan, examined.pipeline_job, examined.findings, examined.facts
    )
    write_result(file, "".join(render_plan_page(examined.plan, details)))
    open_page(file.as_uri())


def _as_json(examined: ExaminedJob, given: GivenAdvice | None) -> str:
    import json

    from kedro_azureml_compiler import plan_to_dict

    place = examined.config.workspace_named(examined.settings.workspace)
    # Beside the plan, since where it is named is this machine's affair.
    workspace = {**place.model_dump(), "source": examined.config.workspace_source}
    content = {
        **plan_to_dict(examined.plan),
        "notifying_steps": list(examined.notifying_steps),
        "workspace": workspace,
    }
    if given is not None:
        from kedro_azureml_cli.bundles.advice_output import advice_as_dict

        content["advice"] = advice_as_dict(given)
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _as_mermaid(examined: ExaminedJob) -> str:
    from kedro_azureml_compiler import render_mermaid

    return render_mermaid(examined.plan)
