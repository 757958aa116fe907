"""Convert an `azureml.yml` of kedro-azureml 1.0 to the current format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

_WITHOUT_EFFECT = {
    "temporary_storage": "Azure ML stores the data that passes between steps",
    "pipeline_data_passing": "Azure ML always passes the data",
}


def is_older_format(raw: Mapping[Any, Any]) -> bool:
    """Check whether the content is in the format of kedro-azureml 1.0."""
    return "azure" in raw and "workspace" not in raw


def convert_older_format(raw: Mapping[Any, Any]) -> str:
    """Return the same settings in the current format, ready to be pasted.

    Missing values are placeholders between < and >.

    Args:
        raw: The content, with its section `azure`.

    Returns:
        The whole file, as YAML.

    Example:
        >>> print(convert_older_format({"azure": {"workspace_name": "w"}}).splitlines()[4])
            name: w
    """
    azure = _section(raw.get("azure"))
    computes = {
        str(name): {"cluster_name": _text(_section(entry).get("cluster_name"), "<cluster>")}
        for name, entry in _section(azure.get("compute")).items()
    }
    image = _section(raw.get("docker")).get("image")
    environment: Any = {"image": str(image)} if image else "<environment>@latest"
    if azure.get("environment_name"):
        environment = str(azure["environment_name"])
    execution = {
        "environment": environment,
        "code_directory": _text_or_null(azure.get("code_directory")),
    }
    if azure.get("working_directory") and execution["code_directory"] is None:
        execution["working_directory"] = str(azure["working_directory"])
    job: dict[str, Any] = {"pipeline": {"pipeline_name": "__default__"}}
    if azure.get("experiment_name"):
        job["experiment_name"] = str(azure["experiment_name"])
    new = {
        "workspace": {
            "__default__": {
                "subscription_id": _text(azure.get("subscription_id"), "<subscription id>"),
                "resource_group": _text(azure.get("resource_group"), "<resource group>"),
                "name": _text(azure.get("workspace_name"), "<workspace>"),
            }
        },
        "compute": {"__default__": {"cluster_name": "<cluster>"}, **computes},
        "execution": execution,
        "jobs": {"default": job},
    }
    text: str = yaml.safe_dump(new, sort_keys=False, allow_unicode=True, width=100)
    gone = [f"# Without '{key}': {why}." for key, why in _WITHOUT_EFFECT.items() if key in azure]
    return "\n".join([text.rstrip(), *gone])


def _section(value: Any) -> Mapping[Any, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any, missing: str) -> str:
    return missing if value is None or value == "" else str(value)


def _text_or_null(value: Any) -> str | None:
    return None if value is None or value == "" else str(value)
