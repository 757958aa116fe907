"""Follow a place in `azureml.yml` through its models: its name, and what is expected there."""

from __future__ import annotations

import operator
import re
import types
from functools import reduce
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel, Tag

if TYPE_CHECKING:
    from collections.abc import Sequence

_PLAIN_KEY = re.compile(r"[^\s.'\"\[\]]+")
_KEY_ERROR = "[key]"
_TYPES = {str: "a string", int: "an integer", float: "a number", bool: "a boolean"}


class SettingPlace(NamedTuple):
    """A place in `azureml.yml`.

    Args:
        keys: The path to it: keys, and positions in lists.
        expected: The type of its value; None if no value is expected.
        section: The type of the section that it is a key of.
        is_key: Whether the key itself is meant, not its value.
    """

    keys: tuple[Any, ...]
    expected: Any
    section: Any
    is_key: bool = False

    def __str__(self) -> str:
        text = ""
        for key in self.keys:
            if isinstance(key, int) and text:
                text += f"[{key}]"
                continue
            shown = key if isinstance(key, str) and _PLAIN_KEY.fullmatch(key) else repr(key)
            text += f".{shown}" if text else shown
        return text or "the file"

    @property
    def known_keys(self) -> list[str]:
        """The keys that the section may have; empty if any key is allowed."""
        if not is_model(self.section):
            return []
        return [field.alias or name for name, field in self.section.model_fields.items()]


def find_place(model: type[BaseModel], location: Sequence[Any]) -> SettingPlace:
    """Follow a location from pydantic through the models.

    It holds keys, positions, and the chosen kind of a union.

    Args:
        model: The model of the whole.
        location: The location.

    Example:
        >>> from kedro_azureml_compiler.settings.models import AzureMLConfig
        >>> place = find_place(AzureMLConfig, ("schedules", "nightly", "cro"))
        >>> str(place), place.known_keys
        ('schedules.nightly.cro', ['cron', 'recurrence'])
    """
    keys: list[Any] = []
    expected: Any = model
    section: Any = None
    for part in location:
        expected = strip_annotation(expected)
        if part == _KEY_ERROR:
            return SettingPlace(tuple(keys[:-1]), str, section, is_key=True)
        if is_union(expected):
            expected = _tagged(expected, part)
            continue
        section = expected
        keys.append(part)
        expected = _below(expected, part)
    return SettingPlace(tuple(keys), strip_annotation(expected), section)


def _below(expected: Any, key: Any) -> Any:
    if is_model(expected):
        fields = expected.model_fields
        found = (f.annotation for n, f in fields.items() if key == (f.alias or n))
        return next(found, None)
    arguments = get_args(expected)
    if get_origin(expected) is dict:
        return arguments[1]
    return arguments[0] if get_origin(expected) is tuple else None


def describe(expected: Any) -> str:
    """Return in words what is expected at a place.

    Example:
        >>> describe(tuple[str, ...] | None), describe(Literal["node", "memory"])
        ('a list', "'node' or 'memory'")
    """
    *first, last = dict.fromkeys(_words(expected))
    return f"{', '.join(first)} or {last}" if first else last


def _words(expected: Any) -> list[str]:
    expected = strip_annotation(expected)
    if is_union(expected):
        return [word for part in get_args(expected) for word in _words(part)]
    if get_origin(expected) is Literal:
        return [repr(value) for value in get_args(expected)]
    if is_model(expected) or get_origin(expected) is dict:
        return ["a mapping"]
    if get_origin(expected) is tuple:
        return ["a list"]
    return [_TYPES.get(expected, "something else")]


def list_choices(expected: Any) -> list[str]:
    """Return the strings that are allowed at a place, if only certain ones are."""
    expected = strip_annotation(expected)
    if is_union(expected):
        return [word for part in get_args(expected) for word in list_choices(part)]
    return list(get_args(expected)) if get_origin(expected) is Literal else []


def strip_annotation(annotation: Any) -> Any:
    """Return a type without its annotations, and without null."""
    if get_origin(annotation) is Annotated:
        return strip_annotation(get_args(annotation)[0])
    if is_union(annotation):
        parts = [part for part in get_args(annotation) if part is not type(None)]
        if len(parts) == 1:
            return strip_annotation(parts[0])
        return reduce(operator.or_, parts)
    return annotation


def is_union(annotation: Any) -> bool:
    """Check whether a type is a union."""
    return get_origin(annotation) in {Union, types.UnionType}


def is_model(annotation: Any) -> bool:
    """Check whether a type is a model, with its own keys."""
    # Python 3.10 considers list[int] a class.
    is_class = isinstance(annotation, type) and get_origin(annotation) is None
    return is_class and issubclass(annotation, BaseModel)


def _tagged(union: Any, tag: Any) -> Any:
    for part in get_args(union):
        tags = [m.tag for m in getattr(part, "__metadata__", ()) if isinstance(m, Tag)]
        if tag in tags:
            return part
    return None
