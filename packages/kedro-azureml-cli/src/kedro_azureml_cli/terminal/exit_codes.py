"""Turns errors into messages and exit codes: the only place that does."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
from kedro_azureml_datasets import KedroAzureMLError

if TYPE_CHECKING:
    from collections.abc import Iterator

USER_MUST_CHANGE_SOMETHING = 1
MACHINE_FAILED = 3
INTERRUPTED = 130
"""Exit code of a command that Ctrl-C has ended, as shells have it."""


class UserError(click.ClickException):
    """A message for the user, who must change something."""

    exit_code = USER_MUST_CHANGE_SOMETHING


class MachineError(click.ClickException):
    """A message for the user about a machine that failed."""

    exit_code = MACHINE_FAILED


class StoppedError(click.ClickException):
    """A message for the user, who has pressed Ctrl-C."""

    exit_code = INTERRUPTED


@contextmanager
def errors_as_messages() -> Iterator[None]:
    """Show the errors of all our packages as a message, never as a traceback.

    Raises:
        UserError: In place of an error that the user can mend.
        MachineError: In place of one that the machine has made.
        StoppedError: In place of Ctrl-C, where nothing better is known than that it came.
    """
    from kedro_azureml_compiler import FindingsError
    from kedro_azureml_simulator import SimulatorError

    from kedro_azureml_cli.terminal.findings import show_findings

    try:
        yield
    except FindingsError as error:
        show_findings(error.findings)
        raise UserError(str(error)) from error
    except (KedroAzureMLError, SimulatorError) as error:
        failed = exit_code_of(error) == MACHINE_FAILED
        raise (MachineError if failed else UserError)(str(error)) from error
    except KeyboardInterrupt as error:
        raise StoppedError("Stopped by Ctrl-C.") from error


def exit_code_of(error: Exception) -> int:
    """Tell which exit code an error of our packages makes."""
    from kedro_azureml_compiler.bundle.writing import BundleError
    from kedro_azureml_datasets.azure_ml.errors import (
        AssetDownloadError,
        AzureUnreachableError,
        UnsafeBlobNameError,
    )
    from kedro_azureml_simulator import MachineError as SimulatorMachineError

    from kedro_azureml_cli.azure_ml.errors import AzureFailedError, QuotaError
    from kedro_azureml_cli.jobs.placing import PlacingError
    from kedro_azureml_cli.submission.sending import BundleReadingError

    machine = (
        AssetDownloadError, AzureFailedError, AzureUnreachableError, BundleError,
        BundleReadingError, PlacingError, QuotaError, SimulatorMachineError,
    )  # fmt: skip
    failed = isinstance(error, machine) and not isinstance(error, UnsafeBlobNameError)
    return MACHINE_FAILED if failed else USER_MUST_CHANGE_SOMETHING
