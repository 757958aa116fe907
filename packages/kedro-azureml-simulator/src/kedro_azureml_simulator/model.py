"""An Azure ML pipeline as it stands in its YAML, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

DataType: TypeAlias = Literal["uri_folder", "uri_file"]
InputMode: TypeAlias = Literal["ro_mount", "download"]


@dataclass(frozen=True)
class Text:
    """A literal input, as the text that Azure ML sends."""

    text: str


@dataclass(frozen=True)
class LocalData:
    """A file or folder beside the YAML, uploaded as a job input."""

    type: DataType
    path: Path
    mode: InputMode


@dataclass(frozen=True)
class AssetData:
    """A data asset, `name:version` or `name@label`."""

    type: DataType
    reference: str
    mode: InputMode


@dataclass(frozen=True)
class FromPipelineInput:
    """`${{parent.inputs.<name>}}`."""

    name: str
    mode: InputMode | None = None


@dataclass(frozen=True)
class FromStepOutput:
    """`${{parent.jobs.<step>.outputs.<port>}}`."""

    step: str
    port: str
    mode: InputMode | None = None


PipelineInput: TypeAlias = Text | LocalData | AssetData
StepInput: TypeAlias = PipelineInput | FromPipelineInput | FromStepOutput


@dataclass(frozen=True)
class InputDeclaration:
    """An input port that a component declares.

    `type` is a data type, or one of the literal types (string, number, integer, boolean).
    """

    type: str
    optional: bool = False
    default: str | None = None
    choices: tuple[str, ...] = ()

    @property
    def is_data(self) -> bool:
        """Whether the port takes a file or folder rather than a literal."""
        return self.type in {"uri_folder", "uri_file"}


@dataclass(frozen=True)
class Output:
    """An output port of a step, or of the pipeline.

    `type` is None where the YAML leaves it to the pipeline's output. `asset_name` and
    `asset_version` register what was written as a data asset; `pipeline_output` is the
    pipeline's output that the port writes.
    """

    type: DataType | None = None
    asset_name: str | None = None
    asset_version: str | None = None
    pipeline_output: str | None = None


@dataclass(frozen=True)
class Step:
    """A command step, its component merged in.

    `declared` holds the component's input ports, None for an inline step, whose ports are
    what its inputs are. `distribution` is the type of a distribution with one process.
    """

    name: str
    display_name: str
    command: str
    code: Path | None = None
    inputs: Mapping[str, StepInput] = field(default_factory=dict)
    declared: Mapping[str, InputDeclaration] | None = None
    outputs: Mapping[str, Output] = field(default_factory=dict)
    environment_variables: Mapping[str, str] = field(default_factory=dict)
    timeout_s: float | None = None
    distribution: str | None = None


@dataclass(frozen=True)
class Pipeline:
    """A pipeline job."""

    name: str
    experiment_name: str
    inputs: Mapping[str, PipelineInput]
    outputs: Mapping[str, Output]
    steps: tuple[Step, ...]
    continue_on_step_failure: bool = False
