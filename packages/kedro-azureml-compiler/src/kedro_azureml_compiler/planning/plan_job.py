"""Decides what becomes of every node and dataset of a job: a function of the project's facts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from kedro_azureml_datasets import AzureMLDatasetError
from kedro_azureml_datasets.asset_dataset import check_asset
from kedro_azureml_datasets.local_versions import LOCAL_VERSION

from kedro_azureml_compiler.findings import Finding, Severity
from kedro_azureml_compiler.planning.dataset_use import DatasetUse, dataset_uses
from kedro_azureml_compiler.planning.facts import (
    AssetFacts,
    DatasetKind,
    ProjectFacts,
    base_name,
)
from kedro_azureml_compiler.planning.plan import Flow, Plan, PlannedDataset, PlannedStep
from kedro_azureml_compiler.planning.plan_checks import (
    DETERMINISTIC_TAG,
    mixed_entries,
    reuse_findings,
    unordered_findings,
)
from kedro_azureml_compiler.planning.wrapping import wrapping_hint
from kedro_azureml_compiler.suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kedro_azureml_compiler.planning.grouping import NodeGroup


def plan_job(
    job: str,
    facts: ProjectFacts,
    groups: Sequence[NodeGroup],
    *,
    exists: Callable[[str], bool],
    deterministic: bool = False,
    unordered: Sequence[str] = (),
) -> tuple[Plan, tuple[Finding, ...]]:
    """Plan a job whose nodes have been put into steps.

    Args:
        job: Name of the job.
        facts: What is known of the project.
        groups: The steps, in an order in which they can run.
        exists: Tells whether a path relative to the project exists.
        deterministic: Whether every step may be reused; else those whose nodes all say so by the
            tag `deterministic`.
        unordered: Datasets with a place of their own whose readers need not wait for the writer.

    Returns:
        The plan, and what was found wrong; with an error among the findings the plan is not to be
        used.
    """
    uses = dataset_uses(groups, facts)
    findings = [*facts.findings, *mixed_entries(facts)]
    datasets, waits = [], {group.name: set[str]() for group in groups}
    for use in uses:
        dataset, found = _plan_dataset(use, facts, exists)
        findings += found
        if use.facts.kind is DatasetKind.STANDARD and use.writer:
            if use.name in unordered:
                dataset = replace(dataset, why=f"{use.facts.type_name} has a place of its own")
            else:
                for reader in use.other_readers:
                    waits[reader].add(use.writer)
        datasets.append(dataset)
    findings += unordered_findings(job, uses, unordered)
    mounted = {
        d.name: d for d in datasets if d.flow in {Flow.VERSION, Flow.UPLOAD, Flow.STEP_OUTPUT}
    }
    order = {group.name: position for position, group in enumerate(groups)}
    steps = []
    for group in groups:
        reads, writes = _step_mounts(group, mounted)
        data_from = {mounted[read].written_by for read in reads}
        steps.append(
            PlannedStep(
                group.name,
                tuple(node.name for node in group.nodes),
                tags=group.tags,
                reads=reads,
                writes=writes,
                waits_for=tuple(sorted(waits[group.name] - data_from, key=order.__getitem__)),
                deterministic=deterministic
                or all(DETERMINISTIC_TAG in node.tags for node in group.nodes),
            )
        )
    findings += reuse_findings(steps, uses)
    plan = Plan(
        job,
        facts.pipelines,
        tuple(steps),
        tuple(datasets),
        env=facts.env,
        params=facts.params,
        load_versions=facts.load_versions,
        package=PurePosixPath(facts.source).name,
        conf_source=facts.asked_conf_source,
    )
    return plan, tuple(findings)


def _step_mounts(
    group: NodeGroup, mounted: Mapping[str, PlannedDataset]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    outputs = {
        base_name(n) for node in group.nodes for n in node.outputs if base_name(n) in mounted
    }
    inputs = {base_name(n) for node in group.nodes for n in node.inputs if base_name(n) in mounted}
    return tuple(sorted(inputs - outputs)), tuple(sorted(outputs))


def _plan_dataset(
    use: DatasetUse, facts: ProjectFacts, exists: Callable[[str], bool]
) -> tuple[PlannedDataset, list[Finding]]:
    planned = PlannedDataset(use.name, Flow.OWN_PLACE, "", use.writer, use.readers)
    kind = use.facts.kind
    if kind is DatasetKind.PARAMETER:
        why = "read in the step from the project's configuration"
        return replace(planned, flow=Flow.PARAMETER, why=why), []
    if use.facts.asset is not None:
        return _plan_asset(use, use.facts.asset, planned, facts)
    if kind is DatasetKind.STANDARD:
        return _plan_standard(use, planned)
    if use.writer is None and use.facts.has_value:
        return replace(planned, why="the catalog itself holds its value"), []
    if use.writer is None:
        return _plan_free_input(use, planned, facts, exists)
    if kind is DatasetKind.PIPELINE:
        if use.stays_in_step:
            why = "on the step's own disk; no other step reads it"
            return replace(planned, flow=Flow.IN_STEP, why=why), []
        why = "temporary storage, from the step that writes it to those that read it"
        return replace(planned, flow=Flow.STEP_OUTPUT, why=why), []
    if use.other_readers:
        why = "in memory locally; pickled with cloudpickle where it crosses steps"
        return replace(planned, flow=Flow.STEP_OUTPUT, why=why), []
    return replace(planned, flow=Flow.IN_STEP, why="in memory; no other step reads it"), []


def _plan_asset(
    use: DatasetUse, asset: AssetFacts, planned: PlannedDataset, facts: ProjectFacts
) -> tuple[PlannedDataset, list[Finding]]:
    if use.writer is not None:
        why = f"registered as the next version of the data asset '{asset.name}'"
        asset = replace(asset, version=None)
        return replace(planned, flow=Flow.STEP_OUTPUT, why=why, asset=asset), []
    asked = next(
        (v for name, v in facts.load_versions.items() if base_name(name) == use.name), None
    )
    asset = replace(asset, version=asked or asset.version)
    if asset.version == LOCAL_VERSION:
        message = f"the version '{LOCAL_VERSION}' of a data asset exists on this machine alone."
        hint = "Pin a version that the workspace has, or none."
        return planned, [Finding("local-version", Severity.ERROR, use.name, message, hint)]
    try:
        check_asset(asset.name, "uri_file" if asset.is_file else "uri_folder", asset.version)
    except AzureMLDatasetError as error:
        return planned, [
            Finding("catalog-entry", Severity.ERROR, use.name, error.message, error.hint)
        ]
    what = f"version '{asset.version}'" if asset.version else "the latest version"
    why = f"{what} of the data asset '{asset.name}'"
    return replace(planned, flow=Flow.VERSION, why=why, asset=asset), []


def _plan_standard(
    use: DatasetUse, planned: PlannedDataset
) -> tuple[PlannedDataset, list[Finding]]:
    path = use.facts.local_path
    if path is None:
        why = f"{use.facts.type_name or 'the dataset'} has a place of its own"
        if use.writer and use.other_readers:
            why += "; the steps that read it wait for the one that writes it"
        return replace(planned, why=why), []
    hint = wrapping_hint(use.facts.name, use.facts.nested, path)
    if use.writer is None:
        if PurePosixPath(path).is_absolute():
            message = f"'{path}' lies outside the project, so it does not travel with the code."
            hint = "Put it into the project, or use an AzureMLAssetDataset."
            return replace(planned, why=f"'{path}' lies outside the project"), [
                Finding("local-input-outside", Severity.ERROR, use.name, message, hint)
            ]
        return replace(planned, why=f"'{path}' travels with the code"), []
    if use.other_readers:
        readers = ", ".join(f"'{step}'" for step in use.other_readers)
        message = (
            f"the step '{use.writer}' writes it to its own disk ('{path}'), where {readers} cannot "
            "read it."
        )
        why = "written to the step's own disk, where no other step can read it"
        return replace(planned, why=why), [
            Finding("local-data-between-steps", Severity.ERROR, use.name, message, hint)
        ]
    if use.stays_in_step:
        return replace(planned, why=f"'{path}' on the disk of the only step that uses it"), []
    message = f"'{path}' vanishes with the container of the step '{use.writer}' that writes it."
    why = "written to the step's own disk, and lost with it"
    return replace(planned, why=why), [
        Finding("local-output-vanishes", Severity.WARNING, use.name, message, hint)
    ]


def _plan_free_input(
    use: DatasetUse, planned: PlannedDataset, facts: ProjectFacts, exists: Callable[[str], bool]
) -> tuple[PlannedDataset, list[Finding]]:
    path = use.facts.local_path
    if path is not None and exists(path):
        why = f"no step produces it: '{path}' is uploaded with the job"
        return (
            replace(
                planned, flow=Flow.UPLOAD, why=why, source=path, source_root=use.facts.root_dir
            ),
            [],
        )
    producers = facts.producers.get(use.name, ())
    if producers:
        names = ", ".join(f"'{name}'" for name in producers)
        hint = f"Add the node that produces it to the job: {names}."
        if path is not None:
            hint += f" Or run it locally first: '{path}' is then uploaded with the job."
    elif use.facts.kind is DatasetKind.UNDECLARED:
        message = "it is in no catalog, and no node of any pipeline produces it."
        near = did_you_mean(use.name, facts.registered)
        hint = f"Correct the name {near}, or add an entry."
        return planned, [Finding("unregistered-name", Severity.ERROR, use.name, message, hint)]
    else:
        hint = "No registered pipeline produces it: is its name right?"
    message = "no node of the job produces it" + (f", and there is no '{path}'." if path else ".")
    return planned, [Finding("nothing-produces", Severity.ERROR, use.name, message, hint)]
