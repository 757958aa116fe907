"""What the filters of a command leave out of a job, which settings may name all the same."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from kedro_azureml_compiler.planning.grouping import group_nodes

if TYPE_CHECKING:
    from kedro_azureml_compiler.planning.facts import NodeFacts, ProjectFacts
    from kedro_azureml_compiler.planning.grouping import Grouping
    from kedro_azureml_compiler.planning.node_patterns import NodePattern


class LeftOut(NamedTuple):
    """What a job has and a command leaves out.

    Args:
        nodes: The nodes.
        steps: Names of the steps that the job would have for these nodes alone.
    """

    nodes: tuple[NodeFacts, ...] = ()
    steps: tuple[str, ...] = ()

    def has(self, pattern: NodePattern) -> bool:
        """Check whether a pattern matches one of the nodes, or names one of the steps."""
        return any(map(pattern.matches, self.nodes)) or any(map(pattern.names, self.steps))


NOTHING = LeftOut()
"""A command without filters."""


def find_left_out(job: str, facts: ProjectFacts, grouping: Grouping) -> LeftOut:
    """Find what the filters of the command leave out of a job.

    Args:
        job: Name of the job.
        facts: What is known about the project.
        grouping: How the job puts nodes into steps.
    """
    running = {node.name for node in facts.nodes}
    nodes = tuple(node for node in facts.nodes_of_job if node.name not in running)
    if not nodes:
        return NOTHING
    whole = replace(
        facts, nodes=facts.nodes_of_job, datasets={**facts.datasets_left_out, **facts.datasets}
    )
    groups, _ = group_nodes(job, whole, grouping)
    idle = (group for group in groups if running.isdisjoint(node.name for node in group.nodes))
    return LeftOut(nodes, tuple(group.name for group in idle))
