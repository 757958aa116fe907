"""Run the nodes of a job as `kedro run` would, in a copy of the project."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from kedro_azureml_compiler import (
    BUNDLES_FOLDER,
    CODE_FOLDER,
    JOBS_FOLDER,
    RUNS_FOLDER,
    Flow,
    Plan,
)

from kedro_azureml_cli.verification.project_copy import copy_project
from kedro_azureml_cli.verification.project_process import LOG, read_answer, run_in_project

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kedro_azureml_cli.verification.run_comparison import LoadAndCompare, Pair


@dataclass(frozen=True)
class LocalDataset:
    """Where a local run has left a dataset.

    Args:
        entry: Its name in the catalog, with transcoding; None for one that is in memory.
        kind: `asset`, `pipeline` or `memory`.
        type: The nested dataset's type; None in memory.
        mount: What stands for the mount that a step has.
        inside: Path inside the mount; `.` where the mount is the file.
    """

    entry: str | None
    kind: str
    type: str | None
    mount: Path
    inside: PurePosixPath

    @property
    def path(self) -> Path:
        """The file or folder."""
        return self.mount / self.inside


@dataclass(frozen=True)
class LocalRun:
    """What came of a local run.

    Args:
        project: The copy of the project.
        exit_code: That of the process; 0 where all nodes have run.
        duration_s: The whole process, in seconds, without the copying.
        log_path: What it wrote to stdout and stderr.
        datasets: Dataset name to where it was left.
        external: Name of what has its own address to its type, where that was requested.
    """

    project: Path
    exit_code: int
    duration_s: float
    log_path: Path
    datasets: Mapping[str, LocalDataset] = field(default_factory=dict)
    external: Mapping[str, str] = field(default_factory=dict)


def run_locally(
    plan: Plan,
    project: Path,
    folder: Path,
    *,
    python: Path,
    assets: Mapping[str, Path],
    bundle: Path,
    variables: Mapping[str, str] = MappingProxyType({}),
) -> LocalRun:
    """Run the nodes of a job as `kedro run` would, in a copy of the project.

    With the job's pipelines, nodes, environment, parameters and load versions. Where no version of
    an asset is pinned, the one that the simulation reads is read.

    Args:
        plan: The plan of the job.
        project: The project's folder.
        folder: For the copy, the log and what stays in memory; it does not exist.
        python: The interpreter.
        assets: References to assets, as they stand in the job, to their local copies.
        bundle: The job's bundle.
        variables: Environment variables besides those of this process.

    Raises:
        MachineError: The copy cannot be made, or the process cannot be started.
    """
    versions = _asset_versions(plan, project, assets)
    copy = folder / "project"
    copy_project(
        project,
        copy,
        left_out=[
            BUNDLES_FOLDER,
            JOBS_FOLDER,
            RUNS_FOLDER,
            *_inside(project, (bundle, folder.parent)),
        ],
        wanted=_wanted_versions(plan, project, bundle / CODE_FOLDER, versions),
    )
    request = {
        "session": make_session_request(plan),
        "pipelines": plan.pipelines,
        "nodes": [name for step in plan.steps for name in step.nodes],
        "load_versions": dict(plan.load_versions),
        "asset_versions": versions,
        "datasets": [d.name for d in plan.datasets if d.flow is Flow.STEP_OUTPUT],
    }
    return run_nodes(request, copy, folder, python, project, variables)


def run_nodes(
    request: Mapping[str, Any],
    copy: Path,
    folder: Path,
    python: Path,
    instead_of: Path,
    variables: Mapping[str, str],
) -> LocalRun:
    """Run nodes as `kedro run` would, in a copy of a project that is there.

    Args:
        request: What `in_project` is to run.
        copy: The copy of the project.
        folder: For the log and what stays in memory.
        python: The interpreter.
        instead_of: The project itself; where the environment leads to it, the copy is meant.
        variables: Environment variables besides those of this process.

    Raises:
        MachineError: The process cannot be started.
    """
    record = folder / "datasets.json"
    request = {**request, "folder": str(folder), "record": str(record)}
    started = time.monotonic()
    exit_code, _ = run_in_project(
        "run", request, copy, folder, python, instead_of=instead_of, variables=variables
    )
    places = read_answer(record) or {}
    return LocalRun(
        copy,
        exit_code,
        time.monotonic() - started,
        folder / LOG,
        {
            name: LocalDataset(
                place["entry"],
                place["kind"],
                place["type"],
                Path(place["mount"]),
                PurePosixPath(place["inside"]),
            )
            for name, place in places.items()
            if place["kind"] != "external"
        },
        {name: place["type"] for name, place in places.items() if place["kind"] == "external"},
    )


def make_comparing(
    session: Mapping[str, Any],
    local: LocalRun,
    python: Path,
    instead_of: Path,
    variables: Mapping[str, str],
) -> LoadAndCompare:
    """Return a function that compares loaded objects in the project's own process.

    Args:
        session: How `in_project` opens the project.
        local: The local run, in whose copy of the project that is done.
        python: The interpreter.
        instead_of: The project; where the environment leads to it, the copy is meant.
        variables: Environment variables besides those of this process.
    """

    def compare(pairs: list[Pair]) -> Mapping[str, Mapping[str, Any] | None]:
        if not pairs:
            return {}
        request = {
            "session": session,
            "pairs": [
                {"name": p.name, "entry": p.entry, "local": str(p.local), "job": str(p.other)}
                for p in pairs
            ],
        }
        exit_code, answer = run_in_project(
            "compare",
            request,
            local.project,
            local.project.parent,
            python,
            instead_of=instead_of,
            variables=variables,
        )
        if exit_code == 0 and isinstance(answer, dict):
            return answer
        why = f"loading it ends with exit code {exit_code}: see {local.log_path}"
        return {pair.name: {"text": why, "known": False} for pair in pairs}

    return compare


def make_session_request(plan: Plan) -> dict[str, Any]:
    """Return how `in_project` opens the project."""
    return {"env": plan.env, "params": dict(plan.params), "conf_source": plan.conf_source}


def _asset_versions(plan: Plan, project: Path, assets: Mapping[str, Path]) -> dict[str, str]:
    """Return the version of each asset that the simulation reads."""
    versions = {}
    for dataset in plan.datasets:
        asset = dataset.asset
        if dataset.flow is not Flow.VERSION or asset is None:
            continue
        if asset.version:
            versions[dataset.name] = asset.version
            continue
        path = assets[f"{asset.name}@latest"]
        versions[dataset.name] = path.relative_to(project / asset.root_dir / asset.name).parts[0]
    return versions


def _wanted_versions(
    plan: Plan, project: Path, code: Path, versions: Mapping[str, str]
) -> Callable[[PurePosixPath], bool]:
    """Leave out the versions of the job's assets that no node of it reads: they may be large."""
    read: dict[PurePosixPath, set[str]] = {}
    for dataset in plan.datasets:
        if dataset.asset is not None:
            folder = PurePosixPath(dataset.asset.root_dir) / dataset.asset.name
            read.setdefault(folder, set())
            if dataset.name in versions:
                read[folder].add(versions[dataset.name])
    sources = [PurePosixPath(dataset.source) for dataset in plan.datasets if dataset.source]

    def wanted(path: PurePosixPath) -> bool:
        if path.parent not in read or path.name in read[path.parent]:
            return True
        # Not everything there need be a version: other data may lie in a folder of that name.
        travels = (code / path).exists() or any(s.is_relative_to(path) for s in sources)
        return travels or not (project / path).is_dir()

    return wanted


def _inside(project: Path, paths: Sequence[Path]) -> list[PurePosixPath]:
    return [
        PurePosixPath(path.relative_to(project).as_posix())
        for path in paths
        if path.is_relative_to(project)
    ]
