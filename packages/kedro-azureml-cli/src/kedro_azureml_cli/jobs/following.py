"""Follow submitted jobs to their ends: show their steps, and the logs of those that failed."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click
from kedro_azureml_datasets import KedroAzureMLError
from kedro_azureml_datasets.azure_ml.errors import AzureFailedError

from kedro_azureml_cli.azure_ml.jobs.states import FAILED, JobState
from kedro_azureml_cli.azure_ml.jobs.step_logs import StepLogs, take_last_lines
from kedro_azureml_cli.jobs.polling import Pace, Patience
from kedro_azureml_cli.jobs.waiting_view import open_waiting_view
from kedro_azureml_cli.terminal.exit_codes import INTERRUPTED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kedro_azureml_cli.azure_ml.jobs.reading import JobReader
    from kedro_azureml_cli.jobs.channels import Channels

_SHOWN_LINES = 30
_SHOWN_LOGS = 3


@dataclass
class FollowedJob:
    """A job while it is followed.

    Args:
        label: Its name for the user.
        reader: Reads it.
        logs: Reads the logs of its steps.
        name: Its name in Azure ML.
        state: What is known of it; None before it was read.
        error: Why it is no longer followed, unless it has ended.
        channels: Where its start and its end are told.
    """

    label: str
    reader: JobReader
    logs: StepLogs
    name: str
    state: JobState | None = None
    error: KedroAzureMLError | None = None
    channels: Channels | None = None

    @property
    def is_over(self) -> bool:
        """Whether there is nothing left to wait for."""
        return self.error is not None or (self.state is not None and self.state.is_final)


def wait_for_ends(jobs: Iterable[FollowedJob]) -> None:
    """Wait until all jobs have ended; then show the logs of the steps that failed.

    Args:
        jobs: The jobs; their `state` and `error` are set.
    """
    jobs = list(jobs)
    pace, patience = Pace(os.environ), Patience()
    try:
        with open_waiting_view(sys.stderr) as view:
            for job in jobs:
                view.tell(f"Waiting for {job.label} ({job.name}); Ctrl-C does not stop the job.")
            while True:
                changed = False
                for job in jobs:
                    if not job.is_over:
                        before = job.state
                        trouble = _look(job, patience)
                        changed |= job.state != before
                        if job.channels is not None and job.state is not None:
                            job.channels.look(job.state)
                        if trouble:
                            view.tell(f"{job.label}: {trouble}")
                view.show({job.label: job.state for job in jobs if job.state is not None})
                if all(job.is_over for job in jobs):
                    break
                time.sleep(pace.next_s(changed=changed))
    except KeyboardInterrupt:
        exit_while_running(job.name for job in jobs if not job.is_over)
    for job in jobs:
        if job.state is not None:
            show_failed_logs(job.logs, job.state)


def exit_while_running(names: Iterable[str]) -> None:
    """End the command with a note that only the waiting has stopped.

    Args:
        names: Names in Azure ML of the jobs that are still running.
    """
    for name in names:
        click.echo(
            f"\nStopped waiting; the job {name} is still running.\n"
            f"  See its status:  kedro azureml status {name}\n"
            f"  Cancel it:       kedro azureml cancel {name}",
            err=True,
        )
    sys.exit(INTERRUPTED)


def _look(job: FollowedJob, patience: Patience) -> str:
    """Read a job's status; return what prevents that, the first time."""
    try:
        job.state = job.reader.read()
    except AzureFailedError as error:
        is_first = not patience.is_tried(job.name)
        if patience.is_over(job.name, time.monotonic()):
            job.error = error
            return ""
        return f"{error.message} Still trying; the job is not affected." if is_first else ""
    except KedroAzureMLError as error:
        job.error = error
        return ""
    patience.succeeded(job.name)
    return ""


def show_failed_logs(logs: StepLogs, state: JobState) -> None:
    """Show the last lines of the logs of the steps that failed.

    Args:
        logs: Reads them.
        state: The job at its end.
    """
    failed = [step for step in state.steps if step.status == FAILED]
    for step in failed[:_SHOWN_LOGS]:
        try:
            files = logs.read(step.run_id)
        except KedroAzureMLError as error:
            click.echo(
                f"The log of the step '{step.display_name}' cannot be read: {error}", err=True
            )
            continue
        if not files:
            click.echo(
                f"The step '{step.display_name}' failed and printed nothing. See Studio: "
                f"{state.studio_url}",
                err=True,
            )
        for name, text in files.items():
            which = f" ({name})" if len(files) > 1 else ""
            click.echo(f"Last lines of the failed step '{step.display_name}'{which}:", err=True)
            for line in take_last_lines(text, _SHOWN_LINES):
                click.echo(f"  {line}", err=True)
    if len(failed) > _SHOWN_LOGS:
        others = ", ".join(step.display_name for step in failed[_SHOWN_LOGS:])
        click.echo(f"Also failed: {others}.", err=True)
    if failed:
        click.echo(f"See the whole logs:  kedro azureml logs {state.name}", err=True)
