"""Read docstrings of the house's form, and write them as Markdown."""

from __future__ import annotations

import inspect
import re
from types import MappingProxyType
from typing import Any, ForwardRef, NamedTuple

SECTIONS = ("Args", "Attributes", "Returns", "Yields", "Raises", "Example")
_TITLE = re.compile(rf"^({'|'.join(SECTIONS)}):$", re.MULTILINE)
_CODE = re.compile(r"(```.*?```|`[^`]*`)", re.DOTALL)


class Docstring(NamedTuple):
    """The parts of a docstring: what stands before all sections, and the sections by title."""

    text: str
    sections: dict[str, str]

    def describe_names(self, section: str) -> dict[str, str]:
        """Return what a section says of each name, in one line each."""
        found: dict[str, str] = {}
        for entry in re.split(r"^(?=\S)", self.sections.get(section, ""), flags=re.MULTILINE):
            name, _, text = entry.partition(":")
            if text:
                found[name.strip().lstrip("*")] = " ".join(text.split())
        return found


def read_docstring(documented: Any) -> Docstring:
    """Return the docstring of a class, function or property, in its parts.

    Raises:
        ValueError: It has none.
    """
    text = inspect.getdoc(documented)
    if not text:
        raise ValueError(f"{documented!r} has no docstring; write what it is for")
    start, *rest = _TITLE.split(text)
    sections = {
        title: inspect.cleandoc(body) for title, body in zip(rest[::2], rest[1::2], strict=True)
    }
    return Docstring(start.strip(), sections)


def escape_markup(text: str) -> str:
    """Return a text in which `<` outside code is not the start of a tag."""
    parts = _CODE.split(text)
    return "".join(part if n % 2 else part.replace("<", r"\<") for n, part in enumerate(parts))


def render_cell(text: str) -> str:
    """Return a text as a cell of a table."""
    return escape_markup(" ".join(text.split())).replace("|", r"\|")


def render_docstring(documented: Any, *, args: bool = True) -> str:
    """Return a docstring as Markdown; without `args` for a page that has them in a table."""
    found = read_docstring(documented)
    parts = [escape_markup(found.text)]
    for title, body in found.sections.items():
        if title == "Example":
            parts.append(_render_example(body))
        elif title in {"Returns", "Yields"}:
            parts.append(f"**{title}:** {escape_markup(' '.join(body.split()))}")
        elif args or title not in {"Args", "Attributes"}:
            names = found.describe_names(title)
            lines = [f"- `{name}`: {escape_markup(text)}" for name, text in names.items()]
            parts.append(f"**{title}:**\n\n" + "\n".join(lines))
    return "\n\n".join(part for part in parts if part)


def _render_example(body: str) -> str:
    """Return an example with its doctest lines as a block of Python."""
    start, arrow, doctest = body.partition(">>> ")
    code = f"```pycon\n{arrow}{doctest.rstrip()}\n```" if arrow else ""
    return "\n\n".join(part for part in (escape_markup(start.strip()), code) if part)


def render_signature(name: str, called: Any) -> str:
    """Return the signature of a function or class, with one line for each argument if it is long.

    Example:
        >>> render_signature("f", lambda a, *, b=1: a)
        'f(a, *, b=1)'
    """
    signature = inspect.signature(called)
    words, seen_star = [], False
    for parameter in signature.parameters.values():
        if parameter.name == "self":
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and not seen_star:
            words.append("*")
            seen_star = True
        words.append(_render_parameter(parameter))
    returned = signature.return_annotation
    end = "" if returned is signature.empty or inspect.isclass(called) else f" -> {_name(returned)}"
    line = f"{name}({', '.join(words)}){end}"
    if len(line) <= 88:
        return line
    return f"{name}(\n" + "".join(f"    {word},\n" for word in words) + f"){end}"


def _render_parameter(parameter: inspect.Parameter) -> str:
    stars = "*" * (parameter.kind is parameter.VAR_POSITIONAL)
    stars += "**" * (parameter.kind is parameter.VAR_KEYWORD)
    text = stars + parameter.name
    has_type = parameter.annotation is not parameter.empty
    if has_type:
        text += f": {_name(parameter.annotation)}"
    if parameter.default is not parameter.empty:
        equals = " = " if has_type else "="
        text += equals + _write_default(parameter.default)
    return text


def _write_default(default: Any) -> str:
    if inspect.isroutine(default):
        return "..."
    if isinstance(default, MappingProxyType):
        default = dict(default)
    return default.__name__ if inspect.isclass(default) else repr(default)


def _name(annotation: Any) -> str:
    if isinstance(annotation, ForwardRef):  # of a named tuple
        return annotation.__forward_arg__
    if isinstance(annotation, str):
        return annotation.strip("'\"")
    return annotation.__name__ if inspect.isclass(annotation) else str(annotation)
