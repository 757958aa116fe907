"""Read the logs of a job's steps: all together, or while they are written."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from kedro_azureml_compiler import did_you_mean
from kedro_azureml_datasets import KedroAzureMLError
from kedro_azureml_datasets.azure_ml.errors import (
    AssetDownloadError,
    AzureFailedError,
)
from kedro_azureml_simulator import make_printable

from kedro_azureml_cli.azure_ml.jobs.states import FAILED
from kedro_azureml_cli.azure_ml.jobs.step_logs import split_lines, take_last_lines
from kedro_azureml_cli.jobs.polling import Pace, Patience
from kedro_azureml_cli.terminal.verbosity import note

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kedro_azureml_cli.azure_ml.jobs.reading import JobReader
    from kedro_azureml_cli.azure_ml.jobs.states import JobState, StepState
    from kedro_azureml_cli.azure_ml.jobs.step_logs import FollowedLog, StepLogs


class UnknownStepError(KedroAzureMLError):
    """The job has no such step."""

    blame = "user"


def choose_steps(state: JobState, step: str | None, *, only_failed: bool) -> list[StepState]:
    """Choose the steps whose logs are shown.

    Args:
        state: The job with its steps.
        step: Name of a step, Kedro's or Azure ML's; None for those that failed, or for all.
        only_failed: Whether None means those that failed, where there are some.

    Raises:
        UnknownStepError: There is no such step.
    """
    if step is None:
        failed = [one for one in state.steps if one.status == FAILED]
        return failed if failed and only_failed else list(state.steps)
    found = [one for one in state.steps if step in {one.display_name, one.step, one.run_id}]
    if not found:
        names = [one.display_name for one in state.steps]
        raise UnknownStepError(
            f"The job {state.name} has no step '{step}' {did_you_mean(step, names)}."
        )
    return found


def read_logs(
    logs: StepLogs, state: JobState, steps: Sequence[StepState], lines: int | None
) -> Iterator[str]:
    """Read the logs of steps, one after the other, each below its name if there are several.

    Args:
        logs: Reads them.
        state: The job.
        steps: Its steps that are meant.
        lines: How many lines of each, at most: its last ones; None for all.

    Yields:
        Whole lines.

    Raises:
        AzureMLDatasetError: One cannot be read.
    """
    for step in steps:
        files = logs.read(step.run_id) if step.run_id else {}
        if not files:
            note(_silence(state, step))
        for name, text in files.items():
            shown = split_lines(text) if lines is None else take_last_lines(text, lines)
            if len(steps) > 1 or len(files) > 1:
                which = f" ({name})" if len(files) > 1 else ""
                yield f"=== {step.display_name}{which}: {step.status}\n"
            yield "".join(f"{make_printable(line, colors=True)}\n" for line in shown)


def _silence(state: JobState, step: StepState) -> str:
    """Explain why there is no log."""
    if not step.run_id or not step.is_final:
        return f"The step '{step.display_name}' is {step.status} and has printed nothing yet."
    return (
        f"The step '{step.display_name}' is {step.status} and printed nothing. Studio may show "
        f"more: {state.studio_url}"
    )


def stream_logs(
    reader: JobReader, logs: StepLogs, state: JobState, step: str | None, lines: int | None
) -> Iterator[str]:
    """Read the logs of steps while they are written, until the steps or the job have ended.

    Args:
        reader: Reads the job.
        logs: Reads the logs.
        state: The job by now.
        step: Name of a step; None for all of them.
        lines: How many lines of what is there already, at most; None for all.

    Yields:
        Whole lines, each with the step's name before it where several are meant.

    Raises:
        KedroAzureMLError: Azure stopped answering.
    """
    pace, patience = Pace(os.environ), Patience()
    followed: dict[str, _Lines] = {}
    while True:
        steps = choose_steps(state, step, only_failed=False)
        is_over = state.is_final or all(one.is_final for one in steps)
        came = False
        try:
            for one in steps:
                if not one.run_id:
                    continue
                name = one.display_name if len(steps) > 1 else ""
                log = followed.setdefault(one.run_id, _Lines(logs.follow(one.run_id), name))
                for line in log.new(lines, is_over=one.is_final or is_over):
                    came = True
                    yield line
            if is_over:
                return
            time.sleep(pace.next_s(changed=came))
            state = reader.read()
            patience.succeeded(state.name)
        except (AssetDownloadError, AzureFailedError) as error:
            is_first = not patience.is_tried(state.name)
            if patience.is_over(state.name, time.monotonic()):
                raise
            if is_first:
                note(f"{error.message} Still trying.")
            time.sleep(pace.next_s(changed=False))


class _Lines:
    """The lines of one step's log."""

    def __init__(self, log: FollowedLog, name: str) -> None:
        self._log = log
        self._prefix = f"[{name}] " if name else ""
        self._begun: dict[str, str] = {}
        self._is_over = False
        self._is_first = True

    def new(self, lines: int | None, *, is_over: bool) -> Iterator[str]:
        """Return new lines; an unfinished last line only when nothing can follow it."""
        if self._is_over:
            return
        pieces = self._log.new()
        for file, piece in pieces.items():
            *whole, self._begun[file] = (self._begun.get(file, "") + piece).split("\n")
            if self._is_first and lines is not None:
                whole = whole[-lines:]
            yield from (self._shown(line) for line in whole)
        self._is_first = self._is_first and not pieces
        if is_over:
            yield from (self._shown(rest) for rest in self._begun.values() if rest)
            self._is_over = True

    def _shown(self, line: str) -> str:
        return f"{self._prefix}{make_printable(line, colors=True)}\n"
