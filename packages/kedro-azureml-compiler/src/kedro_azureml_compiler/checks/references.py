"""Finds names in a job that refer to nothing in `azureml.yml`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro_azureml_compiler.findings import About, Finding, FindingKind, Severity
from kedro_azureml_compiler.suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kedro_azureml_compiler.settings.models import AzureMLConfig, Job


UNKNOWN_TAG = FindingKind(
    code="unknown-tag",
    severity=Severity.WARNING,
    about=About.SETTING,
    title="A job's filter names a tag that no node has, beside others that some have",
    explanation=(
        "The job runs the nodes with the other tags, as `kedro run --tags` does. Where no "
        "node has any of the tags, there is no job to build, and every command stops."
    ),
    hint="Correct the tag, or take it out of `pipeline.tags`.",
)

UNKNOWN_ENTRY = FindingKind(
    code="unknown-entry",
    severity=Severity.ERROR,
    about=About.SETTING,
    title="A job names a workspace, a compute, a schedule or a notification that does not exist",
    explanation="Names refer to entries of the sections of the same file.",
    hint="Correct the name, or add the entry:",
    example=("compute:\n  gpu: {cluster_name: gpu-cluster}\njobs:\n  training:\n    compute: gpu"),
    fixed=True,
)


def tag_findings(name: str, unknown_tags: Iterable[tuple[str, str]]) -> list[Finding]:
    """Tell of tags in a job's filter that select nothing, beside others that do.

    Args:
        name: Name of the job.
        unknown_tags: Tags that no node has, each with what is near it.
    """
    return [
        UNKNOWN_TAG.found(
            f"jobs.{name}.pipeline.tags",
            f"no node has the tag '{tag}' {near}, so it selects nothing.",
            "Correct it, or take it out.",
        )
        for tag, near in unknown_tags
    ]


def reference_findings(name: str, job: Job, config: AzureMLConfig) -> list[Finding]:
    """Find names of entries that do not exist: a workspace, a compute, a schedule, notifications.

    Args:
        name: Name of the job.
        job: The job.
        config: The content of `azureml.yml`.
    """
    references: list[tuple[str, str, str, Mapping[str, Any]]] = [
        ("workspace", "workspace", job.workspace, config.workspace),
        ("compute", "compute", job.compute, config.compute),
    ]
    schedules = job.schedule if isinstance(job.schedule, tuple) else (job.schedule,)
    references += [
        ("schedule", "schedules", given, config.schedules)
        for given in schedules
        if isinstance(given, str)
    ]
    references += [
        (f"steps.{pattern}.compute", "compute", step.compute, config.compute)
        for pattern, step in job.steps.items()
        if step.compute is not None
    ]
    if job.notifications is not None:
        references.append(
            ("notifications", "notifications", job.notifications, config.notifications)
        )
    return [
        UNKNOWN_ENTRY.found(
            f"jobs.{name}.{key}",
            f"there is no '{wanted}' below '{section}' {did_you_mean(wanted, known)}.",
        )
        for key, section, wanted, known in references
        if wanted not in known
    ]
