"""Looks at a job without writing anything: read, plan, lower, and all that can be found wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kedro_azureml_compiler.azureml.environments import environment_paths, needed_files
from kedro_azureml_compiler.azureml.lowering import lower
from kedro_azureml_compiler.bundle.snapshot import snapshot_files
from kedro_azureml_compiler.bundle_layout import BUNDLES_FOLDER, RECORDS_FOLDER, RUNS_FOLDER
from kedro_azureml_compiler.checks.assets import asset_findings
from kedro_azureml_compiler.checks.data import data_findings
from kedro_azureml_compiler.checks.limits import limit_findings
from kedro_azureml_compiler.checks.locating import locate
from kedro_azureml_compiler.checks.outputs import (
    conda_findings,
    environment_findings,
    name_findings,
    output_findings,
    settings_findings,
)
from kedro_azureml_compiler.checks.references import (
    placeholder_findings,
    reference_findings,
    tag_findings,
    workspace_findings,
)
from kedro_azureml_compiler.checks.schedules import schedule_findings
from kedro_azureml_compiler.checks.severities import with_severities
from kedro_azureml_compiler.checks.shown_secrets import (
    shown_secret_findings,
    unwritable_param_findings,
    without_repetitions,
    without_secrets,
)
from kedro_azureml_compiler.checks.snapshot import (
    environment_secret_findings,
    travel_findings,
    uploaded_findings,
)
from kedro_azureml_compiler.finding_registry import finding_kinds
from kedro_azureml_compiler.job_changes import NO_CHANGES, JobChanges
from kedro_azureml_compiler.planning.facts import DatasetKind, ProjectFacts
from kedro_azureml_compiler.planning.grouping import group_nodes
from kedro_azureml_compiler.planning.plan_job import plan_job
from kedro_azureml_compiler.planning.promotion import promote
from kedro_azureml_compiler.planning.step_choice import choose_settings
from kedro_azureml_compiler.project.azureml_yml import read_settings
from kedro_azureml_compiler.project.jobs import find_job
from kedro_azureml_compiler.project.reading import read_project

if TYPE_CHECKING:
    from pathlib import Path

    from kedro_azureml_compiler.azureml.pipeline_job import PipelineJob
    from kedro_azureml_compiler.findings import Finding
    from kedro_azureml_compiler.planning.plan import Plan
    from kedro_azureml_compiler.project.opening import ProjectRequest
    from kedro_azureml_compiler.settings.models import AzureMLConfig, Job


@dataclass(frozen=True)
class ExaminedJob:
    """All that can be known of a job before anything is written.

    Args:
        config: The content of `azureml.yml`.
        settings: The job in it.
        facts: What is known of the project.
        plan: What becomes of every node and dataset.
        pipeline_job: What Azure ML gets; with an error among the findings it is not to be used.
        code: Files of the snapshot, relative to the project; None where the image holds the code.
        environment_paths: Files and folders of the project from which environments are made.
        findings: What was found wrong, in all stages.
    """

    config: AzureMLConfig
    settings: Job
    facts: ProjectFacts
    plan: Plan
    pipeline_job: PipelineJob
    code: tuple[str, ...] | None
    environment_paths: tuple[str, ...]
    findings: tuple[Finding, ...]


def examine_job(
    request: ProjectRequest,
    job: str,
    *,
    target: Path | None = None,
    config: AzureMLConfig | None = None,
    settings: Job | None = None,
    changes: JobChanges = NO_CHANGES,
) -> ExaminedJob:
    """Read a job of a Kedro project, plan it, and find what is wrong with it.

    Args:
        request: Which project, and how to read it.
        job: Name of the job in `azureml.yml`.
        target: Folder of a bundle, which is no part of the snapshot; absolute.
        config: The content of `azureml.yml`, where it has been read already.
        settings: The job in it, where it has been found already.
        changes: What is other than in `azureml.yml`.

    Raises:
        ConfigError: `azureml.yml` is missing or has mistakes.
        ProjectError: The project, the job, a pipeline or a node does not exist.
    """
    config = config or read_settings(request)
    settings = settings or find_job(config, job, request)
    config, settings = changes.settings(config, settings)
    facts = read_project(request, settings)
    return examine_facts(job, config, settings, facts, target=target, changes=changes)


def examine_facts(
    job: str,
    config: AzureMLConfig,
    settings: Job,
    facts: ProjectFacts,
    *,
    target: Path | None = None,
    changes: JobChanges = NO_CHANGES,
) -> ExaminedJob:
    """Plan a job of a project that has been read, and find what is wrong with it.

    Args:
        job: Name of the job.
        config: The content of `azureml.yml`.
        settings: The job in it.
        facts: What is known of the project.
        target: Folder of a bundle, which is no part of the snapshot; absolute.
        changes: What is other than in `azureml.yml`, besides the settings.
    """
    root = facts.root
    groups, grouped = group_nodes(job, facts, settings.grouping)
    plan, planned = plan_job(
        job,
        facts,
        groups,
        exists=lambda path: (root / path).exists(),
        deterministic=settings.deterministic,
        unordered=settings.unordered,
    )
    promoted, promotions = promote(job, facts, settings.inputs)
    plan, changed = changes.plan(replace(plan, promoted=promoted))
    chosen, choices = choose_settings(job, settings, config, groups)
    present = [path for path in needed_files(config, chosen) if (root / path).is_file()]
    pipeline_job = lower(plan, config, settings, chosen)
    pipeline_job = changes.pipeline_job(pipeline_job)
    findings = [*grouped, *planned, *promotions, *changed, *choices]
    findings += settings_findings(job, config, settings)
    findings += [*name_findings(plan), *output_findings(plan, chosen)]
    findings += changes.findings()
    findings += environment_findings(job, settings, config, chosen, present)
    included, refused = conda_findings(job, settings, config, chosen, root)
    findings += refused
    findings += reference_findings(job, settings, config)
    findings += tag_findings(job, facts.unknown_tags)
    findings += placeholder_findings(settings, config, chosen)
    findings += workspace_findings(job, settings, facts, config)
    findings += schedule_findings(job, settings, config)
    code = None
    if config.execution.code_directory is not None:
        code = tuple(snapshot_files(root, _left_out(facts, target)))
        findings += travel_findings(facts, code)
    findings += [
        *uploaded_findings(facts, plan),
        *environment_secret_findings(root, [*environment_paths(config, chosen), *included]),
        *data_findings(plan, facts),
        *asset_findings(plan, config.workspace, scheduled=settings.schedule is not None),
        *unwritable_param_findings(plan, settings),
        *shown_secret_findings(plan, settings, config),
        *limit_findings(pipeline_job, job, settings, config),
    ]
    findings = without_repetitions(dict.fromkeys(findings))
    if settings.checks:
        findings = with_severities(findings, settings.checks, finding_kinds(), job)
    findings = changes.placed(findings, job)
    findings = without_secrets(locate(findings, root, facts.files))
    return ExaminedJob(
        config,
        settings,
        facts,
        plan,
        pipeline_job,
        code,
        environment_paths(config, chosen),
        tuple(findings),
    )


def _left_out(facts: ProjectFacts, target: Path | None) -> list[str]:
    """Name what reaches no step through the snapshot: bundles, local secrets, mounted data."""
    ours = (BUNDLES_FOLDER, RUNS_FOLDER, RECORDS_FOLDER)
    left_out = [*(folder.as_posix() for folder in ours), *_local(facts)]
    if target is not None and target.is_relative_to(facts.root):
        left_out.append(target.relative_to(facts.root).as_posix())
    read_as_files = {
        dataset.local_path
        for dataset in facts.datasets.values()
        if dataset.kind is DatasetKind.STANDARD
    }
    return [*left_out, *(copy for copy in facts.local_copies if copy not in read_as_files)]


def _local(facts: ProjectFacts) -> list[str]:
    return [f"{source}/local" for source in facts.conf_sources]
