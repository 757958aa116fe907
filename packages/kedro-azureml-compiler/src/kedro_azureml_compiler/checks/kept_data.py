"""Find data that a local run keeps, in memory or from run to run, and a job does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_azureml_compiler.findings import About, Finding, FindingKind, Severity
from kedro_azureml_compiler.planning.facts import DatasetKind, strip_transcoding
from kedro_azureml_compiler.planning.plan_standard import LOCAL_OUTPUT_VANISHES

if TYPE_CHECKING:
    from collections.abc import Iterator

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

KEEPS_EARLIER_DATA = FindingKind(
    code="keeps-earlier-data",
    severity=Severity.ERROR,
    about=About.DATASET,
    title="A wrapped entry adds to the data of earlier runs",
    explanation=(
        "With `fs_args: {open_args_save: {mode: a}}`, `append` and the like, a local run adds to "
        "the file that the last run has left, or keeps a part of it. The output of a step is "
        "always empty at first, so the job has the data of one run alone. An argument of that "
        "kind that its class does not heed (`save_args: {mode: a}` of `pandas.CSVDataset`) is a "
        "warning."
    ),
    hint=(
        "Write the whole file. Data that grows from run to run belongs to storage or a database "
        "with its own address, or into a data asset of which a node reads the latest version and "
        "writes the next one through another entry."
    ),
    example=(
        "history:\n"
        "  type: pandas.CSVDataset\n"
        "  filepath: abfs://data@account.dfs.core.windows.net/history.csv\n"
        "  fs_args: {open_args_save: {mode: ab}}"
    ),
)


def check_kept_data(plan: Plan, facts: ProjectFacts) -> list[Finding]:
    """Find data that a local run keeps, in memory or from run to run, and a job does not.

    Args:
        plan: What becomes of every dataset.
        facts: What is known about the project.
    """
    return [*_find_cached(plan, facts), *_find_kept(facts), *_find_checkpoints(facts)]


def _find_kept(facts: ProjectFacts) -> Iterator[Finding]:
    written = {name for node in facts.nodes for name in node.outputs}
    for name in sorted(written & facts.datasets.keys()):
        entry = facts.datasets[name]
        if entry.keeps:
            message = (
                f"'{entry.keeping_argument}' keeps what the last run left in '{entry.local_copy}', "
                "and the output of a step is empty at first: the job has the data of one run alone."
            )
            yield KEEPS_EARLIER_DATA.found(strip_transcoding(name), message)
        elif entry.keeping_argument:
            message = (
                f"'{entry.keeping_argument}' asks to add to the last run's data and has no effect: "
                "the class itself opens the file, and writes it anew in a local run and in a job."
            )
            hint = "Remove the argument. A wrapped file cannot grow from run to run."
            found = KEEPS_EARLIER_DATA.found(strip_transcoding(name), message, hint)
            yield found._replace(severity=Severity.WARNING)


def _find_checkpoints(facts: ProjectFacts) -> Iterator[Finding]:
    confirmed = {strip_transcoding(name) for node in facts.nodes for name in node.confirms}
    for name in sorted(facts.datasets):
        entry = facts.datasets[name]
        wrapped = entry.kind in {DatasetKind.PIPELINE, DatasetKind.ASSET}
        if wrapped and entry.checkpoint and strip_transcoding(name) in confirmed:
            message = (
                "its checkpoint lies with its data and vanishes with the container that confirms "
                "it: the next job reads everything again."
            )
            hint = (
                "Keep the checkpoint in storage that every container reaches: a standard "
                "IncrementalDataset whose 'path' has its own address."
            )
            yield LOCAL_OUTPUT_VANISHES.found(strip_transcoding(name), message, hint)


def _find_cached(plan: Plan, facts: ProjectFacts) -> Iterator[Finding]:
    cached = {strip_transcoding(name) for name, entry in facts.datasets.items() if entry.cached}
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
            yield CACHED_BETWEEN_STEPS.found(dataset.name, message, hint)
