"""Reads `azureml.yml` from the configuration of a Kedro project, and nothing else of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml
from kedro.config import MissingConfigException
from kedro_azureml_datasets.azure_ml.settings import settings_patterns
from omegaconf.errors import (
    GrammarParseError,
    InterpolationResolutionError,
    KeyValidationError,
    OmegaConfBaseException,
)

from kedro_azureml_compiler.findings import About, FindingKind, Severity
from kedro_azureml_compiler.project.configuration_errors import (
    PARAMETER_HINT,
    VARIABLE_HINT,
    describe_yaml_error,
    find_unreadable_place,
    is_about_variables,
)
from kedro_azureml_compiler.project.opening import (
    ProjectError,
    bootstrap,
    config_loader,
    find_conf_source,
    list_config_folders,
)
from kedro_azureml_compiler.settings.parsing import ConfigError, read_config

if TYPE_CHECKING:
    from pathlib import Path

    from kedro_azureml_compiler.project.opening import ConfSource, ProjectRequest
    from kedro_azureml_compiler.settings.models import AzureMLConfig

_IN_PARAMS = re.compile(r"jobs\..+\.params\.")


SETTINGS_MISTAKE = FindingKind(
    code="settings-mistake",
    severity=Severity.ERROR,
    about=About.SETTING,
    title="`azureml.yml` says something that has no meaning",
    explanation=(
        "A key is missing, unknown or of a wrong type, or names an entry that does not "
        "exist. No job is read from such a file."
    ),
    hint="What the message says; the page [Settings](../settings.md) lists every key.",
    fixed=True,
)


def read_settings(request: ProjectRequest) -> AzureMLConfig:
    """Read `azureml.yml` with the project's config loader.

    Args:
        request: Which project.

    Raises:
        ConfigError: There is no such file, it is no YAML, or its content has mistakes.
        ProjectError: The folder holds no Kedro project, or no such configuration.
    """
    project = bootstrap(request.path).project_path
    source = find_conf_source(request, project)
    try:
        loader = config_loader(request, source, request.params)
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
            f"There is no azureml.yml in '{source.relative}' of '{project.name}', or it is empty.",
            hint="Write one with:  kedro azureml init",
        )
    return read_config(raw)


def _load(loader: Any, source: ConfSource, project: Path) -> Any:
    if not hasattr(loader, "config_patterns"):
        kind = f"{type(loader).__module__}.{type(loader).__qualname__}"
        raise ConfigError(
            f"The project's config loader {kind} has no 'config_patterns', so it cannot be told of "
            "azureml.yml.",
            hint="Derive it from kedro.config.OmegaConfigLoader.",
        )
    settings_patterns(loader)
    try:
        return loader["azureml"]
    except MissingConfigException as error:
        env = getattr(loader, "env", None) or getattr(loader, "default_run_env", None)
        if env and source.path.is_dir() and not (source.path / env).is_dir():
            raise ProjectError(
                f"There is no folder '{source.relative}/{env}', and Kedro wants it to exist.",
                hint=f"Make it; it may be empty:  mkdir {source.relative}/{env}",
            ) from error
        folders = f"{source.relative}/{getattr(loader, 'base_env', 'base')}"
        raise ConfigError(
            f"There is no azureml.yml in '{folders}' of '{project.name}' ({_one_line(error)}).",
            hint="Write one with:  kedro azureml init",
        ) from error
    except Exception as error:
        # Kedro and OmegaConf tell of what they could not do with the content, in their own words.
        problem = _problem_of_a_file(loader, source, project)
        if problem is not None:
            raise ConfigError(f"azureml.yml cannot be read: {problem}.") from error
        if isinstance(error, RecursionError):
            message = "azureml.yml cannot be read: an anchor in it contains itself."
            raise ConfigError(message) from error
        if isinstance(error, OmegaConfBaseException):
            raise _not_resolved(error) from error
        raise ConfigError(f"azureml.yml cannot be read: {_one_line(error)}.") from error


def _problem_of_a_file(loader: Any, source: ConfSource, project: Path) -> str | None:
    """Say what is wrong with the first file that holds no sections, and where."""
    from kedro_azureml_compiler.config_files import config_files

    envs = (getattr(loader, "base_env", ""), loader.env or getattr(loader, "default_run_env", ""))
    folders = [f"{source.relative}/{env}" for env in dict.fromkeys(envs) if env]
    for file in config_files(project, folders, settings_patterns(loader)):
        problem = _problem_of_yaml((project / file).read_bytes())
        if problem is not None:
            return f"{file}{problem}"
    return None


def _problem_of_yaml(content: bytes) -> str | None:
    try:
        read = yaml.safe_load(content.decode())
    except yaml.MarkedYAMLError as error:
        return describe_yaml_error(error)
    except UnicodeDecodeError as error:
        return f" is not UTF-8 text, at byte {error.start}"
    except RecursionError:
        return " nests its sections too deeply"
    except (ValueError, yaml.YAMLError) as error:  # a number or a date that there cannot be
        too_long = "integer string conversion" in str(error)
        return ": a number in it has too many digits" if too_long else f": {_one_line(error)}"
    if read is not None and not isinstance(read, dict):
        what = "a list" if isinstance(read, list) else "a single value"
        sections = "'workspace:', 'compute:', 'execution:' and 'jobs:'"
        return f" holds {what} where its sections should be: {sections}"
    keys = [key for key in read or {} if not isinstance(key, str)]
    if not keys:
        return None
    shown = "null" if keys[0] is None else str(keys[0])
    return f": the key {shown} is not a string; write it in quotes"


def _not_resolved(error: OmegaConfBaseException) -> ConfigError:
    """Say what OmegaConf cannot resolve, and where."""
    place = str(getattr(error, "full_key", None) or "")
    where = f"{place}: " if place else ""
    if isinstance(error, KeyValidationError):
        return ConfigError(f"azureml.yml cannot be read: {where}a key in it is not a string.")
    hint = ""
    if is_about_variables(error):
        hint = VARIABLE_HINT
    elif _IN_PARAMS.match(place):
        hint = PARAMETER_HINT
    elif isinstance(error, (GrammarParseError, InterpolationResolutionError)):
        hint = (
            "'${' starts a reference to another setting. Where Azure ML is to replace something, "
            "write a backslash before it, in single quotes:  '\\${{name}}'"
        )
    return ConfigError(f"azureml.yml cannot be read: {where}{_one_line(error)}.", hint=hint)


def _one_line(error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError):
        return describe_yaml_error(error).lstrip(", ")
    lines = str(error).strip().splitlines()
    return lines[0].strip().rstrip(".") if lines else type(error).__name__
