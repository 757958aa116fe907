"""Filters of nodes: those of a command, and names in filters that the pipelines do not have."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from kedro_azureml_compiler.planning.facts import strip_transcoding
from kedro_azureml_compiler.suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kedro.pipeline import Pipeline

    from kedro_azureml_compiler.settings.models import PipelineSelection

OPTIONS = MappingProxyType(
    {
        "pipeline_names": "--pipelines",
        "tags": "--tags",
        "from_nodes": "--from-nodes",
        "to_nodes": "--to-nodes",
        "node_names": "--nodes",
        "from_inputs": "--from-inputs",
        "to_outputs": "--to-outputs",
        "node_namespaces": "--namespaces",
    }
)
"""Name of a filter in `azureml.yml` to the option of `kedro run`."""


class NodeFilters(NamedTuple):
    """The filters of `kedro run` for one command, besides those of the job in `azureml.yml`.

    A node is run if the job selects it and `kedro run` with these filters would.

    Args:
        pipeline_names: Registered pipelines; those of the job if there are none.
        tags: The nodes with any of these tags.
        from_nodes: Start at these nodes.
        to_nodes: End at these nodes.
        node_names: Only these nodes.
        from_inputs: Start at the nodes that read these datasets.
        to_outputs: End at the nodes that write these datasets.
        node_namespaces: The nodes of these namespaces.

    Example:
        >>> NodeFilters(tags=("nightly",)).given
        {'--tags': ('nightly',)}
    """

    pipeline_names: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    from_nodes: tuple[str, ...] = ()
    to_nodes: tuple[str, ...] = ()
    node_names: tuple[str, ...] = ()
    from_inputs: tuple[str, ...] = ()
    to_outputs: tuple[str, ...] = ()
    node_namespaces: tuple[str, ...] = ()

    @property
    def given(self) -> dict[str, tuple[str, ...]]:
        """The filters that were given, by the option of `kedro run`."""
        values = ((OPTIONS[name], value) for name, value in self._asdict().items())
        return {option: value for option, value in values if value}


NO_FILTERS = NodeFilters()
"""All nodes that the job selects."""


def list_filters(selection: PipelineSelection | NodeFilters) -> dict[str, list[str]]:
    """Return the filters that select something, as `Pipeline.filter` takes them.

    Args:
        selection: The filters.
    """
    names = (name for name in OPTIONS if name != "pipeline_names")
    return {name: list(getattr(selection, name)) for name in names if getattr(selection, name)}


def find_unknown_names(
    selection: PipelineSelection | NodeFilters, pipeline: Pipeline, places: Mapping[str, str]
) -> list[str]:
    """Return a message with a suggestion for each name in a filter that the pipeline lacks.

    An unknown tag is skipped if a node has another tag of the filter: Kedro selects that node.

    Args:
        selection: Which nodes.
        pipeline: All nodes of these pipelines.
        places: Name of a filter to how the user has written it.
    """
    nodes = pipeline.nodes
    names = {node.name for node in nodes}
    namespaces = {part for node in nodes for part in _with_parents(node.namespace)}
    # Kedro's filters also accept a dataset without its transcoding.
    datasets = {name for full in pipeline.datasets() for name in (full, strip_transcoding(full))}
    tags = {tag for node in nodes for tag in node.tags}
    tags_asked = () if tags.intersection(selection.tags) else selection.tags
    filters: list[tuple[str, Iterable[str], str, set[str]]] = [
        ("tags", tags_asked, "no node has the tag", tags),
        ("from_nodes", selection.from_nodes, "there is no node", names),
        ("to_nodes", selection.to_nodes, "there is no node", names),
        ("node_names", selection.node_names, "there is no node", names),
        ("from_inputs", selection.from_inputs, "no node uses the dataset", datasets),
        ("to_outputs", selection.to_outputs, "no node uses the dataset", datasets),
        ("node_namespaces", selection.node_namespaces, "no node is in", namespaces),
    ]
    return [
        f"{places[key]}: {what} '{name}' {did_you_mean(name, known)}"
        for key, asked, what, known in filters
        for name in asked
        if name not in known
    ]


def find_unknown_tags(
    selection: PipelineSelection | NodeFilters, pipeline: Pipeline
) -> tuple[tuple[str, str], ...]:
    """Return the tags in a filter that no node has, each with a suggestion.

    Args:
        selection: Which nodes.
        pipeline: All nodes of these pipelines.
    """
    if not selection.tags:
        return ()
    tags = {tag for node in pipeline.nodes for tag in node.tags}
    return tuple((tag, did_you_mean(tag, tags)) for tag in selection.tags if tag not in tags)


def _with_parents(namespace: str | None) -> list[str]:
    parts = namespace.split(".") if namespace else []
    return [".".join(parts[:depth]) for depth in range(1, len(parts) + 1)]
