"""The part of Azure ML's pipeline YAML that we write, as values.

Each class returns its own dict, with the keys in the order in which a reader looks for them and
without empty ones. Field names are those of Azure ML's schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

SCHEMA = "https://azuremlschemas.azureedge.net/latest/pipelineJob.schema.json"


class Port(NamedTuple):
    """An input or output port of a component: data (`uri_folder`), or a value (`number`)."""

    type: str
    description: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the object as it is written in the YAML."""
        return _without_empty({"type": self.type, "description": self.description})


class CommandComponent(NamedTuple):
    """What a step runs. Only this form of a step can say whether it is deterministic."""

    display_name: str
    command: str
    environment: str | Mapping[str, Any]
    code: str | None
    is_deterministic: bool
    description: str | None = None
    inputs: Mapping[str, Port] = {}
    outputs: Mapping[str, Port] = {}

    def to_dict(self) -> dict[str, Any]:
        """Return the object as it is written in the YAML."""
        return _without_empty(
            {
                "type": "command",
                "display_name": self.display_name,
                "description": self.description,
                "command": self.command,
                "code": self.code,
                "environment": self.environment,
                "is_deterministic": self.is_deterministic,
                "inputs": {name: port.to_dict() for name, port in self.inputs.items()},
                "outputs": {name: port.to_dict() for name, port in self.outputs.items()},
            }
        )


class StepInput(NamedTuple):
    """What an input of a step is bound to, and how it gets there."""

    type: str
    path: str
    mode: str

    def to_dict(self) -> dict[str, Any]:
        """Return the object as it is written in the YAML."""
        return {"type": self.type, "path": self.path, "mode": self.mode}


class StepOutput(NamedTuple):
    """An output, with its address, its mode and the data asset that it is registered as."""

    type: str
    name: str | None = None
    mode: str | None = None
    path: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the object as it is written in the YAML."""
        return _without_empty(
            {"type": self.type, "name": self.name, "mode": self.mode, "path": self.path}
        )


class Resources(NamedTuple):
    """The machines of a step."""

    instance_count: int | None = None
    instance_type: str | None = None
    shm_size: str | None = None
    docker_args: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the object as it is written in the YAML."""
        return _without_empty(
            {
                "instance_count": self.instance_count,
                "instance_type": self.instance_type,
                "shm_size": self.shm_size,
                "docker_args": self.docker_args,
            }
        )


class CommandStep(NamedTuple):
    """One step of the pipeline: a component, bound to its data."""

    component: CommandComponent
    inputs: Mapping[str, str | StepInput] = {}
    outputs: Mapping[str, StepOutput] = {}
    compute: str | None = None
    resources: Resources = Resources()
    timeout_s: int | None = None
    distribution: Mapping[str, Any] = {}
    environment_variables: Mapping[str, str] = {}
    identity: Mapping[str, Any] = {}
    tags: Mapping[str, str] = {}
    overrides: Mapping[str, Any] = {}

    def to_dict(self) -> dict[str, Any]:
        """Return the object as it is written in the YAML."""
        inputs = {
            name: bound.to_dict() if isinstance(bound, StepInput) else bound
            for name, bound in self.inputs.items()
        }
        content = _without_empty(
            {
                "type": "command",
                "display_name": self.component.display_name,
                "tags": dict(self.tags),
                "component": self.component.to_dict(),
                "inputs": inputs,
                "outputs": {name: output.to_dict() for name, output in self.outputs.items()},
                "compute": self.compute,
                "resources": self.resources.to_dict(),
                "distribution": dict(self.distribution),
                "environment_variables": dict(self.environment_variables),
                "identity": dict(self.identity),
                "limits": _without_empty({"timeout": self.timeout_s}),
            }
        )
        return merge_yaml(content, self.overrides) if self.overrides else content


class DataInput(NamedTuple):
    """Data that enters the pipeline: a data asset, or a local path that is uploaded.

    A value that enters it is written as it is.
    """

    type: str
    path: str

    def to_dict(self) -> dict[str, Any]:
        """Return the object as it is written in the YAML."""
        return {"type": self.type, "path": self.path}


class PipelineJob(NamedTuple):
    """A pipeline job of Azure ML."""

    display_name: str
    default_compute: str
    jobs: Mapping[str, CommandStep]
    experiment_name: str | None = None
    description: str | None = None
    inputs: Mapping[str, DataInput | str | float] = {}
    tags: Mapping[str, str] = {}
    overrides: Mapping[str, Any] = {}

    def to_dict(self) -> dict[str, Any]:
        """Return the object as it is written in the YAML."""
        content = _without_empty(
            {
                "$schema": SCHEMA,
                "type": "pipeline",
                "display_name": self.display_name,
                "experiment_name": self.experiment_name,
                "description": self.description,
                "tags": dict(self.tags),
                "settings": {"default_compute": self.default_compute},
                "inputs": {
                    name: value.to_dict() if isinstance(value, DataInput) else value
                    for name, value in self.inputs.items()
                },
                "jobs": {name: step.to_dict() for name, step in self.jobs.items()},
            }
        )
        return merge_yaml(content, self.overrides) if self.overrides else content


def merge_yaml(content: Mapping[str, Any], override: Mapping[Any, Any]) -> dict[str, Any]:
    """Return content with an override: mappings are merged, null deletes, the rest replaces.

    Args:
        content: The content.
        override: What is merged into it.

    Example:
        >>> merge_yaml({"a": {"b": 1, "c": 2}, "d": [1, 2]}, {"a": {"b": None}, "d": [3]})
        {'a': {'c': 2}, 'd': [3]}
    """
    merged = dict(content)
    for key, value in override.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, Mapping):
            before = merged.get(key)
            merged[key] = merge_yaml(before if isinstance(before, Mapping) else {}, value)
        else:
            merged[key] = value
    return merged


def _without_empty(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None and value != {}}
