"""Find names in a job's filters that its pipelines do not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_azureml_compiler.planning.facts import strip_transcoding
from kedro_azureml_compiler.suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kedro.pipeline import Pipeline

    from kedro_azureml_compiler.settings.models import PipelineSelection


def find_unknown_names(selection: PipelineSelection, pipeline: Pipeline) -> list[str]:
    """Return a message with a suggestion for each name in a filter that the pipeline lacks.

    An unknown tag is skipped if a node has another tag of the filter: Kedro selects that node.

    Args:
        selection: Which pipelines, and which of their nodes.
        pipeline: All nodes of these pipelines.
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
        f"pipeline.{key}: {what} '{name}' {did_you_mean(name, known)}"
        for key, asked, what, known in filters
        for name in asked
        if name not in known
    ]


def find_unknown_tags(
    selection: PipelineSelection, pipeline: Pipeline
) -> tuple[tuple[str, str], ...]:
    """Return the tags in a filter that no node has, each with a suggestion.

    Args:
        selection: Which pipelines, and which of their nodes.
        pipeline: All nodes of these pipelines.
    """
    if not selection.tags:
        return ()
    tags = {tag for node in pipeline.nodes for tag in node.tags}
    return tuple((tag, did_you_mean(tag, tags)) for tag in selection.tags if tag not in tags)


def _with_parents(namespace: str | None) -> list[str]:
    parts = namespace.split(".") if namespace else []
    return [".".join(parts[:depth]) for depth in range(1, len(parts) + 1)]
