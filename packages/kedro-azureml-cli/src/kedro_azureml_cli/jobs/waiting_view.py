"""Show jobs while waiting for them: a live table on a terminal, a line per change elsewhere."""

from __future__ import annotations

import io
from collections import Counter
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Protocol, TextIO

from kedro_azureml_cli.azure_ml.jobs.states import CANCELED, COMPLETED, FAILED, JobState, StepState
from kedro_azureml_cli.jobs.state_output import format_step_duration
from kedro_azureml_cli.terminal.verbosity import is_quiet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rich.console import Console
    from rich.table import Table

_STYLES = {COMPLETED: "green", FAILED: "bold red", CANCELED: "yellow", "Running": "cyan"}
_LINES_AROUND = 6
"""Lines of the terminal that are not for steps."""


class WaitingView(Protocol):
    """Shows jobs while waiting for them."""

    def show(self, states: Mapping[str, JobState]) -> None:
        """Show what is known now.

        Args:
            states: Label of a job to what is known of it.
        """

    def tell(self, text: str) -> None:
        """Show a line of text, once.

        Args:
            text: One line.
        """


@contextmanager
def open_waiting_view(stream: TextIO) -> Iterator[WaitingView]:
    """Open a view of jobs for the time of waiting.

    Args:
        stream: Where to show them; a terminal gets a live table.
    """
    if is_quiet():
        yield _Lines(io.StringIO())
        return
    if not stream.isatty():
        yield _Lines(stream)
        return
    from rich.console import Console
    from rich.live import Live

    view = _LiveTable(Console(file=stream))
    with Live(get_renderable=view.table, console=view.console, refresh_per_second=2) as live:
        yield view
        live.refresh()


class _Lines:
    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._shown: dict[tuple[str, str], str] = {}

    def show(self, states: Mapping[str, JobState]) -> None:
        now = datetime.now(timezone.utc)
        for label, state in states.items():
            for step in state.steps:
                if step.run_id and self._is_new(label, step.display_name, step.status):
                    took = format_step_duration(step, now) if step.is_final else ""
                    after = f" after {took}" if took else ""
                    self.tell(f"{label}: the step '{step.display_name}' is {step.status}{after}.")
            if self._is_new(label, "", state.status):
                self.tell(f"{label}: the job is {state.status}.")

    def tell(self, text: str) -> None:
        print(text, file=self._stream, flush=True)

    def _is_new(self, label: str, step: str, status: str) -> bool:
        is_new = self._shown.get((label, step)) != status
        self._shown[label, step] = status
        return is_new


class _LiveTable:
    def __init__(self, console: Console) -> None:
        self.console = console
        self._states: Mapping[str, JobState] = {}

    def show(self, states: Mapping[str, JobState]) -> None:
        self._states = states

    def tell(self, text: str) -> None:
        self.console.print(text, markup=False, highlight=False)

    def table(self) -> Table:
        from rich.table import Table

        now = datetime.now(timezone.utc)
        table = Table(box=None, pad_edge=False)
        for column in ("job", "step", "state", "duration"):
            table.add_column(column, overflow="fold")
        room = max((self.console.height - _LINES_AROUND) // max(len(self._states), 1) - 2, 1)
        for label, state in self._states.items():
            table.add_row(label, "", _styled(state.status), "")
            shown, left_out = choose_shown_steps(state.steps, room)
            for step in shown:
                table.add_row(
                    "", step.display_name, _styled(step.status), format_step_duration(step, now)
                )
            if left_out:
                table.add_row("", f"and {left_out}", "", "", style="dim")
        return table


def _styled(status: str) -> str:
    style = _STYLES.get(status)
    return f"[{style}]{status}[/]" if style else status


def choose_shown_steps(steps: tuple[StepState, ...], room: int) -> tuple[list[StepState], str]:
    """Choose the steps to show if there is no room for all: failed and running ones first.

    Args:
        steps: All steps, in their order.
        room: How many can be shown.

    Returns:
        The chosen steps, in their order; and a summary of the others.

    Example:
        >>> states = {"a": "Completed", "b": "Completed", "c": "Running", "d": "NotStarted"}
        >>> steps = tuple(StepState(name, name, name, state) for name, state in states.items())
        >>> shown, left_out = choose_shown_steps(steps, 1)
        >>> [step.step for step in shown], left_out
        (['c'], '3 more: 2 Completed, 1 NotStarted')
    """
    order = sorted(range(len(steps)), key=lambda position: (_rank(steps[position]), position))
    chosen = set(order[:room])
    others = Counter(steps[position].status for position in order[room:])
    named = ", ".join(f"{count} {status}" for status, count in others.most_common())
    shown = [step for position, step in enumerate(steps) if position in chosen]
    return shown, f"{others.total()} more: {named}" if others else ""


def _rank(step: StepState) -> int:
    if step.is_final:
        return 3 if step.status == COMPLETED else 0
    return 2 if step.status in {"NotStarted", "Queued"} else 1
