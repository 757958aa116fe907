"""Decide which nodes share a step, and in which order the steps can run."""

from __future__ import annotations

import heapq
import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from kedro_azureml_compiler.findings import About, Finding, FindingKind, Severity
from kedro_azureml_compiler.planning.facts import (
    IN_MEMORY,
    NodeFacts,
    ProjectFacts,
    strip_transcoding,
)
from kedro_azureml_compiler.planning.node_patterns import (
    PATTERN_MATCHES_NOTHING,
    NodePattern,
    suggest_patterns,
)

if TYPE_CHECKING:
    Grouping = str | Mapping[str, Sequence[str]]


CIRCULAR_GROUPS = FindingKind(
    code="circular-groups",
    severity=Severity.ERROR,
    about=About.SETTING,
    title="Groups of nodes would wait for each other in a cycle",
    explanation=(
        "A step starts when all its inputs are available. If a node of the first group needs "
        "data from the second, and a node of the second needs data from the first, neither can "
        "start."
    ),
    hint="Paste the grouping that the finding prints: the smallest one without a cycle.",
    fixed=True,
)

NODE_IN_TWO_GROUPS = FindingKind(
    code="node-in-two-groups",
    severity=Severity.ERROR,
    about=About.SETTING,
    title="A node is in two groups",
    explanation="A node can run in only one step.",
    hint="Keep it in one of them.",
    fixed=True,
)

STEP_NAME_TWICE = FindingKind(
    code="step-name-twice",
    severity=Severity.ERROR,
    about=About.SETTING,
    title="A group has the name of a node outside it",
    explanation="Both would become the same step.",
    hint="Rename the group.",
    fixed=True,
)


class NodeGroup(NamedTuple):
    """The nodes that share a step.

    Args:
        name: Name of the step.
        nodes: The nodes in an order in which they can run.
    """

    name: str
    nodes: tuple[NodeFacts, ...]

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags of all its nodes."""
        return tuple(sorted({tag for node in self.nodes for tag in node.tags}))


def group_nodes(
    job: str, facts: ProjectFacts, grouping: Grouping = "node"
) -> tuple[tuple[NodeGroup, ...], tuple[Finding, ...]]:
    """Assign the nodes of a job to steps.

    Args:
        job: Name of the job; also of the step if one holds all nodes.
        facts: What is known about the project.
        grouping: `node`, `namespace`, `memory`, `pipeline`, or groups by name, each with its node
            patterns; nodes in no group keep their own step.

    Returns:
        The groups, in an order in which they can run, and what was found wrong. Groups that would
        wait for each other are merged, so that the rest can be checked.
    """
    findings: list[Finding] = []
    nodes = facts.nodes
    if grouping == "node":
        return tuple(NodeGroup(node.name, (node,)) for node in nodes), ()
    if grouping == "pipeline":
        return (NodeGroup(job, nodes),), ()
    if grouping == "memory":
        of_node = _joined_by_memory(facts)
    elif grouping == "namespace":
        of_node = {n.name: n.namespace.split(".")[0] if n.namespace else None for n in nodes}
    elif isinstance(grouping, Mapping):
        of_node, findings = _by_patterns(job, facts, grouping)
    else:
        raise ValueError(f"Unknown grouping {grouping!r}.")

    members: dict[tuple[str, bool], list[NodeFacts]] = {}
    for node in nodes:
        group = of_node[node.name]
        members.setdefault((node.name, False) if group is None else (group, True), []).append(node)
    groups = list(members.values())
    merged = _merge_cycles(groups, {node.name: i for i, node in enumerate(nodes)})
    if grouping == "memory":
        return _named(merged, {}), ()
    names = {inside[0].name: name for (name, is_group), inside in members.items() if is_group}
    if len(merged) < len(groups):
        findings.append(_report_cycle(job, groups, merged, names, grouping))
    named = _named(merged, names)
    for name, count in Counter(group.name for group in named).items():
        if count > 1:
            message = f"a group and a node outside it would both be the step '{name}'."
            hint = "Name the groups yourself, and differently from the nodes outside them."
            findings.append(STEP_NAME_TWICE.found(_where(job), message, hint))
    return _rename_duplicates(named), tuple(findings)


def _by_patterns(
    job: str, facts: ProjectFacts, grouping: Mapping[str, Sequence[str]]
) -> tuple[dict[str, str | None], list[Finding]]:
    nodes = facts.nodes
    of_job = facts.nodes_of_job or nodes
    found: dict[str, list[str]] = {node.name: [] for node in nodes}
    findings = []
    for group, patterns in grouping.items():
        for pattern in map(NodePattern, patterns):
            matching = [node.name for node in nodes if pattern.matches(node)]
            if not any(map(pattern.matches, of_job)):
                message = f"no node of the job matches '{pattern.text}' in the group '{group}'."
                hint = suggest_patterns(pattern.text, of_job)
                findings.append(PATTERN_MATCHES_NOTHING.found(_where(job), message, hint))
            for name in matching:
                if group not in found[name]:
                    found[name].append(group)
    for name, groups in found.items():
        if len(groups) > 1:
            listed = " and ".join(f"'{group}'" for group in groups)
            message = f"the node '{name}' is in the groups {listed}; it can run in only one step."
            findings.append(NODE_IN_TWO_GROUPS.found(_where(job), message))
    return {name: groups[0] if groups else None for name, groups in found.items()}, findings


def _joined_by_memory(facts: ProjectFacts) -> dict[str, str | None]:
    """Merge nodes that exchange data in memory; each group has the name of its first node."""
    first = {node.name: node.name for node in facts.nodes}
    position = {node.name: place for place, node in enumerate(facts.nodes)}

    def find(name: str) -> str:
        while first[name] != name:
            first[name] = first[first[name]]
            name = first[name]
        return name

    writers = {strip_transcoding(o): (node.name, o) for node in facts.nodes for o in node.outputs}
    for node in facts.nodes:
        for dataset in map(strip_transcoding, node.inputs):
            writer, output = writers.get(dataset, (node.name, ""))
            # Not every entry can be read: one of the findings says why.
            entry = facts.datasets.get(output)
            if entry is not None and entry.kind in IN_MEMORY:
                a, b = sorted((find(writer), find(node.name)), key=position.__getitem__)
                first[b] = a
    return {name: find(name) for name in first}


def _edges(groups: Sequence[Sequence[NodeFacts]]) -> dict[int, dict[int, str]]:
    """Return for each group the groups that it waits for, each with a dataset as the reason."""
    writer = {
        strip_transcoding(o): i for i, g in enumerate(groups) for node in g for o in node.outputs
    }
    edges: dict[int, dict[int, str]] = {i: {} for i in range(len(groups))}
    for i, group in enumerate(groups):
        for node in group:
            for dataset in map(strip_transcoding, node.inputs):
                source = writer.get(dataset, i)
                if source != i:
                    edges[i].setdefault(source, dataset)
    return edges


def _merge_cycles(
    groups: Sequence[Sequence[NodeFacts]], position: Mapping[str, int]
) -> list[list[NodeFacts]]:
    """Merge the groups of each cycle, and no others, until there is no cycle."""
    current = [list(group) for group in groups]
    while True:
        edges = _edges(current)
        try:
            TopologicalSorter({i: list(edges[i]) for i in edges}).prepare()
        except CycleError as error:
            circle = set(error.args[1])
            together = [node for i in sorted(circle) for node in current[i]]
            current = [group for i, group in enumerate(current) if i not in circle]
            current.append(sorted(together, key=lambda node: position[node.name]))
        else:
            return sorted(current, key=lambda group: position[group[0].name])


def _report_cycle(
    job: str,
    groups: Sequence[Sequence[NodeFacts]],
    merged: Sequence[Sequence[NodeFacts]],
    names: Mapping[str, str],
    grouping: Grouping,
) -> Finding:
    """Report a cycle, with the smallest grouping that has none."""
    edges = _edges(groups)
    try:
        TopologicalSorter({i: list(edges[i]) for i in edges}).prepare()
        circle = []
    except CycleError as error:
        circle = error.args[1]
    called = [names.get(group[0].name, group[0].name) for group in groups]
    everyone = [node for group in groups for node in group]
    taken = {*called, *(node.name for node in everyone)}
    waits = [
        f"'{called[later]}' needs '{edges[later][earlier]}' from '{called[earlier]}'"
        for earlier, later in pairwise(circle)
    ]
    lines = ["The smallest grouping without a cycle:", "  grouping:"]
    for nodes in merged:
        if len(nodes) > 1:
            own = list(dict.fromkeys(names[n.name] for n in nodes if n.name in names))
            alone = [g[0].name for g in groups if g[0] in nodes and g[0].name not in names]
            patterns = [p for name in own for p in _patterns(name, grouping)] + alone
            if _matching(patterns, everyone) != {node.name for node in nodes}:
                patterns = [node.name for node in nodes]  # another group has some of them
            lines.append(f"    {json.dumps(_joined(own, taken))}: {json.dumps(patterns)}")
    message = f"its steps would wait for each other: {', '.join(waits)}."
    return CIRCULAR_GROUPS.found(_where(job), message, "\n".join(lines))


def _patterns(group: str, grouping: Grouping) -> Sequence[str]:
    return list(grouping[group]) if isinstance(grouping, Mapping) else [f"namespace:{group}"]


def _matching(patterns: Iterable[str], nodes: Iterable[NodeFacts]) -> set[str]:
    wanted = [NodePattern(pattern) for pattern in patterns]
    return {node.name for node in nodes if any(pattern.matches(node) for pattern in wanted)}


def _joined(own: Sequence[str], taken: Collection[str]) -> str:
    """Return a name for a merged group that no other group has."""
    name = "_".join(own)
    while len(own) > 1 and name in taken:
        name += "_"
    return name


def _named(
    groups: Sequence[Sequence[NodeFacts]], names: Mapping[str, str]
) -> tuple[NodeGroup, ...]:
    """Name the groups, and put them into an order in which they can run."""
    made = []
    taken = {*names.values(), *(node.name for group in groups for node in group)}
    for group in groups:
        own = list(dict.fromkeys(names[node.name] for node in group if node.name in names))
        name = _joined(own, taken) or group[0].name
        if not own and len(group) > 1:
            name = f"{name} and {len(group) - 1} more"
        made.append(NodeGroup(name, tuple(group)))
    edges = _edges([group.nodes for group in made])
    followers: dict[int, list[int]] = {i: [] for i in edges}
    for i, sources in edges.items():
        for source in sources:
            followers[source].append(i)
    waiting = {i: len(sources) for i, sources in edges.items()}
    ready = [i for i, count in waiting.items() if not count]
    in_order = []
    while ready:
        i = heapq.heappop(ready)
        in_order.append(made[i])
        for follower in followers[i]:
            waiting[follower] -= 1
            if not waiting[follower]:
                heapq.heappush(ready, follower)
    return tuple(in_order)


def _rename_duplicates(groups: Iterable[NodeGroup]) -> tuple[NodeGroup, ...]:
    """Rename groups of the same name, so that the rest can be checked: it is already an error."""
    names: set[str] = set()
    apart = []
    for group in groups:
        name = group.name
        while name in names:
            name += "_"
        names.add(name)
        apart.append(group._replace(name=name))
    return tuple(apart)


def _where(job: str) -> str:
    return f"jobs.{job}.grouping"
