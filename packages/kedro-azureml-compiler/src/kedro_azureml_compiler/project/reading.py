"""Read what a job needs of a Kedro project: its pipelines, its catalog and its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from kedro.framework.project import pipelines
from kedro_azureml_datasets.azure_ml.settings import CONFIG_PATTERNS
from kedro_azureml_datasets.credentials.marks import mark_variable
from kedro_azureml_runner.protocol.invocation import params_to_json

from kedro_azureml_compiler.config_files import list_config_files
from kedro_azureml_compiler.planning.facts import (
    ConfigFiles,
    DatasetKind,
    NodeFacts,
    ProjectFacts,
    strip_transcoding,
)
from kedro_azureml_compiler.project.catalog.datasets import (
    find_local_copies,
    find_resolver,
    read_catalog,
    read_datasets,
)
from kedro_azureml_compiler.project.catalog.entries import has_mounted_factories, is_parameter
from kedro_azureml_compiler.project.catalog.written_entries import restore_written_entries
from kedro_azureml_compiler.project.credentials import add_needs, add_placeholder_credentials
from kedro_azureml_compiler.project.left_behind import check_left_behind
from kedro_azureml_compiler.project.opened_files import list_opened_files
from kedro_azureml_compiler.project.opening import open_project
from kedro_azureml_compiler.project.outside_modules import find_outside_modules
from kedro_azureml_compiler.project.pipelines import (
    find_other_producers,
    load_only,
    select_nodes,
)
from kedro_azureml_compiler.project.project_errors import ProjectError
from kedro_azureml_compiler.project.request import find_own_conf_source
from kedro_azureml_compiler.project.travelling import LOCAL_ENV
from kedro_azureml_compiler.suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection

    from kedro.framework.startup import ProjectMetadata
    from kedro.pipeline import Pipeline

    from kedro_azureml_compiler.findings import Finding
    from kedro_azureml_compiler.planning.facts import DatasetFacts
    from kedro_azureml_compiler.project.request import ConfSource, ProjectRequest
    from kedro_azureml_compiler.settings.models import Job


def _step_variables(job: Job) -> dict[str, str]:
    """Return the variables that the job gives its steps; one with two values is not known here."""
    values: dict[str, set[str]] = {}
    for settings in job.steps.values():
        for name, value in settings.environment_variables.items():
            values.setdefault(name, set()).add(str(value))
    return {
        name: next(iter(given)) if len(given) == 1 else mark_variable(name)
        for name, given in values.items()
        if not any("${" in value for value in given)  # a reference that Azure ML resolves
    }


def read_project(request: ProjectRequest, job: Job, *, in_image: bool = False) -> ProjectFacts:
    """Read the pipelines and the catalog as every Kedro command does, with the project's hooks.

    No dataset is built and no library of kedro-datasets is imported.

    Args:
        request: Which project, and which nodes of those that the job selects.
        job: The job, which selects the nodes.
        in_image: Whether the steps read the project in their image (`code_directory: null`), and
            nothing of it is uploaded.

    Raises:
        ProjectError: A pipeline, a node or a namespace that the job names does not exist, or the
            project's own code or configuration cannot be read.
    """
    params = _merged(job.params, request.params)
    try:
        params_to_json(params).encode()
        _refuse_other_keys(params)
    except (RecursionError, TypeError, ValueError) as error:
        raise ProjectError(
            f"The runtime parameters contain a value that cannot reach a step: {error}.",
            hint="Use strings, numbers, true, false, null, lists and mappings.",
        ) from error
    with open_project(request, params, in_image=in_image) as opened:
        project, source, context = opened.root, opened.source, opened.context
        loader: Any = context.config_loader
        run_env = loader.env or getattr(loader, "default_run_env", "") or ""
        if run_env == LOCAL_ENV and not source.is_archive and hasattr(loader, "base_env"):
            # As a step does: this folder never travels.
            loader.env, loader.default_run_env = None, loader.base_env
            _refuse_missing_catalog(loader, source)
        variables = _step_variables(job)
        written = add_placeholder_credentials(loader, variables)
        # Only all pipelines together tell which files are local copies of a factory's datasets.
        asked = request.filters.pipeline_names
        named = dict.fromkeys((*job.pipeline.registered, *asked))
        needed = None if has_mounted_factories(written.entries) else named
        with load_only(needed):
            catalog = read_catalog(context)
            parameters = context.params if job.inputs else {}
            selected, of_job, unknown_tags = select_nodes(job.pipeline, request.filters)
            datasets, findings = read_datasets(selected.datasets(), catalog, project, variables)
            left_out = of_job.datasets() - selected.datasets()
            others = read_datasets(left_out, catalog, project)[0] if left_out else {}
            copies = find_local_copies(catalog, project, datasets)
            resolver = find_resolver(catalog)
            datasets = add_needs(datasets, written, resolver)
            producers = find_other_producers(selected, datasets)
        files = _config_files(loader, source.path, project, run_env)
        findings += tuple(
            check_left_behind(
                opened.behind, loader, project, files.settings_folders, selected, params
            )
        )
        bases = set(map(strip_transcoding, selected.all_outputs()))
        hinted = [name for name in datasets if strip_transcoding(name) in bases]
        datasets = restore_written_entries(datasets, hinted, resolver, project, files)
        unknown = any(d.kind is DatasetKind.UNDECLARED for d in datasets.values())
        names = catalog.keys() if unknown else ()
        registered = tuple(name for name in names if not is_parameter(name))
    for name in request.load_versions:
        if name not in datasets and name not in others:
            raise ProjectError(
                f"--load-versions names '{name}', which no node of the job uses "
                f"{did_you_mean(name, list(datasets))}."
            )
    nodes = _describe_nodes(selected)
    return ProjectFacts(
        root=project,
        pipelines=asked or job.pipeline.registered,
        nodes=nodes,
        datasets=datasets,
        env=request.asked_env,
        params=params,
        load_versions=dict(request.load_versions),
        conf_source=source.relative,
        asked_conf_source=None if source.is_own else source.relative,
        conf_sources=tuple(dict.fromkeys((source.relative, find_own_conf_source()))),
        run_env="" if source.is_archive else run_env,
        producers=producers,
        source=_source_folder(opened.metadata),
        local_copies=copies,
        parameters=parameters,
        findings=findings,
        opened=list_opened_files(project),
        files=files,
        registered=registered,
        unknown_tags=unknown_tags,
        filters=request.filters.given,
        nodes_of_job=nodes if of_job is selected else _describe_nodes(of_job),
        datasets_left_out=others,
        outside_modules=find_outside_modules(project),
    )


def _describe_nodes(pipeline: Pipeline) -> tuple[NodeFacts, ...]:
    return tuple(
        NodeFacts(
            node.name,
            tuple(node.inputs),
            tuple(node.outputs),
            tuple(sorted(node.tags)),
            node.namespace,
            tuple(node.confirms),
        )
        for node in pipeline.nodes
    )


class CatalogFacts(NamedTuple):
    """What is known about the datasets of a catalog, whatever jobs use of them.

    Args:
        root: The project's folder, absolute.
        datasets: Name to what is known.
        findings: What is wrong with entries.
    """

    root: Path
    datasets: Mapping[str, DatasetFacts]
    findings: tuple[Finding, ...]


def read_catalog_facts(request: ProjectRequest, names: Collection[str] = ()) -> CatalogFacts:
    """Read the catalog as a local run does: its entries, and the datasets of all pipelines.

    No dataset is built.

    Args:
        request: Which project.
        names: Datasets to read besides, such as those that only a dataset factory describes.

    Raises:
        ProjectError: The project's code or configuration cannot be read.
    """
    with open_project(request, request.params) as opened:
        add_placeholder_credentials(opened.context.config_loader)
        catalog = read_catalog(opened.context)
        used = (pipeline.datasets() for pipeline in dict(pipelines).values())
        every = {*catalog.keys(), *names}.union(*used)
        facts, findings = read_datasets(
            [name for name in every if not is_parameter(name)], catalog, opened.root
        )
        return CatalogFacts(opened.root, facts, tuple(findings))


def _source_folder(metadata: ProjectMetadata) -> str:
    folder = metadata.source_dir / metadata.package_name
    return folder.relative_to(metadata.project_path).as_posix()


def _refuse_missing_catalog(loader: Any, source: ConfSource) -> None:
    """Refuse what Kedro refuses if there is another environment than the base, as in a step."""
    patterns = loader.config_patterns.get("catalog", ())
    folder = (source.path / loader.base_env).as_posix()
    if "catalog" in loader or list_config_files(source.path, [folder], patterns):
        return
    raise ProjectError(
        f"No catalog file of the project travels, and Kedro needs one: '{source.relative}/"
        f"{loader.base_env}' has none.",
        hint=f"Create one; it may be empty:  touch {source.relative}/{loader.base_env}/catalog.yml",
    )


def _config_files(loader: Any, source: Path, project: Path, run_env: str) -> ConfigFiles:
    source = source.relative_to(project) if source.is_relative_to(project) else source
    base = getattr(loader, "base_env", "") or ""
    folders = [(source / env).as_posix() for env in dict.fromkeys((run_env, base)) if env]
    local = (source / LOCAL_ENV).as_posix()
    patterns = getattr(loader, "config_patterns", {})
    return ConfigFiles(
        folders=tuple(folder for folder in folders if folder != local),
        settings_folders=tuple(folders),
        patterns={
            "catalog": tuple(patterns.get("catalog", ())),
            "parameters": tuple(patterns.get("parameters", ())),
            "azureml": tuple(patterns.get("azureml", CONFIG_PATTERNS)),
        },
    )


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            merged[key] = _merged(old, value)
        else:
            merged[key] = value
    return merged


def _refuse_other_keys(value: Any) -> None:
    """Refuse keys that are not strings: JSON would silently convert them."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise TypeError(f"the key {key!r} is not a string")
            _refuse_other_keys(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            _refuse_other_keys(inner)
