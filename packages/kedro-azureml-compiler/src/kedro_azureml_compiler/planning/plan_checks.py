"""Find parts of a plan that its datasets do not allow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_azureml_compiler.findings import About, Finding, FindingKind, Severity
from kedro_azureml_compiler.planning.facts import (
    IN_MEMORY,
    DatasetFacts,
    DatasetKind,
    ProjectFacts,
    strip_transcoding,
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
        "`x@pandas` and `x@spark` are one dataset. If only one of them is wrapped, the file "
        "that one writes to its mount is not where the other reads."
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
    title="`unordered` names a dataset that needs no order",
    explanation=(
        "Only the readers of a dataset with its own address (a table, cloud storage) wait for "
        "its writer without getting data from it. Readers of other datasets cannot start "
        "earlier."
    ),
    hint="Remove it from the list.",
)

REUSE_REFUSED = FindingKind(
    code="reuse-refused",
    severity=Severity.ERROR,
    about=About.STEP,
    title="A step that uses data unknown to Azure ML cannot be reused",
    explanation=(
        "Azure ML reuses the outputs of a deterministic step as long as its code and inputs are "
        "the same. It does not notice when a table or a file in storage changes: the step would "
        "return yesterday's result."
    ),
    hint=(
        "Remove the tag `deterministic` from the node, or read the data through an "
        "`AzureMLAssetDataset`."
    ),
    fixed=True,
)


def check_transcoding(facts: ProjectFacts) -> list[Finding]:
    """Find transcoded entries of which only some reach a step through a mount."""
    first: dict[str, DatasetFacts] = {}
    findings = []
    for name in sorted(facts.datasets):
        entry, base = facts.datasets[name], strip_transcoding(name)
        other = first.setdefault(base, entry)
        if entry.kind is not other.kind and not {entry.kind, other.kind} <= IN_MEMORY:
            message = (
                f"'{other.name}' is {_in_words(other)} and '{name}' is {_in_words(entry)}: "
                "the data that one writes is not what the other reads."
            )
            findings.append(MIXED_ENTRIES.found(base, message))
    return findings


def _in_words(entry: DatasetFacts) -> str:
    return f"a {entry.type_name}" if entry.type_name else "not in the catalog"


def check_unordered(
    job: str, uses: Sequence[DatasetUse], unordered: Sequence[str], facts: ProjectFacts
) -> list[Finding]:
    """Find datasets whose readers do not wait for an order output."""
    by_name = {use.name: use for use in uses}
    left_out = set(map(strip_transcoding, facts.datasets_left_out))
    findings = []
    for name in unordered:
        use = by_name.get(name)
        if use is None and name in left_out:
            continue  # the command leaves out its nodes
        if use is None:
            message = f"no node of the job uses the dataset '{name}' {did_you_mean(name, by_name)}."
        elif use.facts.kind is not DatasetKind.STANDARD:
            message = f"the steps that read '{name}' get its data from the one that writes it."
        else:
            continue
        findings.append(UNORDERED_DATASET.found(f"jobs.{job}.unordered", message))
    return findings


def check_reuse(steps: Sequence[PlannedStep], uses: Sequence[DatasetUse]) -> list[Finding]:
    """Find steps that cannot be reused, because Azure ML does not see all of their data."""
    touched: dict[str, list[str]] = {}
    for use in uses:
        if use.facts.kind is DatasetKind.STANDARD:
            for user in dict.fromkeys((*use.readers, use.writer or "")):
                touched.setdefault(user, []).append(use.name)
    findings = []
    for step in steps:
        if step.deterministic and step.name in touched:
            names = ", ".join(f"'{name}'" for name in touched[step.name])
            message = f"it cannot be reused: Azure ML does not notice when {names} changes."
            hint = (
                f"Remove the tag '{DETERMINISTIC_TAG}' from its nodes ('deterministic: true' from "
                "the job, which tags them all), or read the data through an AzureMLAssetDataset."
            )
            findings.append(REUSE_REFUSED.found(step.name, message, hint))
    return findings
