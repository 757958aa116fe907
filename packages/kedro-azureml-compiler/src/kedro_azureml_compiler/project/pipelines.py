"""Read the registered pipelines of the open project, and select the nodes of a job."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from kedro.framework.project import pipelines
from kedro.pipeline import Pipeline

from kedro_azureml_compiler.planning.facts import DatasetFacts, DatasetKind
from kedro_azureml_compiler.planning.plan import format_filters
from kedro_azureml_compiler.project.filters import (
    NO_FILTERS,
    OPTIONS,
    NodeFilters,
    find_unknown_names,
    find_unknown_tags,
    list_filters,
)
from kedro_azureml_compiler.project.opening import find_registered_pipeline
from kedro_azureml_compiler.project.project_errors import ProjectError
from kedro_azureml_compiler.settings.models import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from typing import NoReturn

    from kedro_azureml_compiler.settings.models import PipelineSelection

_MOST_NODES = 10
"""How many nodes a message lists."""

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


class SelectedNodes(NamedTuple):
    """The nodes that a command runs of a job.

    Args:
        selected: These nodes.
        of_job: Those that the job selects, whatever the filters of the command are.
        unknown_tags: Tags that no node has: the filter or option, the tag, and a suggestion.
    """

    selected: Pipeline
    of_job: Pipeline
    unknown_tags: tuple[tuple[str, str, str], ...]


def select_nodes(selection: PipelineSelection, filters: NodeFilters = NO_FILTERS) -> SelectedNodes:
    """Return the nodes of a job that pass the filters of the command too.

    Args:
        selection: Which pipelines, and which of their nodes.
        filters: Those of the command.

    Raises:
        ProjectError: A pipeline does not exist, the filters do not fit it, or select no node.
    """
    whole = _combine(selection.registered)
    places = {key: f"pipeline.{key}" for key in OPTIONS}
    of_job = _filter(whole, selection, places, f"The job's filters do not fit {whole.shown}")
    if not of_job.nodes:
        _refuse_empty_job(whole, selection)
    tags = find_unknown_tags(selection, whole.pipeline)
    unknown = tuple((places["tags"], tag, near) for tag, near in tags)
    if filters == NO_FILTERS:
        return SelectedNodes(of_job, of_job, unknown)
    asked = _combine(filters.pipeline_names) if filters.pipeline_names else whole
    wanted = _filter(asked, filters, OPTIONS, f"The command's filters do not fit {asked.shown}")
    of_both = set(of_job.nodes)
    # Of these, since their pipelines are the ones that a step is to import.
    selected = Pipeline([node for node in wanted.nodes if node in of_both])
    if not selected.nodes:
        given = format_filters(filters.given)
        own = [f"{key}: {', '.join(names)}" for key, names in list_filters(selection).items()]
        raise ProjectError(
            f"No node passes both the job's filters ({'; '.join([whole.shown, *own])}) and the "
            f"command's ({given}).",
            hint=f"The job selects:      {_list_nodes(of_job)}\n"
            f"The command selects:  {_list_nodes(wanted)}",
        )
    tags = find_unknown_tags(filters, asked.pipeline)
    unknown += tuple((OPTIONS["tags"], tag, near) for tag, near in tags)
    return SelectedNodes(selected, of_job, unknown)


class _Combined(NamedTuple):
    """Several registered pipelines as one, and their names for a message."""

    pipeline: Pipeline
    shown: str


def _combine(names: Sequence[str]) -> _Combined:
    registered = [find_registered_pipeline(name) for name in names]
    # Once at most: Kedro sorts all nodes again with every sum and every filter.
    whole = registered[0]
    if len(registered) > 1:
        whole = Pipeline({node for pipeline in registered for node in pipeline.nodes})
    return _Combined(whole, "the pipeline '" + "', '".join(names) + "'")


def _filter(
    whole: _Combined,
    selection: PipelineSelection | NodeFilters,
    places: Mapping[str, str],
    message: str,
) -> Pipeline:
    """Return the nodes that pass filters, none if no node passes all of them."""
    filters = list_filters(selection)
    if not filters:
        return whole.pipeline
    unknown = find_unknown_names(selection, whole.pipeline, places)
    if unknown:
        listed = "\n".join(f"  {line}" for line in unknown)
        raise ProjectError(f"{message}:\n{listed}")
    try:
        return whole.pipeline.filter(**filters)
    except ValueError:  # every name is known, so nothing is left
        return Pipeline([])


def _refuse_empty_job(whole: _Combined, selection: PipelineSelection) -> NoReturn:
    filters = list_filters(selection)
    if filters:
        raise ProjectError(
            f"No node of {whole.shown} passes all of the job's filters: {', '.join(filters)}.",
            hint="Only nodes that every filter below 'pipeline:' selects are run.",
        )
    raise ProjectError(
        f"T{whole.shown[1:]} has no nodes to run.",
        hint="Check the job's filters below 'pipeline:', and pipeline_registry.py.",
    )


def _list_nodes(pipeline: Pipeline) -> str:
    names = [node.name for node in pipeline.nodes]
    shown = ", ".join(names[:_MOST_NODES]) or "nothing"
    more = len(names) - _MOST_NODES
    return f"{shown}, and {more} more" if more > 0 else shown


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
