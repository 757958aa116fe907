"""Decides what becomes of every node and dataset of a job: a function of the project's facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from kedro_azureml_datasets import AzureMLDatasetError
from kedro_azureml_datasets.asset_dataset import check_asset
from kedro_azureml_datasets.local_versions import LOCAL_VERSION

from kedro_azureml_compiler.facts import (
    AssetFacts,
    DatasetFacts,
    DatasetKind,
    NodeFacts,
    ProjectFacts,
)
from kedro_azureml_compiler.findings import Finding, Severity
from kedro_azureml_compiler.plan import Flow, Plan, PlannedDataset, PlannedStep

_Groups = Sequence[tuple[str, tuple[NodeFacts, ...]]]
"""Steps by name, each with its nodes, in an order in which they can run."""


@dataclass(frozen=True)
class _Use:
    """Who writes and who reads one dataset, by step."""

    name: str
    facts: DatasetFacts
    writer: str | None
    readers: tuple[str, ...]

    @property
    def other_readers(self) -> tuple[str, ...]:
        return tuple(step for step in self.readers if step != self.writer)


def plan_job(
    job: str, facts: ProjectFacts, *, exists: Callable[[str], bool]
) -> tuple[Plan, tuple[Finding, ...]]:
    """Plan a job with one step per node.

    Args:
        job: Name of the job.
        facts: What is known of the project.
        exists: Tells whether a path relative to the project exists.

    Returns:
        The plan, and what was found wrong; with an error among the findings the plan is not to be
        used.
    """
    groups: _Groups = [(node.name, (node,)) for node in facts.nodes]
    uses = _uses(groups, facts)
    findings = list(facts.findings)
    datasets, waits = [], {name: set[str]() for name, _ in groups}
    for use in uses:
        dataset, found = _plan_dataset(use, facts, exists)
        findings += found
        datasets.append(dataset)
        if use.facts.kind is DatasetKind.STANDARD and use.writer and not found:
            for reader in use.other_readers:
                waits[reader].add(use.writer)
    mounted = {
        d.name: d for d in datasets if d.flow in {Flow.VERSION, Flow.UPLOAD, Flow.STEP_OUTPUT}
    }
    order = {name: position for position, (name, _) in enumerate(groups)}
    steps = []
    for name, nodes in groups:
        reads, writes = _step_mounts(name, nodes, mounted)
        data_from = {mounted[read].written_by for read in reads}
        steps.append(
            PlannedStep(
                name,
                tuple(node.name for node in nodes),
                tags=tuple(sorted({tag for node in nodes for tag in node.tags})),
                reads=reads,
                writes=writes,
                waits_for=tuple(sorted(waits[name] - data_from, key=order.__getitem__)),
            )
        )
    plan = Plan(
        job,
        facts.pipelines,
        tuple(steps),
        tuple(datasets),
        env=facts.env,
        params=facts.params,
        load_versions=facts.load_versions,
    )
    return plan, tuple(findings)


def base_name(dataset: str) -> str:
    """Give a dataset's name without its transcoding: `x@pandas` and `x@spark` are one dataset."""
    return dataset.partition("@")[0]


def _uses(groups: _Groups, facts: ProjectFacts) -> list[_Use]:
    writers: dict[str, str] = {}
    readers: dict[str, list[str]] = {}
    described: dict[str, DatasetFacts] = {}
    for step, nodes in groups:
        for node in nodes:
            for output in node.outputs:
                writers[base_name(output)] = step
                if output in facts.datasets:  # the producer's entry describes what is written
                    described[base_name(output)] = facts.datasets[output]
            for name in node.inputs:
                steps = readers.setdefault(base_name(name), [])
                if step not in steps:
                    steps.append(step)
    for name in sorted(facts.datasets):
        described.setdefault(base_name(name), facts.datasets[name])
    return [
        _Use(name, described[name], writers.get(name), tuple(readers.get(name, ())))
        for name in sorted(described)
    ]


def _step_mounts(
    step: str, nodes: Iterable[NodeFacts], mounted: dict[str, PlannedDataset]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    outputs = {base_name(n) for node in nodes for n in node.outputs} & set(mounted)
    inputs = {base_name(n) for node in nodes for n in node.inputs} & set(mounted)
    inputs = {name for name in inputs if mounted[name].written_by != step}
    return tuple(sorted(inputs)), tuple(sorted(outputs))


def _plan_dataset(
    use: _Use, facts: ProjectFacts, exists: Callable[[str], bool]
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
    if use.writer is None:
        return _plan_free_input(use, planned, facts, exists)
    if kind is DatasetKind.PIPELINE:
        why = "temporary storage, from the step that writes it to those that read it"
        return replace(planned, flow=Flow.STEP_OUTPUT, why=why), []
    if use.other_readers:
        why = "in memory locally; pickled with cloudpickle where it crosses steps"
        return replace(planned, flow=Flow.STEP_OUTPUT, why=why), []
    return replace(planned, flow=Flow.IN_STEP, why="in memory; no other step reads it"), []


def _plan_asset(
    use: _Use, asset: AssetFacts, planned: PlannedDataset, facts: ProjectFacts
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


def _plan_standard(use: _Use, planned: PlannedDataset) -> tuple[PlannedDataset, list[Finding]]:
    path = use.facts.local_path
    if path is None:
        why = f"{use.facts.type_name or 'the dataset'} has a place of its own"
        if use.writer and use.other_readers:
            why += "; the steps that read it wait for the one that writes it"
        return replace(planned, why=why), []
    wrapped = PurePosixPath(path).name
    hint = (
        "Let Azure ML carry it: wrap the entry.\n"
        f"  {use.name}:\n"
        "    type: kedro_azureml_datasets.AzureMLPipelineDataset\n"
        f"    root_dir: {PurePosixPath(path).parent.as_posix()}\n"
        f"    dataset: {{type: {use.facts.type_name}, filepath: {wrapped}}}"
    )
    if use.writer is None:
        if PurePosixPath(path).is_absolute():
            message = f"'{path}' lies outside the project, so it does not travel with the code."
            hint = "Put it into the project, or use an AzureMLAssetDataset."
            return planned, [
                Finding("local-input-outside", Severity.ERROR, use.name, message, hint)
            ]
        return replace(planned, why=f"'{path}' travels with the code"), []
    if use.other_readers:
        readers = ", ".join(f"'{step}'" for step in use.other_readers)
        message = (
            f"the step '{use.writer}' writes it to its own disk ('{path}'), where {readers} cannot "
            "read it."
        )
        return planned, [
            Finding("local-data-between-steps", Severity.ERROR, use.name, message, hint)
        ]
    message = f"'{path}' vanishes with the container of the step '{use.writer}' that writes it."
    why = "written to the step's own disk, and lost with it"
    return replace(planned, why=why), [
        Finding("local-output-vanishes", Severity.WARNING, use.name, message, hint)
    ]


def _plan_free_input(
    use: _Use, planned: PlannedDataset, facts: ProjectFacts, exists: Callable[[str], bool]
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
    else:
        hint = "No registered pipeline produces it: is its name right?"
    message = "no node of the job produces it" + (f", and there is no '{path}'." if path else ".")
    return planned, [Finding("nothing-produces", Severity.ERROR, use.name, message, hint)]
