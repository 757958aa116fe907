"""What a run reports while it is running."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from pathlib import Path

    from kedro_azureml_simulator.problems import Problem
    from kedro_azureml_simulator.results import StepResult


@dataclass(frozen=True)
class RunStarted:
    """A run starts; the first event.

    Args:
        isolation: One line that says what its steps cannot see, and what they can.
        total: How many steps will run.
        warnings: What looks wrong in the pipeline, and what is worth knowing about it.
    """

    isolation: str
    total: int
    warnings: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class EnvironmentMade:
    """An environment that steps need was made, or found where an earlier run made it.

    Args:
        requirements: What it holds, one of pip's lines each.
        python: Its interpreter.
        duration_s: How long that took, in seconds.
        note: What is not as it was asked for, such as the version of Python; may be empty.
    """

    requirements: tuple[str, ...]
    python: Path
    duration_s: float
    note: str = ""


@dataclass(frozen=True)
class StepStarted:
    """A step starts.

    Args:
        name: The step's key under `jobs:`.
        display_name: Its `display_name`, or its name.
        total: How many steps will run.
        log_path: The file that its output will be in.
    """

    name: str
    display_name: str
    total: int
    log_path: Path | None = None


@dataclass(frozen=True)
class StepFinished:
    """A step that was started has ended, in whatever way.

    Args:
        result: What came of it.
        finished: How many steps have ended so far, this one included.
        total: How many steps will run.
    """

    result: StepResult
    finished: int
    total: int


Event: TypeAlias = RunStarted | EnvironmentMade | StepStarted | StepFinished
