"""Show changes of files, ask, and write them: all or none."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from kedro_azureml_cli.fixing.changes_output import format_diff
from kedro_azureml_cli.terminal.exit_codes import UserError, show_errors_as_messages
from kedro_azureml_cli.terminal.result_stream import print_result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kedro_azureml_compiler import FileChange

    from kedro_azureml_cli.terminal.options import WritingOptions


def apply_changes(
    changes: Sequence[FileChange], options: WritingOptions, remarks: str = ""
) -> bool:
    """Show changes as a diff, and write them if the user agrees.

    Args:
        changes: The files; at least one.
        options: Whether to ask, and whether to write.
        remarks: What else to know before agreeing, as whole lines.

    Returns:
        Whether they were written.

    Raises:
        UserError: Nobody can be asked, or the user does not agree; nothing was written.
        MachineError: A file cannot be written.
    """
    from kedro_azureml_compiler import write_changes

    print_result(format_diff(changes) + remarks)
    files = "1 file" if len(changes) == 1 else f"{len(changes)} files"
    if options.dry_run:
        click.echo(f"Nothing was written (--dry-run): {files} would change.")
        return False
    if not options.yes:
        if not sys.stdin.isatty():
            raise UserError(
                f"Nothing was written: {files} would change, and no terminal can confirm it.\n"
                "Add --yes to write the changes."
            )
        if not click.confirm(f"Write these changes to {files}?", err=True):
            raise UserError("Nothing was written.")
    with show_errors_as_messages():
        write_changes(changes)
    for change in changes:
        click.echo(f"Wrote {change.file}")
    return True
