r"""Parameters whose values Azure ML puts into a step's command, as a form in Studio gives them.

Azure ML replaces `${{inputs.x}}` textually before a shell sees the command, and no quotes help
against a value that ends them. So the values stand in a quoted here-document at the command's end,
where a shell expands nothing. A value that holds the document's last line ends it early; then what
follows would be commands, but the runner was started with `exec`: there is no shell left to run
them. What the step gets is checked line by line, so that no value can pass for another's.

Needs nothing but the standard library.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from typing import Any

TYPES = ("int", "float", "bool", "str")
"""The types of a promoted parameter: what an input of an Azure ML pipeline can hold."""

BINDING = re.compile(r"\$\{\{(?:inputs|outputs)\.[A-Za-z_][A-Za-z0-9_]*\}\}")
"""What Azure ML is to replace in a command."""

_NUMBERS = {
    "int": re.compile(r"[+-]?[0-9]+"),
    "float": re.compile(
        r"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?|\.?inf(?:inity)?|\.?nan)",
        re.IGNORECASE,
    ),
}
_WORDS = {"true": True, "false": False}
_EXAMPLES = {"int": "3", "float": "0.5", "bool": "true or false"}


class InvocationError(ValueError):
    """A command that this runner does not understand."""


class PromotedValueError(InvocationError):
    """A value of a promoted parameter with which the step cannot run.

    Args:
        message: What is wrong.
        parameter: Name of the parameter, without `params:`.
    """

    def __init__(self, message: str, *, parameter: str) -> None:
        super().__init__(message)
        self.parameter = parameter


@dataclass(frozen=True)
class Promoted:
    """A parameter that is an input of the job.

    Args:
        type: `int`, `float`, `bool` or `str`: the type of the project's own value.
        value: The binding (`${{inputs.port}}`) where the job is compiled, the text that Azure ML
            has put in its place in the step.

    Raises:
        ValueError: The type is none of these.

    Example:
        >>> Promoted("float", "0.5").typed("model.learning_rate")
        0.5
    """

    type: str
    value: str

    def __post_init__(self) -> None:
        if self.type not in TYPES:
            raise ValueError(f"'{self.type}' is not a type of a promoted parameter: {TYPES}.")

    def typed(self, name: str) -> int | float | bool | str:
        """Return the string as a value of the type.

        Args:
            name: Name of the parameter, for the message.

        Raises:
            PromotedValueError: The text is none of that type.

        Example:
            >>> Promoted("bool", "True").typed("shuffle"), Promoted("str", "True").typed("label")
            (True, 'True')
            >>> Promoted("int", "many").typed("rounds")
            Traceback (most recent call last):
            ...
            kedro_azureml_runner.protocol.promoted.PromotedValueError: The parameter \
'rounds' is promoted as int, and the job gives it the text 'many'. Give it, for example: 3
        """
        text = self.value.strip()
        if self.type == "str":
            return self.value
        if self.type == "bool" and text.lower() in _WORDS:
            return _WORDS[text.lower()]
        if self.type == "int" and _NUMBERS["int"].fullmatch(text) and len(text) < 4000:
            return int(text)
        if self.type == "float" and _NUMBERS["float"].fullmatch(text):
            return float(re.sub(r"\.(?=[a-z])", "", text.lower()))  # YAML's .inf and .nan
        raise PromotedValueError(
            f"The parameter '{name}' is promoted as {self.type}, and the job gives it the text "
            f"{_shortened(self.value)}. Give it, for example: {_EXAMPLES[self.type]}",
            parameter=name,
        )


def make_document_end(nodes: Sequence[str], promoted: Mapping[str, Promoted]) -> str:
    """Return the here-document's last line, which compiler and step compute alike."""
    key = [list(nodes), [[name, promoted[name].type] for name in sorted(promoted)]]
    digest = sha256(json.dumps(key).encode()).hexdigest()[:12]
    return f"KEDRO_AZUREML_INPUTS_{digest}"


def write_document(end: str, promoted: Mapping[str, Promoted]) -> str:
    r"""Write the here-document: before each value a line that names its parameter.

    Args:
        end: The document's last line, which is not part of it.
        promoted: Parameter name to its type and the text to write.

    Example:
        >>> print(write_document("END", {"a": Promoted("int", "3")}), end="")
        END 1 a
        3
        END all
    """
    lines = _marks(end, sorted(promoted))
    values = [promoted[name].value for name in sorted(promoted)]
    pairs = zip(lines, values, strict=False)
    return "".join(f"{mark}\n{value}\n" for mark, value in pairs) + f"{lines[-1]}\n"


def read_document(
    text: str, end: str, types: Mapping[str, str], shell_text: str = ""
) -> dict[str, Promoted]:
    r"""Read the here-document as a step gets it.

    Args:
        text: The document.
        end: The document's last line.
        types: Parameter name to its type.
        shell_text: The whole command as the shell got it, where the shell tells: with it a value is
            found that ends the document early and forges all that should follow.

    Raises:
        PromotedValueError: The document is not what `write_document` writes, because a value holds
            one of its lines.

    Example:
        >>> types = {"a": "str", "b": "int"}
        >>> promoted = {"a": Promoted("str", "two\nlines"), "b": Promoted("int", "3")}
        >>> read_document(write_document("END", promoted), "END", types) == promoted
        True
    """
    names = sorted(types)
    marks = _marks(end, names)
    _check_marks(text, end, names, marks)
    if shell_text:
        _check_marks(shell_text, end, names, [*marks, end])
    lines = text.split("\n")
    places = [lines.index(mark) for mark in marks]
    if places[0] != 0 or lines[places[-1] + 1 :] != [""]:
        raise PromotedValueError(
            "The values of the promoted parameters have not arrived as the command has them.",
            parameter=names[0],
        )
    values = ["\n".join(lines[a + 1 : b]) for a, b in pairwise(places)]
    pairs = zip(names, values, strict=True)
    return {name: Promoted(types[name], value) for name, value in pairs}


def insert_promoted(params: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Put values into runtime parameters, over those that are there.

    Args:
        params: The runtime parameters, which stay as they are.
        values: Parameter name, with a dot for each level, to its value.

    Example:
        >>> insert_promoted({"model": {"depth": 3, "rate": 1}}, {"model.rate": 0.5})
        {'model': {'depth': 3, 'rate': 0.5}}
    """
    merged = dict(params)
    for name, value in values.items():
        *levels, last = name.split(".")
        inner = merged
        for level in levels:
            below = inner.get(level)
            inner[level] = dict(below) if isinstance(below, Mapping) else {}
            inner = inner[level]
        inner[last] = value
    return merged


def _marks(end: str, names: Sequence[str]) -> list[str]:
    """The lines before each value, and the one behind the last."""
    plain = [re.sub(r"[^A-Za-z0-9_.:-]", "?", name)[:100] for name in names]
    return [*(f"{end} {number} {name}" for number, name in enumerate(plain, 1)), f"{end} all"]


def _check_marks(text: str, end: str, names: Sequence[str], expected: Sequence[str]) -> None:
    found = [line for line in text.split("\n") if line.startswith(end)]
    if found == list(expected):
        return
    agreed = 0
    while agreed < min(len(found), len(expected)) and found[agreed] == expected[agreed]:
        agreed += 1
    held = found[agreed] if agreed < len(found) else end
    # A line that is there twice may be the one or the other's; the first is nobody's.
    behind = {agreed, found.index(held) if held in found[:agreed] else agreed} - {0}
    suspects = [names[min(place, len(names)) - 1] for place in sorted(behind)] or names[:1]
    who = " or ".join(f"'{name}'" for name in dict.fromkeys(suspects))
    raise PromotedValueError(
        f"The value of the promoted parameter {who} holds the line '{held}', which parts the "
        "values of this step from each other. Submit the job with a value without it.",
        parameter=suspects[0],
    )


def _shortened(text: str) -> str:
    return repr(text) if len(text) <= 80 else f"{text[:77]!r}..."
