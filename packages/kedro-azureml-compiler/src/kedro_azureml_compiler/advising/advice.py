"""Advise which nodes should share a step, from what the steps took in an earlier run.

The search knows a model; what it finds is judged by the compiler itself before it is advised.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import yaml

from kedro_azureml_compiler.advising.model import (
    JobSchedule,
    Partition,
    Workload,
    hold_seconds,
    schedule,
)
from kedro_azureml_compiler.advising.search import find_fastest_grouping
from kedro_azureml_compiler.advising.workload import MeasuredStep, OverheadSource, build_workload
from kedro_azureml_compiler.azureml.names import make_azure_name
from kedro_azureml_compiler.examination import examine_facts
from kedro_azureml_compiler.findings import Severity
from kedro_azureml_compiler.planning.node_patterns import NodePattern
from kedro_azureml_compiler.yaml_text import WORDS_OF_YAML

if TYPE_CHECKING:
    from kedro_azureml_compiler.advising.workload import JobWorkload
    from kedro_azureml_compiler.examination import ExaminedJob

_MOST_JUDGED = 40
"""Groups that are judged one by one where the compiler refuses all of them together."""

_HOUR_S = 3600

_WIDEST = 1_000_000
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.-]+", re.ASCII)
_NO_NAMES = WORDS_OF_YAML | {"nan", "inf"}


@dataclass(frozen=True)
class PredictedStep:
    """When a step runs, as predicted.

    Args:
        name: Its name.
        nodes: Its nodes in running order.
        compute: The compute in Azure ML that runs it.
        start_s: When it gets its instances, in seconds from the job's start.
        end_s: When it ends.
        overhead_s: What it takes besides its code.
    """

    name: str
    nodes: tuple[str, ...]
    compute: str
    start_s: float
    end_s: float
    overhead_s: float


@dataclass(frozen=True)
class Prediction:
    """What a job takes and costs with one grouping, as predicted.

    Args:
        seconds: How long the job takes.
        held_s: Name of a compute to how long its instances are held, all of them added up.
        cost: The price of that; None if the price of a compute is not known.
        steps: The steps in the order of the job.
        critical_path: Names of the steps that make the job as long as it is, the first one first.
        overhead_share: Which part of the time on the critical path is overhead, from 0 to 1.
    """

    seconds: float
    held_s: Mapping[str, float]
    cost: float | None
    steps: tuple[PredictedStep, ...]
    critical_path: tuple[str, ...]
    overhead_share: float


@dataclass(frozen=True)
class Advice:
    """The grouping with the shortest time that was found, and what was taken for granted.

    Args:
        now: What the job takes as it is.
        advised: What it takes with the grouping; the same where none better was found.
        grouping: The value of `grouping` for the job; None where none better was found.
        overhead_s: What each step takes besides its code.
        overhead_source: Where that comes from: `given`, `measured`, or `default`, a guess.
        unknown: Nodes without a time, for which the median of the others is taken.
        divided: Nodes whose step was measured as a whole, and divided evenly.
        limits: Name of a compute to the most instances that it has; others have no limit.
        prices: Name of a compute to the price of one instance for one hour.
        is_restricted: Whether the compiler refused groups with which the job would be faster.
    """

    now: Prediction
    advised: Prediction
    grouping: str | Mapping[str, Sequence[str]] | None
    overhead_s: float
    overhead_source: OverheadSource
    unknown: tuple[str, ...] = ()
    divided: tuple[str, ...] = ()
    limits: Mapping[str, int] = field(default_factory=dict)
    prices: Mapping[str, float] = field(default_factory=dict)
    is_restricted: bool = False

    def as_yaml(self) -> str:
        """Return the grouping as lines of a job in `azureml.yml`; empty where there is none."""
        if self.grouping is None:
            return ""
        if isinstance(self.grouping, str):
            return f"grouping: {self.grouping}\n"
        lines = ["grouping:"]
        for name, nodes in self.grouping.items():
            lines.append(f"  {_quote(name)}:")
            lines += [f"    - {_quote(node)}" for node in nodes]
        return "".join(f"{line}\n" for line in lines)


def advise_grouping(
    examined: ExaminedJob,
    measured: Sequence[MeasuredStep],
    *,
    overhead_s: float | None = None,
    limits: Mapping[str, int] | None = None,
    prices: Mapping[str, float] | None = None,
) -> Advice:
    """Advise which nodes should share a step for the job to take the least time.

    Args:
        examined: The job as it is now, without an error.
        measured: The steps of an earlier run, whose grouping may have been another one.
        overhead_s: What each step takes besides its code; None for what was measured, or else a
            default.
        limits: Name of a compute in Azure ML to the most instances that it has.
        prices: Name of a compute in Azure ML to the price of one instance for one hour.
    """
    work = build_workload(examined, measured, overhead_s=overhead_s, limits=limits)
    prices = dict(prices or {})
    named = {frozenset(step.nodes): step.name for step in examined.plan.steps}
    now = _predict(work, work.present, prices, named)
    wanted = find_fastest_grouping(work.load, work.present)
    grouping, advised, is_restricted = None, now, False
    if wanted != work.present:
        allowed = _Judge(examined, work).allow(wanted)
        is_restricted = allowed is None or allowed[0] != wanted
        if allowed is not None:
            partition, grouping = allowed
            groups = {} if isinstance(grouping, str) else grouping
            names = {frozenset(nodes): name for name, nodes in groups.items()}
            advised = _predict(work, partition, prices, names)
    return Advice(
        now,
        advised,
        grouping,
        work.load.overhead_s,
        work.overhead_source,
        work.unknown,
        work.divided,
        work.load.limits,
        prices,
        is_restricted,
    )


def _predict(
    work: JobWorkload,
    partition: Partition,
    prices: Mapping[str, float],
    names: Mapping[frozenset[str], str],
) -> Prediction:
    load = work.load
    timed = schedule(load, partition) or JobSchedule((), 0.0)
    steps = []
    for step in timed.steps:
        nodes = tuple(node for number in step.work for node in work.nodes[number])
        first = load.work[step.work[0]]
        free = all(load.work[number].is_free for number in step.work)
        name = names.get(frozenset(nodes), nodes[0])
        overhead = 0.0 if free else load.overhead_s
        steps.append(PredictedStep(name, nodes, first.compute, step.start_s, step.end_s, overhead))
    path = [steps[number] for number in timed.critical_path]
    held = hold_seconds(load, partition)
    paid = {compute: seconds for compute, seconds in held.items() if seconds}
    cost = None
    if paid.keys() <= prices.keys():
        cost = sum(seconds / _HOUR_S * prices[compute] for compute, seconds in paid.items())
    return Prediction(
        timed.seconds,
        held,
        cost,
        tuple(steps),
        tuple(step.name for step in path),
        sum(step.overhead_s for step in path) / timed.seconds if timed.seconds else 0.0,
    )


Allowed = tuple[Partition, "str | Mapping[str, Sequence[str]]"]
"""A grouping that the compiler takes, as positions of work and as `azureml.yml` has it."""


class _Judge:
    """Asks the compiler whether a job could have a grouping.

    Args:
        examined: The job as it is now.
        work: Its work.
    """

    def __init__(self, examined: ExaminedJob, work: JobWorkload) -> None:
        self._examined = examined
        self._work = work

    def allow(self, wanted: Partition) -> Allowed | None:
        """Return a grouping, or as much of it as the compiler takes; None if that is nothing."""
        grouping = self._write(wanted)
        if self._is_allowed(wanted, grouping):
            return wanted, grouping
        load, current, found = self._work.load, self._work.present, None
        seconds = _seconds(load, current)
        groups = [step for step in wanted if step not in current]
        for group in sorted(groups, key=len, reverse=True)[:_MOST_JUDGED]:
            rest = (tuple(n for n in step if n not in group) for step in current)
            candidate = tuple(sorted([group, *(step for step in rest if step)]))
            taken = _seconds(load, candidate)
            if taken < seconds and self._is_allowed(candidate, self._write(candidate)):
                current, seconds = candidate, taken
                found = candidate, self._write(candidate)
        return found

    def _write(self, partition: Partition) -> str | dict[str, tuple[str, ...]]:
        position = {node.name: n for n, node in enumerate(self._examined.facts.nodes)}
        present = {frozenset(step.nodes): step.name for step in self._examined.plan.steps}
        groups = {}
        taken = {node.name for node in self._examined.facts.nodes} | set(present.values())
        for step in partition:
            nodes = [node for number in step for node in self._work.nodes[number]]
            nodes.sort(key=position.__getitem__)
            # A group of one node keeps its name too, since a pattern of `steps` may be that.
            name = present.get(frozenset(nodes), "")
            if len(nodes) > 1 or name not in {"", *nodes}:
                name = name or self._name(nodes, taken)
                taken.add(name)
                groups[name] = tuple(nodes)
        return groups or "node"

    def _name(self, nodes: Sequence[str], taken: set[str]) -> str:
        """Return a name that no step has and that no pattern means."""
        wide = {node.name: node for node in self._examined.facts.nodes}
        patterns = [
            pattern
            for pattern in map(NodePattern, self._examined.settings.steps)
            if not any(pattern.matches(wide[node]) for node in nodes)
        ]
        azure_names = {make_azure_name(name) for name in taken}
        first = f"{nodes[0]}_to_{nodes[-1]}"
        candidates = [first, *(f"{first}_{n}" for n in range(2, 100))]
        candidates += [f"group_{n}" for n in range(1, 1000)]
        for name in candidates:
            is_new = name not in taken and make_azure_name(name) not in azure_names
            if is_new and not any(pattern.names(name) for pattern in patterns):
                return name
        return first

    def _is_allowed(
        self, partition: Partition, grouping: str | Mapping[str, Sequence[str]]
    ) -> bool:
        """Check whether the job has no error with it, and its steps are those that were meant."""
        settings = self._examined.settings.model_copy(update={"grouping": grouping})
        job = self._examined.plan.job
        judged = examine_facts(job, self._examined.config, settings, self._examined.facts)
        if any(finding.severity is Severity.ERROR for finding in judged.findings):
            return False
        meant = {
            frozenset(node for number in step for node in self._work.nodes[number]): step[0]
            for step in partition
        }
        default = judged.pipeline_job.default_compute
        for step in judged.plan.steps:
            number = meant.pop(frozenset(step.nodes), None)
            lowered = judged.pipeline_job.jobs[make_azure_name(step.name)]
            compute = str(lowered.compute or default).removeprefix("azureml:")
            if number is None or compute != self._work.load.work[number].compute:
                return False
        return not meant


def _seconds(load: Workload, partition: Partition) -> float:
    timed = schedule(load, partition)
    return float("inf") if timed is None else timed.seconds


def _quote(name: str) -> str:
    """Return a name as YAML: quoted, unless no reader of YAML takes it for anything else."""
    if _PLAIN.fullmatch(name) is not None and name.lower() not in _NO_NAMES:
        return name
    readable = name.isprintable()
    text = yaml.safe_dump(name, default_style='"', allow_unicode=readable, width=_WIDEST)
    return text.rstrip("\n").replace("${", "\\\\${")  # which OmegaConf would resolve
