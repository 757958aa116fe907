"""The options of `plan --advise`: where the times come from, and what the computes are like."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from kedro_azureml_cli.terminal.option_values import NamedPath, parse_pairs

if TYPE_CHECKING:
    from collections.abc import Mapping

Command = Callable[..., object]

_MOST_SECONDS = 86_400


class AdviceOptions(NamedTuple):
    """What is known for an advice.

    Args:
        from_run: Whether the times are those of the last simulation.
        run_dir: The folder of that simulation; None for the one where `simulate` puts it.
        from_job: Name in Azure ML of the job whose times they are; None for none.
        overhead_s: What each step takes besides its code; None if the user does not say.
        prices: Compute to the price of one instance for an hour.
        limits: Compute to the most instances that it has.
    """

    from_run: bool
    run_dir: Path | None
    from_job: str | None
    overhead_s: float | None
    prices: Mapping[str, float]
    limits: Mapping[str, int]


def advice_options(command: Command) -> Command:
    """Add `--advise` and its options; the command gets `AdviceOptions`, or None without it."""

    @wraps(command)
    def with_value(
        *args: object,
        advise: bool,
        from_run: bool,
        run_dir: Path | None,
        from_job: str | None,
        overhead_s: float | None,
        prices: Mapping[str, float],
        limits: Mapping[str, int],
        **others: object,
    ) -> object:
        given = {
            "--from-run": from_run,
            "--run-dir": run_dir,
            "--from-job": from_job,
            "--step-overhead": overhead_s is not None,
            "--price": prices,
            "--max-instances": limits,
        }
        named = [option for option, value in given.items() if value]
        if not advise and named:
            raise click.UsageError(f"{named[0]} belongs to --advise.")
        if advise and from_run == (from_job is not None):
            raise click.UsageError(
                "--advise needs the times of the steps: write one of --from-run, for those of the "
                "last simulation, and --from-job AZURE_JOB."
            )
        if run_dir is not None and not from_run:
            raise click.UsageError("--run-dir belongs to --from-run.")
        if advise and (others.get("form") == "mermaid" or others.get("opens")):
            option = "--open" if others.get("opens") else "--format mermaid"
            raise click.UsageError(f"{option} shows no advice; leave it out, or --advise.")
        options = AdviceOptions(from_run, run_dir, from_job, overhead_s, prices, limits)
        return command(*args, advice=options if advise else None, **others)

    options: list[Callable[[Command], Command]] = [
        click.option(
            "--advise",
            is_flag=True,
            help="Show, instead of the plan, the grouping with the shortest time that is found, "
            "and what it saves.",
        ),
        click.option(
            "--from-run", is_flag=True, help="Take the times from the last simulation of the job."
        ),
        click.option(
            "--run-dir",
            type=NamedPath(file_okay=False),
            help="Folder of that simulation; build/azureml-runs/JOB by default.",
        ),
        click.option(
            "--from-job",
            metavar="AZURE_JOB",
            help="Take the times from the logs of this job in Azure ML.",
        ),
        click.option(
            "--step-overhead",
            "overhead_s",
            callback=_parse_seconds,
            metavar="SECONDS",
            help="Seconds that a step takes besides its code; by default what the job in Azure ML "
            "took, or else 60.",
        ),
        click.option(
            "--price",
            "prices",
            multiple=True,
            callback=_parse_prices,
            metavar="COMPUTE=AMOUNT",
            help="Price of one instance of a compute for one hour; repeatable.",
        ),
        click.option(
            "--max-instances",
            "limits",
            multiple=True,
            callback=_parse_limits,
            metavar="COMPUTE=N",
            help="The most instances that a compute has; otherwise as many as are wanted; "
            "repeatable.",
        ),
    ]
    wrapped: Command = with_value
    for option in reversed(options):
        wrapped = option(wrapped)
    return wrapped


def _parse_seconds(ctx: click.Context, option: click.Parameter, value: str | None) -> float | None:
    return None if value is None else _parse_amount(ctx, option, value, _MOST_SECONDS, "seconds")


def _parse_prices(
    ctx: click.Context, option: click.Parameter, values: tuple[str, ...]
) -> dict[str, float]:
    pairs = parse_pairs(ctx, option, values)
    return {
        name: _parse_amount(ctx, option, value, 1e9, "an hour of one instance")
        for name, value in pairs.items()
    }


def _parse_limits(
    ctx: click.Context, option: click.Parameter, values: tuple[str, ...]
) -> dict[str, int]:
    limits = {}
    for name, value in parse_pairs(ctx, option, values).items():
        if not (value.isascii() and value.isdigit() and int(value[:9]) >= 1 and len(value) < 9):
            message = f"'{value}' is not a number of instances, at least 1."
            raise click.BadParameter(message, ctx, option)
        limits[name] = int(value)
    return limits


def _parse_amount(
    ctx: click.Context, option: click.Parameter, value: str, most: float, what: str
) -> float:
    try:
        amount = float(value)
    except ValueError:
        amount = math.nan
    if not 0 <= amount <= most:
        noun = "a number of seconds" if what == "seconds" else f"an amount for {what}"
        message = f"'{value}' is not {noun} from 0 to {most:.0f}."
        raise click.BadParameter(message, ctx, option)
    return amount
