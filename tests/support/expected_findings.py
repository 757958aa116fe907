"""Derive from the rules what the compiler must find in a random project.

It follows the rules of the documentation, not the compiler's code: what a step can reach, what has
to wait for what, which names meet. Warnings and notes count as well, where the rules name them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from random_pipelines import (
    ASSETS,
    IN_MEMORY,
    LOCAL,
    NOT_PROMOTABLE,
    STANDARD,
    RandomData,
    RandomNode,
    RandomProject,
)

JUDGED = {
    "asset-registered-twice", "asset-versions-differ", "circular-groups", "input-ignored",
    "input-missing", "local-data-between-steps", "local-input-outside", "local-output-vanishes",
    "memory-assign", "memory-between-steps", "mixed-entries", "node-in-two-groups",
    "nothing-produces", "pattern-matches-nothing", "promoted-parameter", "reuse-refused",
    "step-name-twice", "too-many-ports", "unknown-parameter",
    "unregistered-name",
}  # fmt: skip
"""The findings that are told here; others of the compiler are compared where they are errors."""


OF_STEPS = {"reuse-refused", "too-many-ports"}
"""Those of them whose place is a step."""


class Expectation:
    """What the compiler must say of a project.

    Args:
        project: The project.

    Attributes:
        steps: The nodes that share a step, as sets of their names.
        circular: Whether the groups that were asked for would wait for each other.
        findings: Code and place of each finding; a step's place is the set of its nodes.
    """

    def __init__(self, project: RandomProject) -> None:
        self._project = project
        self._nodes = {node.full_name: node for node in project.selected}
        self._writer = {base(o): node.full_name for node in project.selected for o in node.written}
        self._readers: dict[str, list[str]] = defaultdict(list)
        for node in project.selected:
            for name in dict.fromkeys(map(base, node.inputs)):
                self._readers[name].append(node.full_name)
        self.findings: set[tuple[str, str | frozenset[str]]] = set()
        asked, self._names = self._asked_groups()
        self.steps = joined_where_circular(asked, self._waits())
        self.circular = len(self.steps) < len(asked) and project.job["grouping"] != "memory"
        self._step_of = {name: step for step in self.steps for name in step}
        if self.circular:
            self._found("circular-groups", "jobs.job.grouping")
        self._judge_names()
        for data in project.data.values():
            if data.name in self._writer or data.name in self._readers:
                self._judge_data(data)
        self._judge_assets()
        self._judge_steps()
        self._judge_parameters()

    def _found(self, code: str, where: str | frozenset[str]) -> None:
        self.findings.add((code, where))

    def _kind(self, data: RandomData) -> str:
        """What the catalog makes of it."""
        if data.kind == "mixed":  # trouble where both of its entries are used
            used = {i for node in self._nodes.values() for i in node.inputs if base(i) == data.name}
            return {"pandas": "uploaded", "text": "local"}.get(
                "".join(i.partition("@")[2] for i in used), "mixed"
            )
        by_pattern = data.kind in {"pattern", "narrow_pattern"}
        caught = data.kind == "undeclared" and self._project.catch_all
        return "carried" if by_pattern or caught else data.kind

    def _waits(self) -> list[tuple[str, str]]:
        """Pairs of nodes, of which the second needs something of the first."""
        return [
            (self._writer[name], reader)
            for name, readers in self._readers.items()
            if name in self._writer
            for reader in readers
        ]

    def _asked_groups(self) -> tuple[list[frozenset[str]], dict[str, str]]:
        """The groups as the job asks for them, and the name of the group of each node in one."""
        grouping, nodes = self._project.job["grouping"], self._project.selected
        group_of: dict[str, str] = {}
        if grouping == "pipeline":
            group_of = dict.fromkeys(self._nodes, "job")
        elif grouping == "namespace":
            group_of = {n.full_name: n.namespace.split(".")[0] for n in nodes if n.namespace}
        elif grouping == "memory":
            in_memory = [
                (a, b)
                for name, data in self._project.data.items()
                if self._kind(data) in IN_MEMORY and name in self._writer
                for a, b in [(self._writer[name], r) for r in self._readers.get(name, ())]
            ]
            parts = connected(self._nodes, in_memory)
            return parts, {}
        elif isinstance(grouping, Mapping):
            group_of = self._named_groups(grouping)
        parts_of = defaultdict(set)
        for name in self._nodes:
            parts_of[(group_of.get(name, name), name in group_of)].add(name)
        return [frozenset(part) for part in parts_of.values()], group_of

    def _named_groups(self, grouping: Mapping[str, list[str]]) -> dict[str, str]:
        group_of: dict[str, str] = {}
        for group, patterns in grouping.items():
            for pattern in patterns:
                matching = [n.full_name for n in self._project.selected if matches(pattern, n)]
                if not matching:
                    self._found("pattern-matches-nothing", "jobs.job.grouping")
                for name in matching:
                    if group_of.setdefault(name, group) != group:
                        self._found("node-in-two-groups", "jobs.job.grouping")
        return group_of

    def _judge_names(self) -> None:
        if self._project.job["grouping"] != "memory":
            names: Counter[str] = Counter()
            for step in self.steps:
                own = {self._names[name] for name in step if name in self._names}
                if len(own) < 2:  # else its name is the compiler's choice
                    names[next(iter(own or step))] += 1
            if any(count > 1 for count in names.values()):
                self._found("step-name-twice", "jobs.job.grouping")

    def _judge_data(self, data: RandomData) -> None:
        kind, name = self._kind(data), data.name
        writer = self._step_of[self._writer[name]] if name in self._writer else None
        reading = [self._step_of[reader] for reader in self._readers.get(name, ())]
        others = [step for step in reading if step != writer]
        if writer is None:
            free = {
                "undeclared": "unregistered-name", "memory": "nothing-produces",
                "not_there": "nothing-produces", "carried": "nothing-produces",
                "local_missing": "input-missing", "local_ignored": "input-ignored",
                "local_outside": "local-input-outside", "mixed": "mixed-entries",
            }  # fmt: skip
            if kind in free:
                self._found(free[kind], name)
        elif kind in LOCAL:
            if others:
                self._found("local-data-between-steps", name)
            elif not reading:
                self._found("local-output-vanishes", name)
        elif kind in IN_MEMORY and others:
            self._found("memory-between-steps", name)
            if kind == "memory_assign":
                self._found("memory-assign", name)

    def _judge_assets(self) -> None:
        assets = [d for d in self._project.data.values() if d.kind in ASSETS]
        by_name = sorted(assets, key=lambda data: data.name)
        versions = {"asset_pinned": "1", "asset_file_in": "2"}
        first_written: dict[str, str] = {}
        first_read: dict[str, str | None] = {}
        for data in by_name:
            if data.name in self._writer:
                if first_written.setdefault(data.asset, data.name) != data.name:
                    self._found("asset-registered-twice", data.name)
            elif data.name in self._readers:
                version = versions.get(data.kind)
                if first_read.setdefault(data.asset, version) != version:
                    self._found("asset-versions-differ", data.name)

    def _judge_steps(self) -> None:
        for step in self.steps:
            nodes = [self._nodes[name] for name in step]
            written = {base(o) for node in nodes for o in node.written}
            read = {base(i) for node in nodes for i in node.inputs if base(i) in self._project.data}
            touched = written | read
            reused = self._project.job.get("deterministic") or all(
                "deterministic" in node.tags for node in nodes
            )
            if reused and any(self._kind(self._project.data[n]) in STANDARD for n in touched):
                self._found("reuse-refused", step)
            ports = sum(self._leaves_the_step(name, step) for name in written)
            waited_for = any(
                self._project.data[name].kind == "table"
                and any(
                    self._step_of[reader] != step
                    and not self._gets_data(self._step_of[reader], step)
                    for reader in self._readers.get(name, ())
                )
                for name in written
            )
            if ports + waited_for > 20:
                self._found("too-many-ports", step)

    def _leaves_the_step(self, name: str, step: frozenset[str]) -> bool:
        """Whether a dataset that the step writes is one of its outputs."""
        data = self._project.data[name]
        kind = self._kind(data)
        readers = {self._step_of[reader] for reader in self._readers.get(name, ())}
        if kind in STANDARD:
            return False
        if kind in IN_MEMORY:
            return bool(readers - {step})
        return kind in ASSETS or readers != {step}

    def _gets_data(self, reader: frozenset[str], writer: frozenset[str]) -> bool:
        """Whether data of one step is mounted in the other."""
        read = {base(i) for name in reader for i in self._nodes[name].inputs}
        written = {base(o) for name in writer for o in self._nodes[name].written}
        return any(self._kind(self._project.data[n]) not in STANDARD for n in read & written)

    def _judge_parameters(self) -> None:
        if "params:nobody" in self._readers:
            self._found("unknown-parameter", "params:nobody")
        for name, parameter in self._project.job.get("inputs", {}).items():
            if parameter.removeprefix("params:") in NOT_PROMOTABLE:
                self._found("promoted-parameter", f"jobs.job.inputs.{name}")


def base(name: str) -> str:
    """A dataset's name without its transcoding."""
    return name.partition("@")[0]


def matches(pattern: str, node: RandomNode) -> bool:
    """Whether a pattern of the settings means a node."""
    if pattern.startswith("tag:"):
        return pattern[4:] in node.tags
    if pattern.startswith("namespace:"):
        wanted = pattern[10:].split(".")
        return (node.namespace or "").split(".")[: len(wanted)] == wanted
    if pattern.endswith("*"):
        return node.full_name.startswith(pattern[:-1])
    return node.full_name == pattern


def connected(names: Iterable[str], pairs: list[tuple[str, str]]) -> list[frozenset[str]]:
    """The parts of a graph without directions."""
    parts = {name: {name} for name in names}
    for a, b in pairs:
        if parts[a] is not parts[b]:
            parts[a] |= parts[b]
            for name in parts[b]:
                parts[name] = parts[a]
    return list({id(part): frozenset(part) for part in parts.values()}.values())


def joined_where_circular(
    groups: list[frozenset[str]], waits: list[tuple[str, str]]
) -> list[frozenset[str]]:
    """Put groups together that would wait for each other, and no others."""
    group_of = {name: group for group in groups for name in group}
    after: dict[frozenset[str], set[frozenset[str]]] = {group: set() for group in groups}
    for first, second in waits:
        after[group_of[first]].add(group_of[second])
    reached = {group: _reached(group, after) for group in groups}
    made = {
        frozenset().union(
            *(o for o in reached[group] | {group} if o == group or group in reached[o])
        )
        for group in groups
    }
    return list(made)


def _reached(
    start: frozenset[str], after: Mapping[frozenset[str], set[frozenset[str]]]
) -> set[frozenset[str]]:
    seen: set[frozenset[str]] = set()
    waiting = [start]
    while waiting:
        for group in after[waiting.pop()] - seen:
            seen.add(group)
            waiting.append(group)
    return seen
