"""Wrap lists of names and sentences to the width of the terminal, without cutting a name."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_WIDEST = 80
_NARROWEST = 40


def line_width() -> int:
    """Return the number of columns for text: those of the terminal, 80 at most.

    A file and a pipe get 80 columns; the variable `COLUMNS` can make them narrower.
    """
    return max(_NARROWEST, min(shutil.get_terminal_size().columns, _WIDEST))


def wrap_names(names: Sequence[str], width: int) -> list[str]:
    """Return names as lines, separated by commas.

    A line ends between two names. A name that is wider than a line is wrapped at its own spaces;
    a word that is wider is left whole, so that it can be copied.

    Args:
        names: The names.
        width: Number of columns.

    Example:
        >>> wrap_names(["companies", "shuttles", "reviews"], 18)
        ['companies,', 'shuttles, reviews']
    """
    tokens = [f"{name}," for name in names[:-1]] + [*names[-1:]]
    return _fill((line for token in tokens for line in _split(token, width)), width)


def wrap_text(text: str, width: int) -> list[str]:
    """Return a sentence as lines; a word that is wider than a line is left whole.

    Args:
        text: The sentence.
        width: Number of columns.

    Example:
        >>> wrap_text("read by other steps", 11)
        ['read by', 'other steps']
    """
    return _fill(text.split(), width)


def escape_unprintable(name: str) -> str:
    r"""Escape what would end the line or change the terminal: names may hold anything.

    Args:
        name: The name.

    Example:
        >>> escape_unprintable("a\tb")
        'a\\tb'
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in name)


def _split(token: str, width: int) -> list[str]:
    return [token] if _columns(token) <= width else wrap_text(token, width)


def _fill(tokens: Iterable[str], width: int) -> list[str]:
    lines: list[str] = []
    for token in tokens:
        if lines and _columns(lines[-1]) + 1 + _columns(token) <= width:
            lines[-1] += f" {token}"
        else:
            lines.append(token)
    return lines


def _columns(text: str) -> int:
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)
