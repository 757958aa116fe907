"""Keep the standard output for the result of a command, and print only what it can encode."""

from __future__ import annotations

import os
import sys
import warnings
from contextlib import ExitStack, contextmanager, redirect_stdout, suppress
from io import UnsupportedOperation
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kedro_azureml_cli.terminal.exit_codes import MachineError
from kedro_azureml_cli.terminal.start_up import slow_project
from kedro_azureml_cli.terminal.verbosity import is_quiet

if TYPE_CHECKING:
    from collections.abc import Iterator


_OF_OMEGACONF = r"register_new_resolver\(\) is deprecated"
"""Kedro calls what OmegaConf 2.4 deprecates; nobody who uses Kedro can change that."""


@contextmanager
def redirect_the_rest_to_stderr() -> Iterator[None]:
    """Send everything printed meanwhile to the standard error: Kedro's log, the project's prints.

    One warning, which no user of Kedro can avoid, is left out. If the project's code takes long,
    a line says so.
    """
    with divert_output(), slow_project.watch(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", _OF_OMEGACONF, UserWarning)
        yield


@contextmanager
def divert_output() -> Iterator[None]:
    """Send what is written to the standard output meanwhile to the standard error.

    By its file descriptor too, since a log handler keeps the stream that it was made with. If the
    command is to be quiet, it goes nowhere.
    """
    with ExitStack() as stack:
        target = sys.stderr
        if is_quiet():
            target = stack.enter_context(Path(os.devnull).open("w", encoding="utf-8"))
        stack.enter_context(redirect_stdout(target))
        original = sys.__stdout__
        if original is None:
            yield  # a process without a standard output
            return
        try:
            output, errors = original.fileno(), target.fileno()
        except (AttributeError, UnsupportedOperation, ValueError):
            yield  # a stream in memory, which nothing but Python writes to
            return
        original.flush()
        kept = os.dup(output)
        os.dup2(errors, output)
        try:
            yield
        finally:
            with suppress(ValueError, OSError):  # closed by someone
                original.flush()
            os.dup2(kept, output)
            os.close(kept)


def divert_output_for_good() -> None:
    """Send what is written to the standard output from now on to the standard error, or to nowhere.

    Nothing is left to be undone: at its end the interpreter has taken apart what would do so.
    """
    original, quiet = sys.__stdout__, is_quiet()
    if original is None:
        return  # a process without a standard output
    with suppress(AttributeError, UnsupportedOperation, ValueError, OSError):  # in memory, closed
        original.flush()
        target = os.open(os.devnull, os.O_WRONLY) if quiet else sys.stderr.fileno()
        os.dup2(target, original.fileno())
        if quiet:
            os.close(target)
    sys.stdout = original if quiet else sys.stderr


def print_result(text: str) -> None:
    """Print to the standard output, with escapes for what its encoding lacks.

    Args:
        text: Whole lines, each with its line break.

    Raises:
        MachineError: It cannot be written, because a disk is full, for example.
    """
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        click.echo(text.encode(encoding, "backslashreplace").decode(encoding), nl=False)
    except BrokenPipeError:  # the reader has seen enough; click ends the command
        raise
    except OSError as error:
        _drop_output()
        raise MachineError(
            f"The result cannot be written to the standard output: {error.strerror or error}."
        ) from error


def _drop_output() -> None:
    """Send to nowhere what the standard output still holds: Python writes it when it ends."""
    with suppress(OSError, ValueError), Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


def write_result(file: Path, text: str) -> None:
    """Write to a file, without terminal colours.

    Args:
        file: The file; its folder exists.
        text: Whole lines, each with its line break.

    Raises:
        MachineError: It cannot be written.
    """
    try:
        file.write_text(click.unstyle(text), encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise MachineError(f"'{file}' cannot be written: {error.strerror or error}.") from error
