"""Run the nodes of a job as `kedro run` would, in a copy of the project."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from kedro_azureml_compiler import BUNDLES_FOLDER, CODE_FOLDER, RUNS_FOLDER, Flow, Plan
from kedro_azureml_datasets import SIMULATION_VARIABLE, STEP_VARIABLE
from kedro_azureml_simulator import MachineError, make_printable

from kedro_azureml_cli.verification.project_copy import copy_project

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_PROGRAM = Path(__file__).parent / "in_project"
_LOG = "log.txt"
_LOG_LINES = 40
_LOG_TAIL_BYTES = 64 * 1024


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
    """

    project: Path
    exit_code: int
    duration_s: float
    log_path: Path
    datasets: Mapping[str, LocalDataset] = field(default_factory=dict)


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
        left_out=[BUNDLES_FOLDER, RUNS_FOLDER, *_inside(project, (bundle, folder.parent))],
        wanted=_wanted_versions(plan, project, bundle / CODE_FOLDER, versions),
    )
    record = folder / "datasets.json"
    request = {
        "session": make_session_request(plan),
        "pipelines": plan.pipelines,
        "nodes": [name for step in plan.steps for name in step.nodes],
        "load_versions": dict(plan.load_versions),
        "asset_versions": versions,
        "datasets": [d.name for d in plan.datasets if d.flow is Flow.STEP_OUTPUT],
        "folder": str(folder),
        "record": str(record),
    }
    started = time.monotonic()
    exit_code, _ = run_in_project(
        "run", request, copy, folder, python, instead_of=project, variables=variables
    )
    places = _read_answer(record) or {}
    return LocalRun(
        copy,
        exit_code,
        time.monotonic() - started,
        folder / _LOG,
        {
            name: LocalDataset(
                place["entry"],
                place["kind"],
                place["type"],
                Path(place["mount"]),
                PurePosixPath(place["inside"]),
            )
            for name, place in places.items()
        },
    )


def make_session_request(plan: Plan) -> dict[str, Any]:
    """Return how `in_project` opens the project."""
    return {"env": plan.env, "params": dict(plan.params), "conf_source": plan.conf_source}


def run_in_project(
    task: str,
    request: Mapping[str, Any],
    copy: Path,
    folder: Path,
    python: Path,
    instead_of: Path,
    variables: Mapping[str, str] = MappingProxyType({}),
) -> tuple[int, Any]:
    """Run a task of `in_project` in the copy of a project; its log goes into the folder.

    Args:
        task: `run` or `compare`.
        request: What the task is to do.
        copy: The copy of the project.
        folder: For the log.
        python: The interpreter.
        instead_of: The project itself; where the environment leads to it, the copy is meant.
        variables: Environment variables besides those of this process.

    Returns:
        The exit code, and the answer; None where there is none.

    Raises:
        MachineError: The process cannot be started.
    """
    asked, answer = folder / f"{task}-request.json", folder / f"{task}-answer.json"
    asked.write_text(json.dumps(request), encoding="utf-8")
    command = [str(python), str(_PROGRAM), task, str(asked), str(answer)]
    log = folder / _LOG
    try:
        with log.open("ab") as output:
            process = subprocess.Popen(  # noqa: S603  (the user's interpreter, without a shell)
                command,
                cwd=copy,
                env={**_environ(python, copy, instead_of), **variables},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # so that it can be ended with all that it has started
            )
            try:
                exit_code = process.wait()
            finally:
                _end(process)
    except OSError as error:
        raise MachineError(f"the local run cannot be started: {error}") from error
    return exit_code, _read_answer(answer)


def _read_answer(file: Path) -> Any:
    """Read what a task has written; None if it has not come to that, or not to its end."""
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def read_end_of_log(log: Path) -> list[str]:
    """Return the last lines of a log; none if there is no log."""
    if not log.exists():
        return []
    with log.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _LOG_TAIL_BYTES))
        text = make_printable(file.read().decode("utf-8", errors="replace"), colors=True)
        return text.splitlines()[-_LOG_LINES:]


def _environ(python: Path, copy: Path, project: Path) -> dict[str, str]:
    """Return this process's environment, with the interpreter's programs and the copy's code."""
    environ = dict(os.environ)
    environ.pop(STEP_VARIABLE, None)
    environ[SIMULATION_VARIABLE] = "1"  # as in the simulation, no key vault is asked
    environ["PATH"] = os.pathsep.join([str(python.parent), environ.get("PATH", os.defpath)])
    # Kedro has put the project's source into it, for processes like this one.
    paths = [Path(path) for path in environ.pop("PYTHONPATH", "").split(os.pathsep) if path]
    moved = [copy / p.relative_to(project) if p.is_relative_to(project) else p for p in paths]
    if moved:
        environ["PYTHONPATH"] = os.pathsep.join(map(str, moved))
    return environ


def _end(process: subprocess.Popen[bytes]) -> None:
    with suppress(OSError):  # all gone already
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


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
