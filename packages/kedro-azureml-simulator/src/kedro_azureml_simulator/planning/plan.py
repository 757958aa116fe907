"""What will run, every reference resolved: the value between validation and running."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kedro_azureml_simulator.pipeline.model import (
        DataType,
        Distribution,
        InlineEnvironment,
        InputMode,
        Parallel,
        Sweep,
    )


@dataclass(frozen=True)
class Mount:
    """Data that a step gets at its own path.

    It comes from `path`, or from the output `port` of the step `producer`; `source` says in
    words where it comes from. A direct input of remote data is its `address`, and no data.
    """

    type: DataType
    mode: InputMode
    source: str
    path: Path | None = None
    producer: str | None = None
    port: str | None = None
    address: str | None = None


@dataclass(frozen=True)
class PlannedOutput:
    """An output port.

    `asset` is the `(name, version)` that it registers, `place` the local folder or file that
    stands for its place in a datastore, which is the same one in each run if it `is_fixed`.
    """

    type: DataType
    asset: tuple[str, str] | None = None
    place: Path | None = None
    is_fixed: bool = True


@dataclass(frozen=True)
class PlannedStep:
    """A step with its inputs resolved.

    `texts` are its literal inputs, `absent` the optional ones that were not given, `needs` the
    steps that must have ended before. `name` is the full one, `<component's step>.<step>`.
    A step that `is_last` runs when all others have ended, whatever came of them.
    `search_space` holds the values of one trial of a sweep.
    """

    name: str
    display_name: str
    command: str
    code: Path | None
    includes: tuple[Path, ...]
    texts: Mapping[str, str]
    mounts: Mapping[str, Mount]
    absent: frozenset[str]
    outputs: Mapping[str, PlannedOutput]
    environment: str | InlineEnvironment | None
    environment_variables: Mapping[str, str]
    timeout_s: float | None
    distribution: Distribution | None
    is_deterministic: bool
    needs: frozenset[str]
    is_last: bool = False
    parallel: Parallel | None = None
    sweep: Sweep | None = None
    search_space: Mapping[str, str] | None = None
    image: str | None = None


@dataclass(frozen=True)
class Plan:
    """The steps in the order of the YAML, and the `(step, port)` behind each pipeline output."""

    name: str
    experiment_name: str
    steps: tuple[PlannedStep, ...]
    outputs: Mapping[str, tuple[str, str]]
    continue_on_step_failure: bool
    force_rerun: bool

    @property
    def sources(self) -> tuple[Path, ...]:
        """Every file and folder of this machine that the run reads."""
        code = [step.code for step in self.steps if step.code is not None]
        data = [mount.path for step in self.steps for mount in step.mounts.values()]
        return (
            *code,
            *(path for step in self.steps for path in step.includes),
            *(path for path in data if path is not None),
        )
