"""Ask all probes: those about this machine one after the other, those of workspaces together."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from kedro_azureml_datasets import KedroAzureMLError

from kedro_azureml_cli.diagnosis.probe import collect_probes
from kedro_azureml_cli.diagnosis.rows import Row, SkippedError, State, failed_with, skipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kedro_azureml_cli.diagnosis.probe import WorkspaceProbe
    from kedro_azureml_cli.diagnosis.subject import Place, Subject

DEADLINE_S = 60.0
"""How long the workspaces may take together; each request has shorter limits of its own."""

_POLL_S = 0.2
"""Time between two looks at a thread, and so at Ctrl-C, which may not wake the wait for it."""


class Diagnosis(NamedTuple):
    """What a probe has found.

    Args:
        probe: Its name.
        rows: Its rows.
    """

    probe: str
    rows: tuple[Row, ...]


def diagnose(subject: Subject, deadline_s: float = DEADLINE_S) -> list[Diagnosis]:
    """Ask all probes; none of them keeps the others from being asked.

    Args:
        subject: What is diagnosed.
        deadline_s: How long the workspaces may take together, in seconds.
    """
    local, remote = collect_probes()
    found = [
        Diagnosis(probe.name, _rows_of(probe.name, partial(probe.examine, subject)))
        for probe in local
    ]
    return found + ask_workspaces(subject, remote, deadline_s)


def ask_workspaces(
    subject: Subject, probes: Iterable[WorkspaceProbe], deadline_s: float
) -> list[Diagnosis]:
    """Ask the workspaces all probes together, each in a thread.

    Args:
        subject: What is diagnosed.
        probes: What they are asked.
        deadline_s: How long they may take together, in seconds.
    """
    try:
        places = subject.places.take()
    except SkippedError as reason:
        return [Diagnosis(probe.name, (skipped(probe.name, str(reason)),)) for probe in probes]
    several = len(places) > 1
    asked = [(probe, place, _Asked(probe, place)) for probe in probes for place in places]
    end = time.monotonic() + deadline_s
    answers: dict[str, tuple[Row, ...]] = {}
    for probe, place, thread in asked:
        rows = thread.wait(end - time.monotonic())
        if rows is None:
            late = f"No answer in {deadline_s:g} s."
            fix = "Check the network and its firewall, then run it again."
            rows = (Row(probe.name, State.FAILED, late, fix, "machine"),)
        if several:
            rows = tuple(replace(row, label=f"{row.label} in {place.entry}") for row in rows)
        answers[probe.name] = (*answers.get(probe.name, ()), *rows)
    return [Diagnosis(name, rows) for name, rows in answers.items()]


class _Asked:
    """A probe that asks a workspace in a thread; one that hangs keeps nothing from ending."""

    def __init__(self, probe: WorkspaceProbe, place: Place) -> None:
        self._rows: tuple[Row, ...] | None = None

        def ask() -> None:
            self._rows = _rows_of(probe.name, partial(probe.examine, place))

        self._thread = threading.Thread(target=ask, daemon=True)
        self._thread.start()

    def wait(self, timeout_s: float) -> tuple[Row, ...] | None:
        """Return the rows; None if they have not come in time."""
        end = time.monotonic() + timeout_s
        while self._thread.is_alive() and (left_s := end - time.monotonic()) > 0:
            self._thread.join(min(left_s, _POLL_S))
        return self._rows


def _rows_of(name: str, examine: Callable[[], Iterable[Row]]) -> tuple[Row, ...]:
    """Return the rows of a probe, and one more about the error that ended it."""
    rows: list[Row] = []
    try:
        for row in examine():
            rows.append(row)  # one by one: those before an error are kept
    except SkippedError as reason:
        rows.append(skipped(name, str(reason)))
    except KedroAzureMLError as error:
        rows.append(failed_with(name, error))
    except Exception as error:
        said = f"This could not be found out: {type(error).__name__}: {error}"
        rows.append(Row(name, State.FAILED, said, "The other lines are right all the same."))
    return tuple(rows)
