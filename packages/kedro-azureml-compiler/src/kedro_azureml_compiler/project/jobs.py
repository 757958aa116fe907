"""Find the jobs of a project: those in `azureml.yml`, and those that its factories create."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_azureml_datasets import KedroAzureMLError

from kedro_azureml_compiler.project.azureml_yml import read_settings
from kedro_azureml_compiler.project.opening import bootstrap, find_registered_pipeline, open_context
from kedro_azureml_compiler.project.project_errors import ProjectError
from kedro_azureml_compiler.project.request import find_conf_source
from kedro_azureml_compiler.settings.job_factories import FactoryJobs, is_factory, make_factory_jobs
from kedro_azureml_compiler.suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kedro_azureml_compiler.project.request import ProjectRequest
    from kedro_azureml_compiler.settings.models import AzureMLConfig, Job


def find_jobs(
    config: AzureMLConfig, names: Iterable[str], request: ProjectRequest
) -> dict[str, Job | KedroAzureMLError]:
    """Return several jobs by their names, or why there is no such job; factories are read once.

    Args:
        config: The content of `azureml.yml`.
        names: Names of the jobs.
        request: Which project.
    """
    found: dict[str, Job | KedroAzureMLError] = {}
    made: FactoryJobs | None = None
    for name in dict.fromkeys(names):
        try:
            if made is None and not _is_literal(config, name):
                made = _made_by_factories(config, request)
            found[name] = _find_job(config, name, made or FactoryJobs({}))
        except KedroAzureMLError as error:
            found[name] = error
    return found


def find_job(config: AzureMLConfig, name: str, request: ProjectRequest) -> Job:
    """Return a job by its name.

    The project's pipelines are read only if the name is not in `azureml.yml` itself.

    Args:
        config: The content of `azureml.yml`.
        name: Name of the job.
        request: Which project.

    Raises:
        ProjectError: The job does not exist, or its name is not valid.
        ConfigError: The job that a factory creates has mistakes.
    """
    literal = _is_literal(config, name)
    made = FactoryJobs({}) if literal else _made_by_factories(config, request)
    return _find_job(config, name, made)


def _is_literal(config: AzureMLConfig, name: str) -> bool:
    return name in config.jobs and not is_factory(name)


def _find_job(config: AzureMLConfig, name: str, made: FactoryJobs) -> Job:
    if _is_literal(config, name):
        check_job_name(name)
        return config.jobs[name]
    if name in made.jobs:
        check_job_name(name)
        return made.jobs[name]
    known = [*_literal_jobs(config), *made.jobs]
    hint = "\n".join(made.mistakes)
    if not config.jobs:
        hint = "Add jobs below 'jobs:'."
    elif is_factory(name) and name in config.jobs:
        hint = (
            "Its {tokens} stand for namespaces of a pipeline: name one of the jobs that it creates."
        )
    raise ProjectError(f"azureml.yml has no job '{name}' {did_you_mean(name, known)}.", hint=hint)


def list_defined_jobs(request: ProjectRequest) -> dict[str, Job]:
    """Return all jobs that the `azureml.yml` of a project defines, by name.

    Args:
        request: Which project.

    Raises:
        ConfigError: `azureml.yml` is missing or has mistakes.
        ProjectError: The project cannot be read, or factories create no jobs.
    """
    return list_jobs(read_settings(request), request)


def list_jobs(config: AzureMLConfig, request: ProjectRequest) -> dict[str, Job]:
    """Return all jobs of a project by name, including those of factories, in their order.

    The project's pipelines are read only if there are factories.

    Args:
        config: The content of `azureml.yml`.
        request: Which project.

    Raises:
        ProjectError: Factories cannot create a job; all of them are named.
        ConfigError: A job that a factory creates has mistakes.
    """
    made = _made_by_factories(config, request)
    if made.mistakes:
        listed = "\n".join(f"  {mistake}" for mistake in made.mistakes)
        raise ProjectError(f"azureml.yml has job factories that create no jobs:\n{listed}")
    return {**_literal_jobs(config), **made.jobs}


def _literal_jobs(config: AzureMLConfig) -> dict[str, Job]:
    return {name: job for name, job in config.jobs.items() if not is_factory(name)}


def _made_by_factories(config: AzureMLConfig, request: ProjectRequest) -> FactoryJobs:
    if not any(map(is_factory, config.jobs)):
        return FactoryJobs({})
    metadata = bootstrap(request.path)
    source = find_conf_source(request, metadata.project_path)
    # In a context, because hooks may change the pipelines.
    with open_context(request, metadata, source, request.params):
        return make_factory_jobs(config.jobs, _namespaces)


def _namespaces(job: Job) -> set[str]:
    registered = map(find_registered_pipeline, job.pipeline.registered)
    return {node.namespace for pipeline in registered for node in pipeline.nodes if node.namespace}


def check_job_name(name: str) -> None:
    """Refuse a job's name that cannot be the name of its bundle's folder.

    Args:
        name: The name.

    Raises:
        ProjectError: It is not valid.
    """
    if not name or name.startswith(".") or set(name) & set("/\\\0"):
        raise ProjectError(
            f"'{name}' is not a valid job name: it is also the name of the bundle's folder.",
            hint="Rename it below 'jobs:' in azureml.yml.",
        )
