"""Describe a simulation for its page: states, times, the ends of logs."""

from __future__ import annotations

import os
import time
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from kedro_azureml_compiler import RunFacts, StepRun, mask_secrets
from kedro_azureml_simulator import RunStarted, StepStarted

from kedro_azureml_cli.run_pages.writing import format_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from kedro_azureml_compiler import ComparedData
    from kedro_azureml_simulator import Event, RunResult, StepResult

_LINES, _FAILED_LINES, _BYTES = 20, 100, 16_384
"""How much of a log is shown at most."""


class StepClock:
    """Notes when a run and its steps start, and passes each event on.

    Args:
        on_event: Called with each event.
    """

    def __init__(self, on_event: Callable[[Event], None]) -> None:
        self._on_event = on_event
        self._start_s = time.monotonic()
        self.started = datetime.now(timezone.utc)
        self.starts_s: dict[str, float] = {}

    def __call__(self, event: Event) -> None:
        """Note the time of an event."""
        if isinstance(event, RunStarted):
            self._start_s, self.started = time.monotonic(), datetime.now(timezone.utc)
        elif isinstance(event, StepStarted):
            self.starts_s[event.display_name] = time.monotonic() - self._start_s
        self._on_event(event)


def describe_simulation(
    result: RunResult,
    clock: StepClock,
    compared: Iterable[ComparedData] = (),
    *,
    interrupted: bool = False,
) -> RunFacts:
    """Return what the page shows of a simulation.

    Args:
        result: What came of it.
        clock: When its steps started.
        compared: Data that was compared with that of a local run.
        interrupted: Whether Ctrl-C ended it.
    """
    return RunFacts(
        "Simulation",
        "canceled" if interrupted else result.status,
        format_time(clock.started),
        result.duration_s,
        {
            step.display_name: _describe_step(step, clock.starts_s.get(step.display_name), result)
            for step in result.steps
        },
        tuple(compared),
    )


def _describe_step(step: StepResult, start_s: float | None, result: RunResult) -> StepRun:
    log, log_name = "", ""
    if step.log_path is not None:
        log = _read_end(step.log_path, _FAILED_LINES if step.status == "failed" else _LINES)
        log_name = step.log_path.relative_to(result.run_dir).as_posix()
    return StepRun(
        "reused" if step.reused else step.status,
        start_s,
        None if start_s is None else step.duration_s,
        mask_secrets(step.message),
        mask_secrets(log),
        log_name,
    )


def _read_end(file: Path, lines: int) -> str:
    """Return the last lines of a file, and no more than some bytes of it.

    Of a line that was written over, such as a progress bar, the last state is returned.
    """
    try:
        with file.open("rb") as log:
            size = log.seek(0, os.SEEK_END)
            log.seek(max(0, size - _BYTES))
            text = log.read(_BYTES).decode("utf-8", errors="replace")
    except OSError:  # a step may have taken the right to read it away
        return ""
    shown = [line.rstrip("\r").rpartition("\r")[2] for line in text.rstrip("\n").split("\n")]
    return "\n".join(shown[-lines:])
