"""Open a Kedro project: its folder, its configuration, and a context with its hooks or without."""

from __future__ import annotations

import os
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click
from kedro.framework.hooks import specs
from kedro.framework.hooks.markers import HOOK_NAMESPACE
from kedro.framework.project import pipelines, settings
from kedro.framework.session import KedroSession
from kedro.framework.startup import ProjectMetadata, bootstrap_project
from kedro_azureml_datasets.azure_ml.settings import remember_session_settings
from kedro_azureml_datasets.credentials.resolvers import register_secret_resolver
from kedro_azureml_datasets.project_paths import remember_project_during_session
from pluggy import PluginManager

from kedro_azureml_compiler.project.opened_files import record_openings
from kedro_azureml_compiler.project.project_errors import ProjectError, translate_project_errors
from kedro_azureml_compiler.project.request import (
    ConfSource,
    ProjectRequest,
    find_conf_source,
    list_config_folders,
)
from kedro_azureml_compiler.project.travelling import filter_configuration
from kedro_azureml_compiler.suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from kedro.framework.context import KedroContext
    from kedro.pipeline import Pipeline


def bootstrap(path: Path) -> ProjectMetadata:
    """Bootstrap a project for Kedro.

    Args:
        path: Its folder.

    Raises:
        ProjectError: The folder is not a Kedro project.
    """
    project = Path(os.path.realpath(path.expanduser()))
    command = click.get_current_context(silent=True)
    known = command.find_object(ProjectMetadata) if command else None
    if known is not None and known.project_path == project:
        return known  # the kedro command has already done it
    try:
        return bootstrap_project(project)
    except (RuntimeError, ValueError, NotADirectoryError) as error:
        raise ProjectError(f"'{project}' is not a Kedro project: {error}") from error


def build_config_loader(
    request: ProjectRequest, source: ConfSource, params: Mapping[str, Any]
) -> Any:
    """Build the project's config loader.

    Args:
        request: Which project, and how to read it.
        source: The location of the configuration.
        params: Runtime parameters.

    Raises:
        ProjectError: The environment does not exist, or the loader cannot read the configuration.
    """
    register_secret_resolver()
    env = request.asked_env
    if env and source.path.is_dir() and not (source.path / env).is_dir():
        there = [folder.name for folder in source.path.iterdir() if folder.is_dir()]
        raise ProjectError(
            f"There is no environment '{env}' in '{source.relative}' {did_you_mean(env, there)}."
        )
    return settings.CONFIG_LOADER_CLASS(
        conf_source=str(source.path),
        env=env,
        runtime_params=dict(params),
        **settings.CONFIG_LOADER_ARGS,
    )


class OpenContext(NamedTuple):
    """The context of a project that is open.

    Args:
        context: The context, which reads the configuration as it travels.
        behind: Files of the configuration that stay on this machine, relative to the project.
        translate: Returns a block in which an error names the line of the project.
    """

    context: KedroContext
    behind: tuple[str, ...]
    translate: Callable[[], AbstractContextManager[None]]


@contextmanager
def open_context(
    request: ProjectRequest,
    metadata: ProjectMetadata,
    source: ConfSource,
    params: Mapping[str, Any],
    *,
    in_image: bool = False,
) -> Iterator[OpenContext]:
    """Yield the project's context; an error while it is open names the line of the project.

    Args:
        request: Which project, and how to read it.
        metadata: The result of `bootstrap`.
        source: The location of the configuration.
        params: Runtime parameters.
        in_image: Whether the steps read it in their image, for which no ignore file counts.

    Raises:
        ProjectError: The project's code or configuration cannot be read.
    """
    project = metadata.project_path
    folders = list_config_folders(request, source)
    register_secret_resolver()  # globals may be read before the hook does it
    travels = filter_configuration(project, source.path, in_image=in_image)
    with travels as travelling:
        is_own = source.is_own and travelling.path == source.path
        read = source._replace(path=travelling.path, is_own=is_own)
        places = {str(travelling.path): str(source.path)}
        behind = travelling.behind
        translate = partial(translate_project_errors, project, folders, params, places, behind)
        with (
            translate(),
            record_openings(project),
            remember_project_during_session(project),
        ):
            if not request.use_hooks:
                context = _context_without_hooks(request, metadata, read, params)
                # As the hook of the datasets does.
                remember_session_settings(context.config_loader, project)
                yield OpenContext(context, behind, translate)
                return
            with _open_session(request, project, read, params) as (session, more):
                yield OpenContext(session.load_context(**more), behind, translate)


class OpenProject(NamedTuple):
    """A Kedro project that is open.

    Args:
        metadata: What its `pyproject.toml` says.
        source: Where the configuration is.
        context: Its context, which reads the configuration as it travels.
        behind: Files of the configuration that stay on this machine, relative to the project.
        translate: Returns a block in which an error names the line of the project.
    """

    metadata: ProjectMetadata
    source: ConfSource
    context: KedroContext
    behind: tuple[str, ...]
    translate: Callable[[], AbstractContextManager[None]]

    @property
    def root(self) -> Path:
        """The project's folder, absolute."""
        path: Path = self.metadata.project_path
        return path


@contextmanager
def open_project(
    request: ProjectRequest, params: Mapping[str, Any], *, in_image: bool = False
) -> Iterator[OpenProject]:
    """Open a project as every Kedro command does.

    Args:
        request: Which project, and how to read it.
        params: Runtime parameters.
        in_image: Whether the steps read the configuration in their image.

    Raises:
        ProjectError: There is no Kedro project, or its code or configuration cannot be read.
    """
    metadata = bootstrap(request.path)
    source = find_conf_source(request, metadata.project_path)
    with open_context(request, metadata, source, params, in_image=in_image) as opened:
        yield OpenProject(metadata, source, *opened)


def find_registered_pipeline(name: str) -> Pipeline:
    """Return a registered pipeline of the open project.

    Args:
        name: Its name.

    Raises:
        ProjectError: It does not exist.
    """
    try:
        pipeline: Pipeline = pipelines[name]
    except KeyError:
        raise ProjectError(
            f"The pipeline '{name}' is not registered {did_you_mean(name, list(pipelines))}."
        ) from None
    return pipeline


@contextmanager
def _open_session(
    request: ProjectRequest, project: Path, source: ConfSource, params: Mapping[str, Any]
) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Open a session of the project's own class, with the arguments for its context."""
    session_class: Any = getattr(settings, "SESSION_CLASS", KedroSession)
    create: dict[str, Any] = {"project_path": project, "env": request.asked_env}
    if not source.is_own:
        create["conf_source"] = str(source.path)
    more = {}
    if issubclass(session_class, KedroSession):
        create |= {"save_on_close": False, "runtime_params": dict(params)}
    else:  # KedroServiceSession receives the runtime parameters later
        more["runtime_params"] = dict(params)
    with session_class.create(**create) as session:
        yield session, more


def _context_without_hooks(
    request: ProjectRequest,
    metadata: ProjectMetadata,
    source: ConfSource,
    params: Mapping[str, Any],
) -> KedroContext:
    """Build the context of a session, but with a hook manager without hooks."""
    no_hooks = PluginManager(HOOK_NAMESPACE)
    for name in dir(specs):
        if name.endswith("Specs"):
            no_hooks.add_hookspecs(getattr(specs, name))
    context: KedroContext = settings.CONTEXT_CLASS(
        package_name=metadata.package_name,
        project_path=metadata.project_path,
        config_loader=build_config_loader(request, source, params),
        env=request.asked_env,
        runtime_params=dict(params),
        hook_manager=no_hooks,
    )
    return context
