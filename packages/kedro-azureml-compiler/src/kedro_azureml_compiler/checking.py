"""Check jobs: find everything that compiling them would find, and write nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kedro.framework.project import settings
from kedro_azureml_datasets import KedroAzureMLError
from kedro_azureml_datasets.azure_ml.settings import CONFIG_PATTERNS

from kedro_azureml_compiler.checks.locating import locate
from kedro_azureml_compiler.examination import examine_job
from kedro_azureml_compiler.planning.facts import ConfigFiles
from kedro_azureml_compiler.project.azureml_yml import (
    SETTINGS_MISTAKE,
    read_settings,
)
from kedro_azureml_compiler.project.jobs import find_jobs, list_jobs
from kedro_azureml_compiler.project.opening import bootstrap
from kedro_azureml_compiler.project.project_errors import PROJECT_ERROR, ProjectError
from kedro_azureml_compiler.project.reading import ProjectReader, order_jobs
from kedro_azureml_compiler.project.request import find_conf_source
from kedro_azureml_compiler.project.travelling import LOCAL_ENV
from kedro_azureml_compiler.settings.job_factories import is_factory
from kedro_azureml_compiler.settings.parsing import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kedro_azureml_compiler.findings import Finding
    from kedro_azureml_compiler.project.request import ProjectRequest
    from kedro_azureml_compiler.settings.models import Job


@dataclass(frozen=True)
class CheckedJob:
    """The findings of one job.

    Args:
        job: Its name; None for findings from before jobs can be read.
        findings: All findings of all stages.
    """

    job: str | None
    findings: tuple[Finding, ...]


def check_jobs(request: ProjectRequest, jobs: Iterable[str] = ()) -> tuple[CheckedJob, ...]:
    """Find everything that is wrong with jobs of a Kedro project.

    An error that stops one job, such as a pipeline that does not exist, is a finding of that job;
    the others are still checked.

    Args:
        request: Which project, and how to read it.
        jobs: Names of jobs in `azureml.yml`; all of them if none is named.

    Returns:
        The jobs in the order in which they were named, or of the file.
    """
    try:
        config = read_settings(request)
    except KedroAzureMLError as error:
        return (CheckedJob(None, _as_findings(error, "the project", request)),)
    checked = []
    wanted: dict[str, Job | KedroAzureMLError] = find_jobs(config, jobs, request)
    if not wanted:
        try:
            wanted = {**list_jobs(config, request)}
        except KedroAzureMLError as error:
            checked.append(CheckedJob(None, _as_findings(error, "the project", request)))
            wanted = {name: job for name, job in config.jobs.items() if not is_factory(name)}
    found = {}
    with ProjectReader() as reader:
        for name, job in order_jobs(request, wanted):
            try:
                if isinstance(job, KedroAzureMLError):
                    raise job
                examined = examine_job(request, name, config=config, settings=job, reader=reader)
                found[name] = examined.findings
            except KedroAzureMLError as error:
                found[name] = _as_findings(error, f"the job '{name}'", request)
    checked += [CheckedJob(name, found[name]) for name in wanted]
    if not checked:
        message, hint = "it has no jobs.", "Add one below 'jobs:'."
        nothing = SETTINGS_MISTAKE.found("azureml.yml", message, hint)
        checked.append(CheckedJob(None, _located([nothing], request)))
    return tuple(checked)


def _as_findings(
    error: KedroAzureMLError, where: str, request: ProjectRequest
) -> tuple[Finding, ...]:
    """Return findings for an error that stops every other command."""
    if not isinstance(error, ConfigError):
        file, line = (error.file, error.line) if isinstance(error, ProjectError) else (None, None)
        if file is not None:
            where = "the project"  # one of its files, for every job alike
        message, hint = error.message.replace(f"{file}:{line}: ", ""), error.hint
        return (PROJECT_ERROR.found(where, message, hint, file=file, line=line),)
    mistakes = error.mistakes or (("azureml.yml", error.message),)
    return _located(
        [
            SETTINGS_MISTAKE.found(place, text, error.hint, file=error.file, line=error.line)
            for place, text in mistakes
        ],
        request,
    )


def _located(findings: list[Finding], request: ProjectRequest) -> tuple[Finding, ...]:
    root = bootstrap(request.path).project_path
    source = find_conf_source(request, root).relative
    loader_args = settings.CONFIG_LOADER_ARGS
    envs = (
        request.asked_env or loader_args.get("default_run_env") or LOCAL_ENV,
        loader_args.get("base_env") or "base",
    )
    files = ConfigFiles(
        settings_folders=tuple(f"{source}/{env}" for env in dict.fromkeys(envs)),
        patterns={
            "azureml": tuple(loader_args.get("config_patterns", {}).get("azureml", CONFIG_PATTERNS))
        },
    )
    return tuple(locate(findings, root, files))
