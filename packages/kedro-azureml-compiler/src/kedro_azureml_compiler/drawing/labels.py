"""Prepare any string of a user for a page and for a box: visible, escaped, not too long."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from html import escape

# What HTML, XML or UTF-8 cannot hold, what is invisible, and what turns the direction of a text, so
# that a name reads as another one. Joiners (U+200C, U+200D) stay: emoji and alphabets need them.
_UNSEEN = (  # compiled when a text has one
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff"
    "\ud800-\udfff\ufffe\uffff]"
)
_TERMINAL = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]"  # colours and moves of the cursor
    r"|\][^\x07\x1b\n]*(?:\x07|\x1b\\)?"  # titles and links
    r"|[ -/]+[0-~]|[@-Z\\^_=>])"
)
_SEPARATORS = "._-:/@ "
_ELLIPSIS = "…"


@lru_cache(maxsize=1 << 12)  # a name stands in several tables
def escape_markup(text: str) -> str:
    r"""Return a string for HTML and XML, with a visible sign for characters that neither can hold.

    Args:
        text: Any text, such as a name.

    Example:
        >>> escape_markup("<b> & 'c'\n")
        '&lt;b&gt; &amp; &#x27;c&#x27;␊'
    """
    return escape(make_visible(text))


def label_lines(name: str, cells: int, most: int) -> tuple[str, ...]:
    """Break a name into the lines of a label; if it does not fit, its middle is omitted.

    Args:
        name: The name.
        cells: Maximum width of a line, in cells of a fixed-width font.
        most: Maximum number of lines.

    Returns:
        The lines, not escaped.

    Example:
        >>> label_lines("reporting.plot_confusion_matrix", cells=26, most=3)
        ('reporting.', 'plot_confusion_matrix')
        >>> label_lines("a_name_that_is_far_too_long", cells=12, most=1)
        ('a_nam…o_long',)
    """
    rest = make_visible(name)
    lines: list[str] = []
    while count_cells(rest) > cells:
        if len(lines) == most - 1:
            rest = _without_middle(rest, cells)
            break
        head = _head(rest, cells)
        at = head.rfind(".") + 1 or max(head.rfind(s) for s in _SEPARATORS) + 1
        if at < len(head) // 3:
            at = len(head)
        lines.append(rest[:at])
        rest = rest[at:]
    return (*lines, rest)


def count_cells(text: str) -> int:
    """Return the maximum number of cells of a string in a fixed-width font.

    Example:
        >>> count_cells("penguins"), count_cells("企鹅")
        (8, 4)
    """
    return len(text) if text.isascii() else sum(map(_cells_of_character, text))


def _cells_of_character(character: str) -> int:
    if character < "\u0300" or character == _ELLIPSIS:
        return 1
    if unicodedata.combining(character):
        return 0
    # Other alphabets may use a wider font; too much space is better than too little.
    return 1 if character < "\u0530" else 2


def make_visible(text: str) -> str:
    """Return a string with a visible sign for each character that a page or diagram cannot show."""
    if text.isascii() and text.isprintable():
        return text
    return re.sub(_UNSEEN, _sign_of, text)


def drop_terminal_codes(text: str) -> str:
    r"""Return a text without what only a terminal understands, such as colours.

    Args:
        text: Lines of a log.

    Example:
        >>> drop_terminal_codes("\x1b[1;31mfailed\x1b[0m")
        'failed'
    """
    return _TERMINAL.sub("", text)


def _sign_of(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)  # the sign of a newline is U+240A
    return "\u2421" if code == 0x7F else "\ufffd"


def _head(text: str, cells: int) -> str:
    used = 0
    for position, character in enumerate(text):
        used += _cells_of_character(character)
        if used > cells:
            return text[: max(position, 1)]
    return text


def _without_middle(text: str, cells: int) -> str:
    head = _head(text, cells // 2 - 1)
    tail = _head(text[::-1], cells - count_cells(head) - 1)[::-1]
    return head + _ELLIPSIS + tail
