"""Show what becomes of each node of a job that is resumed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from kedro_azureml_cli.terminal.verbosity import note
from kedro_azureml_cli.terminal.wrapping import escape_unprintable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kedro_azureml_compiler import ChosenRest, NodeChoice, UnknownChanges


def show_choices(choices: Sequence[NodeChoice], unknown: UnknownChanges) -> None:
    """Print on the standard error which nodes run and which are taken over, and why.

    Args:
        choices: What becomes of each node.
        unknown: What nobody can tell of the nodes that are taken over.
    """
    for line in format_choices(choices):
        note(line)
    warn_of_unknown(unknown)


def warn_of_unknown(unknown: UnknownChanges) -> None:
    """Print on the standard error what nobody can tell of the nodes that are taken over.

    Args:
        unknown: It.
    """
    for text in _warn(unknown):
        click.echo(escape_unprintable(f"warning: {text}"), err=True)


def _warn(unknown: UnknownChanges) -> Iterator[str]:
    for dataset in unknown.written:
        yield (
            f"'{dataset}' has its own address, and the node that wrote it is taken over: nothing"
            " checks that it still holds what that node wrote."
        )
    for dataset in unknown.read:
        yield (
            f"'{dataset}' has its own address, and a node that read it is taken over: nothing"
            " checks that it still holds what that node read. If it does not, name that node with"
            " --from-nodes."
        )
    for parameter in unknown.parameters:
        yield (
            f"the parameter '{parameter}' differs, and no node reads it. If a hook or the function"
            " that makes a pipeline does, name the nodes that it affects with --from-nodes."
        )


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


def format_rest(rest: ChosenRest, name: str) -> str:
    """Return what would have to run again of a job that has ended, as text.

    Args:
        rest: What has to run again.
        name: Name of the job in Azure ML.
    """
    count = sum(choice.runs for choice in rest.choices)
    lines = [f"Resuming {name}: {count} of {len(rest.choices)} nodes run again."]
    lines += [f"  {line}" for line in format_choices(rest.choices)]
    if rest.code_changes:
        lines += [
            "The code has changed, so resume needs --from-nodes or --accept-code-changes:",
            *(f"  {change.what}: {change.path}" for change in rest.code_changes),
        ]
    return "".join(f"{escape_unprintable(line)}\n" for line in lines)


def describe_rest(rest: ChosenRest, name: str) -> dict[str, Any]:
    """Return what would have to run again of a job that has ended, for JSON.

    Args:
        rest: What has to run again.
        name: Name of the job in Azure ML.
    """
    return {
        "resumed": name,
        **describe_choices(rest.choices, rest.unknown),
        "code_changes": [change._asdict() for change in rest.code_changes],
    }


def describe_choices(choices: Sequence[NodeChoice], unknown: UnknownChanges) -> dict[str, Any]:
    """Return what becomes of each node, for JSON.

    Args:
        choices: What becomes of each node.
        unknown: As for `show_choices`.
    """
    return {
        "nodes": [
            {"name": choice.name, "step": choice.step, "runs": choice.runs, "why": choice.why}
            for choice in choices
        ],
        "external": list(unknown.written),
        "external_inputs": list(unknown.read),
        "unread_parameters": list(unknown.parameters),
    }
