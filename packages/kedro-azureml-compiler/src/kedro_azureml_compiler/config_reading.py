"""Reads the content of `azureml.yml` into its models, and says where it is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from kedro_azureml_datasets import KedroAzureMLError
from pydantic import BaseModel, ValidationError

from kedro_azureml_compiler.config import (
    AzureMLConfig,
    Compute,
    Cron,
    Execution,
    Job,
    Limits,
    Notifications,
    PipelineSelection,
    Recurrence,
    RecurrencePattern,
    Schedule,
    Workspace,
)
from kedro_azureml_compiler.suggestions import did_you_mean


class ConfigError(KedroAzureMLError):
    """`azureml.yml` says something that has no meaning; every place is named at once."""


def read_config(raw: Mapping[str, Any], where: str = "azureml.yml") -> AzureMLConfig:
    """Check the content of `azureml.yml`.

    Args:
        raw: The content, as a config loader gives it.
        where: The file's name, for messages.

    Returns:
        The settings, with their defaults.

    Raises:
        ConfigError: Something is missing, unknown or of a wrong type. The message names each place.

    Example:
        >>> try:
        ...     read_config({"workspaces": {}, "compute": {"__default__": {"cluster_name": "c"}}})
        ... except ConfigError as error:
        ...     print(error.message)
        azureml.yml has 2 mistakes:
          workspace: is missing
          workspaces: is not a key here (did you mean 'workspace'?)
    """
    if "azure" in raw and "workspace" not in raw:
        raise ConfigError(
            f"{where} has the single section 'azure' of kedro-azureml 1.0.",
            hint="Write the sections 'workspace', 'compute', 'execution' and 'jobs' in its place; "
            "'kedro azureml init' writes a file to start from.",
        )
    try:
        return AzureMLConfig.model_validate(dict(raw))
    except ValidationError as error:
        lines = [line for detail in error.errors() for line in _explain(detail)]
    count = "a mistake" if len(lines) == 1 else f"{len(lines)} mistakes"
    listed = "\n".join(f"  {line}" for line in lines)
    raise ConfigError(f"{where} has {count}:\n{listed}") from None


def _explain(detail: Any) -> list[str]:
    location = [part for part in detail["loc"] if not _is_union_branch(part)]
    where = ".".join(map(str, location)) or "the file"
    kind, message = detail["type"], detail["msg"]
    if kind == "missing":
        return [f"{where}: is missing"]
    if kind == "extra_forbidden":
        known = list(_keys_at(location[:-1]))
        return [f"{where}: is not a key here {did_you_mean(str(location[-1]), known)}"]
    if kind == "value_error":
        text = message.removeprefix("Value error, ")
        return [
            line if "." in line.split(":")[0] else f"{where}: {line}" for line in text.split("\n")
        ]
    given = repr(detail.get("input"))
    if kind in {"dict_type", "model_type"}:
        return [f"{where}: write a section, with keys below it, not {given[:60]}"]
    if kind == "tuple_type":
        return [f"{where}: write a list, for example [{_without_quotes(given)[:60]}]"]
    return [f"{where}: {message[:1].lower()}{message[1:]}, not {given[:60]}"]


def _without_quotes(given: str) -> str:
    return given.strip("'\"")


def _is_union_branch(part: Any) -> bool:
    # pydantic puts the tried type into the place where a value may be one of several.
    return isinstance(part, str) and bool(re.fullmatch(r"(str|Schedule|tuple)(\[.*\])?", part))


def _keys_at(location: list[Any]) -> list[str]:
    model: type[BaseModel] = AzureMLConfig
    keys: dict[str, type[BaseModel]] = {
        "workspace": Workspace, "compute": Compute, "schedules": Schedule, "jobs": Job,
        "notifications": Notifications, "execution": Execution, "pipeline": PipelineSelection,
        "limits": Limits, "cron": Cron, "recurrence": Recurrence,
    }  # fmt: skip
    for part in location:
        model = keys.get(str(part), model)
    if location and str(location[-1]) == "schedule":
        model = RecurrencePattern if "recurrence" in location else Schedule
    return [field.alias or name for name, field in model.model_fields.items()]
