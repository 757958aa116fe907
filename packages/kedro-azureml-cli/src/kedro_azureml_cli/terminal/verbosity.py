"""How much a command says: `--quiet` and `--verbose`, which every command has."""

from __future__ import annotations

import logging
import sys
import warnings
from enum import Enum
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

_QUIET_OPTIONS = ("-q", "--quiet")
_VERBOSE_OPTIONS = ("-v", "--verbose")


class Verbosity(Enum):
    """What is shown besides the result of a command and its errors."""

    QUIET = "quiet"
    NORMAL = "normal"
    VERBOSE = "verbose"


class _Chosen:
    def __init__(self) -> None:
        self.verbosity = Verbosity.NORMAL
        self.is_for_process = False


_chosen = _Chosen()


def is_quiet() -> bool:
    """Check whether only results and errors are shown."""
    return _chosen.verbosity is Verbosity.QUIET


def is_verbose() -> bool:
    """Check whether details are shown, too."""
    return _chosen.verbosity is Verbosity.VERBOSE


def note(text: str) -> None:
    """Print a note to the standard error, unless the command is to be quiet.

    Args:
        text: The note, without its last line break.
    """
    if not is_quiet():
        click.echo(text, err=True)


def choose_for_process(words: Sequence[str]) -> None:
    """Choose by a command line before it is parsed: Kedro opens the project before that.

    Args:
        words: What follows the program's name.
    """
    _chosen.is_for_process = True
    short, long = _QUIET_OPTIONS
    if any(word.startswith(short) or word == long for word in words):  # also -qj JOB
        _choose(Verbosity.QUIET)


def answer_misplaced_option(name: str) -> str:
    """Return where an option of every command is written; empty if it is another option.

    Args:
        name: The option, which stood before the command.

    Example:
        >>> answer_misplaced_option("--quiet")
        'write it after the command:  kedro azureml COMMAND --quiet'
    """
    if name not in _QUIET_OPTIONS + _VERBOSE_OPTIONS:
        return ""
    return f"write it after the command:  kedro azureml COMMAND {name}"


def add_verbosity(command: click.Command) -> None:
    """Add `--quiet` and `--verbose` to a command, unless it has them.

    Args:
        command: The command; its callback gets no argument more.
    """
    if any(option.name == Verbosity.QUIET.value for option in command.params):
        return
    texts = {
        Verbosity.QUIET: (_QUIET_OPTIONS, "Show only the result and errors."),
        Verbosity.VERBOSE: (_VERBOSE_OPTIONS, "Show every note, and the log of other libraries."),
    }
    for verbosity, (names, text) in texts.items():
        option = click.Option(
            [*names, verbosity.value],
            is_flag=True,
            expose_value=False,
            callback=_read_option,
            help=text,
        )
        command.params.append(option)


def _read_option(ctx: click.Context, option: click.Parameter, value: bool) -> None:
    if not value or ctx.resilient_parsing:
        return
    wanted = Verbosity(option.name)
    given = ctx.meta.setdefault(f"{__name__}.given", wanted)
    if given is not wanted:
        raise click.UsageError("--quiet and --verbose exclude each other.", ctx)
    if not _chosen.is_for_process:  # several commands may run in one process
        ctx.find_root().call_on_close(_reset)
        ctx.find_root().with_resource(warnings.catch_warnings())
    _choose(wanted)


def _choose(verbosity: Verbosity) -> None:
    _chosen.verbosity = verbosity
    if verbosity is Verbosity.QUIET:
        logging.disable(logging.WARNING)
        if not sys.warnoptions:
            warnings.simplefilter("ignore")
    for name in ("", "kedro") if verbosity is Verbosity.VERBOSE else ():
        logger = logging.getLogger(name)
        if logger.getEffectiveLevel() > logging.INFO:
            logger.setLevel(logging.INFO)


def _reset() -> None:
    _chosen.verbosity = Verbosity.NORMAL
    logging.disable(logging.NOTSET)
