"""Show what becomes of each node of a job that is resumed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

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
    for line in format_choices(choices):
        note(line)
    for dataset in external:
        text = (
            f"warning: '{dataset}' has its own address, and the node that wrote it is taken over:"
            " nothing checks that it still holds what that node wrote."
        )
        click.echo(escape_unprintable(text), err=True)


def format_choices(choices: Sequence[NodeChoice]) -> list[str]:
    """Return a line for each node: whether it runs, and why.

    Args:
        choices: What becomes of each node.
    """
    return [
        escape_unprintable(
            f"{'runs again' if choice.runs else 'taken over'}: {choice.name} ({choice.why})"
        )
        for choice in choices
    ]


def describe_choices(choices: Sequence[NodeChoice], external: Sequence[str]) -> dict[str, Any]:
    """Return what becomes of each node, for JSON.

    Args:
        choices: What becomes of each node.
        external: As for `show_choices`.
    """
    return {
        "nodes": [
            {"name": choice.name, "step": choice.step, "runs": choice.runs, "why": choice.why}
            for choice in choices
        ],
        "external": list(external),
    }
