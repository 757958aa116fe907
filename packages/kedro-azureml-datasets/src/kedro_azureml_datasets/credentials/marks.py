"""Marks that stand in configuration for a variable or a secret that is not known where it is read.

Reading configuration asks no vault and needs no variable; what a run uses is filled in later.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_MISSING = "kedro-azureml: there is no environment variable "
_VARIABLE = re.compile(rf"{_MISSING}'([^']*)'(?! with the secret)")
_SECRET = re.compile(rf"{_MISSING}'[^']*' with the secret '([^']*)'")


def mark_variable(name: str) -> str:
    """Return the mark of an environment variable.

    Args:
        name: Its name.
    """
    return f"{_MISSING}'{name}'"


def mark_secret(name: str) -> str:
    """Return the mark of a secret, which names the variable that would be used instead.

    Args:
        name: Its name.

    Example:
        >>> print(mark_secret("pw"))
        kedro-azureml: there is no environment variable 'PW' with the secret 'pw'
    """
    return f"{mark_variable(name_secret_variable(name))} with the secret '{name}'"


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
        yield from _VARIABLE.findall(text)


def find_marked_secrets(config: Any) -> Iterator[str]:
    """Yield the names of secrets of which a configuration holds marks.

    Args:
        config: The configuration; mappings and lists are searched too.

    Example:
        >>> list(find_marked_secrets([mark_secret("db-password"), mark_variable("USER")]))
        ['db-password']
    """
    for text in _list_marked(config):
        yield from _SECRET.findall(text)


def fill_secrets_in(text: str, values: Mapping[str, str]) -> str:
    """Replace the marks of secrets in a string.

    Args:
        text: The string.
        values: Name of a secret to its value.

    Example:
        >>> fill_secrets_in(f"postgresql://me:{mark_secret('pw')}@host", {"pw": "x"})
        'postgresql://me:x@host'
    """
    return _SECRET.sub(lambda found: values[found[1]], text)


def _list_marked(config: Any) -> list[str]:
    """Return the strings with marks; a list, since every entry of a catalog is searched."""
    if isinstance(config, str):
        return [config] if _MISSING in config else []
    if isinstance(config, Mapping):
        config = config.values()
    elif not isinstance(config, (list, tuple)):
        return []
    found = []
    for value in config:
        if isinstance(value, str):
            if _MISSING in value:
                found.append(value)
        elif value is not None:
            found += _list_marked(value)
    return found
