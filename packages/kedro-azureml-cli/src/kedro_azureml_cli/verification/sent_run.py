"""Run what a submitted job runs as `kedro run` would, in a copy of its snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from kedro_azureml_cli.verification.local_run import LocalRun, run_nodes
from kedro_azureml_cli.verification.project_copy import copy_project

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True)
class SentRun:
    """What a submitted job runs, and its data on this machine.

    Args:
        code: The folder with its snapshot.
        session: How `in_project` opens it: `env`, `params`, `conf_source`.
        pipelines: Names of the registered pipelines.
        nodes: Names of all nodes.
        load_versions: Name of a catalog entry to the version that is read.
        inputs: Name of a dataset without transcoding to the file or folder that a step mounts.
        datasets: Names of the datasets to be compared.
    """

    code: Path
    session: Mapping[str, Any]
    pipelines: list[str]
    nodes: list[str]
    load_versions: Mapping[str, str]
    inputs: Mapping[str, Path]
    datasets: tuple[str, ...]


def run_snapshot(
    sent: SentRun,
    folder: Path,
    *,
    python: Path,
    instead_of: Path,
    variables: Mapping[str, str] = MappingProxyType({}),
) -> LocalRun:
    """Run the nodes of a submitted job as `kedro run` would, in a copy of its snapshot.

    Args:
        sent: What was sent, and its data on this machine.
        folder: For the copy, the log and what stays in memory; it does not exist.
        python: The interpreter.
        instead_of: The project; where the environment leads to it, the copy is meant.
        variables: Environment variables besides those of this process.

    Raises:
        MachineError: The copy cannot be made, or the process cannot be started.
    """
    copy = folder / "project"
    copy_project(sent.code, copy)
    request = {
        "session": sent.session,
        "pipelines": sent.pipelines,
        "nodes": sent.nodes,
        "load_versions": dict(sent.load_versions),
        "asset_versions": {},
        "inputs": {name: str(place) for name, place in sent.inputs.items()},
        "datasets": list(sent.datasets),
    }
    return run_nodes(request, copy, folder, python, instead_of, variables)
