"""Decide how one dataset reaches the steps that use it, and find those that cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_azureml_datasets import AzureMLDatasetError
from kedro_azureml_datasets.asset_dataset import check_asset
from kedro_azureml_datasets.local_versions import LOCAL_VERSION as LOCAL

from kedro_azureml_compiler.findings import About, Finding, FindingKind, Severity
from kedro_azureml_compiler.planning.facts import (
    AssetFacts,
    DatasetKind,
    ProjectFacts,
    strip_transcoding,
)
from kedro_azureml_compiler.planning.plan import Flow, PlannedDataset
from kedro_azureml_compiler.planning.plan_standard import plan_standard
from kedro_azureml_compiler.planning.wrapping import CATALOG_ENTRY
from kedro_azureml_compiler.suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable

    from kedro_azureml_compiler.planning.dataset_use import DatasetUse


LOCAL_VERSION = FindingKind(
    code="local-version",
    severity=Severity.ERROR,
    about=About.DATASET,
    title="The version `local` of a data asset is requested",
    explanation=(
        "`local` is the version that the last local run wrote on this machine. The workspace "
        "has no such version."
    ),
    hint="Pin a version that the workspace has, or none.",
    fixed=True,
)

UNREGISTERED_NAME = FindingKind(
    code="unregistered-name",
    severity=Severity.ERROR,
    about=About.DATASET,
    title="A node reads a dataset that is not in the catalog and that no node produces",
    explanation=(
        "Usually the name is misspelt, in the node or in the catalog. `kedro run` refuses it too."
    ),
    hint="Correct the name, or add an entry to the catalog.",
    fixed=True,
)

NOTHING_PRODUCES = FindingKind(
    code="nothing-produces",
    severity=Severity.ERROR,
    about=About.DATASET,
    title="No node of the job produces a dataset, and there is no local file to upload",
    explanation="The step that reads it would fail, after its container has been paid for.",
    hint=(
        "Extend the job's filters to a node that produces it, run that node locally first, or "
        "read a registered version with an `AzureMLAssetDataset`."
    ),
    fixed=True,
)


def plan_dataset(
    use: DatasetUse, facts: ProjectFacts, exists: Callable[[str], bool]
) -> tuple[PlannedDataset, list[Finding]]:
    """Decide how a dataset reaches the steps that use it.

    Args:
        use: Who writes and who reads it.
        facts: What is known about the project.
        exists: Whether a path relative to the project exists.

    Returns:
        What becomes of it, and what was found wrong.
    """
    planned = PlannedDataset(use.name, Flow.NOT_MOUNTED, "", use.writer, use.readers)
    kind = use.facts.kind
    if kind is DatasetKind.PARAMETER:
        why = "read in the step from the project's configuration"
        return planned._replace(flow=Flow.PARAMETER, why=why), []
    if use.writer is None and use.name in facts.stored:
        why = "the job that is resumed has stored it"
        address = facts.stored[use.name]
        return planned._replace(
            flow=Flow.STORED, why=why, address=address, asset=use.facts.asset
        ), []
    if use.facts.asset is not None:
        return _plan_asset(use, use.facts.asset, planned, facts)
    if kind is DatasetKind.STANDARD:
        return plan_standard(use, planned, exists)
    if use.writer is None and use.facts.has_value:
        return planned._replace(why="the catalog itself holds its value"), []
    if use.writer is None:
        return _plan_free_input(use, planned, facts, exists)
    if kind is DatasetKind.PIPELINE:
        if use.stays_in_step:
            why = "on the step's own disk; no other step reads it"
            return planned._replace(flow=Flow.IN_STEP, why=why), []
        why = "temporary storage, from the step that writes it to those that read it"
        return planned._replace(flow=Flow.STEP_OUTPUT, why=why), []
    if use.other_readers:
        why = "in memory locally; pickled with cloudpickle where it crosses steps"
        return planned._replace(flow=Flow.STEP_OUTPUT, why=why), []
    return planned._replace(flow=Flow.IN_STEP, why="in memory; no other step reads it"), []


def _plan_asset(
    use: DatasetUse, asset: AssetFacts, planned: PlannedDataset, facts: ProjectFacts
) -> tuple[PlannedDataset, list[Finding]]:
    if use.writer is not None:
        why = f"registered as the next version of the data asset '{asset.name}'"
        asset = asset._replace(version=None)
        return planned._replace(flow=Flow.STEP_OUTPUT, why=why, asset=asset), []
    asked = next(
        (v for name, v in facts.load_versions.items() if strip_transcoding(name) == use.name), None
    )
    asset = asset._replace(version=asked or asset.version)
    if asset.version == LOCAL:
        message = f"the version '{LOCAL}' of a data asset exists only on this machine."
        return planned, [LOCAL_VERSION.found(use.name, message)]
    try:
        check_asset(asset.name, "uri_file" if asset.is_file else "uri_folder", asset.version)
    except AzureMLDatasetError as error:
        return planned, [CATALOG_ENTRY.found(use.name, error.message, error.hint)]
    what = f"version '{asset.version}'" if asset.version else "the latest version"
    why = f"{what} of the data asset '{asset.name}'"
    return planned._replace(flow=Flow.VERSION, why=why, asset=asset), []


def _plan_free_input(
    use: DatasetUse, planned: PlannedDataset, facts: ProjectFacts, exists: Callable[[str], bool]
) -> tuple[PlannedDataset, list[Finding]]:
    path = use.facts.local_path
    if path is not None and exists(path):
        why = f"no step produces it: '{path}' is uploaded with the job"
        return (
            planned._replace(
                flow=Flow.UPLOAD, why=why, source=path, source_root=use.facts.root_dir
            ),
            [],
        )
    producers = facts.producers.get(use.name, ())
    if producers:
        names = ", ".join(f"'{name}'" for name in producers)
        hint = f"Add a node that produces it to the job: {names}."
        if path is not None:
            hint += f" Or run it locally first: '{path}' is then uploaded with the job."
    elif use.facts.kind is DatasetKind.UNDECLARED:
        message = "it is not in the catalog, and no node of any pipeline produces it."
        near = did_you_mean(use.name, facts.registered)
        hint = f"Correct the name {near}, or add an entry."
        return planned, [UNREGISTERED_NAME.found(use.name, message, hint)]
    else:
        hint = "No registered pipeline produces it; check its name."
    message = "no node of the job produces it" + (f", and there is no '{path}'." if path else ".")
    return planned, [NOTHING_PRODUCES.found(use.name, message, hint)]
