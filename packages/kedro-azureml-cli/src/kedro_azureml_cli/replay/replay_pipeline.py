"""Write the pipeline of a replay: the step, what follows it, and their inputs as local data."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kedro_azureml_cli.azure_ml.jobs.remote_job import StepComponent

_ENVIRONMENT_ID = re.compile(r".*/environments/([^/]+)/versions/([^/]+)", re.IGNORECASE)
_ONE_PROCESS = {"process_count_per_instance": 1, "worker_count": 1, "parameter_server_count": 0}
_OF_STEP = ("environment_variables",)


@dataclass(frozen=True)
class ReplayedStep:
    """A step of a replay.

    Args:
        content: The step, as the job has it.
        component: What it runs.
        code: The folder with its code.
        inputs: Input to a literal, a binding to another replayed step, or local data.
        alone: Whether it is run as one process, though it may be distributed.
    """

    content: Mapping[str, Any]
    component: StepComponent
    code: Path
    inputs: Mapping[str, Any]
    alone: bool


def make_pipeline(name: str, steps: Mapping[str, ReplayedStep]) -> str:
    """Return the pipeline YAML of a replay.

    Args:
        name: The job's name in Azure ML.
        steps: The steps by their names.
    """
    document = {
        "type": "pipeline",
        "display_name": f"replay of {name}",
        "experiment_name": "replay",
        "settings": {"default_compute": "azureml:this-machine"},
        "jobs": {step: _make_step(step, replayed) for step, replayed in steps.items()},
    }
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)


def _make_step(name: str, step: ReplayedStep) -> dict[str, Any]:
    content, component = step.content, step.component
    made: dict[str, Any] = {
        "type": "command",
        "display_name": str(content.get("display_name") or name),
        "component": {
            "type": "command",
            "command": component.command,
            "code": str(step.code),
            "environment": _short(component.environment),
            "is_deterministic": False,
            "inputs": {
                port: {"type": kind} if port in step.inputs else {"type": kind, "optional": True}
                for port, kind in component.inputs.items()
            },
            "outputs": {port: {"type": kind} for port, kind in component.outputs.items()},
        },
        "inputs": dict(step.inputs),
        **_keep(content, _OF_STEP),
    }
    distribution = content.get("distribution")
    if distribution:
        count = (content.get("resources") or {}).get("instance_count", 1)
        if step.alone and str(distribution.get("type")).lower() == "ray":
            return made
        if step.alone:
            distribution = {**distribution, **_keep(_ONE_PROCESS, distribution)}
            count = 1
        made["distribution"] = dict(distribution)
        made["resources"] = {"instance_count": count}
    return made


def _keep(mapping: Mapping[str, Any], keys: Any) -> dict[str, Any]:
    return {key: mapping[key] for key in mapping if key in keys and mapping[key] is not None}


def _short(environment: str) -> str:
    """Return a reference that the simulator reads; it names what a mapping may replace."""
    matched = _ENVIRONMENT_ID.fullmatch(environment)
    if matched is not None:
        return f"azureml:{matched.group(1)}:{matched.group(2)}"
    return environment or "azureml:unknown:1"
