"""`kedro azureml check`: everything wrong with jobs, before anything is written or paid for."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from kedro_azureml_cli.terminal.exit_codes import (
    USER_MUST_CHANGE_SOMETHING,
    show_errors_as_messages,
)
from kedro_azureml_cli.terminal.options import fixing_options, reading_options, result_option
from kedro_azureml_cli.terminal.result_stream import (
    print_result,
    redirect_the_rest_to_stderr,
    write_result,
)
from kedro_azureml_cli.terminal.start_up.garbage import collect_garbage_rarely
from kedro_azureml_cli.terminal.verbosity import is_quiet, is_verbose

if TYPE_CHECKING:
    from pathlib import Path

    from kedro.framework.startup import ProjectMetadata

    from kedro_azureml_cli.terminal.options import ReadingOptions, WritingOptions


@click.command("check")
@click.option(
    "-j",
    "--job",
    "jobs",
    multiple=True,
    help="Name of a job in azureml.yml; repeatable. All jobs by default.",
)
@reading_options
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    show_default=True,
    help="Output format: text for people, JSON for programs, or annotations for GitHub.",
)
@result_option
@fixing_options
@click.option(
    "--explain",
    metavar="CODE",
    help="Explain a finding and what to write instead; check nothing.",
)
@click.pass_obj
def check_command(
    metadata: ProjectMetadata,
    /,
    jobs: tuple[str, ...],
    form: str,
    output: Path | None,
    explain: str | None,
    reading: ReadingOptions,
    writing: WritingOptions,
) -> None:
    """Check jobs and report every problem.

    Reports what 'compile', 'simulate' and the other commands would find, in one pass. The exit
    code is 1 if there are errors.

    With --fix, writes the catalog entries that the hints show, and checks again. The changes are
    shown as a diff first; nothing else in the files changes. Without it, nothing is written.
    """
    if explain is not None:
        _explain(explain)
        return
    if writing.fix and (form != "text" or output is not None):
        raise click.UsageError("--fix shows a diff: it takes neither --format nor --output.")
    from kedro_azureml_cli.bundles.check_output import as_github, as_json, as_text

    with show_errors_as_messages(), redirect_the_rest_to_stderr(), collect_garbage_rarely():
        from kedro_azureml_compiler import check_jobs

        project = metadata.project_path
        checked = check_jobs(reading.request(project), jobs)
    if writing.fix:
        from kedro_azureml_cli.fixing.fix_catalog import fix_catalog

        if fix_catalog(reading.request(project), checked, writing):
            with show_errors_as_messages(), redirect_the_rest_to_stderr():
                checked = check_jobs(reading.request(project), jobs)
    if form == "json":
        result = as_json(checked)
    elif form == "github":
        result = as_github(checked, project)
    else:
        result = as_text(
            checked,
            offers_fixes=not writing.fix,
            every_note=is_verbose(),
            errors_alone=is_quiet(),
        )
    if output is None:
        print_result(result)
    else:
        write_result(output, result)
    if any(finding.severity.value == "error" for job in checked for finding in job.findings):
        sys.exit(USER_MUST_CHANGE_SOMETHING)


def _explain(code: str) -> None:
    from kedro_azureml_compiler import collect_finding_kinds, did_you_mean, explain

    kinds = collect_finding_kinds()
    if code not in kinds:
        raise click.BadParameter(f"Unknown finding '{code}' {did_you_mean(code, kinds)}.")
    print_result(explain(kinds[code]))
