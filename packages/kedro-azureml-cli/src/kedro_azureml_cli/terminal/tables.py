"""Tables, times and JSON, as every command writes them."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


_NO_WRAP = 100_000
"""Characters in a line."""


def format_duration(seconds: float) -> str:
    """Return a duration as text.

    Args:
        seconds: The duration.

    Example:
        >>> format_duration(3.2), format_duration(63), format_duration(7500)
        ('3 s', '1 min 03 s', '2 h 05 min')
    """
    whole = max(int(seconds), 0)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"


def format_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return rows below a head, each column as wide as its widest cell on a terminal.

    Args:
        head: Names of the columns.
        rows: Their cells. Control characters are left out: names may hold anything.

    Example:
        >>> print(format_table(("name", "state"), [("train", "done")]), end="")
        name   state
        train  done
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    # Wide enough that no row is wrapped: lines are read by programs too, such as grep.
    console = Console(width=_NO_WRAP, color_system=None, force_jupyter=False)
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    for row in (head, *rows):
        table.add_row(*(Text(cell.replace("\n", " "), no_wrap=True) for cell in row))
    with console.capture() as captured:
        console.print(table)
    return "".join(f"{line.rstrip()}\n" for line in captured.get().rstrip("\n").split("\n"))


def format_local_time(moment: datetime | None) -> str:
    """Return a time as text, in the time zone of this machine.

    Args:
        moment: The time, with its zone; None is written as `-`.
    """
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S") if moment else "-"


def format_utc(moment: datetime | None) -> str | None:
    """Return a time in ISO format, in UTC, to the second.

    Args:
        moment: The time, with its zone; None is written as None.
    """
    return moment.astimezone(timezone.utc).isoformat(timespec="seconds") if moment else None


def format_json(content: Any) -> str:
    """Return content as indented JSON that ends with a line break."""
    return json.dumps(content, indent=2) + "\n"
