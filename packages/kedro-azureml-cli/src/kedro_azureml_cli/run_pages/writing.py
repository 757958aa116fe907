"""Write `run.html` into the folder of a run."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from kedro_azureml_compiler import render_run_page

from kedro_azureml_cli.terminal.verbosity import note

if TYPE_CHECKING:
    from collections.abc import Iterable

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
    write_beside_run(folder, PAGE, lines)


def write_beside_run(folder: Path, name: str, lines: Iterable[str]) -> None:
    """Write a file into the folder of a run, or replace it: all of it or nothing.

    What cannot be written is a note and no error.

    Args:
        folder: The folder of the run; it is created if it does not exist.
        name: Name of the file.
        lines: What it holds.
    """
    draft: Path | None = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # A name of its own: two commands may follow the same job.
        handle, made = tempfile.mkstemp(prefix=f".{name}.", dir=folder)
        draft = Path(made)
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.writelines(lines)
        draft.chmod(0o666 & ~_read_umask())
        draft.replace(folder / name)
    except OSError as error:
        note(f"'{folder / name}' cannot be written: {error.strerror or error}.")
    finally:  # after Ctrl-C, too
        if draft is not None:
            with suppress(OSError):
                draft.unlink(missing_ok=True)


def _read_umask() -> int:
    """Return which rights new files do not get; it can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def format_time(time: datetime) -> str:
    """Return a time as the pages show it: in UTC, since they are read anywhere.

    Args:
        time: The time, with its time zone.

    Example:
        >>> format_time(datetime(2026, 11, 29, 9, 30, tzinfo=timezone.utc))
        '2026-11-29 09:30:00 UTC'
    """
    return time.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")
