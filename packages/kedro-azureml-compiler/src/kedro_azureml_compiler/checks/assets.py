"""Finds versions of data assets that contradict each other, or that a schedule would freeze."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_azureml_compiler.findings import Finding, Severity
from kedro_azureml_compiler.planning.plan import Flow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kedro_azureml_compiler.planning.plan import Plan, PlannedDataset


def asset_findings(plan: Plan, *, scheduled: bool) -> list[Finding]:
    """Find what the versions of a job's assets do not allow.

    Args:
        plan: What becomes of every dataset.
        scheduled: Whether the job has a schedule.
    """
    findings = [*_versions(plan.datasets), *_registered_twice(plan.datasets)]
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
            hint = (
                "Give both the same 'azureml_version', or none. Where the job compares versions, "
                "write 'checks: {asset-versions-differ: ignore}'."
            )
            yield Finding("asset-versions-differ", Severity.WARNING, dataset.name, message, hint)


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
            hint = "Give each its own 'azureml_dataset'."
            yield Finding("asset-registered-twice", Severity.ERROR, dataset.name, message, hint)


def _frozen(datasets: Iterable[PlannedDataset]) -> Iterable[Finding]:
    for dataset in datasets:
        if dataset.flow is Flow.VERSION and dataset.asset is not None and not dataset.asset.version:
            message = (
                f"reads the latest version of the data asset '{dataset.asset.name}', and the job "
                "has a schedule: Azure ML looks the version up when the schedule is created, and "
                "every run reads that one."
            )
            hint = "Pin 'azureml_version', and create the schedule anew for a newer one."
        elif dataset.flow is Flow.UPLOAD:
            message = (
                f"'{dataset.source}' is uploaded with the job, and the job has a schedule: every "
                "run reads the file as it was when the schedule was created."
            )
            hint = "Make it a data asset (AzureMLAssetDataset), or let a node of the job load it."
        else:
            continue
        yield Finding("frozen-by-schedule", Severity.WARNING, dataset.name, message, hint)


def _version(dataset: PlannedDataset) -> str:
    version = dataset.asset.version if dataset.asset else None
    return f"version '{version}'" if version else "the latest version"
