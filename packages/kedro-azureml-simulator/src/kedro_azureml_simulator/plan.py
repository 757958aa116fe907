"""What will run, every reference resolved: the value between validation and running."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kedro_azureml_simulator.model import DataType, InputMode


@dataclass(frozen=True)
class Mount:
    """Data that a step gets at a path of its own.

    It comes from `path`, or from the output `port` of the step `producer`; `source` says in
    words where it comes from.
    """

    type: DataType
    mode: InputMode
    source: str
    path: Path | None = None
    producer: str | None = None
    port: str | None = None


@dataclass(frozen=True)
class PlannedOutput:
    """An output port; `asset` is the `(name, version)` that it registers."""

    type: DataType
    asset: tuple[str, str] | None = None


@dataclass(frozen=True)
class PlannedStep:
    """A step with its inputs resolved.

    `texts` are its literal inputs, `absent` the optional ones that were not given, `needs` the
    steps whose outputs it reads.
    """

    name: str
    display_name: str
    command: str
    code: Path | None
    texts: Mapping[str, str]
    mounts: Mapping[str, Mount]
    absent: frozenset[str]
    outputs: Mapping[str, PlannedOutput]
    environment_variables: Mapping[str, str]
    timeout_s: float | None
    distribution: str | None
    needs: frozenset[str]


@dataclass(frozen=True)
class Plan:
    """The steps in the order of the YAML, and the `(step, port)` behind each pipeline output."""

    name: str
    experiment_name: str
    steps: tuple[PlannedStep, ...]
    outputs: Mapping[str, tuple[str, str]]
    continue_on_step_failure: bool

    @property
    def sources(self) -> tuple[Path, ...]:
        """Every file and folder of this machine that the run reads."""
        code = [step.code for step in self.steps if step.code is not None]
        data = [mount.path for step in self.steps for mount in step.mounts.values()]
        return (*code, *(path for path in data if path is not None))
