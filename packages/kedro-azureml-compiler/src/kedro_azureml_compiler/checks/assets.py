"""Find versions of data assets that contradict each other, or that a schedule would freeze."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from kedro_azureml_datasets.azure_ml.settings import DEFAULT_WORKSPACE

from kedro_azureml_compiler.findings import About, Finding, FindingKind, Severity
from kedro_azureml_compiler.planning.plan import Flow
from kedro_azureml_compiler.planning.step_order import StepOrder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kedro_azureml_compiler.planning.plan import Plan, PlannedDataset
    from kedro_azureml_compiler.settings.models import Workspace


ASSET_REGISTERED_TWICE = FindingKind(
    code="asset-registered-twice",
    severity=Severity.ERROR,
    about=About.DATASET,
    title="Two outputs of the job register versions of the same data asset",
    explanation=(
        "Each output that registers an asset creates its next version when its step ends. With "
        "two of them, which one becomes the latest, and so which one the next job reads, is "
        "left to chance."
    ),
    hint="Give each entry its own `azureml_dataset`.",
    example=("model_eu:\n  azureml_dataset: model_eu\nmodel_us:\n  azureml_dataset: model_us"),
)

ASSET_VERSIONS_DIFFER = FindingKind(
    code="asset-versions-differ",
    severity=Severity.WARNING,
    about=About.DATASET,
    title="Two entries of the job read different versions of the same data asset",
    explanation=(
        "Both versions are mounted, each where its entry says. Usually one of the two pins is "
        "outdated."
    ),
    hint=(
        "Give both entries the same `azureml_version`, or none. If the job compares versions on "
        "purpose, ignore the finding: `checks: {asset-versions-differ: ignore}`."
    ),
)

ASSET_READ_AND_REGISTERED = FindingKind(
    code="asset-read-and-registered",
    severity=Severity.WARNING,
    about=About.DATASET,
    title="One entry reads the latest version of a data asset that another registers in the job",
    explanation=(
        "The version is chosen when the job is submitted: the reader gets the newest version from "
        "before the job, even if its step runs after the one that registers the next. The first "
        "job fails, if the workspace has no version yet. A job that reads the last version and "
        "then registers the next, one step after the other, is not a finding."
    ),
    hint=(
        "Use one entry in both nodes for the data of this job. For the data of the job before, let "
        "the node that registers take an output of the one that reads, or pin `azureml_version`. "
        "If a later step compares both versions on purpose, ignore the finding: `checks: "
        "{asset-read-and-registered: ignore}`."
    ),
)

ASSET_FOLDER_SHARED = FindingKind(
    code="asset-folder-shared",
    severity=Severity.ERROR,
    about=About.DATASET,
    title="Two entries keep the same asset name of two workspaces in one folder",
    explanation=(
        "Versions are stored in `{root_dir}/{azureml_dataset}/{version}`, and two workspaces "
        "number their versions independently. A version of one workspace is never read as the "
        "other's: local runs refuse the second entry."
    ),
    hint="Give one of the two entries a different `root_dir`.",
    example="penguins_two:\n  workspace: two\n  azureml_dataset: penguins\n  root_dir: data/two",
)

FROZEN_BY_SCHEDULE = FindingKind(
    code="frozen-by-schedule",
    severity=Severity.WARNING,
    about=About.DATASET,
    title="A scheduled job reads the latest version of an asset, or an uploaded file",
    explanation=(
        "A schedule keeps the job as it was when the schedule was created: `@latest` is "
        "resolved then, and local files are uploaded then. Every run reads the same data, "
        "whatever has been registered or written since."
    ),
    hint=(
        "Pin `azureml_version`, and create the schedule again to move to a newer one; or let a "
        "node of the job load the data that changes from a database or from storage."
    ),
)


def check_assets(
    plan: Plan, workspaces: Mapping[str, Workspace], *, scheduled: bool
) -> list[Finding]:
    """Find conflicts between the versions of a job's assets.

    Args:
        plan: What becomes of every dataset.
        workspaces: The workspaces of `azureml.yml`, by name.
        scheduled: Whether the job has a schedule.
    """
    findings = [*_versions(plan.datasets), *_registered_twice(plan.datasets)]
    findings += _read_and_registered(plan)
    findings += _shared_folders(plan.datasets, workspaces)
    if scheduled:
        findings += _frozen(plan.datasets)
    return findings


def _versions(datasets: Iterable[PlannedDataset]) -> Iterable[Finding]:
    first: dict[str, PlannedDataset] = {}
    for dataset in datasets:
        if dataset.flow is not Flow.VERSION or dataset.asset is None:
            continue
        other = first.setdefault(dataset.asset.name, dataset)
        if other.asset is not None and other.asset.version != dataset.asset.version:
            message = (
                f"reads {_version(dataset)} of the data asset '{dataset.asset.name}', and "
                f"'{other.name}' reads {_version(other)} of it."
            )
            yield ASSET_VERSIONS_DIFFER.found(dataset.name, message)


def _registered_twice(datasets: Iterable[PlannedDataset]) -> Iterable[Finding]:
    first: dict[str, str] = {}
    for dataset in datasets:
        if dataset.written_by is None or dataset.asset is None:
            continue
        other = first.setdefault(dataset.asset.name, dataset.name)
        if other != dataset.name:
            message = (
                f"registers the data asset '{dataset.asset.name}', as '{other}' does in the same "
                "job: which of them becomes the latest version is left to chance."
            )
            yield ASSET_REGISTERED_TWICE.found(dataset.name, message)


def _read_and_registered(plan: Plan) -> Iterable[Finding]:
    registered = {d.asset.name: d for d in plan.datasets if d.asset and d.written_by}
    order = StepOrder(plan)
    for dataset in plan.datasets:
        asset = dataset.asset
        if dataset.flow is not Flow.VERSION or asset is None or asset.version is not None:
            continue
        writer = registered.get(asset.name)
        if writer is None or writer.written_by is None:
            continue
        for reader in dataset.read_by:
            if reader == writer.written_by or order.runs_before(reader, writer.written_by):
                continue
            message = (
                f"the step '{reader}' reads the latest version of the data asset '{asset.name}', "
                f"which the step '{writer.written_by}' registers through '{writer.name}': it gets "
                "the newest version from before the job."
            )
            hint = (
                f"Let '{reader}' read '{writer.name}' for the data of this job. For the data of "
                f"the job before, let the node that writes '{writer.name}' take an output of "
                f"'{reader}', or pin 'azureml_version'."
            )
            yield ASSET_READ_AND_REGISTERED.found(dataset.name, message, hint)
            break


def _shared_folders(
    datasets: Iterable[PlannedDataset], workspaces: Mapping[str, Workspace]
) -> Iterable[Finding]:
    first: dict[tuple[str, str], tuple[str, str]] = {}
    for dataset in datasets:
        asset = dataset.asset
        if asset is None:
            continue
        entry = asset.workspace or DEFAULT_WORKSPACE
        place = posixpath.normpath(asset.root_dir), asset.name
        other, other_entry = first.setdefault(place, (dataset.name, entry))
        if _is_other(workspaces.get(entry), workspaces.get(other_entry)):
            message = (
                f"keeps versions of the data asset '{asset.name}' of the workspace '{entry}' in "
                f"'{'/'.join(place)}', where '{other}' keeps those of the workspace "
                f"'{other_entry}'."
            )
            hint = "Give one of the two entries another 'root_dir'."
            yield ASSET_FOLDER_SHARED.found(dataset.name, message, hint)


def _is_other(one: Workspace | None, two: Workspace | None) -> bool:
    """Azure does not distinguish upper and lower case in the names of workspaces."""
    if one is None or two is None:
        return False  # an unknown name is a finding of its own
    parts = ("subscription_id", "resource_group", "name")
    return any(getattr(one, part).lower() != getattr(two, part).lower() for part in parts)


def _frozen(datasets: Iterable[PlannedDataset]) -> Iterable[Finding]:
    for dataset in datasets:
        if dataset.flow is Flow.VERSION and dataset.asset is not None and not dataset.asset.version:
            message = (
                f"reads the latest version of the data asset '{dataset.asset.name}', and the job "
                "has a schedule: Azure ML resolves the version when the schedule is created, and "
                "every run reads that one."
            )
            hint = "Pin 'azureml_version', and create the schedule again to move to a newer one."
        elif dataset.flow is Flow.UPLOAD:
            message = (
                f"'{dataset.source}' is uploaded with the job, and the job has a schedule: every "
                "run reads the file as it was when the schedule was created."
            )
            hint = "Make it a data asset (AzureMLAssetDataset), or let a node of the job load it."
        else:
            continue
        yield FROZEN_BY_SCHEDULE.found(dataset.name, message, hint)


def _version(dataset: PlannedDataset) -> str:
    version = dataset.asset.version if dataset.asset else None
    return f"version '{version}'" if version else "the latest version"
