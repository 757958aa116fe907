"""Convert a plan to a graph for drawing: boxes in layers, and the edges between them."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from kedro_azureml_compiler.planning.plan import Flow, Plan, PlannedDataset, PlannedStep

if TYPE_CHECKING:
    from collections.abc import Mapping

FAR_LAYERS = 12
"""Nobody can follow a longer edge, and edges of at most this many layers keep the work linear."""


class Look(str, Enum):
    """The kind of a box in the picture; the value is its class in the SVG."""

    STEP = "step"
    VERSION = "version"
    UPLOAD = "upload"
    OUTPUT = "output"
    REGISTERED = "registered"
    NOT_MOUNTED = "not-mounted"


class Mark(NamedTuple):
    """A box of the picture.

    Args:
        look: Its kind.
        layer: Its layer. Steps have the odd ones, by the longest path that leads to them.
        name: Name of the step or dataset.
        small: The text below the name; may be empty.
        why: Additional text about it.
        is_copy: Whether it repeats a box that is too far away for an edge.
    """

    look: Look
    layer: int
    name: str
    small: str = ""
    why: str = ""
    is_copy: bool = False


class Edge(NamedTuple):
    """An edge of the picture.

    Args:
        source: Number of the box where it starts.
        target: Number of the box where it ends, in a higher layer.
        step: Number of the step that it is an edge of.
        is_order: Whether it carries no data.
        meaning: The same in a sentence.
    """

    source: int
    target: int
    step: int
    is_order: bool
    meaning: str


class PlanGraph(NamedTuple):
    """The graph of a plan.

    Args:
        marks: The boxes; their numbers are their positions.
        edges: The edges.
    """

    marks: tuple[Mark, ...]
    edges: tuple[Edge, ...]


def build_graph(plan: Plan) -> PlanGraph:
    """Return the graph of a plan.

    It contains the steps, the mounted datasets, and the external ones that a step waits for.

    Args:
        plan: The plan.

    Example:
        >>> from kedro_azureml_compiler.planning.plan import Plan, PlannedStep
        >>> load = PlannedStep("load", ("load",))
        >>> fit = PlannedStep("fit", ("fit",), waits_for=("load",))
        >>> graph = build_graph(Plan("training", ("train",), (load, fit), ()))
        >>> [(mark.name, mark.layer) for mark in graph.marks]
        [('load', 1), ('fit', 3)]
        >>> [edge.meaning for edge in graph.edges]
        ["'fit' waits for 'load'"]
    """
    builder = _Builder(plan)
    for step in plan.steps:
        builder.add(step)
    return PlanGraph(tuple(builder.marks), tuple(builder.edges))


class _Builder:
    def __init__(self, plan: Plan) -> None:
        self.marks: list[Mark] = []
        self.edges: list[Edge] = []
        self._plan = plan
        self._layers = _step_layers(plan)
        self._steps: dict[str, int] = {}
        self._datasets: dict[str, int] = {}
        self._copies: dict[tuple[int, int], int] = {}
        self._unmounted: dict[tuple[str | None, str], list[PlannedDataset]] = {}
        for dataset in plan.datasets:
            if dataset.flow is Flow.NOT_MOUNTED:
                for reader in dataset.read_by:
                    self._unmounted.setdefault((dataset.written_by, reader), []).append(dataset)

    def add(self, step: PlannedStep) -> None:
        layer = self._layers[step.name]
        sources = [self._read(self._plan.dataset(name), layer) for name in step.reads]
        nodes = "" if len(step.nodes) == 1 else f"{len(step.nodes)} nodes"
        why = "" if step.nodes == (step.name,) else f"nodes: {', '.join(step.nodes)}"
        number = self._steps[step.name] = self._mark(Mark(Look.STEP, layer, step.name, nodes, why))
        for source in sources:
            self._join(source, number, number, "reads")
        for name in step.writes:
            written = self._add_dataset(self._plan.dataset(name), layer + 1)
            self._join(number, written, number, "writes")
        for other in step.waits_for:
            through = self._unmounted.get((other, step.name), [])
            for dataset in through:
                self._wait_through(dataset, other, number)
            if not through:
                self._join(self._steps[other], number, number, "waits for", is_order=True)

    def _mark(self, mark: Mark) -> int:
        self.marks.append(mark)
        return len(self.marks) - 1

    def _add_dataset(self, dataset: PlannedDataset, layer: int) -> int:
        look, small = _look_of(dataset)
        mark = Mark(look, layer, dataset.name, small, dataset.why)
        number = self._datasets[dataset.name] = self._mark(mark)
        return number

    def _read(self, dataset: PlannedDataset, layer: int) -> int:
        """Return the box of a dataset that is read; it is new if the dataset enters the job."""
        if dataset.name not in self._datasets:
            self._add_dataset(dataset, 0 if layer <= FAR_LAYERS else layer - 1)
        return self._datasets[dataset.name]

    def _wait_through(self, dataset: PlannedDataset, writer: str, reader: int) -> None:
        source = self._steps[writer]
        if dataset.name not in self._datasets:
            number = self._add_dataset(dataset, self._layers[writer] + 1)
            self._join(source, number, source, "writes", is_order=True)
        self._join(self._datasets[dataset.name], reader, reader, "waits for", is_order=True)

    def _join(
        self, source: int, target: int, step: int, verb: str, *, is_order: bool = False
    ) -> None:
        other = target if step == source else source
        meaning = f"'{self.marks[step].name}' {verb} '{self.marks[other].name}'"
        layer = self.marks[target].layer
        if layer - self.marks[source].layer > FAR_LAYERS:
            source = self._copy(source, layer - 1)
        self.edges.append(Edge(source, target, step, is_order, meaning))

    def _copy(self, number: int, layer: int) -> int:
        if (number, layer) not in self._copies:
            mark = self.marks[number]
            copy = Mark(mark.look, layer, mark.name, "drawn again", mark.why, is_copy=True)
            self._copies[number, layer] = self._mark(copy)
        return self._copies[number, layer]


def _step_layers(plan: Plan) -> Mapping[str, int]:
    layers: dict[str, int] = {}
    for step in plan.steps:
        writers = [plan.dataset(name).written_by for name in step.reads]
        earlier = [layers[name] for name in (*writers, *step.waits_for) if name is not None]
        layers[step.name] = max(earlier, default=-1) + 2
    return layers


def _look_of(dataset: PlannedDataset) -> tuple[Look, str]:
    """Return the kind of a dataset, and the text below its name."""
    if dataset.flow is Flow.NOT_MOUNTED:
        return Look.NOT_MOUNTED, "not mounted"
    if dataset.flow is Flow.UPLOAD:
        return Look.UPLOAD, f"uploads {dataset.source}" if dataset.source else "uploaded"
    if dataset.flow is Flow.STORED:
        return Look.UPLOAD, "of the resumed job"
    if dataset.asset is None:
        return Look.OUTPUT, ""
    called = "" if dataset.asset.name == dataset.name else f" {dataset.asset.name}"
    if dataset.flow is not Flow.VERSION:
        return Look.REGISTERED, f"registers{called or ' a version'}"
    version = f"version {dataset.asset.version}" if dataset.asset.version else "latest version"
    return Look.VERSION, f"{version} of{called}" if called else version
