"""Tables, times and JSON, as every command writes them."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def duration(seconds: float) -> str:
    """Return a duration as text.

    Args:
        seconds: The duration.

    Example:
        >>> duration(3.2), duration(63), duration(7500)
        ('3 s', '1 min 03 s', '2 h 05 min')
    """
    whole = max(int(seconds), 0)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"


def as_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write rows below a head, each column as wide as it has to be.

    Args:
        head: Names of the columns.
        rows: What stands in them.

    Example:
        >>> print(as_table(("name", "state"), [("train", "done")]), end="")
        name   state
        train  done
    """
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        + "\n"
        for line in lines
    )


def local_time(moment: datetime | None) -> str:
    """Return a time as text, in the time zone of this machine.

    Args:
        moment: The time, with its zone; None is written as `-`.
    """
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S") if moment else "-"


def as_utc(moment: datetime | None) -> str | None:
    """Return a time in ISO format, in UTC, to the second.

    Args:
        moment: The time, with its zone; None is written as None.
    """
    return moment.astimezone(timezone.utc).isoformat(timespec="seconds") if moment else None


def as_json_text(content: Any) -> str:
    """Return content as indented JSON that ends with a line break."""
    return json.dumps(content, indent=2) + "\n"
