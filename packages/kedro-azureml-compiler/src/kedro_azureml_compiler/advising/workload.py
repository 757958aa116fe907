"""Turn an examined job and the times of an earlier run into the work that the search divides.

A node is divided from another only where the compiler lets it be: what exchanges data that exists
in one step alone stays together, and so does a step with settings that its nodes alone would not
have.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Literal, NamedTuple

from kedro_azureml_compiler.advising.model import Partition, Work, Workload, order_steps
from kedro_azureml_compiler.azureml.names import make_azure_name
from kedro_azureml_compiler.planning.facts import DatasetKind, strip_transcoding
from kedro_azureml_compiler.planning.grouping import NodeGroup
from kedro_azureml_compiler.planning.node_patterns import NodePattern
from kedro_azureml_compiler.planning.plan import Flow
from kedro_azureml_compiler.planning.plan_checks import DETERMINISTIC_TAG
from kedro_azureml_compiler.planning.step_choice import choose_settings, find_step_settings
from kedro_azureml_compiler.settings.overrides import STEPS

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from kedro_azureml_compiler.azureml.pipeline_job import CommandStep
    from kedro_azureml_compiler.examination import ExaminedJob
    from kedro_azureml_compiler.planning.plan import PlannedStep

DEFAULT_OVERHEAD_S = 60.0
"""What a step takes besides its code where no run has measured it: a guess, and said to be one."""

_CARRIED = frozenset({DatasetKind.PIPELINE, DatasetKind.ASSET})
"""Data that Azure ML can carry from one step to another whatever is in it."""


@dataclass(frozen=True)
class MeasuredStep:
    """How long a step took in an earlier run.

    Args:
        nodes: Names of the Kedro nodes that it ran.
        code_s: How long its code ran; None if that is not known.
        waiting_s: What it took besides, for an instance and its image; None if that is not known.
        is_reused: Whether the outputs of a still earlier run were reused.
    """

    nodes: tuple[str, ...]
    code_s: float | None = None
    waiting_s: float | None = None
    is_reused: bool = False


OverheadSource = Literal["given", "measured", "default"]


@dataclass(frozen=True)
class JobWorkload:
    """The work of a job, and what was taken for granted of it.

    Args:
        load: The work.
        nodes: Names of the nodes of each work.
        present: The steps of now.
        overhead_source: Where the overhead of a step comes from.
        unknown: Nodes without a time, for which the median of the others is taken.
        divided: Nodes whose step was measured as a whole, and divided evenly.
    """

    load: Workload
    nodes: tuple[tuple[str, ...], ...]
    present: Partition
    overhead_source: OverheadSource
    unknown: tuple[str, ...]
    divided: tuple[str, ...]


def build_workload(
    examined: ExaminedJob,
    measured: Sequence[MeasuredStep],
    *,
    overhead_s: float | None = None,
    limits: Mapping[str, int] | None = None,
) -> JobWorkload:
    """Turn a job and the times of an earlier run into work.

    Args:
        examined: The job as it is now.
        measured: The steps of the earlier run, whose grouping may have been another one.
        overhead_s: What each step takes besides its code; None for what was measured, or else
            `DEFAULT_OVERHEAD_S`.
        limits: Name of a compute in Azure ML to the most instances that it has.
    """
    plan = examined.plan
    times = _NodeTimes(measured, plan.steps)
    overhead, source = _choose_overhead(overhead_s, measured)
    sites = _find_sites(examined, [NodeGroup(n.name, (n,)) for n in examined.facts.nodes])
    fixed = _find_fixed(examined, sites) | {s.name for s in plan.steps if times.is_reused(s)}
    units = [
        _Unit(step, part)
        for step in plan.steps
        for part in ([step.nodes] if step.name in fixed else _parts(step, examined))
    ]
    made = _make_load(examined, times, sites, fixed, units)
    if order_steps(Workload(made), tuple((number,) for number in range(len(made)))) is None:
        # Parts of one step that need each other in turn cannot be divided.
        units = [_Unit(step, step.nodes) for step in plan.steps]
        made = _make_load(examined, times, sites, fixed, units)
    members: dict[str, list[int]] = {}
    for number, unit in enumerate(units):
        members.setdefault(unit.step.name, []).append(number)
    return JobWorkload(
        Workload(made, overhead, dict(limits or {})),
        tuple(unit.nodes for unit in units),
        tuple(sorted(tuple(numbers) for numbers in members.values())),
        source,
        times.unknown,
        times.divided,
    )


class _Unit(NamedTuple):
    """Nodes that stay together, and the step that they are in now."""

    step: PlannedStep
    nodes: tuple[str, ...]


def _choose_overhead(
    given_s: float | None, measured: Iterable[MeasuredStep]
) -> tuple[float, OverheadSource]:
    if given_s is not None:
        return given_s, "given"
    waited = [
        step.waiting_s for step in measured if step.waiting_s is not None and not step.is_reused
    ]
    return (median(waited), "measured") if waited else (DEFAULT_OVERHEAD_S, "default")


class _NodeTimes:
    """Seconds of each node, of what the steps of an earlier run took."""

    def __init__(self, measured: Iterable[MeasuredStep], steps: Sequence[PlannedStep]) -> None:
        self._known: dict[str, float] = {}
        self._reused: set[str] = set()
        divided: set[str] = set()
        for step in measured:
            if step.is_reused:
                self._reused.update(step.nodes)
            elif step.code_s is not None and step.nodes:
                self._known.update(dict.fromkeys(step.nodes, step.code_s / len(step.nodes)))
                divided.update(step.nodes if len(step.nodes) > 1 else ())
        nodes = [node for step in steps for node in step.nodes]
        own = [self._known[node] for node in nodes if node in self._known]
        self._guess = median(own) if own else 0.0
        self.divided = tuple(node for node in nodes if node in divided)
        ran = (step for step in steps if not self.is_reused(step))
        self.unknown = tuple(n for step in ran for n in step.nodes if n not in self._known)

    def is_reused(self, step: PlannedStep) -> bool:
        """Check whether a step was reused, and may be again."""
        return step.deterministic and self._reused.issuperset(step.nodes)

    def seconds(self, nodes: Iterable[str]) -> float:
        return sum(self._known.get(node, self._guess) for node in nodes)


def _make_load(
    examined: ExaminedJob,
    times: _NodeTimes,
    sites: Mapping[str, str],
    fixed: Container[str],
    units: list[_Unit],
) -> tuple[Work, ...]:
    """Return the work of each unit, and put the units into the order of the nodes."""
    position = {node.name: place for place, node in enumerate(examined.facts.nodes)}
    units.sort(key=lambda unit: min(position[node] for node in unit.nodes))
    waits = _find_waits(examined, units)
    work = []
    for unit, before in zip(units, waits, strict=True):
        step = examined.pipeline_job.jobs[make_azure_name(unit.step.name)]
        is_reused = times.is_reused(unit.step)
        work.append(
            Work(
                unit.nodes[0],
                0.0 if is_reused else times.seconds(unit.nodes),
                tuple(sorted(before)),
                frozenset(need for need, is_ordered in before.items() if not is_ordered),
                str(step.compute or examined.pipeline_job.default_compute).removeprefix("azureml:"),
                _count_instances(step),
                None if unit.step.name in fixed else sites[unit.nodes[0]],
                is_reused,
                step.timeout_s,
            )
        )
    return tuple(work)


def _find_waits(examined: ExaminedJob, units: Sequence[_Unit]) -> list[dict[int, bool]]:
    """Return for each unit those whose data it reads, and whether it waits for them."""
    home = {node: number for number, unit in enumerate(units) for node in unit.nodes}
    waits: list[dict[int, bool]] = [{} for _ in units]
    nodes = examined.facts.nodes
    writers = {strip_transcoding(o): home[node.name] for node in nodes for o in node.outputs}
    for node in nodes:
        number = home[node.name]
        for name in map(strip_transcoding, node.inputs):
            writer = writers.get(name, number)
            if writer != number:
                is_ordered = name not in examined.settings.unordered
                waits[number][writer] = is_ordered or waits[number].get(writer, False)
    return waits


def _count_instances(step: CommandStep) -> int:
    resources = step.overrides.get("resources")
    if isinstance(resources, Mapping):
        count = resources.get("instance_count", step.resources.instance_count)
    else:
        count = step.resources.instance_count
    return count if isinstance(count, int) and count > 0 else 1


def _find_fixed(examined: ExaminedJob, sites: Mapping[str, str]) -> set[str]:
    """Return the steps that have to stay as they are: `azureml.yml` names or changes them."""
    overridden = {make_azure_name(name) for name in examined.settings.overrides.get(STEPS, {})}
    by_name = {node.name: node for node in examined.facts.nodes}
    groups = [
        NodeGroup(step.name, tuple(by_name[node] for node in step.nodes))
        for step in examined.plan.steps
    ]
    of_steps = _find_sites(examined, groups)
    patterns = [NodePattern(text) for text in examined.settings.steps]
    fixed = set()
    for group in groups:
        as_alone = {sites[node.name] for node in group.nodes}
        # A pattern that names a node finds it in a group too.
        is_named = any(
            p.names(group.name) and not any(map(p.matches, group.nodes)) for p in patterns
        )
        is_changed = make_azure_name(group.name) in overridden
        if is_named or is_changed or as_alone != {of_steps[group.name]}:
            fixed.add(group.name)
    return fixed


def _find_sites(examined: ExaminedJob, groups: Sequence[NodeGroup]) -> dict[str, str]:
    """Return what work has to have in common with each group to share its step."""
    job, config = examined.settings, examined.config
    chosen, _ = choose_settings(examined.plan.job, job, config, groups)
    sites = {}
    for group in groups:
        settings = find_step_settings(chosen, group.name)
        compute = config.cluster(settings.compute or job.compute)
        complete = settings.model_copy(
            update={
                "compute": compute.cluster_name,
                "instance_type": settings.instance_type or compute.instance_type,
                "instance_count": settings.instance_count or 1,
                "environment": settings.environment or config.execution.environment,
                "timeout": settings.timeout or (job.limits.timeout if job.limits else None),
            }
        )
        is_deterministic = job.deterministic or all(
            DETERMINISTIC_TAG in node.tags for node in group.nodes
        )
        sites[group.name] = f"{complete.model_dump_json()} {is_deterministic}"
    return sites


def _parts(step: PlannedStep, examined: ExaminedJob) -> list[tuple[str, ...]]:
    """Return the nodes of a step in parts that can be apart: the rest exchanges data inside it."""
    inside = {
        dataset.name
        for dataset in examined.plan.datasets
        if dataset.flow is Flow.IN_STEP and dataset.written_by == step.name
    }
    inside -= {
        strip_transcoding(name)
        for name, facts in examined.facts.datasets.items()
        if facts.kind in _CARRIED
    }
    part_of = {node: {node} for node in step.nodes}
    users: dict[str, str] = {}
    for node in examined.facts.nodes:
        if node.name not in part_of:
            continue
        for name in inside.intersection(map(strip_transcoding, (*node.inputs, *node.outputs))):
            joined = part_of[users.setdefault(name, node.name)] | part_of[node.name]
            part_of.update(dict.fromkeys(joined, joined))
    order = {node: place for place, node in enumerate(step.nodes)}
    parts = {tuple(sorted(part, key=order.__getitem__)) for part in part_of.values()}
    return sorted(parts, key=lambda part: order[part[0]])
