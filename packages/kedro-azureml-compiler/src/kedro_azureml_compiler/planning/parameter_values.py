"""Find the value that a node gets for a parameter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def find_parameter(parameters: Mapping[Any, Any], name: str, default: Any = None) -> Any:
    """Return the value of a parameter as Kedro finds it: by the texts of its keys, the last one.

    A key of a YAML file may be a number, or have a dot in it.

    Args:
        parameters: Nested parameters.
        name: The name, with a dot for each level.
        default: What is returned if there is none.

    Example:
        >>> find_parameter({"rates": {2020: 3}, "model.depth": 5}, "rates.2020")
        3
        >>> find_parameter({"rates": {2020: 3}, "model.depth": 5}, "model.depth")
        5
    """
    found = default
    for key, value in parameters.items():
        if str(key) == name:
            found = value
        elif name.startswith(f"{key}.") and isinstance(value, Mapping):
            found = find_parameter(value, name[len(f"{key}.") :], found)
    return found
