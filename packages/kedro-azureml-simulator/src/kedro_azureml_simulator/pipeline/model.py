"""An Azure ML pipeline as it stands in its YAML, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kedro_azureml_simulator.pipeline.section import Section

DataType: TypeAlias = Literal[
    "uri_folder", "uri_file", "mltable", "custom_model", "mlflow_model", "triton_model"
]
DATA_TYPES: tuple[DataType, ...] = (
    "uri_folder", "uri_file", "mltable", "custom_model", "mlflow_model", "triton_model",
)  # fmt: skip
MAY_BE_A_FILE: frozenset[DataType] = frozenset({"uri_file", "custom_model"})
"""Types whose data may be one file; every other is a folder."""

InputMode: TypeAlias = Literal["ro_mount", "download", "direct"]


@dataclass(frozen=True)
class Text:
    """A literal input, as the text that Azure ML sends."""

    text: str


@dataclass(frozen=True)
class LocalData:
    """A file or folder of this machine, uploaded as a job input; `is_absolute` as it is written."""

    type: DataType
    path: Path
    mode: InputMode
    is_absolute: bool = False


@dataclass(frozen=True)
class AssetData:
    """Data that is not on this machine by itself, and must be given.

    `reference` is `name:version` or `name@label` of a data asset, or a whole remote address.
    """

    type: DataType
    reference: str
    mode: InputMode

    @property
    def is_remote(self) -> bool:
        """Whether the reference is an address rather than an asset of the workspace."""
        return "://" in self.reference


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


@dataclass(frozen=True)
class Template:
    """A literal with `${{parent.inputs.<name>}}` inside it."""

    text: str


@dataclass(frozen=True)
class NoValue:
    """A data input with a type and no path."""

    type: DataType
    mode: InputMode


PipelineInput: TypeAlias = Text | LocalData | AssetData | NoValue
StepInput: TypeAlias = PipelineInput | FromPipelineInput | FromStepOutput | Template


@dataclass(frozen=True)
class InputDeclaration:
    """An input port that a component declares.

    `type` is a data type, or one of the literal types (string, number, integer, boolean). A number
    is from `least` to `most`, where those are given. `type` is None for an input that the SDK
    writes without a declaration, which takes anything.
    """

    type: str | None
    optional: bool = False
    default: str | None = None
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None

    @property
    def is_data(self) -> bool:
        """Whether the port takes a file or folder rather than a literal."""
        return self.type in DATA_TYPES


@dataclass(frozen=True)
class Output:
    """An output port of a step, or of the pipeline.

    `type` is None where the YAML leaves it to the pipeline's output. `asset_name` and
    `asset_version` register what was written as a data asset; `pipeline_output` is the
    pipeline's output that the port writes; `address` is a fixed place in a datastore.
    """

    type: DataType | None = None
    asset_name: str | None = None
    asset_version: str | None = None
    pipeline_output: str | None = None
    address: str | None = None


@dataclass(frozen=True)
class Distribution:
    """The processes of a distributed step.

    `processes` are those of each instance; `parameter_servers` are TensorFlow's, which come
    after the `processes * instances` workers.
    """

    kind: Literal["pytorch", "mpi", "tensorflow"]
    instances: int
    workers: int
    parameter_servers: int = 0


@dataclass(frozen=True)
class InlineEnvironment:
    """An environment that the YAML describes: what pip and conda would install.

    `requirements` are pip's lines, relative paths in them below `folder`.
    """

    requirements: tuple[str, ...]
    folder: Path
    python_version: str | None = None
    from_conda: tuple[str, ...] = ()


@dataclass(frozen=True)
class Parallel:
    """A parallel step: an entry script that is called with one mini-batch after the other.

    `input_port` holds the files, `batch_size` of them a mini-batch; `append_port` is the output
    that rows are appended to. Thresholds are -1 where any number of failures is ignored;
    those among the arguments, which may be bound to inputs, count when the step starts.
    """

    entry_script: str
    arguments: str
    input_port: str
    batch_size: int = 1
    append_port: str | None = None
    error_threshold: int = -1
    batch_error_threshold: int = -1
    max_retries: int = 2
    timeout_s: float = 60
    workers: int = 1


@dataclass(frozen=True)
class Space:
    """What one value of a sweep is drawn from: a distribution and its numbers, or choices."""

    kind: str
    values: tuple[object, ...] = ()
    numbers: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Sweep:
    """A sweep step: its command is a trial's, run once for each set of values."""

    space: Mapping[str, Space]
    algorithm: Literal["grid", "random", "sobol"]
    metric: str
    maximize: bool
    max_trials: int | None = None
    concurrent_trials: int | None = None
    trial_timeout_s: float | None = None
    seed: int | None = None


@dataclass(frozen=True)
class Step:
    """A command, parallel or sweep step, its component merged in.

    `declared` holds the component's input ports, None for an inline step, whose ports are
    what its inputs are. `environment` is a reference without `azureml:`, or what is inline.
    `section` is its place in the YAML.
    """

    name: str
    display_name: str
    command: str
    section: Section = field(compare=False, repr=False)
    code: Path | None = None
    includes: tuple[Path, ...] = ()
    inputs: Mapping[str, StepInput] = field(default_factory=dict)
    declared: Mapping[str, InputDeclaration] | None = None
    outputs: Mapping[str, Output] = field(default_factory=dict)
    environment: str | InlineEnvironment | None = None
    environment_variables: Mapping[str, str] = field(default_factory=dict)
    timeout_s: float | None = None
    distribution: Distribution | None = None
    is_deterministic: bool = True
    has_compute: bool = False
    parallel: Parallel | None = None
    sweep: Sweep | None = None
    image: str | None = None


@dataclass(frozen=True)
class NestedPipeline:
    """A step that is a pipeline component."""

    name: str
    display_name: str
    pipeline: Pipeline
    section: Section = field(compare=False, repr=False)
    inputs: Mapping[str, StepInput] = field(default_factory=dict)
    outputs: Mapping[str, Output] = field(default_factory=dict)
    has_compute: bool = False


@dataclass(frozen=True)
class Pipeline:
    """A pipeline job, or a pipeline component.

    `declared` holds a component's input ports; a job has `inputs` instead, or both where it
    runs a component of its own. `on_init` is the step that runs before all others, `on_finalize`
    the one that runs when all others have ended, whatever came of them.
    """

    name: str
    experiment_name: str
    inputs: Mapping[str, PipelineInput]
    outputs: Mapping[str, Output]
    steps: tuple[Step | NestedPipeline, ...]
    section: Section = field(compare=False, repr=False)
    declared: Mapping[str, InputDeclaration] | None = None
    has_compute: bool = False
    continue_on_step_failure: bool = True
    force_rerun: bool = False
    on_init: str | None = None
    on_finalize: str | None = None
