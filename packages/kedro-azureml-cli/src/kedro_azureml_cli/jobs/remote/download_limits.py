"""How much of a submitted job's data may be downloaded: the options, and the question."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from functools import wraps
from typing import NamedTuple

import click

Command = Callable[..., object]

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kMGT]?)B?", re.IGNORECASE)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}


class DownloadLimits(NamedTuple):
    """How much may be downloaded.

    Args:
        max_size_bytes: How much at most; None for any size.
        yes: Whether it is downloaded without a question.
    """

    max_size_bytes: float | None = None
    yes: bool = False

    def check(self, size_bytes: int) -> None:
        """Stop unless so much may be downloaded; ask on a terminal.

        Args:
            size_bytes: The size of what is not on this machine yet.

        Raises:
            UsageError: It is more than was allowed, or nobody can be asked.
            Abort: Somebody was asked and said no.
        """
        size = format_bytes(size_bytes)
        if self.max_size_bytes is not None and size_bytes > self.max_size_bytes:
            raise click.UsageError(
                f"{size} would be downloaded, more than --max-size allows; name fewer datasets."
            )
        if self.yes or not size_bytes:
            return
        if not sys.stdin.isatty():
            raise click.UsageError(
                f"{size} would be downloaded, and no terminal can confirm it; pass --yes."
            )
        click.confirm(f"Download {size}?", err=True, abort=True)


def download_options(command: Command) -> Command:
    """Add `--max-size` and `--yes`; the command gets `DownloadLimits`."""

    @wraps(command)
    def with_value(*args: object, max_size: float | None, yes: bool, **others: object) -> object:
        return command(*args, limits=DownloadLimits(max_size, yes), **others)

    added = [
        click.option(
            "--max-size",
            callback=_parse_size,
            metavar="SIZE",
            help="Refuse to download more than this: 500MB, 2GB.",
        ),
        click.option("-y", "--yes", is_flag=True, help="Download without a question."),
    ]
    decorated: Command = with_value
    for option in reversed(added):
        decorated = option(decorated)
    return decorated


def format_bytes(size_bytes: int) -> str:
    """Return a size as text.

    Args:
        size_bytes: The size.

    Example:
        >>> format_bytes(12), format_bytes(1_500_000)
        ('12 bytes', '1.5 MB')
    """
    for unit, power in (("TB", 4), ("GB", 3), ("MB", 2), ("kB", 1)):
        if size_bytes >= 1000**power:
            return f"{size_bytes / 1000**power:,.1f} {unit}"
    return f"{size_bytes} byte{'s' * (size_bytes != 1)}"


def _parse_size(ctx: click.Context, parameter: click.Parameter, text: str | None) -> float | None:
    if text is None:
        return None
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise click.BadParameter(f"'{text}' is not a size such as 500MB or 2GB.", ctx, parameter)
    return float(found.group(1)) * 1000.0 ** _POWERS[found.group(2).lower()]
