"""The filters of `kedro run` as options of the commands that compile a job."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
from kedro.framework.cli.utils import split_node_names, split_string

Command = Callable[..., object]

_PREFIX = "filter_"
"""Of the arguments: a command has tags of the job, too."""


def take_filters(values: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """Take the values of these options out of those of a command; return those that are given.

    Args:
        values: Name of each argument of the command to its value.

    Returns:
        Name of each filter, as in `azureml.yml`, to the names that it selects.

    Raises:
        UsageError: Pipelines are named in two ways.
    """
    taken = {name: tuple(values.pop(_PREFIX + name)) for name in (*_FILTERS, "pipeline")}
    pipeline = taken.pop("pipeline")
    if pipeline and taken["pipeline_names"]:
        raise click.UsageError("--pipeline and --pipelines cannot be used together.")
    taken["pipeline_names"] += pipeline
    return {name: names for name, names in taken.items() if names}


def _split_pipelines(ctx: click.Context, option: click.Parameter, value: str) -> list[str]:
    return list(dict.fromkeys(split_string(ctx, option, value)))


def _split_names(ctx: click.Context, option: click.Parameter, value: str) -> list[str]:
    """Split as Kedro does; it takes a bracket that is left open for a part of a name."""
    names = [name.strip(" ,") for name in split_node_names(ctx, option, value)]
    if value.count("[") != value.count("]"):
        raise click.BadParameter(f"'{value}' has a bracket without its other half.", ctx, option)
    return [name for name in names if name]


_FILTERS: dict[str, tuple[tuple[str, ...], Callable[..., list[str]], str]] = {
    "pipeline_names": (("--pipelines",), _split_pipelines, "Run nodes of these pipelines only."),
    "node_names": (("-n", "--nodes"), _split_names, "Run these nodes only."),
    "tags": (("-t", "--tags"), split_string, "Run nodes with any of these tags only."),
    "node_namespaces": (("-ns", "--namespaces"), _split_names, "Run these namespaces only."),
    "from_nodes": (("--from-nodes",), _split_names, "Start at these nodes."),
    "to_nodes": (("--to-nodes",), _split_names, "End at these nodes."),
    "from_inputs": (("--from-inputs",), split_string, "Start at the readers of these datasets."),
    "to_outputs": (("--to-outputs",), split_string, "End at the writers of these datasets."),
}
"""Name of a filter in `azureml.yml` to its option: spelled and split as in `kedro run`."""


def _read_once(split: Callable[..., list[str]]) -> Callable[..., list[str]]:
    """Refuse what would run other nodes than were named: all of them, or only the last ones."""

    def read(ctx: click.Context, option: click.Parameter, values: tuple[str, ...]) -> list[str]:
        if len(values) > 1:
            times = "twice" if len(values) == 2 else f"{len(values)} times"
            together = ",".join(values)
            message = f"given {times}; write all names in one:  {option.opts[-1]} '{together}'"
            raise click.BadParameter(message, ctx, option)
        value = values[0] if values else ""
        names = split(ctx, option, value)
        if value and not names:
            raise click.BadParameter(f"'{value}' names nothing.", ctx, option)
        return names

    return read


def _option(
    names: tuple[str, ...], argument: str, split: Callable[..., list[str]], text: str
) -> Callable[[Command], Command]:
    return click.option(
        *names,
        _PREFIX + argument,
        multiple=True,
        metavar="NAMES",
        callback=_read_once(split),
        help=text,
    )


def _one_pipeline(
    ctx: click.Context, option: click.Parameter, values: tuple[str, ...]
) -> list[str]:
    if len(values) > 1:
        message = f"names one pipeline; write:  --pipelines '{','.join(values)}'"
        raise click.BadParameter(message, ctx, option)
    return [value for value in values if value]


filter_options: list[Callable[[Command], Command]] = [
    click.option(
        "-p",
        "--pipeline",
        f"{_PREFIX}pipeline",
        multiple=True,
        metavar="NAME",
        callback=_one_pipeline,
        help="Run nodes of this pipeline only.",
    ),
    *(_option(names, argument, split, text) for argument, (names, split, text) in _FILTERS.items()),
]
"""The options; several names are separated by commas, and the job's own filters hold too."""
