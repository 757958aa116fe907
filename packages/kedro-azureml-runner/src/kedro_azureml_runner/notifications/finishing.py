"""What steps leave for the one that announces the end, and what that one makes of it."""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro_azureml_runner.notifications.earlier_jobs import (
    EarlierJob,
    JobHistory,
    UnknownJobsError,
)
from kedro_azureml_runner.notifications.noted_warnings import (
    StepWarnings,
    WarningNotes,
    read_warnings,
    write_warnings,
)
from kedro_azureml_runner.notifications.sending import is_first_process, notify, warn_of
from kedro_azureml_runner.protocol.notification import (
    FINISH,
    START_FILE,
    STARTED,
    VARIABLE,
    WARNED,
    NotificationSettings,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kedro_azureml_runner.progress import StepProgress

_HOUR_S = 3600.0
_MINUTE_S = 60.0
_FINISHED = "finished"


def note_warnings(progress: StepProgress) -> WarningNotes | None:
    """Note from now on what nodes warn of, if the step is asked to.

    Args:
        progress: What the step is doing.
    """
    settings = _read_settings("warning")
    is_asked = settings is not None and "warning" in settings.events and is_first_process()
    return WarningNotes(progress) if is_asked else None


def leave_signs(folders: Sequence[str], notes: WarningNotes | None) -> None:
    """Leave what the step that announces the end is to know of this one. Never raises.

    Args:
        folders: The step's outputs that hold no data.
        notes: What its nodes have warned of.
    """
    settings = _read_settings("start")
    if notes is not None:
        notes.stop()
    if settings is None or not is_first_process():
        return
    try:
        if "start" in settings.events:
            # A step that is reused has left the run of an earlier job.
            run = os.environ.get("AZUREML_ROOT_RUN_ID", "")
            for folder in folders:
                (Path(folder) / START_FILE).write_text(run, encoding="utf-8")
        if notes is not None:
            write_warnings(folders, [notes.of_step(settings.step)])
    except OSError as error:
        warn_of("success", error)


def gather(arguments: Sequence[str]) -> int:
    """Hand on what steps have left, for a step that could not wait for so many.

    Args:
        arguments: The step's own output, and what it has waited for.

    Returns:
        The exit code: 0.
    """
    output, *inputs = arguments
    Path(output).mkdir(parents=True, exist_ok=True)
    Path(output, _FINISHED).write_text("", encoding="utf-8")
    try:
        write_warnings([output], read_warnings(inputs))
    except (OSError, ValueError) as error:
        warn_of("warning", error)
    return 0


def announce_end(arguments: Sequence[str]) -> int:
    """Send how the job has ended, from the step that runs when all others have finished.

    Of `warning`, `recovered` and `success` it is the first that fits and is subscribed.

    Args:
        arguments: The arguments of the step.

    Returns:
        The exit code, which is 0: the job has succeeded, whether anybody hears of it or not.
    """
    parser = argparse.ArgumentParser(prog=FINISH)
    parser.add_argument(STARTED)
    parser.add_argument(WARNED, nargs="*", default=[])
    given = parser.parse_args(list(arguments))
    settings = _read_settings("success")
    if settings is None:
        return 0
    note = None
    if given.started is not None and not _was_started_now(Path(given.started)):
        note = "Its start was not announced: the step that does so was reused."
    try:
        found = read_warnings(given.warned)
    except (OSError, ValueError) as error:
        warn_of("warning", error)
        found = []
    if found and "warning" in settings.events:
        _announce_warnings(settings, found, note)
    elif _has_recovered(settings, found):
        notify("recovered", note=note)
    elif "success" in settings.events:
        notify("success", note=note)
    return 0


def _announce_warnings(
    settings: NotificationSettings, found: Sequence[StepWarnings], note: str | None
) -> None:
    count = sum(one.count for one in found)
    history = _open_history() if settings.repeat_hours is not None or settings.recovers else None
    earlier = _ask_earlier(history)
    sent_s: float | None = time.time()
    if _is_repeated_too_soon(settings, earlier):
        hours = f"{settings.repeat_hours} h"
        print(f"Notification of 'warning' not sent: it is repeated after {hours}.", file=sys.stderr)
        sent_s = earlier.warning_sent_s if earlier is not None else None
    else:
        facts: list[dict[str, Any]] = [asdict(one) for one in found]
        if not notify("warning", note=note, count=count, warnings=facts):
            sent_s = None
    _leave_note(history, count, sent_s)


def _has_recovered(settings: NotificationSettings, found: Sequence[StepWarnings]) -> bool:
    if not settings.recovers:
        return False
    history = _open_history()
    if found:
        _leave_note(history, sum(one.count for one in found), None)
        return False
    earlier = _ask_earlier(history)
    return earlier is not None and (earlier.failed or earlier.warned)


def _is_repeated_too_soon(settings: NotificationSettings, earlier: EarlierJob | None) -> bool:
    if settings.repeat_hours is None or earlier is None or earlier.warning_sent_s is None:
        return False
    if not earlier.warned:
        return False
    wait_s = settings.repeat_hours * _HOUR_S - settings.tolerance_minutes * _MINUTE_S
    return time.time() - earlier.warning_sent_s < wait_s


def _open_history() -> JobHistory | None:
    try:
        return JobHistory()
    except UnknownJobsError as error:
        _say_unknown(error)
        return None


def _ask_earlier(history: JobHistory | None) -> EarlierJob | None:
    try:
        return history.find_earlier() if history is not None else None
    except UnknownJobsError as error:
        _say_unknown(error)
        return None


def _leave_note(history: JobHistory | None, count: int, sent_s: float | None) -> None:
    try:
        if history is not None:
            history.note_warnings(count, sent_s)
    except UnknownJobsError as error:
        _say_unknown(error)


def _say_unknown(error: UnknownJobsError) -> None:
    print(f"Warning: how the job ended before is not known: {error}.", file=sys.stderr)


def _read_settings(event: str) -> NotificationSettings | None:
    try:
        return NotificationSettings.from_text(os.environ.get(VARIABLE, ""))
    except ValueError as error:
        warn_of(event, error)
        return None


def _was_started_now(folder: Path) -> bool:
    try:
        started = (folder / START_FILE).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return True  # nothing tells otherwise
    return started == os.environ.get("AZUREML_ROOT_RUN_ID", "")
