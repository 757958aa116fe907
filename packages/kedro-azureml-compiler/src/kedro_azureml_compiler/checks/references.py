"""Find names in a job that do not exist in `azureml.yml`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kedro_azureml_compiler.findings import About, Finding, FindingKind, Severity
from kedro_azureml_compiler.planning.node_patterns import PATTERN_MATCHES_NOTHING
from kedro_azureml_compiler.settings.models import DEFAULT
from kedro_azureml_compiler.settings.overrides import STEPS
from kedro_azureml_compiler.suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from kedro_azureml_compiler.planning.facts import ProjectFacts
    from kedro_azureml_compiler.planning.plan import Plan
    from kedro_azureml_compiler.settings.models import AzureMLConfig, Job, Workspace
    from kedro_azureml_compiler.settings.steps import StepSettings


UNKNOWN_TAG = FindingKind(
    code="unknown-tag",
    severity=Severity.WARNING,
    about=About.SETTING,
    title="A filter names a tag that no node has",
    explanation=(
        "The job runs the nodes with the other tags, as `kedro run --tags` does. If no node has "
        "any of the tags, there is no job to build, and every command stops."
    ),
    hint="Correct the tag, or remove it from `pipeline.tags` or `--tags`.",
)

UNKNOWN_ENTRY = FindingKind(
    code="unknown-entry",
    severity=Severity.ERROR,
    about=About.SETTING,
    title="A job names a workspace, compute, schedule or notification that does not exist",
    explanation="These names refer to entries of the same file.",
    hint="Correct the name, or add the entry.",
    example=("compute:\n  gpu: {cluster_name: gpu-cluster}\njobs:\n  training:\n    compute: gpu"),
    fixed=True,
)

PLACEHOLDER = FindingKind(
    code="placeholder",
    severity=Severity.WARNING,
    about=About.SETTING,
    title="A setting is still a placeholder such as `<workspace-name>`",
    explanation=(
        "A new `azureml.yml` contains placeholders. `compile` and `simulate` do not need real "
        "names; `run`, `schedule` and every other command that connects to Azure refuse "
        "placeholders before the first request, also with `--dry-run`."
    ),
    hint="Replace it with the name that Studio shows.",
)

OTHER_WORKSPACE = FindingKind(
    code="other-workspace",
    severity=Severity.ERROR,
    about=About.DATASET,
    title="A data asset belongs to a different workspace than the job",
    explanation=(
        "A job is bound to the data assets of the workspace in which it runs: the reference "
        "`azureml:NAME:VERSION` is resolved there. The job would read the asset of that name in "
        "its own workspace, or none. The long form with another workspace's id is refused by "
        "Azure ML, which shares assets between workspaces through registries alone."
    ),
    hint=(
        "Remove `workspace` from the entry, let the job use that workspace, or copy the data to "
        "the job's workspace: `kedro azureml assets pull`, then `assets push`."
    ),
    example="jobs:\n  training:\n    workspace: two",
)

_PLACEHOLDER = re.compile(r"<[^<>]+>")


def check_placeholders(
    job: Job, config: AzureMLConfig, chosen: Mapping[str, StepSettings]
) -> list[Finding]:
    """Find placeholders among the settings that a job needs in Azure ML.

    Args:
        job: The job.
        config: The content of `azureml.yml`.
        chosen: Settings of the steps, by the name of the step.
    """
    workspace = job.workspace if job.workspace in config.workspace else DEFAULT
    computes = {job.compute, *(s.compute for s in chosen.values() if s.compute)}
    settings: dict[str, Any] = {
        f"workspace.{workspace}": dict(config.workspace[workspace]),
        "execution": {"environment": config.execution.environment},
        **{
            f"compute.{compute}": dict(config.compute[compute])
            for compute in sorted(computes & set(config.compute))
        },
    }
    if DEFAULT in config.compute:  # entries without a cluster use its cluster
        settings[f"compute.{DEFAULT}"] = {"cluster_name": config.compute[DEFAULT].cluster_name}
    findings = []
    for where, values in settings.items():
        found = [
            f"{key}: {value}"
            for key, value in values.items()
            if isinstance(value, str) and _PLACEHOLDER.search(value)
        ]
        if found:
            message = f"this is still a placeholder: {', '.join(found)}."
            findings.append(PLACEHOLDER.found(where, message))
    return findings


def check_workspaces(
    name: str, job: Job, facts: ProjectFacts, config: AzureMLConfig
) -> list[Finding]:
    """Find data assets whose entries name another workspace than the job's.

    An entry that names none is left to its reader.

    Args:
        name: Name of the job.
        job: The job.
        facts: What is known about the project.
        config: The content of `azureml.yml`.
    """
    own = config.workspace.get(job.workspace)
    findings = []
    for dataset in facts.datasets.values():
        asset = dataset.asset
        if asset is None or asset.workspace is None or own is None:
            continue
        named = config.workspace.get(asset.workspace)
        if named is None:
            near = did_you_mean(asset.workspace, config.workspace)
            message = f"there is no workspace '{asset.workspace}' in azureml.yml {near}."
            hint = "Correct the entry's 'workspace', or remove it."
        elif _same(named, own):
            continue
        else:
            message = (
                f"its data asset '{asset.name}' belongs to the workspace '{asset.workspace}', and "
                f"the job runs in '{job.workspace}', where that name is another asset or none."
            )
            hint = (
                f"Take 'workspace' out of the entry, write 'workspace: {asset.workspace}' in "
                f"jobs.{name}, or bring the data there: kedro azureml assets pull, assets push."
            )
        findings.append(OTHER_WORKSPACE.found(dataset.name, message, hint))
    return findings


def _same(one: Workspace, other: Workspace) -> bool:
    """Azure does not distinguish upper and lower case in these names."""
    parts = ("subscription_id", "resource_group", "name")
    return all(getattr(one, part).lower() == getattr(other, part).lower() for part in parts)


def check_tags(name: str, unknown_tags: Iterable[tuple[str, str, str]]) -> list[Finding]:
    """Report tags in a filter that select nothing, while others do.

    Args:
        name: Name of the job.
        unknown_tags: Tags that no node has: the filter or option, the tag, and a suggestion.
    """
    return [
        UNKNOWN_TAG.found(
            where if where.startswith("--") else f"jobs.{name}.{where}",
            f"no node has the tag '{tag}' {near}; it selects nothing.",
            "Correct it, or take it out.",
        )
        for where, tag, near in unknown_tags
    ]


def check_references(name: str, job: Job, config: AzureMLConfig) -> list[Finding]:
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


def check_overridden_steps(plan: Plan, left_out: Collection[str] = ()) -> list[Finding]:
    """Find names below `overrides` that no step has.

    Args:
        plan: What becomes of every node, with the overrides of the job.
        left_out: Names of steps of the job that the command leaves out.
    """
    wanted = plan.overrides.get(STEPS, {})
    if not wanted:
        return []
    steps_of = {node: step.name for step in plan.steps for node in step.nodes}
    names = {step.name for step in plan.steps}
    findings = []
    for name in wanted:
        if name in names or name in left_out:
            continue
        where = f"jobs.{plan.job}.overrides.{STEPS}.{name}"
        if name in steps_of:
            message = f"this node has no step of its own: it runs in the step '{steps_of[name]}'."
            hint = f"Write '{steps_of[name]}' instead."
        else:
            message = (
                f"the job has no step of this name {did_you_mean(name, names.union(left_out))}."
            )
            hint = "Name a step as 'kedro azureml plan' shows it."
        findings.append(PATTERN_MATCHES_NOTHING.found(where, message, hint))
    return findings
