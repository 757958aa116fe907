"""Find cached datasets between steps: there, the file is loaded instead of the object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_azureml_compiler.findings import About, Finding, FindingKind, Severity
from kedro_azureml_compiler.planning.facts import base_name

if TYPE_CHECKING:
    from kedro_azureml_compiler.planning.facts import ProjectFacts
    from kedro_azureml_compiler.planning.plan import Plan

CACHED_BETWEEN_STEPS = FindingKind(
    code="cached-between-steps",
    severity=Severity.WARNING,
    about=About.DATASET,
    title="A `CachedDataset` crosses steps",
    explanation=(
        "In a local run the cache returns the object that was saved. Another step loads the "
        "file instead, with the types that its format keeps: in a CSV file dates become "
        'strings, and `"007"` becomes 7.'
    ),
    hint=(
        "Remove the `CachedDataset`, and check with `kedro run` what the file returns; or use a "
        "format that keeps types, such as Parquet or pickle."
    ),
    example=(
        "features:\n"
        "  type: kedro_azureml_datasets.AzureMLPipelineDataset\n"
        "  dataset: {type: pandas.ParquetDataset, filepath: features.parquet}"
    ),
)


def check_cached_data(plan: Plan, facts: ProjectFacts) -> list[Finding]:
    """Find cached datasets that one step writes and another reads.

    Args:
        plan: What becomes of every dataset.
        facts: What is known about the project.
    """
    cached = {base_name(name) for name, entry in facts.datasets.items() if entry.cached}
    findings = []
    for dataset in plan.datasets if cached else ():
        readers = [step for step in dataset.read_by if step != dataset.written_by]
        if dataset.name in cached and dataset.written_by is not None and readers:
            listed = ", ".join(f"'{step}'" for step in readers)
            message = (
                f"the file that '{dataset.written_by}' saves is loaded by {listed}; a local run "
                "hands on the cached object, with types that the file may not keep."
            )
            hint = (
                "Take the CachedDataset away and see with 'kedro run' what the file gives, or use "
                "a format that keeps types, such as Parquet or pickle."
            )
            findings.append(CACHED_BETWEEN_STEPS.found(dataset.name, message, hint))
    return findings
