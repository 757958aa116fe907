"""Marks that stand in configuration for a variable or a secret that is not known where it is read.

Reading configuration asks no vault and needs no variable; what a run uses is filled in later.

A project's own resolver may get a mark instead of the value, as in `${quote:${oc.env:PASSWORD}}`,
and change it. So a mark ends with its name in letters and digits that survive quoting and a change
of case, by which it is still found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import reduce
from typing import Any

_MISSING = "kedro-azureml: there is no environment variable "
_NAMED = "kedroazureml"
_TOKEN = re.compile(rf"{_NAMED}(?P<kind>[vs])(?P<name>(?:[0-9a-f]{{2}})*)z", re.IGNORECASE)
_VARIABLE, _SECRET = "v", "s"


def mark_variable(name: str) -> str:
    """Return the mark of an environment variable.

    Args:
        name: Its name.
    """
    return _quote_mark(f"{_MISSING}{name}", _VARIABLE, name)


def mark_secret(name: str) -> str:
    """Return the mark of a secret, which names the variable that would be used instead.

    Args:
        name: Its name.

    Example:
        >>> mark_secret("pw")
        "'kedro-azureml: there is no environment variable PW with the secret pw kedroazuremls7077z'"
    """
    return _quote_mark(
        f"{_MISSING}{name_secret_variable(name)} with the secret {name}", _SECRET, name
    )


def _quote_mark(text: str, kind: str, name: str) -> str:
    """Put a mark in quotes, which `oc.decode` takes off: without them the mark is a changed one."""
    return f"'{text} {_NAMED}{kind}{name.encode().hex()}z'"


def name_secret_variable(name: str) -> str:
    """Return the environment variable that wins over a secret.

    Args:
        name: Name of the secret.

    Example:
        >>> name_secret_variable("db-password")
        'DB_PASSWORD'
    """
    return name.upper().replace("-", "_")


def find_marked_variables(config: Any) -> Iterator[str]:
    """Yield the names of variables of which a configuration holds marks.

    Args:
        config: The configuration; mappings and lists are searched too.

    Example:
        >>> list(find_marked_variables({"con": f"postgresql://{mark_variable('USER')}@host"}))
        ['USER']
    """
    for text in _list_marked(config):
        yield from _find_names(text, _VARIABLE)


def find_marked_secrets(config: Any) -> Iterator[str]:
    """Yield the names of secrets of which a configuration holds marks.

    Args:
        config: The configuration; mappings and lists are searched too.

    Example:
        >>> list(find_marked_secrets([mark_secret("db-password"), mark_variable("USER")]))
        ['db-password']
    """
    for text in _list_marked(config):
        yield from _find_names(text, _SECRET)


def find_changed_secrets(config: Any) -> Iterator[str]:
    """Yield the names of secrets whose marks another resolver has changed: none can be filled in.

    Args:
        config: The configuration; mappings and lists are searched too.

    Example:
        >>> list(find_changed_secrets({"a": mark_secret("a"), "b": mark_secret("b").upper()}))
        ['b']
    """
    for text in _list_marked(config):
        marks = map(mark_secret, _find_names(text, _SECRET))
        rest = reduce(lambda rest, mark: rest.replace(mark, ""), marks, text)
        yield from _find_names(rest, _SECRET)


def fill_secrets_in(text: str, values: Mapping[str, str]) -> str:
    """Replace the marks of secrets in a string.

    Args:
        text: The string.
        values: Name of a secret to its value.

    Example:
        >>> fill_secrets_in(f"postgresql://me:{mark_secret('pw')}@host", {"pw": "x"})
        'postgresql://me:x@host'
    """
    names = list(_find_names(text, _SECRET))
    if not names:
        return text
    marks = {mark_secret(name): values[name] for name in names}
    return re.sub("|".join(map(re.escape, marks)), lambda found: marks[found[0]], text)


def _find_names(text: str, kind: str) -> Iterator[str]:
    for found in _TOKEN.finditer(text):
        if found["kind"].lower() == kind:
            yield bytes.fromhex(found["name"]).decode(errors="replace")


def _list_marked(config: Any) -> list[str]:
    """Return the strings with marks; a list, since every entry of a catalog is searched."""
    if isinstance(config, str):
        return [config] if _NAMED in config.lower() else []
    if isinstance(config, Mapping):
        config = config.values()
    elif not isinstance(config, (list, tuple)):
        return []
    found = []
    for value in config:
        if isinstance(value, str):
            if _NAMED in value.lower():
                found.append(value)
        elif value is not None:
            found += _list_marked(value)
    return found
