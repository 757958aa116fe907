"""Complete a command line of `kedro-azureml` or `kedro`, with the names in the project."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from click.shell_completion import CompletionItem, ShellComplete
from kedro.utils import find_kedro_project

from kedro_azureml_cli.terminal.result_stream import divert_output
from kedro_azureml_cli.terminal.verbosity import choose_for_process

if TYPE_CHECKING:
    from collections.abc import Sequence

    import click

_SCRIPT = "kedro-azureml"
_COMMAND = "azureml"


def print_completions(words: Sequence[str], azureml: click.Group) -> None:
    """Print what the last word of a command line may become, one in each line.

    A line has the kind (`plain`, `file` or `dir`), the word and its help, with tabs between them.

    Args:
        words: The command line up to the cursor, as it was typed; the first word is the program.
        azureml: The group of commands.
    """
    choose_for_process(["--quiet"])
    with divert_output():  # the project's code may print
        lines = [
            "\t".join([item.type, item.value, " ".join((item.help or "").split())])
            for item in find_completions(words, azureml)
        ]
    sys.stdout.write("".join(f"{line}\n" for line in lines))


def find_completions(words: Sequence[str], azureml: click.Group) -> list[CompletionItem]:
    """Return what the last word of a command line may become; nothing if that cannot be known.

    Args:
        words: The command line up to the cursor; the first word is the program.
        azureml: The group of commands.
    """
    program, *args = _join_values(words) or [_SCRIPT]
    incomplete = _unquote(args.pop()) if args else ""
    args = [_unquote(arg) for arg in args]
    name = PurePath(program).name
    try:
        if name == _SCRIPT or args[:1] == [_COMMAND]:
            before = args if name == _SCRIPT else args[1:]
            return _complete(azureml, before, incomplete)
        from kedro.framework.cli.cli import KedroCLI

        group = KedroCLI(project_path=find_kedro_project(Path.cwd()) or Path.cwd())
        return _complete(group, args, incomplete)
    except Exception:  # no message has a place between the words of a command line
        return []


def _complete(group: Any, args: list[str], incomplete: str) -> list[CompletionItem]:
    from kedro_azureml_cli.shell.names import complete_names

    with complete_names():
        return ShellComplete(group, {}, "", "").get_completions(args, incomplete)


def _join_values(words: Sequence[str]) -> list[str]:
    """Undo what bash does to `--job=x`, which are three words to it.

    Example:
        >>> _join_values(["kedro", "compile", "--job", "=", "tr"])
        ['kedro', 'compile', '--job', 'tr']
        >>> _join_values(["kedro", "compile", "--job=tr"]), _join_values(["kedro", "--job", "="])
        (['kedro', 'compile', '--job', 'tr'], ['kedro', '--job', ''])
    """
    joined: list[str] = []
    for number, word in enumerate(words):
        if word == "=" and joined and joined[-1].startswith("--"):
            if number == len(words) - 1:
                joined.append("")
        elif word.startswith("--") and "=" in word and number == len(words) - 1:
            joined.extend(word.split("=", 1))
        else:
            joined.append(word)
    return joined


def _unquote(word: str) -> str:
    try:
        return "".join(shlex.split(word))
    except ValueError:  # a quote that is still open
        return word.strip("'\"")
