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

from kedro_azureml_simulator.events import EnvironmentMade, RunStarted, StepStarted
from kedro_azureml_simulator.plain_text import make_printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from kedro_azureml_simulator.events import Event, StepFinished
    from kedro_azureml_simulator.results import RunResult, StepResult

_LOG_LINES = 40
_LOG_TAIL_BYTES = 64 * 1024
_LAST_LINE_BYTES = 4 * 1024
_FILES_NAMED = 5
_WORDS = {"completed": "done", "failed": "failed", "canceled": "canceled", "skipped": "skipped"}
_STYLES = {"completed": "green", "failed": "bold red", "canceled": "yellow", "skipped": "dim"}


@contextmanager
def report_run(
    console: Console | None = None, *, live: bool = True
) -> Iterator[Callable[[Event], None]]:
    """Show a run while it runs: a table that changes on a terminal, plain lines elsewhere.

    Args:
        console: Where to; None for standard output.
        live: Whether a terminal gets the table; a step that shares the terminal does not go
            with it.

    Yields:
        The `on_event` for `simulate`.

    Example:
        >>> import sys
        >>> from kedro_azureml_simulator import StepFinished, StepResult, StepStarted
        >>> with report_run(Console(file=sys.stdout, force_terminal=False)) as on_event:
        ...     on_event(StepStarted("split", "training.split", 9))
        ...     result = StepResult("split", "training.split", "completed", duration_s=1.21)
        ...     on_event(StepFinished(result, 3, 9))
        started training.split
        done training.split 1.2 s (3/9)
    """
    console = Console() if console is None else console
    if not (console.is_terminal and live):
        yield _Lines(console)
        return
    table = _LiveTable(console)
    with Live(table, console=console, refresh_per_second=8):
        yield table


def show_result(
    result: RunResult,
    console: Console | None = None,
    *,
    rerun: Callable[[str], str] | None = None,
    duration_s: float | None = None,
) -> None:
    """Show what came of a run; for each failed step its command, its log's end and where it is.

    Args:
        result: What `simulate` returned.
        console: Where to; None for standard output.
        rerun: Returns the command that runs a step alone, given its name.
        duration_s: How long the whole command has taken, in seconds; None for the run alone.
    """
    console = Console() if console is None else console
    for step in result.steps:
        if step.status == "failed":
            _show_failure(step, console)
            if rerun is not None:
                _line(console, "run this step again, in this terminal, with a debugger if wanted:")
                _line(console, f"  {rerun(step.name)}")
    for name, path in result.outputs.items():
        _line(console, f"output {name}: {path}")
    for asset, path in result.registered.items():
        _line(console, f"registered {asset}: {path}")
    for path in result.undeleted:
        _line(console, f"warning: {path} could not be deleted; remove it", style="yellow")
    seconds = duration_s or result.duration_s
    _line(
        console,
        f"{result.status} in {seconds:.1f} s: {_counts(result)} ({result.run_dir})",
        style=_STYLES[result.status],
    )


def describe_interruption(result: RunResult | None) -> str:
    """Return what was done when a run was interrupted.

    Args:
        result: What had come of it by then; None where no step had started.
    """
    if result is None:
        return "interrupted before a step started; no process is left"
    ended = [_name(step) for step in result.steps if step.status == "canceled"]
    names = ", ".join(ended[:5]) + (f" and {len(ended) - 5} more" if len(ended) > 5 else "")
    what = f"ended {names}" if ended else "no step was running"
    return (
        f"interrupted; {what}; no process is left; {_counts(result)}; logs and outputs so far"
        f" are in {result.run_dir}"
    )


class _Lines:
    def __init__(self, console: Console) -> None:
        self._console = console

    def __call__(self, event: Event) -> None:
        if isinstance(event, StepStarted):
            _line(self._console, f"started {_name(event)}")
        elif isinstance(event, RunStarted | EnvironmentMade):
            _line(self._console, _preparation(event))
        else:
            _line(self._console, _finished(event))
            _show_left_behind(event.result, self._console)


class _LiveTable:
    """The steps that run, with a line that counts; finished ones scroll away above."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._running: dict[str, tuple[StepStarted, float]] = {}
        self._recent: list[StepFinished] = []
        self._count = ""

    def __call__(self, event: Event) -> None:
        if isinstance(event, StepStarted):
            self._running[event.name] = (event, time.monotonic())
        elif isinstance(event, RunStarted | EnvironmentMade):
            _line(self._console, _preparation(event))
        else:
            self._running.pop(event.result.name, None)
            self._recent = [*self._recent, event][-10:]
            self._count = f"{event.finished}/{event.total}"
            _show_left_behind(event.result, self._console)

    def __rich__(self) -> Table:
        table = Table("", "step", "seconds", title=self._count, box=None)
        table.add_column("last line of its log", no_wrap=True, overflow="ellipsis", style="dim")
        for event in self._recent:
            step = event.result
            table.add_row(
                Text(_word(step), style=_STYLES[step.status]),
                Text(_name(step)),
                f"{step.duration_s:.1f}",
                Text(_last_line(step.log_path)),
            )
        now = time.monotonic()
        for started, since in list(self._running.values()):
            table.add_row(
                Text("running", style="cyan"),
                Text(_name(started)),
                f"{now - since:.1f}",
                Text(_last_line(started.log_path)),
            )
        return table


def _preparation(event: RunStarted | EnvironmentMade) -> str:
    if isinstance(event, RunStarted):
        return "\n".join([*map(str, event.warnings), event.isolation])
    what = ", ".join(event.requirements[:5]) or "nothing but Python"
    more = f" and {len(event.requirements) - 5} more" if len(event.requirements) > 5 else ""
    note = f"\nwarning: {event.note}" if event.note else ""
    return f"environment of {what}{more}: {event.python} ({event.duration_s:.1f} s){note}"


def _name(step: StepResult | StepStarted) -> str:
    """Return what a person knows a step by; inside a component its full name comes first."""
    if "." not in step.name:
        return step.display_name
    is_own = step.display_name == step.name.rpartition(".")[2]
    return step.name if is_own else f"{step.name} ({step.display_name})"


def _word(step: StepResult) -> str:
    return "reused" if step.reused else _WORDS[step.status]


def _finished(event: StepFinished) -> str:
    step = event.result
    return f"{_word(step)} {_name(step)} {step.duration_s:.1f} s ({event.finished}/{event.total})"


def write_left_behind_note(step: StepResult) -> str:
    """Return a line about the files that a step left behind, empty where there are none.

    Args:
        step: What came of the step.

    Example:
        >>> from kedro_azureml_simulator import StepResult
        >>> step = StepResult("fit", "training.fit", "completed", left_behind=("data/model.pkl",))
        >>> write_left_behind_note(step)
        'note: training.fit left data/model.pkl in its working directory, and no output carries it'
    """
    files = step.left_behind
    if not files:
        return ""
    names = ", ".join(files[:_FILES_NAMED])
    if len(files) > _FILES_NAMED:
        names += f" and {len(files) - _FILES_NAMED} more files"
    return (
        f"note: {_name(step)} left {names} in its working directory, and no output carries"
        f" {'it' if len(files) == 1 else 'them'}"
    )


def _show_left_behind(step: StepResult, console: Console) -> None:
    if note := write_left_behind_note(step):
        _line(console, note, style="yellow")


def _counts(result: RunResult) -> str:
    reused = sum(step.reused for step in result.steps)
    counts = {
        status: sum(step.status == status and not step.reused for step in result.steps)
        for status in ("completed", "failed", "canceled", "skipped")
    }
    parts = [f"{count} {status}" for status, count in counts.items() if count]
    return ", ".join([*parts, *([f"{reused} from an earlier run"] if reused else [])])


def _show_failure(step: StepResult, console: Console) -> None:
    _line(console, f"step {_name(step)} failed: {step.message}", style="bold red")
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
    text = make_printable(_end_of(log, _LOG_TAIL_BYTES), colors=True)
    return text.splitlines()[-_LOG_LINES:]


def _last_line(log: Path | None) -> str:
    if log is None:
        return ""
    try:
        lines = make_printable(_end_of(log, _LAST_LINE_BYTES)).splitlines()
    except OSError:
        return ""  # nothing was written yet
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def _end_of(log: Path, size_bytes: int) -> str:
    with log.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - size_bytes))
        return file.read().decode("utf-8", errors="replace")


def _line(console: Console, text: str, style: str = "") -> None:
    # Names of files, steps and assets are others' words.
    console.print(Text(make_printable(text), style=style), soft_wrap=True, highlight=False)
