"""Who writes and who reads each dataset of a job, by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kedro_azureml_compiler.planning.facts import strip_transcoding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kedro_azureml_compiler.planning.facts import DatasetFacts, ProjectFacts
    from kedro_azureml_compiler.planning.grouping import NodeGroup


class DatasetUse(NamedTuple):
    """Who writes and who reads one dataset.

    Args:
        name: Its name without transcoding.
        facts: What the entry of its writer says, or of a reader where no step writes it.
        writer: The step that writes it.
        readers: The steps that read it, in running order.
        entries: All its entries, of which transcoding makes several.
        confirmed: Whether a node confirms it.
    """

    name: str
    facts: DatasetFacts
    writer: str | None
    readers: tuple[str, ...]
    entries: tuple[DatasetFacts, ...] = ()
    confirmed: bool = False

    @property
    def other_readers(self) -> tuple[str, ...]:
        """The steps that read it and do not write it."""
        return tuple(step for step in self.readers if step != self.writer)

    @property
    def stays_in_step(self) -> bool:
        """Whether the step that writes it is the only one that reads it."""
        return self.readers == (self.writer,)


def find_uses(groups: Sequence[NodeGroup], facts: ProjectFacts) -> list[DatasetUse]:
    """Find the uses of every dataset of the job, sorted by its name.

    Args:
        groups: The steps with their nodes, in running order.
        facts: What is known about the project.
    """
    writers: dict[str, str] = {}
    readers: dict[str, list[str]] = {}
    described: dict[str, DatasetFacts] = {}
    entries: dict[str, list[DatasetFacts]] = {}
    confirmed: set[str] = set()
    for group in groups:
        for node in group.nodes:
            confirmed.update(map(strip_transcoding, node.confirms))
            for output in node.outputs:
                writers[strip_transcoding(output)] = group.name
                if output in facts.datasets:  # the producer's entry describes what is written
                    described[strip_transcoding(output)] = facts.datasets[output]
            for name in node.inputs:
                steps = readers.setdefault(strip_transcoding(name), [])
                if group.name not in steps:
                    steps.append(group.name)
    for name in sorted(facts.datasets):
        described.setdefault(strip_transcoding(name), facts.datasets[name])
        entries.setdefault(strip_transcoding(name), []).append(facts.datasets[name])
    return [
        DatasetUse(
            name,
            described[name],
            writers.get(name),
            tuple(readers.get(name, ())),
            tuple(entries[name]),
            name in confirmed,
        )
        for name in sorted(described)
    ]
