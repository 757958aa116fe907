"""The textual replacement of `${{...}}` and `$[[...]]` in a step's command.

Azure ML replaces before any shell sees the line, inside quotes too, and once: what a value
itself contains is never expanded again. The rules are those of Microsoft's public component
examples; the service was not reached.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_EXPRESSION = re.compile(r"\$\{\{\s*(?P<name>.*?)\s*\}\}", re.DOTALL)
# An optional part ends at the first "]]" that is not inside an expression.
# Its two alternatives exclude each other, so that a long command cannot make the match slow.
_OPTIONAL = re.compile(r"\$\[\[(?P<part>(?:\$\{\{(?:(?!\}\}).)*\}\}|(?!\$\{\{).)*?)\]\]", re.DOTALL)
_PIECE = re.compile(f"{_OPTIONAL.pattern}|{_EXPRESSION.pattern}", re.DOTALL)


def expand(command: str, names: Mapping[str, str], absent: Collection[str] = ()) -> str:
    """Replace every expression of a command by its text.

    Args:
        command: The command as it stands in the YAML.
        names: What each expression stands for, such as `{"inputs.lr": "0.1"}`.
        absent: Expressions of optional inputs that were not given: a `$[[...]]` part that
            uses one of them is left out, any other part loses only its brackets.

    Returns:
        The line for the shell.

    Raises:
        KeyError: An expression is in neither collection; `find_undefined` finds those beforehand.

    Example:
        >>> expand("train $[[--lr ${{inputs.lr}}]] '${{inputs.data}}'",
        ...        {"inputs.data": "/mnt/x"}, absent={"inputs.lr"})
        "train  '/mnt/x'"
    """

    def piece(match: re.Match[str]) -> str:
        part = match["part"]
        if part is None:
            return names[match["name"]]
        if any(inner["name"] in absent for inner in _EXPRESSION.finditer(part)):
            return ""
        return _EXPRESSION.sub(lambda inner: names[inner["name"]], part)

    return _PIECE.sub(piece, command)


def find_undefined(
    command: str, names: Collection[str], absent: Collection[str] = ()
) -> tuple[str, ...]:
    """Return the expressions of a command that stand for nothing, in order, each once.

    Args:
        command: The command as it stands in the YAML.
        names: The expressions that stand for something.
        absent: Expressions of optional inputs that were not given: fine inside `$[[...]]`,
            undefined outside.

    Returns:
        The expressions without their braces.

    Example:
        >>> find_undefined("echo ${{inputs.a}} ${{inputs.b}}", {"inputs.a"})
        ('inputs.b',)
    """
    found: dict[str, None] = {}
    for match in _PIECE.finditer(command):
        part = match["part"]
        if part is None:
            if match["name"] not in names:
                found[match["name"]] = None
            continue
        for inner in _EXPRESSION.finditer(part):
            if inner["name"] not in names and inner["name"] not in absent:
                found[inner["name"]] = None
    return tuple(found)
