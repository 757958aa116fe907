"""Finds in a plan what its datasets do not allow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_azureml_compiler.findings import About, Finding, FindingKind, Severity
from kedro_azureml_compiler.planning.facts import (
    IN_MEMORY,
    DatasetFacts,
    DatasetKind,
    ProjectFacts,
    base_name,
)
from kedro_azureml_compiler.suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kedro_azureml_compiler.planning.dataset_use import DatasetUse
    from kedro_azureml_compiler.planning.plan import PlannedStep

DETERMINISTIC_TAG = "deterministic"
"""Tag of nodes that give the same outputs for the same inputs, so that they may be reused."""


MIXED_ENTRIES = FindingKind(
    code="mixed-entries",
    severity=Severity.ERROR,
    about=About.DATASET,
    title="Transcoded entries of one dataset reach a step in different ways",
    explanation=(
        "`x@pandas` and `x@spark` are one dataset. Where only one of them is wrapped, what "
        "one writes to its mount the other looks for somewhere else."
    ),
    hint=(
        "Give all entries of the dataset the same wrapper, the same `root_dir` and the same path."
    ),
    fixed=True,
)

UNORDERED_DATASET = FindingKind(
    code="unordered-dataset",
    severity=Severity.ERROR,
    about=About.SETTING,
    title="`unordered` names a dataset for which there is no order to leave out",
    explanation=(
        "Only readers of a dataset with its own address (a table, cloud storage) wait for "
        "the writer without getting data from it. Others cannot start earlier."
    ),
    hint="Take it out of the list.",
)

REUSE_REFUSED = FindingKind(
    code="reuse-refused",
    severity=Severity.ERROR,
    about=About.STEP,
    title="A step that touches data which Azure ML does not see may not be reused",
    explanation=(
        "Azure ML reuses the outputs of a deterministic step as long as its code and its "
        "inputs are the same. It does not see when a table or a file in storage changes: the "
        "step would give yesterday's result."
    ),
    hint=(
        "Take the tag `deterministic` from the node, or read the data through an "
        "`AzureMLAssetDataset`."
    ),
    fixed=True,
)


def check_transcoding(facts: ProjectFacts) -> list[Finding]:
    """Find transcoded entries of one dataset of which only some reach a step through a mount."""
    first: dict[str, DatasetFacts] = {}
    findings = []
    for name in sorted(facts.datasets):
        entry, base = facts.datasets[name], base_name(name)
        other = first.setdefault(base, entry)
        if entry.kind is not other.kind and not {entry.kind, other.kind} <= IN_MEMORY:
            message = (
                f"'{other.name}' is {_in_words(other)} and '{name}' is {_in_words(entry)}: "
                "what one writes, the other does not read."
            )
            hint = f"Give all entries of '{base}' the same wrapper."
            findings.append(MIXED_ENTRIES.found(base, message, hint))
    return findings


def _in_words(entry: DatasetFacts) -> str:
    return f"of the type {entry.type_name}" if entry.type_name else "in no catalog"


def check_unordered(
    job: str, uses: Sequence[DatasetUse], unordered: Sequence[str]
) -> list[Finding]:
    """Find datasets for which there is no order that could be left out."""
    by_name = {use.name: use for use in uses}
    findings = []
    for name in unordered:
        use = by_name.get(name)
        if use is None:
            message = f"no node of the job uses the dataset '{name}' {did_you_mean(name, by_name)}."
        elif use.facts.kind is not DatasetKind.STANDARD:
            message = f"the steps that read '{name}' get its data from the one that writes it."
        else:
            continue
        where, hint = f"jobs.{job}.unordered", "Take it out of the list."
        findings.append(UNORDERED_DATASET.found(where, message, hint))
    return findings


def check_reuse(steps: Sequence[PlannedStep], uses: Sequence[DatasetUse]) -> list[Finding]:
    """Refuse to reuse steps that touch what Azure ML does not see: they would give old data."""
    touched: dict[str, list[str]] = {}
    for use in uses:
        if use.facts.kind is DatasetKind.STANDARD:
            for user in dict.fromkeys((*use.readers, use.writer or "")):
                touched.setdefault(user, []).append(use.name)
    findings = []
    for step in steps:
        if step.deterministic and step.name in touched:
            names = ", ".join(f"'{name}'" for name in touched[step.name])
            message = f"it may not be reused: Azure ML does not see when {names} changes."
            hint = (
                f"Take the tag '{DETERMINISTIC_TAG}' from its nodes ('deterministic: true' from "
                "the job, which tags them all), or make it an AzureMLAssetDataset."
            )
            findings.append(REUSE_REFUSED.found(step.name, message, hint))
    return findings
