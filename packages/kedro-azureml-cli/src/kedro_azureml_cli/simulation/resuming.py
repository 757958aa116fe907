"""Resume a simulated run: what its folder holds, and where the rest of the job runs."""

from __future__ import annotations

import json
import os
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from kedro_azureml_compiler import (
    EarlierJob,
    Flow,
    JobRecord,
    Recording,
    digest_value,
    make_azure_name,
)
from kedro_azureml_datasets import KedroAzureMLError
from kedro_azureml_simulator import find_mapped, read_run

from kedro_azureml_cli.simulation.asset_paths import find_local_assets
from kedro_azureml_cli.simulation.bundle_arguments import read_mappings
from kedro_azureml_cli.simulation.step_packages import list_packages

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kedro_azureml_compiler import Plan, Workspace
    from kedro_azureml_simulator import LeftRun


class NotResumableError(KedroAzureMLError):
    """A run folder has nothing that says what its steps were made from."""

    blame = "user"


class SimulatedJob(NamedTuple):
    """An earlier simulation, and the data that it has left.

    Args:
        earlier: What the compiler has to know of it.
        paths: Addresses to the files and folders of this machine that stand for them.
    """

    earlier: EarlierJob
    paths: Mapping[str, Path]


def read_simulated_job(run_dir: Path) -> SimulatedJob:
    """Read a run folder, and those that it was itself resumed from, as far as they are unchanged.

    Args:
        run_dir: The run folder.

    Raises:
        SimulatorError: It holds no run, or one that is running.
        NotResumableError: It was not written by `kedro azureml simulate`, or changed since.
        RecordError: Its record is damaged.
    """
    run_dir = Path(os.path.normpath(run_dir.absolute()))
    run = read_run(run_dir)
    if run.notes is None:
        raise NotResumableError(
            f"The run in '{run_dir}' has no record of what its steps were made from: it was"
            " started by kedro azureml verify, or single steps were run again in it.",
            hint="Run kedro azureml simulate for the whole job first.",
        )
    record = JobRecord.from_json(run.notes)
    places = dict(record.places)
    completed = set()
    for node in record.nodes:
        step = make_azure_name(node.step) if node.step else ""
        if not node.step or step in run.steps:
            completed.add(node.name)
        if step in run.steps:
            for dataset in node.writes:
                if make_azure_name(dataset) in run.steps[step].outputs:
                    places[dataset] = json.dumps(
                        [str(run_dir), step, make_azure_name(dataset), run.steps[step].run]
                    )
    known: dict[str, LeftRun | None] = {str(run_dir): run}
    addresses, paths = {}, {}
    for dataset, place in places.items():
        path = _find(place, known)
        if path is not None and dataset not in record.overwritten:
            _, _, port, identity = json.loads(place)
            addresses[dataset] = f"azureml://datastores/simulated/paths/azureml/{identity}/{port}"
            paths[addresses[dataset]] = path
    earlier = EarlierJob(
        f"the run in '{run_dir}'", record, frozenset(completed), addresses,
        {dataset: places[dataset] for dataset in addresses},
    )  # fmt: skip
    return SimulatedJob(earlier, paths)


def _find(place: str, known: dict[str, LeftRun | None]) -> Path | None:
    """Return where a dataset lies; None if that run is gone or another one has taken its folder."""
    from kedro_azureml_simulator import SimulatorError

    try:
        folder, step, port, identity = json.loads(place)
        if folder not in known:
            try:
                known[folder] = read_run(Path(folder))
            except SimulatorError:
                known[folder] = None
        run = known[folder]
        if run is None or step not in run.steps or run.steps[step].run != identity:
            return None
        return run.steps[step].outputs.get(port)
    except (ValueError, TypeError):
        return None


def choose_run_dir(earlier: Path, usual: Path) -> Path:
    """Return a folder for a resumed run that holds no run: an earlier one may still be read.

    Args:
        earlier: The run that is resumed.
        usual: The folder of the job's runs.

    Example:
        >>> choose_run_dir(Path("nowhere/train"), Path("nowhere/train")).name
        'train-resumed'
    """
    taken = os.path.realpath(earlier)
    number = 1
    while True:
        name = f"{usual.name}-resumed" + (f"-{number}" if number > 1 else "")
        path = usual.with_name(name)
        if os.path.realpath(path) != taken and not path.exists():
            return path
        number += 1


def make_recording(
    project: Path, run: Mapping[str, Any], variables: Mapping[str, str]
) -> Recording:
    """Return what the options of a simulation say of the data that its job reads.

    Args:
        project: The project's folder.
        run: The values of the options of a run, by `RunOption.argument`.
        variables: Environment variables that every step gets.
    """
    values = dict(run["inputs"])

    def find_versions(plan: Plan, workspace: Workspace) -> dict[str, str]:
        mapped = read_mappings(project, run).assets
        here = find_local_assets(
            plan, project, workspace, mapped=mapped, are_read=not run["validate"]
        )
        paths = {**here, **mapped}
        found = {}
        for dataset in plan.datasets:
            given = values.get(make_azure_name(dataset.name))
            if given is not None and dataset.flow in {Flow.VERSION, Flow.UPLOAD}:
                found[dataset.name] = f"{given} {_describe(Path(given))}"
            elif dataset.flow is Flow.VERSION and dataset.asset is not None:
                version = dataset.asset.version
                asset = f"{dataset.asset.name}{f':{version}' if version else '@latest'}"
                path = find_mapped(asset, paths)
                found[dataset.name] = f"{asset} {_describe(path) if path is not None else ''}"
        return found

    @cache
    def describe_machine() -> str:
        mappings = read_mappings(project, run)
        given = [
            sorted(f"{n} {p}" for n, p in m.items())
            for m in (mappings.environments, mappings.images)
        ]
        python = None if run["engine"] else Path(run["python"] or sys.executable).absolute()
        return digest_value([run["engine"], given, python and list_packages(python)])

    return Recording(
        find_versions,
        describe_environment=lambda environment: f"{environment!r} {describe_machine()}",
        values=values,
        variables=variables,
    )


def _describe(path: Path) -> str:
    """Return a digest that differs if a file below a path was written since, without reading it."""
    real = Path(os.path.realpath(path))
    entries = [real, *real.rglob("*")] if real.is_dir() else [real]
    found = []
    for entry in sorted(entries):
        try:
            state = entry.stat()
        except OSError:
            continue  # a link that leads nowhere; the simulation says so
        if not entry.is_dir():
            found.append(
                [
                    entry.relative_to(real).as_posix(),
                    state.st_size,
                    state.st_mtime_ns,
                    state.st_ctime_ns,  # also where a copy has kept the time of the other file
                    state.st_ino,
                ]
            )
    return digest_value([str(real), found])
