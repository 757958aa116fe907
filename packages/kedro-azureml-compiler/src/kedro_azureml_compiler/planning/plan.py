"""The compiler's answer: what becomes of every node and dataset, and why. Without Azure's terms."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from shlex import quote
from typing import TYPE_CHECKING, Any, NamedTuple

from kedro_azureml_runner.protocol.invocation import params_to_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kedro_azureml_compiler.planning.facts import AssetFacts

LONG_PARAMS = 4000
"""From this number of characters of JSON, the parameters travel as an input of the job.

In the command they can be read in Studio; Linux allows 128 KiB for one argument of a process.
"""


class Flow(str, Enum):
    """How one dataset reaches the steps that use it."""

    PARAMETER = "parameter"  # read in the step from the project's configuration
    VERSION = "version"  # a registered version of a data asset
    UPLOAD = "upload"  # a local file that travels as an input of the job
    STORED = "stored"  # what an earlier job has stored
    STEP_OUTPUT = "step output"  # what one step leaves for others, or for the user
    IN_STEP = "in step"  # stays inside the only step that uses it
    NOT_MOUNTED = "not mounted"  # has its own address; nothing is bound


class PlannedDataset(NamedTuple):
    """What becomes of one dataset.

    Args:
        name: Its name without transcoding.
        flow: How it reaches the steps.
        why: The reason in a sentence.
        written_by: The step that produces it.
        read_by: The steps that use it, in running order.
        asset: The data asset that is read or registered, if it is one.
        source: For an upload: the file or folder relative to the project.
        source_root: For an upload: the folder that becomes the mount.
        address: For what an earlier job has stored: where it is.
    """

    name: str
    flow: Flow
    why: str
    written_by: str | None = None
    read_by: tuple[str, ...] = ()
    asset: AssetFacts | None = None
    source: str | None = None
    source_root: str | None = None
    address: str | None = None


class PlannedStep(NamedTuple):
    """One step: the nodes that run together in one container.

    Args:
        name: Name of the step; that of its node if it holds only one.
        nodes: Names of its nodes in running order.
        tags: Tags of its nodes.
        reads: Names of the datasets that are mounted to be read.
        writes: Names of the datasets that are mounted to be written.
        waits_for: Steps that must have finished, although their data is not mounted.
        reaches: Names of the datasets that other steps use as well, and that the step must reach
            as they do: nothing is mounted for them.
        deterministic: Whether the outputs of an earlier job may be reused if nothing has changed.
        secrets: Secrets of the key vault that its datasets need.
    """

    name: str
    nodes: tuple[str, ...]
    tags: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    waits_for: tuple[str, ...] = ()
    reaches: tuple[str, ...] = ()
    deterministic: bool = False
    secrets: tuple[str, ...] = ()


class PromotedParameter(NamedTuple):
    """A parameter that can be changed for each run of the compiled job.

    Args:
        name: Name of the job's input.
        parameter: Name of the parameter, without `params:`.
        type: `int`, `float`, `bool` or `str`.
        default: The project's value.
    """

    name: str
    parameter: str
    type: str
    default: Any


@dataclass(frozen=True)
class Plan:
    """What becomes of every node and dataset of a job.

    Args:
        job: Name of the job in `azureml.yml`.
        pipelines: The registered pipelines that hold the nodes.
        steps: The steps, in an order in which they can run.
        datasets: The datasets, by name.
        env: The Kedro environment; None leaves it to the project.
        params: Runtime parameters of every step.
        load_versions: Dataset name to version.
        promoted: Parameters that are inputs of the job; every step gets them.
        package: Name of the project's package; None if it is not known.
        conf_source: Folder or file of the configuration, relative to the project, where it is not
            the project's own.
        overrides: What is merged into the job as it is, and below `jobs` into its steps.
        filters: Filters of the command, which leave out nodes of the job, by their option.
    """

    job: str
    pipelines: tuple[str, ...]
    steps: tuple[PlannedStep, ...]
    datasets: tuple[PlannedDataset, ...]
    env: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    load_versions: Mapping[str, str] = field(default_factory=dict)
    promoted: tuple[PromotedParameter, ...] = ()
    package: str | None = None
    conf_source: str | None = None
    overrides: Mapping[str, Any] = field(default_factory=dict)
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def dataset(self, name: str) -> PlannedDataset:
        """Return the dataset of that name."""
        return self._by_name[name]

    @cached_property
    def _by_name(self) -> dict[str, PlannedDataset]:
        return {dataset.name: dataset for dataset in self.datasets}

    @cached_property
    def has_long_params(self) -> bool:
        """Whether the runtime parameters are too long for a command."""
        return len(params_to_json(self.params)) > LONG_PARAMS

    @cached_property
    def awaited_steps(self) -> frozenset[str]:
        """Names of the steps that others wait for without reading their data."""
        return frozenset(name for step in self.steps for name in step.waits_for)


def format_filters(filters: Mapping[str, Sequence[str]]) -> str:
    """Return filters of a command as they are written there.

    Args:
        filters: Option to its names.

    Example:
        >>> format_filters({"--tags": ["nightly", "large"], "--to-nodes": ["fit model"]})
        "--tags nightly,large --to-nodes 'fit model'"
    """
    return " ".join(f"{option} {quote(','.join(names))}" for option, names in filters.items())
