"""Text of others, made safe to print: a log may hold anything, and a terminal obeys it."""

from __future__ import annotations

import re

# ECMA-48: strings that a terminal takes for itself (titles, links, clipboards), control sequences,
# other escapes, and single control characters. A string without an end loses its introducer alone.
_CONTROLS = re.compile(
    r"(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)"
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|\x1b[ -/]*[0-~]?"
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f]"
)
_COLOR = re.compile(r"\x1b\[[0-9;:]*m")


def make_printable(text: str, *, colors: bool = False) -> str:
    r"""Return a text without what would move a terminal's cursor, set its title or worse.

    Args:
        text: Text that somebody else has written, such as a line of a log. A carriage return, with
            which progress bars overwrite themselves, begins a new line.
        colors: Whether colours and bold type stay.

    Example:
        >>> make_printable("\x1b]0;title\x07a\x1b[2Jb\x1b[31mc\x1b[0m\td\r\ne")
        'abc\td\ne'
        >>> make_printable("\x1b[31mred\x1b[0m \x1b[5A", colors=True)
        '\x1b[31mred\x1b[0m '
    """

    def kept(match: re.Match[str]) -> str:
        return match[0] if colors and _COLOR.fullmatch(match[0]) else ""

    return _CONTROLS.sub(kept, text.replace("\r\n", "\n").replace("\r", "\n"))
