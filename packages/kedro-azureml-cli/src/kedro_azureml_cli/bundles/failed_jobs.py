"""Show which of several jobs failed, and end the command with the worst exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kedro_azureml_cli.terminal.exit_codes import MachineError, UserError, choose_exit_code
from kedro_azureml_cli.terminal.wrapping import escape_unprintable

if TYPE_CHECKING:
    from collections.abc import Mapping


def show_failures(failed: Mapping[str, Exception]) -> None:
    """Print why jobs failed on the standard error; what several have in common, once.

    Args:
        failed: Name of each job to its error.
    """
    jobs_of: dict[str, list[str]] = {}
    for job, error in failed.items():
        jobs_of.setdefault(str(error), []).append(escape_unprintable(job))
    for message, jobs in jobs_of.items():
        click.echo(f"{', '.join(jobs)}: {message}", err=True)


def stop_on_failures(failed: Mapping[str, Exception], count: int, what: str) -> None:
    """End the command with the worst exit code if a job failed.

    Args:
        failed: Name of each job to its error.
        count: How many jobs there are.
        what: What could not be done with them: `compiled`.

    Raises:
        UserError: The user must change something.
        MachineError: The machine failed for at least one job.
    """
    if not failed:
        return
    worst = max(map(choose_exit_code, failed.values()))
    kind = MachineError if worst == MachineError.exit_code else UserError
    raise kind(f"{len(failed)} of {count} jobs could not be {what}: {', '.join(failed)}.")
