"""The two lines of a step's log that say when its code started and ended: written and read here.

Azure ML tells when a step's run was made and when it ended. What lies between that and these lines
is waiting for an instance and preparing it.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime, timezone
from typing import IO, Literal, NamedTuple

_LINE = "kedro-azureml step {event} {moment}"

# Anything may stand before it in the same line, such as a progress bar.
_WRITTEN = re.compile(
    r"kedro-azureml step (started|ended) "
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3})Z(?=[\n\r]|\Z)"
)


class StepTimes(NamedTuple):
    """When the code of a step ran.

    Args:
        started: Its first moment, in UTC.
        ended: Its last one; None if the log does not say.
    """

    started: datetime
    ended: datetime | None


def write_step_time(
    event: Literal["started", "ended"], file: IO[str] | None, moment: datetime | None = None
) -> None:
    """Write the line for the first or the last moment of a step.

    A step does not fail because its log cannot be written.

    Args:
        event: Which moment.
        file: The log; None if there is none.
        moment: When; now by default.

    Example:
        >>> import sys
        >>> moment = datetime(2026, 11, 29, 5, tzinfo=timezone.utc)
        >>> write_step_time("started", sys.stdout, moment)
        kedro-azureml step started 2026-11-29T05:00:00.000Z
    """
    at = (moment or datetime.now(timezone.utc)).astimezone(timezone.utc)
    text = at.replace(tzinfo=None).isoformat(timespec="milliseconds")
    if file is not None:
        with suppress(OSError, ValueError):
            print(_LINE.format(event=event, moment=f"{text}Z"), file=file, flush=True)


def read_step_times(*logs: str) -> StepTimes | None:
    r"""Read when a step ran from its log, or from the logs of all its processes.

    Args:
        logs: The whole text of each.

    Returns:
        The first start and the last end; None if no log has a start.

    Example:
        >>> times = read_step_times("kedro-azureml step started 2026-11-29T05:00:00.000Z\nhi\n")
        >>> times.started.isoformat(), times.ended
        ('2026-11-29T05:00:00+00:00', None)
    """
    found: dict[str, list[datetime]] = {"started": [], "ended": []}
    for log in logs:
        for event, text in _WRITTEN.findall(log):
            with suppress(ValueError):  # a day that no month has
                moment = datetime.fromisoformat(text).replace(tzinfo=timezone.utc)
                found[event].append(moment)
    if not found["started"]:
        return None
    started, ended = min(found["started"]), max(found["ended"], default=None)
    return StepTimes(started, ended if ended is not None and ended >= started else None)
