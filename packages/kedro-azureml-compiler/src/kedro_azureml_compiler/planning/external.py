"""Apply the `external` of a job: datasets that every container reaches, as the job says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kedro_azureml_runner.reachability.addresses import Reach

from kedro_azureml_compiler.findings import About, Finding, FindingKind, Severity
from kedro_azureml_compiler.planning.facts import DatasetKind, ProjectFacts, strip_transcoding
from kedro_azureml_compiler.planning.node_patterns import NodePattern
from kedro_azureml_compiler.suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

EXTERNAL_DATASET = FindingKind(
    code="external-dataset",
    severity=Severity.ERROR,
    about=About.SETTING,
    title="`external` names a dataset that cannot be external",
    explanation=(
        "A job can declare only datasets with their own address as external. Azure ML carries "
        "datasets of the two wrappers and those in memory."
    ),
    hint="Correct the name, or remove it from the list.",
)


def declare_external(
    job: str, facts: ProjectFacts, patterns: Sequence[str]
) -> tuple[ProjectFacts, list[Finding]]:
    """Mark the datasets that a job declares as external.

    Args:
        job: Name of the job.
        facts: What is known about the project.
        patterns: Names of datasets, with or without their transcoding, or globs (`warehouse_*`).

    Returns:
        The facts, in which such a dataset is reachable and names no local file; and what was found
        wrong with the patterns.
    """
    datasets = dict(facts.datasets)
    of_job = {**facts.datasets_left_out, **datasets}
    findings = []
    for text in patterns:
        pattern = NodePattern(text)
        named = [n for n in of_job if pattern.names(n) or pattern.names(strip_transcoding(n))]
        standard = [n for n in named if of_job[n].kind is DatasetKind.STANDARD]
        for name in datasets.keys() & standard:
            datasets[name] = datasets[name]._replace(
                reach=Reach.REACHABLE,
                loopback=False,
                local_path=None,
                files=(),
                external=True,
            )
        if not standard:
            if named:
                message = f"'{text}' names '{named[0]}', which Azure ML carries from step to step."
            else:
                near = did_you_mean(text, of_job)
                message = f"no node of the job uses a dataset '{text}' {near}."
            findings.append(EXTERNAL_DATASET.found(f"jobs.{job}.external", message))
    return replace(facts, datasets=datasets), findings
