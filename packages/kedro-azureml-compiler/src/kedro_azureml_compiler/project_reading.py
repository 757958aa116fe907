"""Reads a Kedro project: the one module that knows sessions, contexts and config loaders."""

from __future__ import annotations

import logging
import traceback
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import yaml
from kedro.config import MissingConfigException
from kedro.framework.project import pipelines, settings
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro.pipeline import Pipeline
from kedro_azureml_datasets import AzureMLDatasetError, KedroAzureMLError
from kedro_azureml_datasets.project_paths import remember_session_project
from kedro_azureml_runner.invocation import params_to_json
from omegaconf.errors import OmegaConfBaseException

from kedro_azureml_compiler.catalog_reading import (
    facts_from_config,
    facts_from_instance,
    is_parameter,
)
from kedro_azureml_compiler.config_reading import ConfigError, read_config
from kedro_azureml_compiler.facts import DatasetFacts, DatasetKind, NodeFacts, ProjectFacts
from kedro_azureml_compiler.findings import Finding, Severity
from kedro_azureml_compiler.missing_credentials import (
    make_up_missing_credentials,
    missing_credentials,
)
from kedro_azureml_compiler.suggestions import did_you_mean

if TYPE_CHECKING:
    from kedro.framework.startup import ProjectMetadata
    from kedro.io import CatalogProtocol

    from kedro_azureml_compiler.config import AzureMLConfig, Job, PipelineSelection

LOCAL_ENV = "local"
"""Folder of the configuration that never travels."""

CONFIG_PATTERNS = ("azureml*", "azureml*/**", "**/azureml*")


class ProjectError(KedroAzureMLError):
    """The project, or a name that was asked for in it, does not exist or cannot be read."""


@dataclass(frozen=True)
class ProjectRequest:
    """Which project to read, and how.

    Args:
        path: The project's folder.
        env: Kedro environment; None leaves it to the project.
        params: Runtime parameters that win over those of the job.
        load_versions: Dataset name to version, as `kedro run --load-versions`.
    """

    path: Path
    env: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    load_versions: Mapping[str, str] = field(default_factory=dict)


def read_settings(request: ProjectRequest) -> AzureMLConfig:
    """Read `azureml.yml` and nothing else of the project.

    Args:
        request: Which project.

    Raises:
        ConfigError: There is no such file, it is no YAML, or its content has mistakes.
        ProjectError: The folder holds no Kedro project.
    """
    project = _bootstrap(request.path).project_path
    conf = project / settings.CONF_SOURCE
    if request.env and not (conf / request.env).is_dir():
        there = [folder.name for folder in conf.iterdir()] if conf.is_dir() else []
        raise ProjectError(
            f"There is no environment '{request.env}' in '{settings.CONF_SOURCE}' "
            f"{did_you_mean(request.env, there)}."
        )
    loader = settings.CONFIG_LOADER_CLASS(
        conf_source=str(conf),
        env=request.env,
        runtime_params=dict(request.params),
        **settings.CONFIG_LOADER_ARGS,
    )
    if not hasattr(loader, "config_patterns"):
        kind = f"{type(loader).__module__}.{type(loader).__qualname__}"
        raise ConfigError(
            f"The project's config loader {kind} has no 'config_patterns', so it cannot be told of "
            "azureml.yml.",
            hint="Derive it from kedro.config.OmegaConfigLoader.",
        )
    loader.config_patterns["azureml"] = list(CONFIG_PATTERNS)
    try:
        raw = loader["azureml"]
    except MissingConfigException as error:
        folders = f"{settings.CONF_SOURCE}/{getattr(loader, 'base_env', 'base')}"
        raise ConfigError(
            f"There is no azureml.yml in '{folders}' of '{project.name}' ({_first_line(error)}).",
            hint="Write one with:  kedro azureml init",
        ) from error
    except (ValueError, yaml.YAMLError, OmegaConfBaseException) as error:
        raise ConfigError(f"azureml.yml cannot be read: {error}") from error
    if not raw:
        raise ConfigError(
            f"There is no azureml.yml in '{settings.CONF_SOURCE}' of '{project.name}', or it is "
            "empty.",
            hint="Write one with:  kedro azureml init",
        )
    return read_config(raw)


def find_job(config: AzureMLConfig, name: str) -> Job:
    """Give a job of `azureml.yml`.

    Raises:
        ProjectError: There is no job of that name.
    """
    if name in config.jobs:
        return config.jobs[name]
    hint = "" if config.jobs else "Jobs stand below 'jobs:'."
    if any("{" in known for known in config.jobs):
        hint = "Names with {...} make jobs by the namespaces of a pipeline: not in this version."
    raise ProjectError(
        f"There is no job '{name}' in azureml.yml {did_you_mean(name, config.jobs)}.", hint=hint
    )


def read_project(request: ProjectRequest, job: Job) -> ProjectFacts:
    """Read the pipelines and the catalog as every Kedro command does, with the project's hooks.

    No dataset is built and no library of kedro-datasets is imported.

    Args:
        request: Which project.
        job: The job, which says which nodes.

    Raises:
        ProjectError: A pipeline, a node or a namespace that the job names does not exist, or the
            project's own code or configuration cannot be read.
    """
    metadata = _bootstrap(request.path)
    project = metadata.project_path
    params = _merged(job.params, request.params)
    try:
        params_to_json(params)
    except (TypeError, ValueError) as error:
        raise ProjectError(
            f"The runtime parameters hold something that cannot reach a step: {error}.",
            hint="Use text, numbers, true, false, null, lists and sections.",
        ) from error
    with _errors_of_the_project(project), _open_session(project, request.env, params) as session:
        context = session.load_context()
        remember_session_project(project)
        loader = context.config_loader
        run_env = loader.env or getattr(loader, "default_run_env", "") or ""
        if run_env == LOCAL_ENV and hasattr(loader, "base_env"):
            # What a step will read: this folder never travels.
            loader.env, loader.default_run_env = None, loader.base_env
        make_up_missing_credentials(context.config_loader)
        catalog = context.catalog
        parameters = context.params if job.inputs else {}
        selected = _select(job.pipeline)
        with _without_a_line_for_each_dataset():
            datasets, findings = _read_datasets(selected.datasets(), catalog, project)
            local_copies = _local_copies(catalog, project, datasets)
        producers = _producers_elsewhere(selected, datasets)
    for name in request.load_versions:
        if name not in datasets:
            raise ProjectError(
                f"--load-versions names '{name}', which no node of the job uses "
                f"{did_you_mean(name, list(datasets))}."
            )
    if run_env == LOCAL_ENV:
        findings += _local_configuration(project / settings.CONF_SOURCE / LOCAL_ENV)
    return ProjectFacts(
        root=project,
        pipelines=job.pipeline.registered,
        nodes=tuple(
            NodeFacts(
                node.name,
                tuple(node.inputs),
                tuple(node.outputs),
                tuple(sorted(node.tags)),
                node.namespace,
            )
            for node in selected.nodes
        ),
        datasets=datasets,
        env=request.env,
        params=params,
        load_versions=dict(request.load_versions),
        conf_source=PurePosixPath(settings.CONF_SOURCE).as_posix(),
        run_env=run_env,
        producers=producers,
        source=(metadata.source_dir / metadata.package_name).relative_to(project).as_posix(),
        local_copies=local_copies,
        parameters=parameters,
        findings=findings,
    )


def _open_session(project: Path, env: str | None, params: Mapping[str, Any]) -> Any:
    session_class: Any = getattr(settings, "SESSION_CLASS", KedroSession)
    create: dict[str, Any] = {"project_path": project, "env": env, "save_on_close": False}
    if issubclass(session_class, KedroSession):
        create["runtime_params"] = dict(params)
    return session_class.create(**create)


@contextmanager
def _without_a_line_for_each_dataset() -> Iterator[None]:
    """Keep Kedro from warning of the catch-all pattern once per dataset: half the time at 1000."""
    resolver = logging.getLogger("kedro.io.catalog_config_resolver")
    level = resolver.level
    resolver.setLevel(logging.ERROR)
    try:
        yield
    finally:
        resolver.setLevel(level)


@contextmanager
def _errors_of_the_project(project: Path) -> Iterator[None]:
    """Name the line of the project that cannot be imported, in place of a traceback."""
    try:
        with warnings.catch_warnings():
            # find_pipelines() goes on without the pipelines that it cannot import: half a job.
            warnings.filterwarnings("error", "An error occurred while importing", UserWarning)
            yield
    except KedroAzureMLError:
        raise
    except (Exception, SystemExit) as error:
        cause = _root_cause(error)
        where = ""
        for frame in traceback.extract_tb(cause.__traceback__):
            file = Path(frame.filename)
            if file.is_relative_to(project):
                where = f" ({file.relative_to(project).as_posix()}, line {frame.lineno})"
        raise ProjectError(
            f"The project cannot be read: {type(cause).__name__}: {cause}{where}",
            hint="The whole traceback:  kedro registry list",
        ) from error


def _root_cause(error: BaseException) -> BaseException:
    """Find what happened first: find_pipelines() wraps it, as an error or as a warning."""
    inner = error.__cause__ or (error.__context__ if isinstance(error, UserWarning) else None)
    return _root_cause(inner) if inner else error


def _bootstrap(path: Path) -> ProjectMetadata:
    project = path.expanduser().resolve()
    try:
        return bootstrap_project(project)
    except (RuntimeError, ValueError, NotADirectoryError) as error:
        raise ProjectError(f"'{project}' holds no Kedro project: {error}") from error


def _registered(name: str) -> Pipeline:
    try:
        pipeline: Pipeline = pipelines[name]
    except KeyError:
        raise ProjectError(
            f"There is no registered pipeline '{name}' {did_you_mean(name, list(pipelines))}."
        ) from None
    return pipeline


def _select(selection: PipelineSelection) -> Pipeline:
    registered = sum(map(_registered, selection.registered), Pipeline([]))
    name = "', '".join(selection.registered)
    filters = {
        "tags": selection.tags,
        "from_nodes": selection.from_nodes,
        "to_nodes": selection.to_nodes,
        "node_names": selection.node_names,
        "from_inputs": selection.from_inputs,
        "to_outputs": selection.to_outputs,
        "node_namespaces": selection.node_namespaces,
    }
    try:
        selected: Pipeline = registered.filter(**{key: list(v) for key, v in filters.items() if v})
    except ValueError as error:
        raise ProjectError(
            f"The job's filters do not fit the pipeline '{name}': {error}"
        ) from error
    if not selected.nodes:
        raise ProjectError(
            f"The pipeline '{name}' has no nodes to run.",
            hint="Look at the job's filters below 'pipeline:', and at pipeline_registry.py.",
        )
    return selected


def _read_datasets(
    names: Iterable[str], catalog: CatalogProtocol[Any, Any], project: Path
) -> tuple[dict[str, DatasetFacts], tuple[Finding, ...]]:
    resolver: Any = catalog.config_resolver  # type: ignore[attr-defined]
    explicit = resolver.config
    registered = set(catalog.keys())
    facts, findings = {}, []
    for name in sorted(names):
        try:
            if is_parameter(name):
                facts[name] = DatasetFacts(name, DatasetKind.PARAMETER)
            elif name in explicit:
                findings += missing_credentials(name, explicit[name])
                facts[name] = facts_from_config(name, explicit[name], project)
            elif name in registered:
                facts[name] = facts_from_instance(name, catalog[name])
            elif name in catalog:
                config = resolver.resolve_pattern(name)
                findings += missing_credentials(name, config)
                facts[name] = facts_from_config(name, config, project)
            else:
                facts[name] = DatasetFacts(name, DatasetKind.UNDECLARED)
        except AzureMLDatasetError as error:
            findings.append(
                Finding("catalog-entry", Severity.ERROR, name, error.message, error.hint)
            )
    return facts, tuple(findings)


def _local_copies(
    catalog: CatalogProtocol[Any, Any], project: Path, known: Mapping[str, DatasetFacts]
) -> tuple[str, ...]:
    """Find the local copies of mounted data of the whole catalog, whatever the job selects."""
    resolver: Any = catalog.config_resolver  # type: ignore[attr-defined]
    names = set(resolver.config).union(*(p.datasets() for p in dict(pipelines).values()))
    others, _ = _read_datasets(names - set(known), catalog, project)
    copies = {facts.local_copy for facts in (*known.values(), *others.values())}
    return tuple(sorted(copy for copy in copies if copy is not None))


def _local_configuration(folder: Path) -> tuple[Finding, ...]:
    """Tell of settings that change a local run and no step."""
    files = sorted(
        path.name
        for path in folder.glob("**/*")
        if path.suffix in {".yml", ".yaml", ".json"}
        and not path.name.startswith(("azureml", "credentials", "logging"))
    )
    if not files:
        return ()
    where = f"{folder.parent.name}/{folder.name}"
    message = f"{', '.join(files)} here change 'kedro run' and no step: this folder never travels."
    hint = "Move what the steps need to the base environment, or to one of its own (--env)."
    return (Finding("local-configuration", Severity.WARNING, where, message, hint),)


def _producers_elsewhere(
    selected: Pipeline, datasets: Mapping[str, DatasetFacts]
) -> dict[str, tuple[str, ...]]:
    """Find who could produce what no node of the job does; the whole registry is read only then."""
    handed_over = {DatasetKind.PIPELINE, DatasetKind.MEMORY, DatasetKind.UNDECLARED}
    wanted = {n for n in selected.inputs() if n in datasets and datasets[n].kind in handed_over}
    if not wanted:
        return {}
    found: dict[str, list[str]] = {}
    for pipeline in dict(pipelines).values():
        for node in pipeline.nodes:
            for output in wanted.intersection(node.outputs):
                found.setdefault(output, []).append(node.name)
    return {name: tuple(sorted(set(nodes))) for name, nodes in found.items()}


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        both = isinstance(old, Mapping) and isinstance(value, Mapping)
        merged[key] = _merged(old, value) if both else value  # type: ignore[arg-type]
    return merged


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
