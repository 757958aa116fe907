"""Read the content of `azureml.yml` into its models, and report each mistake with its place."""

from __future__ import annotations

import datetime as dt
import os
import re
import reprlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from kedro_azureml_datasets import KedroAzureMLError
from pydantic import BaseModel, ValidationError

from kedro_azureml_compiler.secrets.values import mask_secrets
from kedro_azureml_compiler.settings.models import AzureMLConfig
from kedro_azureml_compiler.settings.older_format import convert_older_format, is_older_format
from kedro_azureml_compiler.settings.places import SettingPlace, describe, find_place, list_choices
from kedro_azureml_compiler.suggestions import did_you_mean

_Model = TypeVar("_Model", bound=BaseModel)

_LONGEST_SHOWN = 60
_PLUGINS = "PYDANTIC_DISABLE_PLUGINS"

_SURROGATE = re.compile("[\ud800-\udfff]")
_NO_UNICODE = "a string here holds half a character; type it again"
_CYCLE = "contains itself through an anchor; write out its values instead"

_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxlong = _SHORT.maxother = _LONGEST_SHOWN
_SHORT.maxlist, _SHORT.maxlevel = 3, 1

_WRONG_TYPES = frozenset({
    "string_type", "int_type", "int_parsing", "int_parsing_size", "int_from_float", "float_type",
    "float_parsing", "bool_type", "bool_parsing", "finite_number", "literal_error", "dict_type",
    "mapping_type", "model_type", "model_attributes_type", "tuple_type", "list_type",
    "union_tag_invalid", "union_tag_not_found", "recursion_loop", "iteration_error",
})  # fmt: skip


class ConfigError(KedroAzureMLError):
    """`azureml.yml` has mistakes; all of them are reported together.

    Args:
        message: All mistakes, one in each line.
        hint: What to do instead.
        mistakes: Place and text of each.
        file: The file that cannot be read, relative to the project, where it is known.
        line: The line in it, counted from 1.
    """

    blame = "user"

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        mistakes: tuple[tuple[str, str], ...] = (),
        file: str | None = None,
        line: int | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.mistakes = mistakes
        self.file, self.line = file, line


def read_config(raw: Any, where: str = "azureml.yml") -> AzureMLConfig:
    """Check the content of `azureml.yml`.

    Args:
        raw: The content, from a config loader.
        where: The file's name, for messages.

    Returns:
        The settings, with their defaults.

    Raises:
        ConfigError: A key is missing, unknown or of the wrong type. The message names each place.

    Example:
        >>> try:
        ...     read_config({"workspaces": {}, "compute": {"__default__": {"cluster_name": "c"}}})
        ... except ConfigError as error:
        ...     print(error.message)
        azureml.yml has a mistake:
          workspaces: unknown key 'workspaces' (did you mean 'workspace'?)
    """
    if not isinstance(raw, Mapping):
        raise ConfigError(
            f"{where}: expected a mapping, found {_shown(raw)}.",
            hint="Write 'workspace:', 'compute:', 'execution:' and 'jobs:' at the top level.",
        )
    broken = tuple((str(place), text) for place, text in _unusable_values(raw))
    if broken:
        raise _make_error(where, broken)
    if is_older_format(raw):
        raise ConfigError(
            f"{where} is in the format of kedro-azureml 1.0, with one section 'azure'.",
            hint="Convert it with:  kedro azureml migrate\n"
            f"The same settings in the current format:\n\n{convert_older_format(raw)}",
        )
    return read_model(AzureMLConfig, raw, where)


def read_model(
    model: type[_Model], raw: Mapping[Any, Any], where: str, place: tuple[str, ...] = ()
) -> _Model:
    """Check content against a model of `azureml.yml`.

    Args:
        model: The model.
        raw: The content.
        where: The file's name, for messages.
        place: Place of the content in the file.

    Raises:
        ConfigError: The content does not match the model.
    """
    try:
        with _without_plugins():
            return model.model_validate(dict(raw))
    except ValidationError as error:
        found = [_explain(model, place, detail) for detail in error.errors(include_url=False)]
    raise _make_error(where, tuple(dict.fromkeys(found))) from None


@contextmanager
def _without_plugins() -> Iterator[None]:
    """Keep pydantic from looking for its plugins in every installed distribution.

    It would when the models are built, in their first validation, which they do not need; and a
    broken plugin of the environment would be an error of `azureml.yml`. The variable is pydantic's
    own way, see https://docs.pydantic.dev/latest/concepts/plugins/.
    """
    before = os.environ.get(_PLUGINS)
    os.environ[_PLUGINS] = "__all__"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_PLUGINS]
        else:
            os.environ[_PLUGINS] = before


def _make_error(where: str, mistakes: tuple[tuple[str, str], ...]) -> ConfigError:
    count = "a mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
    listed = "\n".join(f"  {at}: {text}" for at, text in mistakes)
    return ConfigError(f"{where} has {count}:\n{listed}", mistakes=mistakes)


def _unusable_values(raw: Mapping[Any, Any]) -> Iterator[tuple[SettingPlace, str]]:
    """Find half characters and cycles: no file or command can hold them."""
    rest: list[tuple[tuple[Any, ...], Any, bool]] = [((), raw, True)]
    seen, around = set[int](), set[int]()
    while rest:
        keys, value, entering = rest.pop()
        if isinstance(value, str):
            if _SURROGATE.search(value):
                yield SettingPlace(keys, None, None), _NO_UNICODE
        elif not entering:
            around.discard(id(value))
        elif id(value) in around:
            yield SettingPlace(keys, None, None), _CYCLE
        elif isinstance(value, (Mapping, list, tuple)) and id(value) not in seen:
            seen.add(id(value))  # an anchor may be used in many places
            around.add(id(value))
            rest.append((keys, value, False))
            items = value.items() if isinstance(value, Mapping) else enumerate(value)
            for key, inner in items:
                rest += [((*keys, key), inner, True), ((*keys, key), key, True)]


def _explain(model: type[BaseModel], above: tuple[str, ...], detail: Any) -> tuple[str, str]:
    place = find_place(model, detail["loc"])
    text = _text(place, detail)
    keys = place.keys[:-1] if detail["type"] == "invalid_key" else place.keys
    inside = getattr((detail.get("ctx") or {}).get("error"), "keys", ())
    shown = SettingPlace((*above, *keys, *inside), place.expected, place.section)
    return str(shown), mask_secrets(" ".join(text.split()))


def _text(place: SettingPlace, detail: Any) -> str:
    kind, given, context = detail["type"], detail.get("input"), detail.get("ctx") or {}
    if kind == "missing":
        return "is missing"
    if kind == "extra_forbidden":
        key = str(place.keys[-1])
        return f"unknown key {key!r} {did_you_mean(key, place.known_keys)}"
    if kind in {"value_error", "assertion_error"}:
        return str(context.get("error") or detail["msg"])
    if place.is_key or kind == "invalid_key":
        if isinstance(given, str):
            return "a key is empty; write a name"
        return f"the key {_shown(given)} is not a string; quote it"
    if kind in {"too_short", "string_too_short"}:
        return f"expected {describe(place.expected)} that is not empty"
    if kind == "greater_than_equal":
        return f"expected a number of at least {context['ge']}, found {_shown(given)}"
    if kind == "less_than_equal":
        return f"expected a number of at most {context['le']}, found {_shown(given)}"
    if kind in _WRONG_TYPES:
        return _wrong_type(place, given)
    return f"{detail['msg'][:1].lower()}{detail['msg'][1:]}, found {_shown(given)}"


def _wrong_type(place: SettingPlace, given: Any) -> str:
    wanted = describe(place.expected)
    if isinstance(given, str):
        words = list_choices(place.expected)
        if words:
            return f"expected {wanted}, found {_shown(given)} {did_you_mean(given, words)}"
        if wanted == "a list":
            return f"expected a list, for example [{_shown(given)}]"
    if wanted.startswith("a string"):
        token = _unquoted_token(given)
        if token:
            return f'expected {wanted}; quote it: "{{{token}}}"'
        if isinstance(given, (int, float, dt.date)):
            quoted = f'"{_shown(given)}"'
            if wanted == "a string":
                return f"expected a string; quote it: {quoted}"
            return f"expected {wanted}, found {_shown(given)} (quote a string: {quoted})"
    if wanted == "a mapping" and isinstance(given, (list, tuple)) and given:
        return "expected a mapping, found a list; remove the '-'"
    return f"expected {wanted}, found {_shown(given)}"


def _unquoted_token(given: Any) -> str | None:
    """Recognise `{region}` without quotes, which YAML reads as a mapping."""
    if isinstance(given, Mapping) and len(given) == 1:
        key, value = next(iter(given.items()))
        if value is None and isinstance(key, str):
            return key
    return None


def _shown(value: Any) -> str:
    """Show a value as in YAML, in one short line."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, Mapping):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, dt.date):
        return str(value)
    if isinstance(value, str):
        value = mask_secrets(value)  # before it is cut, when a secret may not look like one
    try:
        return _SHORT.repr(list(value) if isinstance(value, tuple) else value)
    except ValueError:  # Python prints no number of more than 4300 digits
        return "a number with too many digits"
