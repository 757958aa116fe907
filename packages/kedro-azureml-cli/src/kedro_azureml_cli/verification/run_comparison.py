"""Compare what a local run and a simulation of one job have left, dataset by dataset."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeAlias

from kedro_azureml_compiler import Flow, Plan, PlannedDataset, make_azure_name
from kedro_azureml_runner import MEMORY_FILE

from kedro_azureml_cli.verification.data_comparison import have_same_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from kedro_azureml_simulator import RunResult, StepResult

    from kedro_azureml_cli.verification.local_run import LocalDataset, LocalRun


class Outcome(str, Enum):
    """What came of the comparison of one dataset."""

    SAME = "same"
    DIFFERENT = "different"
    NOT_DETERMINISTIC = "not deterministic"  # two local runs differ as well
    NOT_COMPARED = "not compared"


@dataclass(frozen=True)
class ComparedDataset:
    """One dataset in both runs.

    Args:
        name: Its name without transcoding.
        step: The step that writes it.
        kind: What it is: `data asset (pickle.PickleDataset)`.
        outcome: What came of the comparison.
        detail: How it was compared, where it differs, or why it was not compared.
        local: Where the local run has left it; None where that is not known, or gone.
        simulated: Where the simulation has left it; None where that is not known.
    """

    name: str
    step: str
    kind: str
    outcome: Outcome
    detail: str
    local: Path | None = None
    simulated: Path | None = None


@dataclass(frozen=True)
class Pair:
    """Two places of one dataset whose bytes differ.

    Args:
        name: Its name without transcoding.
        entry: Its name in the catalog; None for one in memory, which is pickled.
        local: The mount, or the file of one in memory.
        other: The same of the other run.
    """

    name: str
    entry: str | None
    local: Path
    other: Path


LoadAndCompare: TypeAlias = "Callable[[list[Pair]], Mapping[str, Mapping[str, Any] | None]]"
"""Compares loaded objects: None where they are the same, else `text` and whether it is `known`."""


@dataclass(frozen=True)
class JobDataset:
    """What a job has left of one dataset.

    Args:
        name: Its name without transcoding.
        step: The step that writes it.
        mount: The mount to which the step has written; None where that is not known.
        kind: What it is, where the local run does not tell.
        external: Why it has its own address and is not compared; empty where it is compared.
        missing: Why there is nothing, such as a step that failed; empty where there is something.
    """

    name: str
    step: str
    mount: Path | None
    kind: str = ""
    external: str = ""
    missing: str = ""


def list_simulated(plan: Plan, simulation: RunResult) -> list[JobDataset]:
    """Return what a simulation has left of every dataset that crosses a step or leaves the job.

    Args:
        plan: The plan of the job.
        simulation: The simulation.
    """
    found = []
    steps = {step.name: step for step in simulation.steps}
    for dataset in plan.datasets:
        if dataset.written_by is None or dataset.flow not in {Flow.STEP_OUTPUT, Flow.NOT_MOUNTED}:
            continue
        step = steps[make_azure_name(dataset.written_by)]
        done = step.status == "completed"
        found.append(
            JobDataset(
                dataset.name,
                dataset.written_by,
                _job_mount(dataset, step, simulation),
                kind=dataset.why,
                external=dataset.why if dataset.flow is Flow.NOT_MOUNTED else "",
                missing="" if done else f"the step '{dataset.written_by}' has not completed",
            )
        )
    return found


def compare_runs(
    job: Iterable[JobDataset], local: LocalRun, load_and_compare: LoadAndCompare
) -> list[ComparedDataset]:
    """Compare every dataset that crosses a step or leaves the pipeline.

    Bytes first; where they differ, the loaded objects.

    Args:
        job: What the job has left.
        local: The local run.
        load_and_compare: Compares loaded objects.

    Returns:
        The datasets, by name. Those with their own address are not compared.
    """
    compared: dict[str, ComparedDataset] = {}
    pairs: list[Pair] = []
    for dataset in job:
        found = _start(dataset, local)
        compared[dataset.name] = found
        if found.outcome is Outcome.NOT_COMPARED or found.local is None or found.simulated is None:
            continue
        if have_same_bytes(found.local, found.simulated):
            continue
        compared[dataset.name] = _look_closer(found)
        if compared[dataset.name].outcome is Outcome.NOT_COMPARED and dataset.mount is not None:
            pairs.append(_pair(dataset.name, local.datasets[dataset.name], dataset.mount))
    for name, difference in load_and_compare(pairs).items():
        compared[name] = _judged(compared[name], difference)
    return list(compared.values())


def compare_local_runs(
    compared: list[ComparedDataset],
    first: LocalRun,
    second: LocalRun,
    load_and_compare: LoadAndCompare,
) -> list[ComparedDataset]:
    """Find what differs between two local runs, too: a difference there is not the job's.

    Args:
        compared: What came of the comparison with the job.
        first: The local run with which the job was compared.
        second: Another local run of the same nodes.
        load_and_compare: Compares loaded objects.

    Returns:
        The same datasets; those that differ between the local runs are not deterministic.
    """
    places = {
        dataset.name: (first.datasets[dataset.name], second.datasets[dataset.name])
        for dataset in compared
        if is_open(dataset) and dataset.name in second.datasets
    }
    apart = {n for n, (one, two) in places.items() if not have_same_bytes(one.path, two.path)}
    pairs = [_pair(name, places[name][0], places[name][1].mount) for name in sorted(apart)]
    differences = load_and_compare(pairs)
    judged = []
    for dataset in compared:
        if dataset.name not in places:
            judged.append(dataset)
            continue
        files = [place.path for place in places[dataset.name] if place.entry is not None]
        judged.append(
            _judged_again(
                dataset,
                same=dataset.name not in apart,
                difference=differences.get(dataset.name),
                bytes_count=len(files) == 2 and all(file.exists() for file in files),
            )
        )
    return judged


def is_open(dataset: ComparedDataset) -> bool:
    """Check whether both runs have a dataset that is not known to be the same."""
    there = dataset.local is not None and dataset.simulated is not None
    return dataset.outcome is not Outcome.SAME and there


def _start(dataset: JobDataset, local: LocalRun) -> ComparedDataset:
    """Return a dataset as the same, or as not compared unless it has two places."""
    found = ComparedDataset(dataset.name, dataset.step, dataset.kind, Outcome.NOT_COMPARED, "")
    if dataset.external:
        return replace(found, kind="external", detail=dataset.external)
    place = local.datasets.get(dataset.name)
    if place is not None:
        found = replace(found, kind=_kind(place))
    if local.exit_code:
        return replace(found, detail="the local run has failed")
    if dataset.missing:
        return replace(found, detail=dataset.missing)
    if place is None:
        why = "in the local run's catalog it is not a dataset that a step could mount"
        return replace(found, detail=why)
    mount = dataset.mount
    if mount is None:
        return replace(found, detail="the job does not tell where it is")
    if place.entry is None and not place.path.exists():
        return replace(found, detail="what the local run has in memory cannot be pickled")
    simulated = mount / (MEMORY_FILE if place.entry is None else place.inside)
    return replace(
        found, outcome=Outcome.SAME, detail="bytes", local=place.path, simulated=simulated
    )


def _look_closer(found: ComparedDataset) -> ComparedDataset:
    there = [path is not None and path.exists() for path in (found.local, found.simulated)]
    if there == [True, False]:
        return replace(
            found, outcome=Outcome.DIFFERENT, detail="only the local run has left something"
        )
    if there == [False, True]:
        return replace(found, outcome=Outcome.DIFFERENT, detail="only the job has left something")
    detail = "the bytes differ" if all(there) else "elsewhere than at its path"
    return replace(found, outcome=Outcome.NOT_COMPARED, detail=detail)


def _judged(found: ComparedDataset, difference: Mapping[str, Any] | None) -> ComparedDataset:
    if difference is None:
        return replace(found, outcome=Outcome.SAME, detail=f"loaded; {found.detail}")
    outcome = Outcome.DIFFERENT if difference["known"] else Outcome.NOT_COMPARED
    return replace(found, outcome=outcome, detail=difference["text"])


def _judged_again(
    dataset: ComparedDataset,
    *,
    same: bool,
    difference: Mapping[str, Any] | None,
    bytes_count: bool,
) -> ComparedDataset:
    """Compare again what is different or could not be compared.

    `same` and `difference` are of two local runs; `bytes_count` tells whether the bytes alone are a
    result. They are for a file, while a pickle may hold the same object in many ways.
    """
    told = dataset.outcome is Outcome.DIFFERENT
    if difference is not None and difference["known"]:
        detail = f"{dataset.detail}; two local runs differ, too"
        return replace(dataset, outcome=Outcome.NOT_DETERMINISTIC, detail=detail)
    if same and not told and bytes_count:
        detail = f"the bytes differ, those of two local runs do not; {dataset.detail}"
        return replace(dataset, outcome=Outcome.DIFFERENT, detail=detail)
    return dataset


def _job_mount(dataset: PlannedDataset, step: StepResult, simulation: RunResult) -> Path | None:
    """Return what the step wrote: the registered version, for an asset."""
    port = make_azure_name(dataset.name)
    mount = step.outputs.get(port)
    if dataset.asset is not None:
        prefix = f"{dataset.asset.name}:"
        versions = [path for name, path in simulation.registered.items() if name.startswith(prefix)]
        return versions[0] if len(versions) == 1 else mount
    return mount


def _pair(name: str, place: LocalDataset, other: Path) -> Pair:
    if place.entry is None and other.is_dir():
        other = other / MEMORY_FILE
    return Pair(name, place.entry, place.mount, other)


def _kind(place: LocalDataset) -> str:
    if place.entry is None:
        return "in memory"
    what = {"asset": "data asset", "pipeline": "pipeline dataset"}[place.kind]
    return f"{what} ({place.type})"
