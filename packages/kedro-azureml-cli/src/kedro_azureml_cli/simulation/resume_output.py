"""Show what becomes of each node of a job that is resumed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from kedro_azureml_cli.terminal.result_stream import print_result
from kedro_azureml_cli.terminal.verbosity import note
from kedro_azureml_cli.terminal.wrapping import escape_unprintable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kedro_azureml_compiler import NodeChoice


def show_choices(choices: Sequence[NodeChoice], external: Sequence[str]) -> None:
    """Print on the standard error which nodes run and which are taken over, and why.

    Args:
        choices: What becomes of each node.
        external: Datasets with addresses of their own that nodes wrote which are taken over.
    """
    for choice in choices:
        what = "runs again" if choice.runs else "taken over"
        note(escape_unprintable(f"{what}: {choice.name} ({choice.why})"))
    for dataset in external:
        text = (
            f"warning: '{dataset}' has its own address, and the node that wrote it is taken over:"
            " nothing checks that it still holds what that node wrote."
        )
        click.echo(escape_unprintable(text), err=True)


def show_that_nothing_runs(*, as_json: bool) -> None:
    """Say that every node is taken over.

    Args:
        as_json: Whether the standard output gets the record of a run without steps.
    """
    message = "Nothing has to run: every node is taken over."
    if as_json:
        record = {"format": 1, "status": "completed", "message": message, "steps": []}
        print_result(json.dumps(record, indent=2))
    note(message)
