"""Looks at a job without writing anything: read, plan, lower, and all that can be found wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from kedro_azureml_compiler.asset_checks import asset_findings
from kedro_azureml_compiler.data_checks import data_findings
from kedro_azureml_compiler.environments import (
    environment_findings,
    environment_paths,
    needed_files,
)
from kedro_azureml_compiler.facts import DatasetKind, ProjectFacts
from kedro_azureml_compiler.grouping import group_nodes
from kedro_azureml_compiler.job_changes import NO_CHANGES, JobChanges
from kedro_azureml_compiler.job_finding import find_job
from kedro_azureml_compiler.limit_checks import limit_findings
from kedro_azureml_compiler.locating import locate
from kedro_azureml_compiler.lowering import lower
from kedro_azureml_compiler.planning import plan_job
from kedro_azureml_compiler.project_reading import read_project
from kedro_azureml_compiler.promotion import promote
from kedro_azureml_compiler.schedule_checks import schedule_findings
from kedro_azureml_compiler.secret_checks import (
    shown_secret_findings,
    unwritable_param_findings,
)
from kedro_azureml_compiler.settings_checks import reference_findings, tag_findings
from kedro_azureml_compiler.settings_reading import read_settings
from kedro_azureml_compiler.severities import with_severities
from kedro_azureml_compiler.snapshot import snapshot_files
from kedro_azureml_compiler.step_choice import choose_settings
from kedro_azureml_compiler.travel_checks import (
    environment_secret_findings,
    travel_findings,
    uploaded_findings,
)

if TYPE_CHECKING:
    from kedro_azureml_compiler.config import AzureMLConfig, Job
    from kedro_azureml_compiler.findings import Finding
    from kedro_azureml_compiler.model import PipelineJob
    from kedro_azureml_compiler.plan import Plan
    from kedro_azureml_compiler.project_opening import ProjectRequest

BUNDLES_FOLDER = PurePosixPath("build/azureml")
"""Where bundles are written, relative to the project."""

RUNS_FOLDER = PurePosixPath("build/azureml-runs")
"""Where simulations of bundles run, relative to the project."""

RECORDS_FOLDER = PurePosixPath("build/azureml-records")
"""Where it is kept what a workspace has already, relative to the project."""


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
    pipeline_job, lowered = lower(plan, config, settings, chosen)
    pipeline_job = changes.pipeline_job(pipeline_job)
    findings = [*grouped, *planned, *promotions, *changed, *choices, *lowered]
    findings += changes.findings()
    findings += environment_findings(config, chosen, present)
    findings += reference_findings(job, settings, config)
    findings += tag_findings(job, facts.unknown_tags)
    findings += schedule_findings(job, settings, config)
    code = None
    if config.execution.code_directory is not None:
        code = tuple(snapshot_files(root, _left_out(facts, target)))
        findings += travel_findings(facts, code)
    findings += [
        *uploaded_findings(facts, plan),
        *environment_secret_findings(root, environment_paths(config, chosen)),
        *data_findings(plan, facts),
        *asset_findings(plan, scheduled=settings.schedule is not None),
        *unwritable_param_findings(plan, settings),
        *shown_secret_findings(plan, settings),
        *limit_findings(pipeline_job, job, settings, config),
    ]
    findings = with_severities(dict.fromkeys(findings), settings.checks, job)
    findings = changes.placed(findings, job)
    findings = locate(findings, root, facts.files)
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
