"""Write `run.html` into the folder of a run."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from kedro_azureml_compiler import render_run_page

from kedro_azureml_cli.terminal.verbosity import note

if TYPE_CHECKING:
    from pathlib import Path

    from kedro_azureml_compiler import PageDetails, Plan, RunFacts

PAGE = "run.html"
"""Name of the page in the folder of a run."""


def write_run_page(folder: Path, plan: Plan, run: RunFacts, details: PageDetails | None) -> None:
    """Write the page of a run, or replace it; the page of the plan stays as it is.

    A page that cannot be written is a note and no error: the run itself is not affected.

    Args:
        folder: The folder of the run; it is created if it does not exist.
        plan: The plan of the job.
        run: What came of the run.
        details: What is known of the job beside its plan; None for nothing.
    """
    lines = render_run_page(plan, run) if details is None else render_run_page(plan, run, details)
    temporary = folder / f".{PAGE}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        temporary.unlink(missing_ok=True)  # whatever it is, a link included
        with temporary.open("x", encoding="utf-8", newline="\n") as file:
            file.writelines(lines)
        temporary.replace(folder / PAGE)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        note(f"'{folder / PAGE}' cannot be written: {error.strerror or error}.")


def format_time(time: datetime) -> str:
    """Return a time as the pages show it: in UTC, since they are read anywhere.

    Args:
        time: The time, with its time zone.

    Example:
        >>> format_time(datetime(2026, 11, 29, 9, 30, tzinfo=timezone.utc))
        '2026-11-29 09:30:00 UTC'
    """
    return time.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")
