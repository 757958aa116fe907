"""Turn errors into messages and exit codes; no other module does."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

USER_MUST_CHANGE_SOMETHING = 1
MACHINE_FAILED = 3
INTERRUPTED = 130
"""Exit code of a command that Ctrl-C has ended, as shells have it."""
INTERRUPTION = "Stopped by Ctrl-C."


class UserError(click.ClickException):
    """A message for the user, who must change something."""

    exit_code = USER_MUST_CHANGE_SOMETHING


class MachineError(click.ClickException):
    """A message for the user about a machine that failed."""

    exit_code = MACHINE_FAILED


class StoppedError(click.ClickException):
    """A message for the user, who has pressed Ctrl-C."""

    exit_code = INTERRUPTED


def leave() -> NoReturn:
    """End the process with the exit code of Ctrl-C, though threads may still wait for Azure.

    Python itself would wait for them: minutes for a large upload or a silent network.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(INTERRUPTED)


@contextmanager
def show_errors_as_messages() -> Iterator[None]:
    """Show the errors of our packages as messages, never as tracebacks.

    An error of ours is one whose class states whom it blames. Any other exception is a defect, and
    passes through.

    Raises:
        UserError: Instead of an error on which the user must act.
        MachineError: Instead of one that the machine, the network or Azure made.
        StoppedError: Instead of Ctrl-C.
    """
    try:
        yield
    except KeyboardInterrupt as error:
        raise StoppedError(INTERRUPTION) from error
    except Exception as error:
        if not hasattr(error, "blame"):
            raise
        if hasattr(error, "findings"):
            from kedro_azureml_cli.terminal.findings import show_findings

            show_findings(error.findings)
        failed = choose_exit_code(error) == MACHINE_FAILED
        raise (MachineError if failed else UserError)(str(error)) from error


def choose_exit_code(error: Exception) -> int:
    """Return the exit code for an error of our packages.

    Args:
        error: The error; its `blame` is `user` or `machine`.

    Example:
        >>> from kedro_azureml_datasets import KedroAzureMLError
        >>> choose_exit_code(KedroAzureMLError("Job 'train' not found."))
        1
    """
    blame: str = getattr(error, "blame", "user")
    return MACHINE_FAILED if blame == "machine" else USER_MUST_CHANGE_SOMETHING
