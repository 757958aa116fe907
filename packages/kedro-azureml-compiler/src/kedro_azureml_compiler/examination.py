"""Looks at a job without writing anything: read, plan, lower, and all that can be found wrong."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from kedro_azureml_compiler.facts import DatasetKind, ProjectFacts
from kedro_azureml_compiler.lowering import lower
from kedro_azureml_compiler.planning import plan_job
from kedro_azureml_compiler.project_reading import (
    ProjectRequest,
    find_job,
    read_project,
    read_settings,
)
from kedro_azureml_compiler.snapshot import snapshot_files
from kedro_azureml_compiler.travel_checks import travel_findings

if TYPE_CHECKING:
    from kedro_azureml_compiler.config import AzureMLConfig, Job
    from kedro_azureml_compiler.findings import Finding
    from kedro_azureml_compiler.model import PipelineJob
    from kedro_azureml_compiler.plan import Plan

BUNDLES_FOLDER = PurePosixPath("build/azureml")
"""Where bundles are written, relative to the project."""

RUNS_FOLDER = PurePosixPath("build/azureml-runs")
"""Where simulations of bundles run, relative to the project."""


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
        findings: What was found wrong, in all stages.
    """

    config: AzureMLConfig
    settings: Job
    facts: ProjectFacts
    plan: Plan
    pipeline_job: PipelineJob
    code: tuple[str, ...] | None
    findings: tuple[Finding, ...]


def examine_job(request: ProjectRequest, job: str, *, target: Path | None = None) -> ExaminedJob:
    """Read a job of a Kedro project, plan it, and find what is wrong with it.

    Args:
        request: Which project, and how to read it.
        job: Name of the job in `azureml.yml`.
        target: Folder of a bundle, which is no part of the snapshot; absolute.

    Raises:
        ConfigError: `azureml.yml` is missing or has mistakes.
        ProjectError: The project, the job, a pipeline or a node does not exist.
    """
    config = read_settings(request)
    settings = find_job(config, job)
    facts = read_project(request, settings)
    root = facts.root
    plan, planned = plan_job(job, facts, exists=lambda path: (root / path).exists())
    pipeline_job, lowered = lower(plan, config, settings)
    findings = [*planned, *lowered]
    code = None
    if config.execution.code_directory is not None:
        code = tuple(snapshot_files(root, _left_out(facts, target)))
        findings += travel_findings(facts, code)
    return ExaminedJob(config, settings, facts, plan, pipeline_job, code, tuple(findings))


def _left_out(facts: ProjectFacts, target: Path | None) -> list[str]:
    """Name what reaches no step through the snapshot: bundles, local secrets, mounted data."""
    left_out = [BUNDLES_FOLDER.as_posix(), RUNS_FOLDER.as_posix(), f"{facts.conf_source}/local"]
    if target is not None and target.is_relative_to(facts.root):
        left_out.append(target.relative_to(facts.root).as_posix())
    read_as_files = {
        dataset.local_path
        for dataset in facts.datasets.values()
        if dataset.kind is DatasetKind.STANDARD
    }
    return [*left_out, *(copy for copy in facts.local_copies if copy not in read_as_files)]
