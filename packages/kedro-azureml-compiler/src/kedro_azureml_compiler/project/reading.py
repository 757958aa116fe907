"""Read what a job needs of a Kedro project: its pipelines, its catalog and its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from kedro.framework.project import pipelines
from kedro_azureml_datasets import KedroAzureMLError
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
from kedro_azureml_compiler.project.request import (
    find_own_conf_source,
    merge_params,
    refuse_odd_params,
)
from kedro_azureml_compiler.project.travelling import LOCAL_ENV
from kedro_azureml_compiler.suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from kedro.framework.startup import ProjectMetadata
    from kedro.pipeline import Pipeline

    from kedro_azureml_compiler.findings import Finding
    from kedro_azureml_compiler.planning.facts import DatasetFacts
    from kedro_azureml_compiler.project.credentials import WrittenCatalog
    from kedro_azureml_compiler.project.opening import OpenProject
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


class _Opening(NamedTuple):
    """A project that is open as a step reads it, and what was found when it was opened."""

    project: OpenProject
    run_env: str
    written: WrittenCatalog


class ProjectReader:
    """Reads jobs of a project, one after the other; neighbours that read it alike open it once.

    A hook that waits for a server when the project is opened, as some do, then waits once.
    """

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._opening: _Opening | None = None
        self._key: object = None

    def __enter__(self) -> ProjectReader:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    @contextmanager
    def open(
        self,
        request: ProjectRequest,
        params: Mapping[str, Any],
        variables: Mapping[str, str],
        *,
        in_image: bool,
    ) -> Iterator[_Opening]:
        """Yield the open project; after an error it is not used again.

        Args:
            request: Which project.
            params: Runtime parameters.
            variables: Environment variables that the job gives its steps.
            in_image: Whether the steps read the project in their image.
        """
        key = (request, params_to_json(params), sorted(variables.items()), in_image)
        try:
            if self._opening is None or self._key != key:
                self._close()  # the resolvers of OmegaConf know one project at a time
                entered = open_project(request, params, in_image=in_image)
                project = self._stack.enter_context(entered)
                with project.translate():
                    self._opening = _read_as_a_step(project, variables)
                self._key = key
            with self._opening.project.translate():
                yield self._opening
        except BaseException:
            self._close()
            raise

    def _close(self) -> None:
        self._opening = None
        self._stack.close()


def _read_as_a_step(opened: OpenProject, variables: Mapping[str, str]) -> _Opening:
    loader: Any = opened.context.config_loader
    run_env = loader.env or getattr(loader, "default_run_env", "") or ""
    is_archive = opened.source.is_archive
    if run_env == LOCAL_ENV and not is_archive and hasattr(loader, "base_env"):
        # This folder never travels.
        loader.env, loader.default_run_env = None, loader.base_env
        _refuse_missing_catalog(loader, opened.source)
    return _Opening(opened, run_env, add_placeholder_credentials(loader, variables))


_Found = TypeVar("_Found", bound="Job | KedroAzureMLError")


def order_jobs(request: ProjectRequest, jobs: Mapping[str, _Found]) -> list[tuple[str, _Found]]:
    """Return jobs in an order in which those that read the project alike are neighbours.

    Args:
        request: Which project.
        jobs: Name to job, or to why it cannot be read.
    """
    alike: dict[str, list[tuple[str, _Found]]] = {}
    for name, job in jobs.items():
        read: object = None
        if not isinstance(job, KedroAzureMLError):
            params = merge_params(job.params, request.params)
            read = (params, sorted(_step_variables(job).items()))
        alike.setdefault(repr(read), []).append((name, job))
    return [one for neighbours in alike.values() for one in neighbours]


def read_project(
    request: ProjectRequest,
    job: Job,
    *,
    in_image: bool = False,
    reader: ProjectReader | None = None,
    with_parameters: bool = False,
) -> ProjectFacts:
    """Read the pipelines and the catalog as every Kedro command does, with the project's hooks.

    No dataset is built and no library of kedro-datasets is imported.

    Args:
        request: Which project, and which nodes of those that the job selects.
        job: The job, which selects the nodes.
        in_image: Whether the steps read the project in their image (`code_directory: null`), and
            nothing of it is uploaded.
        reader: Keeps the project open for the next job.
        with_parameters: Whether the values of all parameters are needed, and the functions of the
            nodes.

    Raises:
        ProjectError: A pipeline, a node or a namespace that the job names does not exist, or the
            project's own code or configuration cannot be read.
    """
    if reader is None:
        with ProjectReader() as own:
            return read_project(
                request, job, in_image=in_image, reader=own, with_parameters=with_parameters
            )
    params = merge_params(job.params, request.params)
    refuse_odd_params(params)
    variables = _step_variables(job)
    with reader.open(request, params, variables, in_image=in_image) as (opened, run_env, written):
        project, source, context = opened.root, opened.source, opened.context
        loader: Any = context.config_loader
        # Only all pipelines together tell which files are local copies of a factory's datasets.
        asked = request.filters.pipeline_names
        named = dict.fromkeys((*job.pipeline.registered, *asked))
        needed = None if has_mounted_factories(written.entries) else named
        with load_only(needed):
            catalog = read_catalog(context)
            parameters = context.params if job.inputs or with_parameters else {}
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
        functions={node.name: node.func for node in selected.nodes} if with_parameters else {},
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
            **{kind: tuple(patterns[kind]) for kind in ("globals",) if kind in patterns},
        },
    )
