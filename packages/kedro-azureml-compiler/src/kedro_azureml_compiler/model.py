"""The part of Azure ML's pipeline YAML that we write, as values.

Each class gives its own dict, with the keys in the order in which a reader looks for them and
without those that say nothing. Field names are those of Azure ML's schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SCHEMA = "https://azuremlschemas.azureedge.net/latest/pipelineJob.schema.json"


@dataclass(frozen=True)
class Port:
    """An input or output port of a component: `uri_folder` or `uri_file`."""

    type: str

    def to_dict(self) -> dict[str, Any]:
        """Give what stands in the YAML."""
        return {"type": self.type}


@dataclass(frozen=True)
class CommandComponent:
    """What a step runs. Only this form of a step can say that it is not deterministic."""

    display_name: str
    command: str
    environment: str
    code: str | None
    is_deterministic: bool
    inputs: Mapping[str, Port] = field(default_factory=dict)
    outputs: Mapping[str, Port] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Give what stands in the YAML."""
        return _without_empty(
            {
                "type": "command",
                "display_name": self.display_name,
                "command": self.command,
                "code": self.code,
                "environment": self.environment,
                "is_deterministic": self.is_deterministic,
                "inputs": {name: port.to_dict() for name, port in self.inputs.items()},
                "outputs": {name: port.to_dict() for name, port in self.outputs.items()},
            }
        )


@dataclass(frozen=True)
class AssetOutput:
    """An output that registers a data asset."""

    type: str
    name: str

    def to_dict(self) -> dict[str, Any]:
        """Give what stands in the YAML."""
        return {"type": self.type, "name": self.name}


@dataclass(frozen=True)
class CommandStep:
    """One step of the pipeline: a component, bound to its data."""

    component: CommandComponent
    inputs: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, AssetOutput] = field(default_factory=dict)
    compute: str | None = None
    instance_type: str | None = None
    timeout_s: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Give what stands in the YAML."""
        return _without_empty(
            {
                "type": "command",
                "display_name": self.component.display_name,
                "component": self.component.to_dict(),
                "inputs": dict(self.inputs),
                "outputs": {name: output.to_dict() for name, output in self.outputs.items()},
                "compute": self.compute,
                "resources": _without_empty({"instance_type": self.instance_type}),
                "limits": _without_empty({"timeout": self.timeout_s}),
            }
        )


@dataclass(frozen=True)
class DataInput:
    """Data that enters the pipeline: a data asset, or a local path that is uploaded."""

    type: str
    path: str

    def to_dict(self) -> dict[str, Any]:
        """Give what stands in the YAML."""
        return {"type": self.type, "path": self.path}


@dataclass(frozen=True)
class PipelineJob:
    """A pipeline job of Azure ML."""

    display_name: str
    default_compute: str
    jobs: Mapping[str, CommandStep]
    experiment_name: str | None = None
    description: str | None = None
    inputs: Mapping[str, DataInput] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Give what stands in the YAML."""
        return _without_empty(
            {
                "$schema": SCHEMA,
                "type": "pipeline",
                "display_name": self.display_name,
                "experiment_name": self.experiment_name,
                "description": self.description,
                "settings": {"default_compute": self.default_compute},
                "inputs": {name: value.to_dict() for name, value in self.inputs.items()},
                "jobs": {name: step.to_dict() for name, step in self.jobs.items()},
            }
        )


def _without_empty(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None and value != {}}
