"""The processes of a distributed step, and what each finds in its environment.

The names are those of Azure ML's documentation; what it sets beyond them is not known here.
Instances are processes of this machine, so they meet at 127.0.0.1.
"""

from __future__ import annotations

import json
import socket
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kedro_azureml_simulator.pipeline.model import Distribution

_HERE = "127.0.0.1"


@dataclass(frozen=True)
class Rank:
    """One process of a step: its number, its instance, and its variables."""

    number: int = 0
    instance: int = 0
    variables: Mapping[str, str] = field(default_factory=dict)


def list_ranks(distribution: Distribution | None) -> list[Rank]:
    """Return the processes of a step; one without variables where it is not distributed.

    Args:
        distribution: The step's distribution. The ports in the variables are free now.

    Example:
        >>> from kedro_azureml_simulator.pipeline.model import Distribution
        >>> [rank.variables["RANK"] for rank in list_ranks(Distribution("pytorch", 2, 4))]
        ['0', '1', '2', '3']
    """
    if distribution is None:
        return [Rank()]
    if distribution.kind == "tensorflow":
        return _tensorflow(distribution)
    per_instance = distribution.workers // distribution.instances
    port = str(_free_ports(1)[0])
    made = []
    for number in range(distribution.workers):
        instance, local = divmod(number, per_instance)
        if distribution.kind == "mpi":
            variables = {
                "OMPI_COMM_WORLD_RANK": str(number),
                "OMPI_COMM_WORLD_SIZE": str(distribution.workers),
                "OMPI_COMM_WORLD_LOCAL_RANK": str(local),
                "OMPI_COMM_WORLD_LOCAL_SIZE": str(per_instance),
                "OMPI_COMM_WORLD_NODE_RANK": str(local),
            }
        else:
            variables = {
                "MASTER_ADDR": _HERE,
                "MASTER_PORT": port,
                "NODE_RANK": str(instance),
                "RANK": str(number),
                "LOCAL_RANK": str(local),
                "WORLD_SIZE": str(distribution.workers),
            }
        made.append(Rank(number, instance, variables))
    return made


def _tensorflow(distribution: Distribution) -> list[Rank]:
    tasks = [("worker", index) for index in range(distribution.workers)]
    tasks += [("ps", index) for index in range(distribution.parameter_servers)]
    addresses = [f"{_HERE}:{port}" for port in _free_ports(len(tasks))]
    cluster: dict[str, list[str]] = {}
    for (kind, _), address in zip(tasks, addresses, strict=True):
        cluster.setdefault(kind, []).append(address)
    return [
        Rank(
            number,
            number % distribution.instances,
            {"TF_CONFIG": json.dumps({"cluster": cluster, "task": {"type": kind, "index": index}})},
        )
        for number, (kind, index) in enumerate(tasks)
    ]


def _free_ports(count: int) -> list[int]:
    """Return ports that differ: steps run side by side here, on machines of their own there."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind((_HERE, 0))
        return [probe.getsockname()[1] for probe in probes]
