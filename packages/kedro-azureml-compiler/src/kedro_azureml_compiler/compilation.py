"""Run all stages: examine a job, stop on errors, render, write the bundle."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kedro_azureml_datasets import KedroAzureMLError

from kedro_azureml_compiler.azureml.names import make_azure_name
from kedro_azureml_compiler.azureml.rendering import render
from kedro_azureml_compiler.bundle.page_details import (
    collect_page_details,
    list_travelling_notes,
)
from kedro_azureml_compiler.bundle.writing import check_target, write_bundle
from kedro_azureml_compiler.bundle_layout import BUNDLES_FOLDER
from kedro_azureml_compiler.drawing.details import NO_DETAILS, PageDetails
from kedro_azureml_compiler.examination import ExaminedJob, examine_job
from kedro_azureml_compiler.findings import Finding, stop_on_errors
from kedro_azureml_compiler.job_changes import NO_CHANGES, JobChanges
from kedro_azureml_compiler.project.azureml_yml import read_settings
from kedro_azureml_compiler.project.filters import NO_FILTERS, NodeFilters
from kedro_azureml_compiler.project.jobs import check_job_name, find_jobs
from kedro_azureml_compiler.project.reading import ProjectReader, order_jobs
from kedro_azureml_compiler.project.request import ProjectRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kedro_azureml_compiler.planning.plan import Plan
    from kedro_azureml_compiler.settings.models import AzureMLConfig, Job, Workspace


class CompiledJob(NamedTuple):
    """A bundle, and the values that it was made from.

    Args:
        bundle: Folder of the bundle, absolute.
        plan: The plan: what becomes of every node and dataset.
        findings: Warnings and notes; an error among them would have raised.
        config: The content of `azureml.yml`.
        settings: The job in it, with the changes.
        variables: Name of a step to the environment variables that the job gives it.
        notifying_steps: Names of the steps that run no node: they announce the end of the job.
        details: What a page shows of it beside the plan.
    """

    bundle: Path
    plan: Plan
    findings: tuple[Finding, ...]
    config: AzureMLConfig
    settings: Job
    variables: Mapping[str, Mapping[str, str]] = {}
    notifying_steps: tuple[str, ...] = ()
    details: PageDetails = NO_DETAILS

    @property
    def workspace(self) -> Workspace:
        """The workspace to which the job goes."""
        return self.config.workspace_named(self.settings.workspace)


def compile_job(
    project: Path,
    job: str,
    *,
    env: str | None = None,
    params: Mapping[str, object] | None = None,
    load_versions: Mapping[str, str] | None = None,
    conf_source: str | Path | None = None,
    use_hooks: bool = True,
    filters: NodeFilters = NO_FILTERS,
    output: Path | None = None,
    changes: JobChanges = NO_CHANGES,
) -> CompiledJob:
    """Compile a job of a Kedro project to a bundle.

    Args:
        project: The project's folder.
        job: Name of the job in `azureml.yml`.
        env: Kedro environment; None leaves it to the project.
        params: Runtime parameters; they win over those of the job.
        load_versions: Dataset name to version.
        conf_source: Folder, zip or tar file of the configuration, absolute or relative to the
            project; None leaves it to the project.
        use_hooks: Whether the project is read with its hooks, as every Kedro command does.
        filters: Which nodes to run of those that the job selects.
        output: Folder of the bundle; `build/azureml/<job>` in the project by default.
        changes: Changes to `azureml.yml` for this bundle.

    Returns:
        Where the bundle is, and the plan.

    Raises:
        ConfigError: `azureml.yml` is missing or has mistakes.
        ProjectError: The project, the job, a pipeline or a node does not exist.
        FindingsError: Something in the pipeline cannot be reconnected; nothing was written.
        OccupiedError: The target exists and is not a bundle.
        BundleError: The bundle cannot be written.
    """
    request = ProjectRequest(
        project,
        env,
        dict(params or {}),
        dict(load_versions or {}),
        conf_source,
        use_hooks,
        filters,
    )
    return compile_request(request, job, output=output, changes=changes)


def compile_request(
    request: ProjectRequest,
    job: str,
    *,
    output: Path | None = None,
    changes: JobChanges = NO_CHANGES,
) -> CompiledJob:
    """Compile a job, as `compile_job` does, of a project that a request describes.

    Args:
        request: Which project, and how to read it.
        job: Name of the job in `azureml.yml`.
        output: Folder of the bundle; `build/azureml/<job>` in the project by default.
        changes: Changes to `azureml.yml` for this bundle.

    Returns:
        Where the bundle is, and the plan.

    Raises:
        KedroAzureMLError: Those of `compile_job`.
    """
    check_job_name(job)
    root, target = find_target(request, job, output)
    check_target(target, root)
    return write_examined(examine_job(request, job, target=target, changes=changes), target)


def compile_jobs(
    request: ProjectRequest,
    jobs: Mapping[str, Path | None],
    *,
    changes: JobChanges = NO_CHANGES,
) -> dict[str, CompiledJob | KedroAzureMLError]:
    """Compile several jobs, as `compile_job` does; those that read the project alike open it once.

    Args:
        request: Which project, and how to read it.
        jobs: Names of the jobs in `azureml.yml`, and the folders of their bundles; None stands for
            `build/azureml/<job>` in the project.
        changes: Changes to `azureml.yml` for these bundles.

    Returns:
        What became of each job, in the order in which they were named: the error of one does not
        keep the others from being compiled.

    Raises:
        ConfigError: `azureml.yml` is missing or has mistakes.
        ProjectError: The folder is not a Kedro project.
    """
    config = read_settings(request)
    found = find_jobs(config, jobs, request)
    done: dict[str, CompiledJob | KedroAzureMLError] = {}
    with ProjectReader() as reader:
        for name, settings in order_jobs(request, found):
            try:
                if isinstance(settings, KedroAzureMLError):
                    raise settings
                root, target = find_target(request, name, jobs[name])
                check_target(target, root)
                examined = examine_job(
                    request,
                    name,
                    target=target,
                    config=config,
                    settings=settings,
                    changes=changes,
                    reader=reader,
                )
                done[name] = write_examined(examined, target)
            except KedroAzureMLError as error:
                done[name] = error
    return {name: done[name] for name in found}


def find_target(request: ProjectRequest, job: str, output: Path | None) -> tuple[Path, Path]:
    """Return the project's folder and that of a bundle.

    Args:
        request: Which project.
        job: Name of the job.
        output: Folder of the bundle, if it is not the job's own.
    """
    root = Path(os.path.realpath(request.path.expanduser()))
    return root, Path(os.path.realpath(output or root / BUNDLES_FOLDER / job))


def write_examined(examined: ExaminedJob, target: Path) -> CompiledJob:
    """Write the bundle of a job that has been examined.

    Args:
        examined: The job.
        target: Folder of the bundle, absolute.

    Raises:
        FindingsError: A finding is an error; nothing was written.
        BundleError: The bundle cannot be written.
    """
    stop_on_errors(examined.findings)
    facts = examined.facts
    pipeline_yml = render(examined.pipeline_job)
    details = collect_page_details(
        examined.plan, examined.pipeline_job, examined.findings, facts, pipeline_yml
    )
    travelling = list_travelling_notes(examined.findings, examined.code)
    write_bundle(
        target,
        pipeline_yml=pipeline_yml,
        plan=examined.plan,
        project=facts.root,
        code=examined.code,
        environment_paths=examined.environment_paths,
        kept_folders=[f"{facts.conf_source}/{facts.run_env}"] if facts.run_env else [],
        details=details._replace(findings=travelling),
    )
    return CompiledJob(
        target,
        examined.plan,
        examined.findings,
        examined.config,
        examined.settings,
        {
            step.name: examined.pipeline_job.jobs[make_azure_name(step.name)].environment_variables
            for step in examined.plan.steps
        },
        examined.notifying_steps,
        details,
    )
