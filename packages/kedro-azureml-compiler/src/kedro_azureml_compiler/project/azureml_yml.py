"""Read `azureml.yml` from the configuration of a Kedro project."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, Any

import yaml
from kedro.config import MissingConfigException
from kedro_azureml_datasets.azure_ml.errors import WorkspaceSettingsError
from kedro_azureml_datasets.azure_ml.settings import WORKSPACE_HINT, register_settings_patterns
from kedro_azureml_datasets.credentials.resolvers import mark_every_reference, secrets_were_read
from omegaconf.errors import (
    GrammarParseError,
    InterpolationResolutionError,
    KeyValidationError,
    OmegaConfBaseException,
)

from kedro_azureml_compiler.config_files import compose_files, find_setting, list_config_files
from kedro_azureml_compiler.findings import About, FindingKind, Severity
from kedro_azureml_compiler.project.configuration_errors import (
    PARAMETER_HINT,
    VARIABLE_HINT,
    describe_yaml_error,
    find_unreadable_place,
    find_yaml_error,
    is_about_variables,
)
from kedro_azureml_compiler.project.opening import bootstrap, build_config_loader
from kedro_azureml_compiler.project.project_errors import ProjectError
from kedro_azureml_compiler.project.request import find_conf_source, list_config_folders
from kedro_azureml_compiler.settings.models import Notifications, Workspace
from kedro_azureml_compiler.settings.parsing import ConfigError, read_config

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from kedro_azureml_compiler.project.request import ConfSource, ProjectRequest
    from kedro_azureml_compiler.settings.models import AzureMLConfig

_IN_PARAMS = re.compile(r"jobs\..+\.params\.")


SETTINGS_MISTAKE = FindingKind(
    code="settings-mistake",
    severity=Severity.ERROR,
    about=About.SETTING,
    title="`azureml.yml` has a mistake",
    explanation=(
        "A key is missing, unknown or of the wrong type, or names an entry that does not exist. "
        "No job is read from such a file."
    ),
    hint="Follow the message.",
    fixed=True,
)


def read_settings(request: ProjectRequest) -> AzureMLConfig:
    """Read `azureml.yml` with the project's config loader.

    Args:
        request: Which project.

    Raises:
        ConfigError: The file does not exist, is not YAML, or has mistakes.
        ProjectError: The folder is not a Kedro project, or the configuration does not exist.
    """
    project = bootstrap(request.path).project_path
    source = find_conf_source(request, project)
    try:
        loader = build_config_loader(request, source, request.params)
    except ProjectError:
        raise
    except Exception as error:
        folders = list_config_folders(request, source)
        place = find_unreadable_place(error, project, folders, request.params)
        if place is not None:
            raise ProjectError(
                place.message, hint=place.hint, file=place.file, line=place.line
            ) from error
        raise ProjectError(
            f"The configuration '{source.relative}' cannot be read: {_one_line(error)}"
        ) from error
    raw = _load(loader, source, project)
    if not raw:
        raise ConfigError(
            f"azureml.yml in '{source.relative}' of '{project.name}' is missing or empty.",
            hint="Create it with:  kedro azureml init",
        )
    try:
        config = read_config(raw)
    except ConfigError as error:
        raise _add_places(error, _files(loader, source, project), project) from error
    return config if "workspace" in raw else _add_default_workspace(config, project)


def _add_places(error: ConfigError, files: Iterable[str], project: Path) -> ConfigError:
    """Return the error with the file and the line of each mistake in its message."""
    if not error.mistakes:
        return error
    nodes = list(compose_files(project, list(files)[::-1]))
    listed = []
    for keys, text in error.mistakes:
        place = find_setting(nodes, keys)
        where = f"{place[0]}:{place[1]}: " if place and place[1] else ""
        listed.append(f"{where}{keys}: {text}")
    message = "\n  ".join([error.message.partition("\n")[0], *listed])
    return ConfigError(message, hint=error.hint, mistakes=error.mistakes)


def _add_default_workspace(config: AzureMLConfig, project: Path) -> AzureMLConfig:
    """Add the workspace that this machine is set up for."""
    from kedro_azureml_datasets.azure_ml.workspace_defaults import find_default_workspace

    try:
        found = find_default_workspace(project)
    except WorkspaceSettingsError as error:
        raise ConfigError(
            "azureml.yml has no 'workspace', and the one of this machine cannot be used: "
            f"{error.message}",
            hint=error.hint,
        ) from error
    if found is None:
        raise ConfigError(
            "azureml.yml has no 'workspace', and this machine has no default one.",
            hint=WORKSPACE_HINT,
            mistakes=(("workspace", "is missing"),),
        )
    names = dataclasses.asdict(found.workspace)
    return config.with_workspace(Workspace(**names), found.source)


def _load(loader: Any, source: ConfSource, project: Path) -> Any:
    if not hasattr(loader, "config_patterns"):
        kind = f"{type(loader).__module__}.{type(loader).__qualname__}"
        raise ConfigError(
            f"The project's config loader {kind} has no 'config_patterns', so it cannot load "
            "azureml.yml.",
            hint="Derive the loader from kedro.config.OmegaConfigLoader.",
        )
    register_settings_patterns(loader)
    try:
        # The job is to name the secrets of notifications, whatever this machine has for them.
        with mark_every_reference():
            content = loader["azureml"]
        _refuse_misplaced_secrets(loader, source, project)
        return content
    except ConfigError:
        raise
    except MissingConfigException as error:
        env = getattr(loader, "env", None) or getattr(loader, "default_run_env", None)
        if env and source.path.is_dir() and not (source.path / env).is_dir():
            raise ProjectError(
                f"The folder '{source.relative}/{env}' does not exist, but Kedro needs it.",
                hint=f"Create it; it may be empty:  mkdir {source.relative}/{env}",
            ) from error
        folders = f"{source.relative}/{getattr(loader, 'base_env', 'base')}"
        raise ConfigError(
            f"{folders}/azureml.yml not found in '{project.name}'.",
            hint="Create it with:  kedro azureml init",
        ) from error
    except Exception as error:
        # Kedro and OmegaConf report only what they could not do with the content.
        broken = _find_broken_file(loader, source, project)
        if broken is not None:
            file, (line, problem) = broken
            where = file if line is None else f"{file}:{line}"
            raise ConfigError(
                f"{where}: {problem}.",
                mistakes=(("azureml.yml", f"{problem}."),),
                file=file,
                line=line,
            ) from error
        if isinstance(error, RecursionError):
            message = "azureml.yml cannot be read: an anchor in it contains itself."
            raise ConfigError(message) from error
        if isinstance(error, OmegaConfBaseException):
            raise _not_resolved(error) from error
        raise ConfigError(f"azureml.yml cannot be read: {_one_line(error)}.") from error


def _refuse_misplaced_secrets(loader: Any, source: ConfSource, project: Path) -> None:
    """Refuse references to secrets whose values would be written into the job."""
    if not secrets_were_read():
        return
    for file in _files(loader, source, project):
        for keys, line in _secret_references(project / file):
            hint = ""
            if keys[:1] != ("notifications",):
                problem = "'${azureml.secret:...}' is resolved only below 'notifications' here."
                hint = (
                    "Name the secret in a credentials file, and those credentials in a catalog "
                    "entry; a value here would be written into the job."
                )
            elif _is_string_of_notifications(keys):
                continue
            else:  # refused before a message quotes the value as one that is not possible
                problem = "'${azureml.secret:...}' is a string, and something else is needed here."
            place = ".".join(keys).replace(".[", "[")
            raise ConfigError(
                f"{file}:{line}: {place}: {problem}",
                hint=hint,
                mistakes=((place, problem),),
                file=file,
                line=line,
            )


def _is_string_of_notifications(keys: tuple[str, ...]) -> bool:
    """Check whether a value in `notifications` may be any string; an unknown key is named later."""
    field = Notifications.model_fields.get(keys[2]) if len(keys) == 3 else None
    return field.annotation == (str | None) if field else len(keys) == 3


def _secret_references(file: Path) -> Iterator[tuple[tuple[str, ...], int]]:
    """Yield the keys and the line of each reference to a secret."""
    text = file.read_text(encoding="utf-8", errors="replace")
    if "azureml.secret" not in text:
        return

    def walk(node: Any, keys: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], int]]:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                yield from walk(value, (*keys, str(key.value)))
        elif isinstance(node, yaml.SequenceNode):
            for number, value in enumerate(node.value):
                yield from walk(value, (*keys, f"[{number}]"))
        elif "azureml.secret" in str(node.value):
            yield keys, node.start_mark.line + 1

    yield from walk(yaml.compose(text, yaml.SafeLoader), ())


def _files(loader: Any, source: ConfSource, project: Path) -> Iterable[str]:
    """Return the files that hold the settings, relative to the project."""
    envs = (getattr(loader, "base_env", ""), loader.env or getattr(loader, "default_run_env", ""))
    folders = [f"{source.relative}/{env}" for env in dict.fromkeys(envs) if env]
    return list_config_files(project, folders, register_settings_patterns(loader))


def _find_broken_file(
    loader: Any, source: ConfSource, project: Path
) -> tuple[str, tuple[int | None, str]] | None:
    """Return the first file that is not a mapping, with the line and the problem."""
    for file in _files(loader, source, project):
        problem = _problem_of_yaml(project / file)
        if problem is not None:
            return file, problem
    return None


def _problem_of_yaml(file: Path) -> tuple[int | None, str] | None:
    content = file.read_bytes()
    try:
        read = yaml.safe_load(content.decode())
    except yaml.MarkedYAMLError as error:
        return describe_yaml_error(error)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return line, f"byte 0x{content[error.start]:02x} is not UTF-8"
    except RecursionError:
        return None, "mappings are nested too deeply"
    except (ValueError, yaml.YAMLError) as error:  # an impossible number or date
        too_long = "integer string conversion" in str(error)
        return None, "a number has too many digits" if too_long else _one_line(error)
    if read is not None and not isinstance(read, dict):
        what = "a list" if isinstance(read, list) else "a single value"
        sections = "'workspace:', 'compute:', 'execution:' and 'jobs:'"
        return None, f"expected a mapping with {sections}, found {what}"
    keys = [key for key in read or {} if not isinstance(key, str)]
    if not keys:
        found = find_yaml_error(file)  # a key that is there twice, for example
        return describe_yaml_error(found) if isinstance(found, yaml.MarkedYAMLError) else None
    shown = "null" if keys[0] is None else str(keys[0])
    return None, f"the key {shown} is not a string; quote it"


def _not_resolved(error: OmegaConfBaseException) -> ConfigError:
    """Return an error for what OmegaConf cannot resolve, with its place."""
    place = str(getattr(error, "full_key", None) or "")
    where = f"{place}: " if place else ""
    if isinstance(error, KeyValidationError):
        return ConfigError(f"azureml.yml cannot be read: {where}a key is not a string.")
    hint = ""
    if is_about_variables(error):
        hint = VARIABLE_HINT
    elif _IN_PARAMS.match(place):
        hint = PARAMETER_HINT
    elif isinstance(error, (GrammarParseError, InterpolationResolutionError)):
        hint = (
            "'${' starts a reference to another setting. To let Azure ML replace it, "
            "put a backslash before it, in single quotes:  '\\${{name}}'"
        )
    problem = f"{_one_line(error)}."
    return ConfigError(
        f"azureml.yml cannot be read: {where}{problem}",
        hint=hint,
        mistakes=((place or "azureml.yml", problem),),
    )


def _one_line(error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError):
        return describe_yaml_error(error)[1]
    lines = str(error).strip().splitlines()
    return lines[0].strip().rstrip(".") if lines else type(error).__name__
