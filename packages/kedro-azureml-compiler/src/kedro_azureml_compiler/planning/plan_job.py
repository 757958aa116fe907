"""Decide what becomes of every node and dataset of a job: a function of the project's facts."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from kedro_azureml_runner.reachability.addresses import Reach

from kedro_azureml_compiler.planning.dataset_use import find_uses
from kedro_azureml_compiler.planning.facts import DatasetKind, ProjectFacts, strip_transcoding
from kedro_azureml_compiler.planning.plan import Flow, Plan, PlannedDataset, PlannedStep
from kedro_azureml_compiler.planning.plan_checks import (
    DETERMINISTIC_TAG,
    check_reuse,
    check_transcoding,
    check_unordered,
)
from kedro_azureml_compiler.planning.plan_dataset import plan_dataset

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kedro_azureml_compiler.findings import Finding
    from kedro_azureml_compiler.planning.grouping import NodeGroup


_MOUNTED = frozenset({Flow.VERSION, Flow.UPLOAD, Flow.STORED, Flow.STEP_OUTPUT})
_JUDGED_IN_STEPS = frozenset({Reach.REACHABLE, Reach.UNRESOLVED})


def plan_job(
    job: str,
    facts: ProjectFacts,
    groups: Sequence[NodeGroup],
    *,
    exists: Callable[[str], bool],
    deterministic: bool = False,
    unordered: Sequence[str] = (),
) -> tuple[Plan, tuple[Finding, ...]]:
    """Plan a job whose nodes have been put into steps.

    Args:
        job: Name of the job.
        facts: What is known about the project.
        groups: The steps, in an order in which they can run.
        exists: Checks whether a path relative to the project exists.
        deterministic: Whether every step may be reused; otherwise those whose nodes all have the
            tag `deterministic`.
        unordered: Datasets with their own address whose readers need not wait for the writer.

    Returns:
        The plan, and what was found wrong; a plan with an error must not be used.
    """
    uses = find_uses(groups, facts)
    findings = [*facts.findings, *check_transcoding(facts)]
    datasets, waits = [], {group.name: set[str]() for group in groups}
    reached = {group.name: set[str]() for group in groups}
    for use in uses:
        dataset, found = plan_dataset(use, facts, exists)
        findings += found
        if use.facts.kind is DatasetKind.STANDARD and use.writer and use.other_readers:
            if all(e.reach in _JUDGED_IN_STEPS and not e.external for e in use.entries):
                for user in (use.writer, *use.readers):
                    reached[user].add(use.name)
            if use.name in unordered:
                dataset = dataset._replace(why=f"{use.facts.type_name} has its own address")
            else:
                for reader in use.other_readers:
                    waits[reader].add(use.writer)
        datasets.append(dataset)
    findings += check_unordered(job, uses, unordered, facts)
    mounted = {d.name: d for d in datasets if d.flow in _MOUNTED}
    order = {group.name: position for position, group in enumerate(groups)}
    steps = []
    for group in groups:
        reads, writes = _step_mounts(group, mounted)
        data_from = {mounted[read].written_by for read in reads}
        steps.append(
            PlannedStep(
                group.name,
                tuple(node.name for node in group.nodes),
                tags=group.tags,
                reads=reads,
                writes=writes,
                waits_for=tuple(sorted(waits[group.name] - data_from, key=order.__getitem__)),
                reaches=tuple(sorted(reached[group.name])),
                deterministic=deterministic
                or all(DETERMINISTIC_TAG in node.tags for node in group.nodes),
                secrets=_secrets(group, facts),
            )
        )
    findings += check_reuse(steps, uses)
    plan = Plan(
        job,
        facts.pipelines,
        tuple(steps),
        tuple(datasets),
        env=facts.env,
        params=facts.params,
        load_versions=facts.load_versions,
        package=PurePosixPath(facts.source).name,
        conf_source=facts.asked_conf_source,
        filters=facts.filters,
    )
    return plan, tuple(findings)


def _secrets(group: NodeGroup, facts: ProjectFacts) -> tuple[str, ...]:
    used = {name for node in group.nodes for name in (*node.inputs, *node.outputs)}
    known = (facts.datasets[name] for name in used if name in facts.datasets)
    return tuple(sorted({secret for dataset in known for secret in dataset.secrets}))


def _step_mounts(
    group: NodeGroup, mounted: Mapping[str, PlannedDataset]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    outputs = {
        strip_transcoding(n)
        for node in group.nodes
        for n in node.outputs
        if strip_transcoding(n) in mounted
    }
    inputs = {
        strip_transcoding(n)
        for node in group.nodes
        for n in node.inputs
        if strip_transcoding(n) in mounted
    }
    return tuple(sorted(inputs - outputs)), tuple(sorted(outputs))
