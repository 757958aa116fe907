"""Decide which nodes of a job run again: a function of two records and of what is stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from kedro_azureml_compiler.resuming.job_record import name_parameter_facts

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from kedro_azureml_compiler.resuming.job_record import JobRecord, NodeRecord


_TAKEN_OVER = "it completed, and nothing that it is made from differs"


@dataclass(frozen=True)
class EarlierJob:
    """A job that has ended, and what is left of it.

    Args:
        name: What messages call it.
        record: What it was made from.
        completed: Names of the nodes whose steps completed, also in the jobs that it resumed.
        addresses: Datasets that these nodes have stored, and whose data is there, to the addresses
            at which a step can read it. Only those are looked up that are needed.
        places: The same datasets to their places, as `JobRecord.places` keeps them.
    """

    name: str
    record: JobRecord
    completed: frozenset[str]
    addresses: Mapping[str, str]
    places: Mapping[str, str]


class NodeChoice(NamedTuple):
    """What becomes of one node.

    Args:
        name: The node.
        runs: Whether it runs again; otherwise it is taken over.
        why: The reason, as the end of a sentence.
        step: The step that runs it in the whole job.
    """

    name: str
    runs: bool
    why: str
    step: str = ""


class CodeChange(NamedTuple):
    """A file of the code that is not what it was.

    Args:
        path: The file, relative to the project.
        what: `added`, `changed` or `removed`.
    """

    path: str
    what: str


class UnknownChanges(NamedTuple):
    """What may have changed of the nodes that are taken over, though nothing can tell.

    Args:
        written: Datasets with addresses of their own that these nodes had written.
        read: Datasets with addresses of their own that these nodes had read.
        parameters: Parameters that differ and that no node reads.
    """

    written: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()


def find_unknown_changes(
    earlier: JobRecord, now: JobRecord, taken: Collection[NodeRecord]
) -> UnknownChanges:
    """Return what a user has to judge, since no record tells it.

    Args:
        earlier: The earlier job.
        now: The job as it would be sent now.
        taken: The nodes that are taken over.
    """
    if not taken:
        return UnknownChanges()
    written = {dataset for node in taken for dataset in node.writes}
    read = {dataset for node in taken for dataset in node.reads}
    known = {label for record in (earlier, now) for node in record.nodes for label in node.facts}
    return UnknownChanges(
        tuple(sorted(written & {*now.external})),
        tuple(sorted(read & {*now.outside})),
        tuple(
            path
            for path in sorted({*earlier.unread, *now.unread})
            if earlier.unread.get(path) != now.unread.get(path)
            and known.isdisjoint(name_parameter_facts(path))
        ),
    )


def find_code_changes(earlier: JobRecord, now: JobRecord) -> tuple[CodeChange, ...]:
    """List the files of the code that differ, sorted by path.

    Args:
        earlier: The earlier job.
        now: The job as it would be sent now.
    """
    before, after = earlier.code, now.code
    return tuple(
        CodeChange(
            path,
            "added" if path not in before else "removed" if path not in after else "changed",
        )
        for path in sorted({*before, *after})
        if before.get(path) != after.get(path)
    )


def choose_nodes(
    earlier: EarlierJob, now: JobRecord, from_nodes: Collection[str] = ()
) -> tuple[NodeChoice, ...]:
    """Decide for each node whether it runs again.

    A node is taken over if it completed, if nothing that it is made from differs, if no node
    before it runs again, and if what it hands to nodes that run is stored.

    Args:
        earlier: The earlier job.
        now: The job as it would be sent now, whole.
        from_nodes: Nodes that run again in any case.

    Returns:
        A choice for each node of `now`, in its order.
    """
    before = {node.name: node for node in earlier.record.nodes}
    running = {
        node.name: why
        for node in now.nodes
        if (why := _why_it_runs(node, before.get(node.name), earlier.completed, from_nodes))
    }
    writer = {dataset: node for node in now.nodes for dataset in node.writes}
    while True:
        _add_followers(now, writer, running)
        lost = _find_lost(earlier, now, writer, running)
        if not lost:
            break
        running.update(lost)
    return tuple(
        NodeChoice(node.name, node.name in running, running.get(node.name, _TAKEN_OVER), node.step)
        for node in now.nodes
    )


def _why_it_runs(
    node: NodeRecord,
    before: NodeRecord | None,
    completed: Collection[str],
    from_nodes: Collection[str],
) -> str:
    if node.name in from_nodes:
        return "--from-nodes names it"
    if before is None:
        return "the earlier job did not have it"
    if node.name not in completed:
        return "it did not complete"
    differing = [
        label
        for label in {**before.facts, **node.facts}
        if before.facts.get(label) != node.facts.get(label)
    ]
    if differing:
        more = f" and {len(differing) - 1} more" if len(differing) > 1 else ""
        return f"{differing[0]} differs{more}"
    return ""


def _add_followers(
    now: JobRecord, writer: Mapping[str, NodeRecord], running: dict[str, str]
) -> None:
    """Add the nodes that read what a running node writes; the nodes are in running order."""
    for node in now.nodes:
        if node.name in running:
            continue
        for dataset in node.reads:
            if dataset in writer and writer[dataset].name in running:
                running[node.name] = f"'{writer[dataset].name}' runs, whose '{dataset}' it reads"
                break


def _find_lost(
    earlier: EarlierJob,
    now: JobRecord,
    writer: Mapping[str, NodeRecord],
    running: Mapping[str, str],
) -> dict[str, str]:
    """Return the nodes that have to run because what a running node reads is not stored."""
    return {
        writer[dataset].name: f"'{node.name}' runs, and '{dataset}', which it reads, is not stored"
        for node in now.nodes
        if node.name in running
        for dataset in node.reads
        if dataset in writer
        and writer[dataset].name not in running
        and dataset not in now.external
        and dataset not in earlier.addresses
    }
