"""Open a Kedro project: its folder, its configuration, and a context with its hooks or without."""

from __future__ import annotations

import mimetypes
import os
import traceback
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from kedro.framework.hooks import specs
from kedro.framework.hooks.markers import HOOK_NAMESPACE
from kedro.framework.project import pipelines, settings
from kedro.framework.session import KedroSession
from kedro.framework.startup import ProjectMetadata, bootstrap_project
from kedro_azureml_datasets import KedroAzureMLError
from kedro_azureml_datasets.azure_ml.settings import remember_session_settings
from kedro_azureml_datasets.project_paths import project_of_a_session
from omegaconf.errors import OmegaConfBaseException
from pluggy import PluginManager

from kedro_azureml_compiler.findings import About, FindingKind, Severity
from kedro_azureml_compiler.project.configuration_errors import find_unreadable_place
from kedro_azureml_compiler.project.opened_files import recorded_openings
from kedro_azureml_compiler.project.travelling import (
    LOCAL_ENV,
    TravellingConfiguration,
    configuration_as_it_travels,
)
from kedro_azureml_compiler.secrets.values import mask_secrets
from kedro_azureml_compiler.suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kedro.framework.context import KedroContext
    from kedro.pipeline import Pipeline

_ARCHIVES = frozenset({
    "application/x-tar",
    "application/zip",
    "application/x-zip-compressed",
    "application/zip-compressed",
})  # fmt: skip


PROJECT_ERROR = FindingKind(
    code="project-error",
    severity=Severity.ERROR,
    about=About.PROJECT,
    title="The project, or a job, pipeline or node in it, cannot be read",
    explanation=(
        "Every other command stops with the same message. `check` continues with the other jobs."
    ),
    hint=(
        "Follow the message. `kedro registry list` shows the whole traceback of an error in the "
        "pipelines, `kedro catalog describe-datasets` that of an error in the catalog."
    ),
    fixed=True,
)


class ProjectError(KedroAzureMLError):
    """The project, or something that was requested in it, does not exist or cannot be read.

    Args:
        message: What is wrong.
        hint: What to do instead.
        file: The file that cannot be read, relative to the project, where it is known.
        line: The line in it, counted from 1.
    """

    blame = "user"

    def __init__(
        self, message: str, *, hint: str = "", file: str | None = None, line: int | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.file, self.line = file, line


@dataclass(frozen=True)
class ProjectRequest:
    """Which project to read, and how.

    Args:
        path: The project's folder.
        env: Kedro environment; None leaves it to the variable `KEDRO_ENV` and to the project.
        params: Runtime parameters that win over those of the job.
        load_versions: Dataset name to version, as `kedro run --load-versions`.
        conf_source: Folder, zip or tar file of the configuration, absolute or relative to the
            project; None leaves it to the project.
        use_hooks: Whether the project is read with its hooks, as every Kedro command does.
    """

    path: Path
    env: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    load_versions: Mapping[str, str] = field(default_factory=dict)
    conf_source: str | Path | None = None
    use_hooks: bool = True

    @property
    def asked_env(self) -> str | None:
        """The requested environment, by name or by the variable that Kedro reads."""
        return self.env or os.getenv("KEDRO_ENV") or None


@dataclass(frozen=True)
class ConfSource:
    """The location of the configuration.

    Args:
        path: The folder or the file, absolute.
        relative: The path relative to the project, with `/`.
        is_own: Whether it is the project's own.
    """

    path: Path
    relative: str
    is_own: bool

    @property
    def is_archive(self) -> bool:
        """Whether it is an archive."""
        return self.path.is_file()


def bootstrap(path: Path) -> ProjectMetadata:
    """Bootstrap a project for Kedro.

    Args:
        path: Its folder.

    Raises:
        ProjectError: The folder is not a Kedro project.
    """
    project = path.expanduser().resolve()
    command = click.get_current_context(silent=True)
    known = command.find_object(ProjectMetadata) if command else None
    if known is not None and known.project_path == project:
        return known  # the kedro command has already done it
    try:
        return bootstrap_project(project)
    except (RuntimeError, ValueError, NotADirectoryError) as error:
        raise ProjectError(f"'{project}' is not a Kedro project: {error}") from error


def own_conf_source() -> str:
    """Return the project's own folder of the configuration, relative to it."""
    return Path(settings.CONF_SOURCE).as_posix()


def find_conf_source(request: ProjectRequest, project: Path) -> ConfSource:
    """Find the configuration, which must be in the project to travel with a job.

    Args:
        request: Which project, and how to read it.
        project: The project's folder, absolute; the project has been bootstrapped.

    Raises:
        ProjectError: It does not exist, is not a folder, zip or tar file, or is elsewhere.
    """
    own = project / settings.CONF_SOURCE
    if request.conf_source is None:
        return ConfSource(own, own_conf_source(), is_own=True)
    asked = str(request.conf_source).removeprefix("file://")
    hint = "Move it into the project, so that it travels with the code of the job."
    if "://" in asked:
        raise ProjectError(f"The configuration '{asked}' is outside the project.", hint=hint)
    path = (project / Path(asked).expanduser()).resolve()
    if not path.exists():
        raise ProjectError(f"There is no configuration '{asked}' in '{project.name}'.")
    if path == project or not path.is_relative_to(project):
        raise ProjectError(f"The configuration '{asked}' is outside the project.", hint=hint)
    if path.is_file() and mimetypes.guess_type(path.name)[0] not in _ARCHIVES:
        raise ProjectError(
            f"The configuration '{asked}' is not a folder, a zip file or a tar file."
        )
    return ConfSource(path, path.relative_to(project).as_posix(), is_own=path == own.resolve())


def config_loader(request: ProjectRequest, source: ConfSource, params: Mapping[str, Any]) -> Any:
    """Build the project's config loader.

    Args:
        request: Which project, and how to read it.
        source: The location of the configuration.
        params: Runtime parameters.

    Raises:
        ProjectError: The environment does not exist, or the loader cannot read the configuration.
    """
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


@contextmanager
def open_context(
    request: ProjectRequest,
    metadata: ProjectMetadata,
    source: ConfSource,
    params: Mapping[str, Any],
) -> Iterator[tuple[KedroContext, TravellingConfiguration]]:
    """Yield the project's context; an error while it is open names the line of the project.

    The context reads the configuration as it travels.

    Args:
        request: Which project, and how to read it.
        metadata: The result of `bootstrap`.
        source: The location of the configuration.
        params: Runtime parameters.

    Raises:
        ProjectError: The project's code or configuration cannot be read.
    """
    project = metadata.project_path
    folders = list_config_folders(request, source)
    with configuration_as_it_travels(project, source.path) as travelling:
        is_own = source.is_own and travelling.path == source.path
        read = replace(source, path=travelling.path, is_own=is_own)
        places = {str(travelling.path): str(source.path)}
        with (
            translate_project_errors(project, folders, params, places),
            recorded_openings(project),
            project_of_a_session(project),
        ):
            if not request.use_hooks:
                context = _context_without_hooks(request, metadata, read, params)
                # As the hook of the datasets does.
                remember_session_settings(context.config_loader)
                yield context, travelling
                return
            with _open_session(request, project, read, params) as (session, more):
                yield session.load_context(**more), travelling


@dataclass(frozen=True)
class OpenProject:
    """A Kedro project that is open.

    Args:
        metadata: What its `pyproject.toml` says.
        source: Where the configuration is.
        context: Its context, which reads the configuration as it travels.
        behind: Files of the configuration that stay on this machine, relative to the project.
    """

    metadata: ProjectMetadata
    source: ConfSource
    context: KedroContext
    behind: tuple[str, ...] = ()

    @property
    def root(self) -> Path:
        """The project's folder, absolute."""
        path: Path = self.metadata.project_path
        return path


@contextmanager
def open_project(request: ProjectRequest, params: Mapping[str, Any]) -> Iterator[OpenProject]:
    """Open a project as every Kedro command does.

    Args:
        request: Which project, and how to read it.
        params: Runtime parameters.

    Raises:
        ProjectError: There is no Kedro project, or its code or configuration cannot be read.
    """
    metadata = bootstrap(request.path)
    source = find_conf_source(request, metadata.project_path)
    with open_context(request, metadata, source, params) as (context, travelling):
        yield OpenProject(metadata, source, context, travelling.behind)


def registered_pipeline(name: str) -> Pipeline:
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
            f"There is no registered pipeline '{name}' {did_you_mean(name, list(pipelines))}."
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
        config_loader=config_loader(request, source, params),
        env=request.asked_env,
        runtime_params=dict(params),
        hook_manager=no_hooks,
    )
    return context


def list_config_folders(request: ProjectRequest, source: ConfSource) -> tuple[Path, ...]:
    """Return the folders of the configuration that are read, absolute; none of an archive."""
    arguments = settings.CONFIG_LOADER_ARGS
    base = arguments.get("base_env", "base")
    env = request.asked_env or arguments.get("default_run_env", LOCAL_ENV)
    return tuple(source.path / name for name in (base, env) if name and not source.is_archive)


@contextmanager
def translate_project_errors(
    project: Path,
    folders: Sequence[Path],
    params: Mapping[str, Any],
    places: Mapping[str, str] | None = None,
) -> Iterator[None]:
    """Raise an error that names the line of the project that fails, instead of a traceback.

    Args:
        project: The project's folder, absolute.
        folders: Folders of the configuration that are read, absolute.
        params: Runtime parameters.
        places: Paths that messages may name, to those that they shall name instead.

    Raises:
        ProjectError: Instead of any error of the project's code or configuration.
    """
    try:
        with warnings.catch_warnings():
            # find_pipelines() skips the pipelines that it cannot import: half a job.
            warnings.filterwarnings("error", "An error occurred while importing", UserWarning)
            yield
    except KedroAzureMLError:
        raise
    except (Exception, SystemExit) as error:
        cause = _root_cause(error)
        unreadable = find_unreadable_place(cause, project, folders, params)
        if unreadable is not None:
            raise ProjectError(
                mask_secrets(_renamed(unreadable.message, places)),
                hint=unreadable.hint,
                file=unreadable.file,
                line=unreadable.line,
            ) from error
        said = mask_secrets(_renamed(str(cause), places))
        where, place, line = "", None, None
        for frame in traceback.extract_tb(cause.__traceback__):
            file = Path(frame.filename)
            if file.is_relative_to(project):
                place, line = file.relative_to(project).as_posix(), frame.lineno
                where = f" ({place}, line {line})"
        raise ProjectError(
            f"The project cannot be read: {type(cause).__name__}: {said}{where}",
            hint="Whole traceback:  kedro registry list  or  kedro catalog describe-datasets",
            file=place,
            line=line,
        ) from error


def _renamed(text: str, places: Mapping[str, str] | None) -> str:
    for place, original in (places or {}).items():
        text = text.replace(place, original)
    return text


def _root_cause(error: BaseException) -> BaseException:
    """Return the first error: find_pipelines() wraps it in another one or in a warning."""
    if isinstance(error, OmegaConfBaseException):
        return error  # its cause exists only with a tracer or OC_CAUSE=1, and has no key
    inner = error.__cause__ or (error.__context__ if isinstance(error, UserWarning) else None)
    return _root_cause(inner) if inner else error
