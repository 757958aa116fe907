"""The options of a simulated run, as the simulator defines them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

import click
from kedro_azureml_simulator import RUN_OPTIONS, RunOption

from kedro_azureml_cli.terminal.option_values import NamedPath

if TYPE_CHECKING:
    from collections.abc import Mapping

Command = Callable[..., object]

_RUN_DIR = click.option(
    "--run-dir",
    type=NamedPath(file_okay=False),
    help="Folder for the run; build/azureml-runs/JOB by default.",
)


def run_options(command: Command) -> Command:
    """Add the options of a simulated run.

    The command gets `run_dir`, and `run`, the value of each `RunOption` by its argument.
    """

    @wraps(command)
    def with_value(*args: object, **others: Any) -> object:
        names = {option.argument for option in RUN_OPTIONS}
        run: Mapping[str, Any] = {name: others.pop(name) for name in names}
        return command(*args, run=run, **others)

    decorated: Command = _RUN_DIR(with_value)
    for option in reversed(RUN_OPTIONS):
        decorated = _click_option(option)(decorated)
    return decorated


def _click_option(option: RunOption) -> Callable[[Command], Command]:
    names, text = (*option.names, option.argument), option.help
    if option.kind == "switch":
        return click.option(*names, is_flag=True, help=text)
    if option.kind == "engine":
        return click.option(*names, flag_value=option.name.removeprefix("--"), help=text)
    if option.kind in {"pairs", "references"}:
        return click.option(
            *names, multiple=True, callback=_pairs(option), metavar=option.metavar, help=text
        )
    if option.kind == "seconds":
        return click.option(*names, callback=_seconds(option), metavar=option.metavar, help=text)
    types: dict[str, Any] = {
        "count": click.IntRange(min=1),
        "file": NamedPath(dir_okay=False, exists=True),
        "folder": NamedPath(file_okay=False, exists=True),
        "text": str,
    }
    return click.option(*names, type=types[option.kind], metavar=option.metavar, help=text)


def _seconds(
    option: RunOption,
) -> Callable[[click.Context, click.Parameter, str | None], float | None]:
    def parse(ctx: click.Context, parameter: click.Parameter, word: str | None) -> float | None:
        try:
            return None if word is None else option.seconds(word)
        except ValueError as error:
            raise click.BadParameter(f"{error}.", ctx, parameter) from error

    return parse


def _pairs(
    option: RunOption,
) -> Callable[[click.Context, click.Parameter, tuple[str, ...]], dict[str, str]]:
    def parse(
        ctx: click.Context, parameter: click.Parameter, words: tuple[str, ...]
    ) -> dict[str, str]:
        try:
            return dict(option.pair(word) for word in words)
        except ValueError as error:
            raise click.BadParameter(f"{error}.", ctx, parameter) from error

    return parse
