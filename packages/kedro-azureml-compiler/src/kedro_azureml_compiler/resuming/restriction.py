"""Keep those nodes of a project's facts that run again; what others stored comes from there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kedro_azureml_compiler.planning.facts import strip_transcoding

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from kedro_azureml_compiler.planning.facts import DatasetFacts, ProjectFacts


def keep_nodes(
    facts: ProjectFacts,
    names: Collection[str],
    addresses: Mapping[str, str],
    pins: Mapping[str, str],
) -> ProjectFacts:
    """Return the facts of a job that runs some of its nodes.

    Args:
        facts: What is known about the project.
        names: The nodes that run.
        addresses: Datasets that other nodes have stored, to the addresses of their data.
        pins: Datasets to the versions of data assets that are read, where nothing else says it.
    """
    nodes = tuple(node for node in facts.nodes if node.name in names)
    used = {name for node in nodes for name in (*node.inputs, *node.outputs)}
    read = {strip_transcoding(name) for node in nodes for name in node.inputs}
    written = {
        strip_transcoding(name)
        for node in facts.nodes
        for name in node.outputs
        if node.name not in names
    }
    return replace(
        facts,
        nodes=nodes,
        datasets={name: _pin(d, pins) for name, d in facts.datasets.items() if name in used},
        nodes_of_job=facts.nodes_of_job or facts.nodes,
        datasets_left_out={
            **facts.datasets_left_out,
            **{name: d for name, d in facts.datasets.items() if name not in used},
        },
        stored={name: addresses[name] for name in sorted(read & written) if name in addresses},
    )


def _pin(dataset: DatasetFacts, pins: Mapping[str, str]) -> DatasetFacts:
    version = pins.get(strip_transcoding(dataset.name))
    if version is None or dataset.asset is None:
        return dataset
    return dataset._replace(asset=dataset.asset._replace(version=version))
