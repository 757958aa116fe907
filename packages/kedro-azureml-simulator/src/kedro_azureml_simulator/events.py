"""What a run tells while it is running."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from kedro_azureml_simulator.results import StepResult


@dataclass(frozen=True)
class StepStarted:
    """A step starts.

    Args:
        name: The step's key under `jobs:`.
        display_name: Its `display_name`, or its name.
        total: How many steps the pipeline has.
    """

    name: str
    display_name: str
    total: int


@dataclass(frozen=True)
class StepFinished:
    """A step that was started has ended, in whatever way.

    Args:
        result: What came of it.
        finished: How many steps have ended so far, this one included.
        total: How many steps the pipeline has.
    """

    result: StepResult
    finished: int
    total: int


Event: TypeAlias = StepStarted | StepFinished
