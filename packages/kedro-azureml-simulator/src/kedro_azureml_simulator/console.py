"""What a person sees of a run: its steps while it runs, and why it failed when it did."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from kedro_azureml_simulator.events import StepStarted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from kedro_azureml_simulator.events import Event, StepFinished
    from kedro_azureml_simulator.results import RunResult, StepResult

_LOG_LINES = 40
_LOG_TAIL_BYTES = 64 * 1024
_WORDS = {"completed": "done", "failed": "failed", "canceled": "canceled", "skipped": "skipped"}
_STYLES = {"completed": "green", "failed": "bold red", "canceled": "yellow", "skipped": "dim"}


@contextmanager
def reporting(console: Console | None = None) -> Iterator[Callable[[Event], None]]:
    """Show a run while it runs: a table that changes on a terminal, plain lines elsewhere.

    Args:
        console: Where to; None for standard output.

    Yields:
        The `on_event` for `simulate`.

    Example:
        >>> import sys
        >>> from kedro_azureml_simulator import StepFinished, StepResult, StepStarted
        >>> with reporting(Console(file=sys.stdout, force_terminal=False)) as on_event:
        ...     on_event(StepStarted("split", "training.split", 9))
        ...     result = StepResult("split", "training.split", "completed", duration_s=1.21)
        ...     on_event(StepFinished(result, 3, 9))
        started training.split
        done training.split 1.2 s (3/9)
    """
    console = Console() if console is None else console
    if not console.is_terminal:
        yield _Lines(console)
        return
    table = _LiveTable()
    with Live(table, console=console, refresh_per_second=8):
        yield table


def show_result(result: RunResult, console: Console | None = None) -> None:
    """Show what came of a run; for each failed step its command, its log's end and where it is.

    Args:
        result: What `simulate` returned.
        console: Where to; None for standard output.
    """
    console = Console() if console is None else console
    for step in result.steps:
        if step.status == "failed":
            _show_failure(step, console)
    for asset, path in result.registered.items():
        _line(console, f"registered {asset}: {path}")
    counts = {
        status: sum(step.status == status for step in result.steps)
        for status in ("completed", "failed", "canceled", "skipped")
    }
    words = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
    _line(
        console,
        f"{result.status} in {result.duration_s:.1f} s: {words} ({result.run_dir})",
        style=_STYLES[result.status],
    )


class _Lines:
    def __init__(self, console: Console) -> None:
        self._console = console

    def __call__(self, event: Event) -> None:
        if isinstance(event, StepStarted):
            _line(self._console, f"started {event.display_name}")
        else:
            _line(self._console, _finished(event))


class _LiveTable:
    """The steps that run, with a line that counts; finished ones scroll away above."""

    def __init__(self) -> None:
        self._running: dict[str, tuple[str, float]] = {}
        self._recent: list[StepFinished] = []
        self._count = ""

    def __call__(self, event: Event) -> None:
        if isinstance(event, StepStarted):
            self._running[event.name] = (event.display_name, time.monotonic())
        else:
            self._running.pop(event.result.name, None)
            self._recent = [*self._recent, event][-10:]
            self._count = f"{event.finished}/{event.total}"

    def __rich__(self) -> Table:
        table = Table("", "step", "seconds", title=self._count, box=None)
        for event in self._recent:
            step = event.result
            table.add_row(
                Text(_WORDS[step.status], style=_STYLES[step.status]),
                Text(step.display_name),
                f"{step.duration_s:.1f}",
            )
        now = time.monotonic()
        for display_name, started in list(self._running.values()):
            table.add_row(Text("running", style="cyan"), Text(display_name), f"{now - started:.1f}")
        return table


def _finished(event: StepFinished) -> str:
    step = event.result
    return (
        f"{_WORDS[step.status]} {step.display_name} {step.duration_s:.1f} s"
        f" ({event.finished}/{event.total})"
    )


def _show_failure(step: StepResult, console: Console) -> None:
    _line(console, f"step {step.display_name} failed: {step.message}", style="bold red")
    if step.exit_code is not None:
        _line(console, f"exit code: {step.exit_code}")
    _line(console, "command:")
    for line in step.command.splitlines():
        _line(console, f"  {line}")
    if step.log_path is None:
        return
    lines = _tail(step.log_path)
    _line(console, f"the last {len(lines)} lines of its log:")
    for line in lines:
        # A log is not ours: its colours are shown where there are any, its markup never.
        console.print(Text("  ") + Text.from_ansi(line), soft_wrap=True, highlight=False)
    _line(console, f"log: {step.log_path}")


def _tail(log: Path) -> list[str]:
    with log.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _LOG_TAIL_BYTES))
        content = file.read()
    return content.decode("utf-8", errors="replace").splitlines()[-_LOG_LINES:]


def _line(console: Console, text: str, style: str = "") -> None:
    console.print(Text(text, style=style), soft_wrap=True, highlight=False)
