"""Describe which project to read, and find its configuration."""

from __future__ import annotations

import mimetypes
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from kedro.framework.project import settings
from kedro_azureml_runner.protocol.invocation import params_to_json

from kedro_azureml_compiler.project.filters import NO_FILTERS, NodeFilters
from kedro_azureml_compiler.project.project_errors import ProjectError
from kedro_azureml_compiler.project.travelling import LOCAL_ENV

_ARCHIVES = frozenset({
    "application/x-tar",
    "application/zip",
    "application/x-zip-compressed",
    "application/zip-compressed",
})  # fmt: skip


class ProjectRequest(NamedTuple):
    """Which project to read, and how.

    Args:
        path: The project's folder.
        env: Kedro environment; None leaves it to the variable `KEDRO_ENV` and to the project.
        params: Runtime parameters that win over those of the job.
        load_versions: Dataset name to version, as `kedro run --load-versions`.
        conf_source: Folder, zip or tar file of the configuration, absolute or relative to the
            project; None leaves it to the project.
        use_hooks: Whether the project is read with its hooks, as every Kedro command does.
        filters: Which nodes to run of those that a job selects.
    """

    path: Path
    env: str | None = None
    params: Mapping[str, Any] = {}
    load_versions: Mapping[str, str] = {}
    conf_source: str | Path | None = None
    use_hooks: bool = True
    filters: NodeFilters = NO_FILTERS

    @property
    def asked_env(self) -> str | None:
        """The requested environment, by name or by the variable that Kedro reads."""
        return self.env or os.getenv("KEDRO_ENV") or None


class ConfSource(NamedTuple):
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


def find_own_conf_source() -> str:
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
        return ConfSource(own, find_own_conf_source(), is_own=True)
    asked = str(request.conf_source).removeprefix("file://")
    hint = "Move it into the project, so that it travels with the code of the job."
    if "://" in asked:
        raise ProjectError(f"The configuration '{asked}' is outside the project.", hint=hint)
    path = Path(os.path.realpath(project / Path(asked).expanduser()))
    if not path.exists():
        raise ProjectError(f"There is no configuration '{asked}' in '{project.name}'.")
    if path == project or not path.is_relative_to(project):
        raise ProjectError(f"The configuration '{asked}' is outside the project.", hint=hint)
    if path.is_file() and mimetypes.guess_type(path.name)[0] not in _ARCHIVES:
        raise ProjectError(
            f"The configuration '{asked}' is not a folder, a zip file or a tar file."
        )
    return ConfSource(
        path, path.relative_to(project).as_posix(), is_own=path == Path(os.path.realpath(own))
    )


def list_config_folders(request: ProjectRequest, source: ConfSource) -> tuple[Path, ...]:
    """Return the folders of the configuration that are read, absolute; none of an archive."""
    arguments = settings.CONFIG_LOADER_ARGS
    base = arguments.get("base_env", "base")
    env = request.asked_env or arguments.get("default_run_env", LOCAL_ENV)
    return tuple(source.path / name for name in (base, env) if name and not source.is_archive)


def merge_params(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return runtime parameters of which some win over others, key by key.

    Args:
        below: Those of a job.
        above: Those of the command.

    Example:
        >>> merge_params({"a": {"b": 1, "c": 2}}, {"a": {"b": 9}})
        {'a': {'b': 9, 'c': 2}}
    """
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            merged[key] = merge_params(old, value)
        else:
            merged[key] = value
    return merged


def refuse_odd_params(params: Mapping[str, Any]) -> None:
    """Refuse runtime parameters that cannot reach a step as they are.

    Args:
        params: The parameters.

    Raises:
        ProjectError: A value or a key is not one of JSON.
    """
    try:
        params_to_json(params).encode()
        _refuse_other_keys(params)
    except (RecursionError, TypeError, ValueError) as error:
        raise ProjectError(
            f"The runtime parameters contain a value that cannot reach a step: {error}.",
            hint="Use strings, numbers, true, false, null, lists and mappings.",
        ) from error


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
