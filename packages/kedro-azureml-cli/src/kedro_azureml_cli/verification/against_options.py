"""The options with which `verify` compares a job in Azure ML."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import NamedTuple

import click

from kedro_azureml_cli.jobs.remote.download_limits import DownloadLimits, download_options

Command = Callable[..., object]


class AgainstOptions(NamedTuple):
    """Which job in Azure ML is compared, and how much may be downloaded for that.

    Args:
        job: Its name in Azure ML, or its name in `azureml.yml`; None for a simulation.
        workspace: Entry of `workspace` in `azureml.yml`; None for the job's own.
        datasets: Names of the datasets to be compared; all where none is named.
        limits: How much may be downloaded.
    """

    job: str | None = None
    workspace: str | None = None
    datasets: tuple[str, ...] = ()
    limits: DownloadLimits = DownloadLimits()


def against_options(command: Command) -> Command:
    """Add `--against` and the options that belong to it; the command gets `AgainstOptions`."""

    @wraps(command)
    def with_value(
        *args: object,
        against: str | None,
        workspace: str | None,
        datasets: str | None,
        limits: DownloadLimits,
        **others: object,
    ) -> object:
        names = tuple(name.strip() for name in (datasets or "").split(",") if name.strip())
        options = AgainstOptions(against, workspace, names, limits)
        if against is None and options != AgainstOptions():
            raise click.UsageError(
                "--workspace, --datasets, --max-size and --yes belong to --against."
            )
        return command(*args, against=options, **others)

    added: list[Callable[[Command], Command]] = [
        click.option(
            "--against",
            metavar="AZURE_JOB",
            help="Compare what this finished job has left in Azure, instead of a simulation.",
        ),
        click.option(
            "-w", "--workspace", help="Entry of 'workspace' in azureml.yml; the job's by default."
        ),
        click.option("--datasets", metavar="NAME,...", help="Compare only these, with --against."),
        download_options,
    ]
    decorated: Command = with_value
    for option in reversed(added):
        decorated = option(decorated)
    return decorated
