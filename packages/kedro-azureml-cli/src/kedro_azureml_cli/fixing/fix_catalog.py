"""Fix the catalog for jobs: find, show, ask, write, and check again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kedro_azureml_cli.fixing.applying import apply_changes
from kedro_azureml_cli.fixing.changes_output import format_left
from kedro_azureml_cli.terminal.exit_codes import show_errors_as_messages
from kedro_azureml_cli.terminal.result_stream import print_result, redirect_the_rest_to_stderr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kedro_azureml_compiler import CheckedJob, ProjectRequest

    from kedro_azureml_cli.terminal.options import WritingOptions


def fix_catalog(
    request: ProjectRequest, checked: Sequence[CheckedJob], writing: WritingOptions
) -> bool:
    """Write the catalog entries that findings ask for, if the user agrees.

    Args:
        request: Which project, and how to read it.
        checked: Its jobs with their findings.
        writing: Whether to ask, and whether to write.

    Returns:
        Whether files were written, so that the findings are no longer those of the project.

    Raises:
        UserError: Nobody can be asked, or the user does not agree; nothing was written.
        MachineError: A file cannot be written.
    """
    with show_errors_as_messages(), redirect_the_rest_to_stderr():
        from kedro_azureml_compiler import Severity, plan_fixes

        findings = [finding for job in checked for finding in job.findings]
        plan = plan_fixes(request, findings)
    if plan.changes:
        return apply_changes(plan.changes, writing, format_left(plan))
    is_fine = all(finding.severity is not Severity.ERROR for finding in findings)
    click.echo("Nothing to fix." if is_fine else "No error can be fixed in the catalog.")
    print_result(format_left(plan))
    return False
