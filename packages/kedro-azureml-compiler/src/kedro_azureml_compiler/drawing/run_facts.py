"""What a page shows of a run: plain values, wherever the job has run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class StepRun(NamedTuple):
    """What came of one step.

    Args:
        status: In the words of where it ran: `completed`, `Running`.
        start_s: Seconds from the start of the run; None if it is not known or has not started.
        duration_s: Its duration in seconds; None as above.
        message: Why it did not complete; may be empty.
        log: The last lines of its log.
        log_name: The file or command that has the whole log.
    """

    status: str
    start_s: float | None = None
    duration_s: float | None = None
    message: str = ""
    log: str = ""
    log_name: str = ""


class ComparedData(NamedTuple):
    """What came of comparing one dataset with that of a local run.

    Args:
        dataset: Its name.
        outcome: Such as `same` or `different`.
        detail: How it was compared, or where it differs.
    """

    dataset: str
    outcome: str
    detail: str


class RunFacts(NamedTuple):
    """What came of a run.

    Args:
        what: What ran where: `Simulation`, `Job calm_sail_1 in Azure ML`.
        status: Its status.
        started: When it started; may be empty.
        duration_s: Its duration in seconds; None if it is not known.
        steps: Name of a step to what came of it; one that is missing has not started.
        compared: Data that was compared.
        address: The page of the run elsewhere; may be empty.
        note: What a reader must know of the page itself; may be empty.
    """

    what: str
    status: str
    started: str = ""
    duration_s: float | None = None
    steps: Mapping[str, StepRun] = {}
    compared: tuple[ComparedData, ...] = ()
    address: str = ""
    note: str = ""
