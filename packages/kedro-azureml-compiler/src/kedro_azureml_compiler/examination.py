"""Examine a job without writing anything: read, plan, lower, and find everything that is wrong."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from kedro_azureml_compiler.azureml.environments import list_environment_paths, list_needed_files
from kedro_azureml_compiler.azureml.lowering import lower
from kedro_azureml_compiler.azureml.names import make_azure_name
from kedro_azureml_compiler.azureml.notifications import list_secrets
from kedro_azureml_compiler.azureml.overrides import apply_overrides
from kedro_azureml_compiler.bundle_layout import (
    BUNDLES_FOLDER,
    JOBS_FOLDER,
    RECORDS_FOLDER,
    RUNS_FOLDER,
)
from kedro_azureml_compiler.checks.assets import check_assets
from kedro_azureml_compiler.checks.data import check_data
from kedro_azureml_compiler.checks.kept_data import check_kept_data
from kedro_azureml_compiler.checks.limits import check_limits
from kedro_azureml_compiler.checks.locating import locate
from kedro_azureml_compiler.checks.notifications import check_notifications
from kedro_azureml_compiler.checks.outputs import (
    check_conda_files,
    check_environments,
    check_input_names,
    check_outputs,
    check_settings,
)
from kedro_azureml_compiler.checks.outside_code import check_outside_code
from kedro_azureml_compiler.checks.readability import (
    check_readability,
    check_readable_inputs,
)
from kedro_azureml_compiler.checks.references import (
    check_overridden_steps,
    check_placeholders,
    check_references,
    check_tags,
    check_workspaces,
)
from kedro_azureml_compiler.checks.runtime_params import check_runtime_params
from kedro_azureml_compiler.checks.schedules import check_schedules
from kedro_azureml_compiler.checks.secrets.credentials import check_secret_places, check_variables
from kedro_azureml_compiler.checks.secrets.job import (
    check_params,
    check_shown_values,
    drop_repetitions,
    mask_findings,
)
from kedro_azureml_compiler.checks.severities import apply_severities
from kedro_azureml_compiler.checks.shared_addresses import check_shared_addresses
from kedro_azureml_compiler.checks.snapshot import (
    check_environment_files,
    check_snapshot,
    check_uploads,
)
from kedro_azureml_compiler.finding_registry import collect_finding_kinds
from kedro_azureml_compiler.job_changes import NO_CHANGES, JobChanges
from kedro_azureml_compiler.planning.external import declare_external
from kedro_azureml_compiler.planning.grouping import group_nodes
from kedro_azureml_compiler.planning.left_out import find_left_out
from kedro_azureml_compiler.planning.plan_job import plan_job
from kedro_azureml_compiler.planning.promotion import promote
from kedro_azureml_compiler.planning.step_choice import choose_settings
from kedro_azureml_compiler.project.azureml_yml import read_settings
from kedro_azureml_compiler.project.jobs import find_job
from kedro_azureml_compiler.project.reading import read_project
from kedro_azureml_compiler.snapshot import check_path, is_readable, read_snapshot

if TYPE_CHECKING:
    from collections.abc import Container
    from pathlib import Path

    from kedro_azureml_compiler.azureml.pipeline_job import PipelineJob
    from kedro_azureml_compiler.findings import Finding
    from kedro_azureml_compiler.planning.facts import ProjectFacts
    from kedro_azureml_compiler.planning.plan import Plan
    from kedro_azureml_compiler.project.reading import ProjectReader
    from kedro_azureml_compiler.project.request import ProjectRequest
    from kedro_azureml_compiler.settings.models import AzureMLConfig, Job


class ExaminedJob(NamedTuple):
    """Everything that is known about a job before anything is written.

    Args:
        config: The content of `azureml.yml`.
        settings: The job in it.
        facts: What is known about the project.
        plan: The plan: what becomes of every node and dataset.
        pipeline_job: The job for Azure ML; it must not be used if a finding is an error.
        code: Files of the snapshot, relative to the project; None if the image contains the code.
        environment_paths: Files and folders of the project from which environments are made.
        findings: The findings of all stages.
    """

    config: AzureMLConfig
    settings: Job
    facts: ProjectFacts
    plan: Plan
    pipeline_job: PipelineJob
    code: tuple[str, ...] | None
    environment_paths: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def notification_secrets(self) -> tuple[str, ...]:
        """Names of the secrets of the key vault that the notifications need."""
        return tuple(list_secrets(self.config, self.settings))

    @property
    def notifying_steps(self) -> tuple[str, ...]:
        """Names of the steps that run no node: they announce the end of the job."""
        planned = {make_azure_name(step.name) for step in self.plan.steps}
        return tuple(name for name in self.pipeline_job.jobs if name not in planned)


def examine_job(
    request: ProjectRequest,
    job: str,
    *,
    target: Path | None = None,
    config: AzureMLConfig | None = None,
    settings: Job | None = None,
    changes: JobChanges = NO_CHANGES,
    reader: ProjectReader | None = None,
    with_parameters: bool = False,
) -> ExaminedJob:
    """Read a job of a Kedro project, plan it, and find what is wrong with it.

    Args:
        request: Which project, and how to read it.
        job: Name of the job in `azureml.yml`.
        target: Folder of a bundle, which is not part of the snapshot; absolute.
        config: The content of `azureml.yml`, if it has already been read.
        settings: The job in it, if it has already been found.
        changes: Changes to `azureml.yml` for this time.
        reader: Keeps the project open for other jobs.
        with_parameters: Whether the values of all parameters are wanted, in the facts.

    Raises:
        ConfigError: `azureml.yml` is missing or has mistakes.
        ProjectError: The project, the job, a pipeline or a node does not exist.
    """
    config = config or read_settings(request)
    settings = settings or find_job(config, job, request)
    config, settings = changes.settings(config, settings)
    in_image = config.execution.code_directory is None
    facts = read_project(
        request, settings, in_image=in_image, reader=reader, with_parameters=with_parameters
    )
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
        facts: What is known about the project.
        target: Folder of a bundle, which is not part of the snapshot; absolute.
        changes: Changes to `azureml.yml` for this time, besides the settings.
    """
    root = facts.root
    facts, declared = declare_external(job, facts, settings.external)
    groups, grouped = group_nodes(job, facts, settings.grouping)
    plan, planned = plan_job(
        job,
        facts,
        groups,
        exists=lambda path: check_path((root / path).exists),
        deterministic=settings.deterministic,
        unordered=settings.unordered,
    )
    left_out = find_left_out(job, facts, settings.grouping)
    promoted, promotions = promote(job, facts, settings.inputs)
    plan, changed = changes.plan(replace(plan, promoted=promoted, overrides=settings.overrides))
    chosen, choices = choose_settings(job, settings, config, groups, left_out)
    present = [path for path in list_needed_files(config, chosen) if (root / path).is_file()]
    pipeline_job = lower(plan, config, settings, chosen)
    pipeline_job = changes.pipeline_job(apply_overrides(pipeline_job, settings.overrides))
    findings = [*grouped, *declared, *planned, *promotions, *changed, *choices]
    findings += check_settings(config)
    findings += check_notifications(job, settings, config, plan, pipeline_job)
    findings += [*check_input_names(plan), *check_outputs(plan, chosen)]
    findings += changes.findings()
    findings += check_environments(job, settings, config, chosen, present)
    included, refused = check_conda_files(job, settings, config, chosen, root)
    findings += refused
    findings += check_references(job, settings, config)
    findings += check_overridden_steps(plan, left_out.steps)
    findings += check_tags(job, facts.unknown_tags)
    findings += check_placeholders(settings, config, chosen)
    findings += check_workspaces(job, settings, facts, config)
    findings += check_schedules(job, settings, config)
    code = None
    if config.execution.code_directory is not None:
        snapshot = read_snapshot(root, _list_excluded(facts, target))
        code = snapshot.files
        findings += check_readability(snapshot.unreadable)
        findings += check_outside_code(facts)
        findings += check_snapshot(facts, code)
    findings += [
        *check_readable_inputs(root, plan, is_readable),
        *check_runtime_params(facts),
        *check_uploads(facts, plan),
        *check_environment_files(root, [*list_environment_paths(config, chosen), *included]),
        *check_data(plan, facts),
        *check_kept_data(plan, facts),
        *check_shared_addresses(plan, facts, settings.unordered),
        *check_assets(plan, config.workspace, scheduled=settings.schedule is not None),
        *check_variables(plan, facts, pipeline_job),
        *check_secret_places(facts),
        *check_params(plan, settings),
        *check_shown_values(plan, settings, config),
        *check_limits(pipeline_job, job, settings, config),
    ]
    findings = drop_repetitions(dict.fromkeys(findings))
    if settings.checks:
        findings = apply_severities(findings, settings.checks, collect_finding_kinds(), job)
    findings = changes.placed(findings, job)
    findings = mask_findings(locate(findings, root, facts.files))
    return ExaminedJob(
        config,
        settings,
        facts,
        plan,
        pipeline_job,
        code,
        list_environment_paths(config, chosen),
        tuple(findings),
    )


def _list_excluded(facts: ProjectFacts, target: Path | None) -> list[str]:
    """Return what reaches no step through the snapshot: bundles, local secrets, mounted data."""
    ours = (BUNDLES_FOLDER, RUNS_FOLDER, RECORDS_FOLDER, JOBS_FOLDER)
    left_out = [*(folder.as_posix() for folder in ours), *_local(facts)]
    if target is not None and target.is_relative_to(facts.root):
        left_out.append(target.relative_to(facts.root).as_posix())
    read = {path for dataset in facts.datasets.values() for path in dataset.may_read}
    return [*left_out, *(c for c in facts.local_copies if not (read and _lies_in(c, read)))]


def _lies_in(path: str, folders: Container[str]) -> bool:
    """Check whether a path is one of several files and folders, or below one."""
    return any(
        place.as_posix() in folders for place in (PurePosixPath(path), *PurePosixPath(path).parents)
    )


def _local(facts: ProjectFacts) -> list[str]:
    return [f"{source}/local" for source in facts.conf_sources]
