"""Read the registered pipelines of the open project, and select the nodes of a job."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kedro.framework.project import pipelines
from kedro.pipeline import Pipeline

from kedro_azureml_compiler.planning.facts import DatasetFacts, DatasetKind
from kedro_azureml_compiler.project.filters import find_unknown_names, find_unknown_tags
from kedro_azureml_compiler.project.opening import find_registered_pipeline
from kedro_azureml_compiler.project.project_errors import ProjectError
from kedro_azureml_compiler.settings.models import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from kedro_azureml_compiler.settings.models import PipelineSelection

_HANDED_OVER = frozenset({DatasetKind.PIPELINE, DatasetKind.MEMORY, DatasetKind.UNDECLARED})


@contextmanager
def load_only(names: Collection[str] | None) -> Iterator[None]:
    """Let Kedro import only these pipelines, as `kedro run --pipelines` does, if it can.

    It cannot without `pipelines.set_requested`, for `__default__`, or if the registry builds one of
    them from others: then all are imported.

    Args:
        names: Names of registered pipelines; None imports all.
    """
    if names is None or DEFAULT in names or not hasattr(pipelines, "set_requested"):
        yield
        return
    pipelines.set_requested(list(names))
    try:
        if not _all_found(names):
            pipelines.set_requested(None)
        yield
    finally:
        pipelines.set_requested(None)


def _all_found(names: Collection[str]) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("error", r"Pipeline\(s\) not found", UserWarning)
            return all(name in pipelines for name in names)
    except Exception:  # of the registry; it is raised again when all pipelines are imported
        return False


def select_nodes(
    selection: PipelineSelection,
) -> tuple[Pipeline, tuple[tuple[str, str], ...]]:
    """Return the nodes of a job, and the tags that no node has, each with a suggestion.

    Args:
        selection: Which pipelines, and which of their nodes.

    Raises:
        ProjectError: The pipeline does not exist, the filters do not fit it, or select no node.
    """
    registered = [find_registered_pipeline(name) for name in selection.registered]
    # Once at most: Kedro sorts all nodes again with every sum and every filter.
    whole = registered[0]
    if len(registered) > 1:
        whole = Pipeline({node for pipeline in registered for node in pipeline.nodes})
    name = "', '".join(selection.registered)
    given = {
        "tags": selection.tags,
        "from_nodes": selection.from_nodes,
        "to_nodes": selection.to_nodes,
        "node_names": selection.node_names,
        "from_inputs": selection.from_inputs,
        "to_outputs": selection.to_outputs,
        "node_namespaces": selection.node_namespaces,
    }
    filters = {key: list(values) for key, values in given.items() if values}
    unknown = find_unknown_names(selection, whole) if filters else []
    if unknown:
        listed = "\n".join(f"  {line}" for line in unknown)
        raise ProjectError(f"The job's filters do not fit the pipeline '{name}':\n{listed}")
    try:
        selected = whole.filter(**filters) if filters else whole
    except ValueError as error:
        raise ProjectError(
            f"No node of the pipeline '{name}' passes all of the job's filters: "
            f"{', '.join(filters)}.",
            hint="Only nodes that every filter below 'pipeline:' selects are run.",
        ) from error
    if not selected.nodes:
        raise ProjectError(
            f"The pipeline '{name}' has no nodes to run.",
            hint="Check the job's filters below 'pipeline:', and pipeline_registry.py.",
        )
    return selected, find_unknown_tags(selection, whole)


def find_other_producers(
    selected: Pipeline, datasets: Mapping[str, DatasetFacts]
) -> dict[str, tuple[str, ...]]:
    """Find nodes of other pipelines that produce inputs of the job; only then are all read.

    Args:
        selected: The nodes of the job.
        datasets: What is known about its datasets.

    Returns:
        Name of the dataset to the names of the nodes, for datasets that travel between steps.
    """
    wanted = {n for n in selected.inputs() if n in datasets and datasets[n].kind in _HANDED_OVER}
    if not wanted:
        return {}
    if hasattr(pipelines, "set_requested"):
        pipelines.set_requested(None)
    found: dict[str, list[str]] = {}
    for pipeline in dict(pipelines).values():
        for node in pipeline.nodes:
            for output in wanted.intersection(node.outputs):
                found.setdefault(output, []).append(node.name)
    return {name: tuple(sorted(set(nodes))) for name, nodes in found.items()}
