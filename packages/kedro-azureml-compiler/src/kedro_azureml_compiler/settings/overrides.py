"""Raw YAML of Azure ML in `jobs.<job>.overrides`: which of it can be merged into a job."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

STEPS = "jobs"
"""The key below which each step has its own overrides."""

_MADE = "it says which data the job reads and writes and what its steps run"
_REFUSED_EVERYWHERE = dict.fromkeys(
    ("type", "component", "command", "code", "inputs", "outputs"), _MADE
) | {"name": "each job that is sent gets a new one"}
_REFUSED_IN_STEPS = {
    **_REFUSED_EVERYWHERE,
    "environment": "write it below 'execution' or 'steps'",
    "is_deterministic": "use 'deterministic' of the job, or the node tag 'deterministic'",
    "name": "a step has the name of its node or group",
}
_MAPPINGS = ("environment_variables", "tags")
_STRINGS = ("compute", "description", "display_name", "experiment_name")
_OUR_TAGS = "kedro_"
_REPLACED = ("${{", "$[[")

Keys = tuple[str, ...]


class OverrideError(ValueError):
    """A value that cannot be merged into a job.

    Args:
        message: What is wrong.
        keys: The keys to it, below `overrides`.
    """

    def __init__(self, message: str, keys: Keys) -> None:
        super().__init__(message)
        self.keys = keys


def _check_overrides(overrides: dict[str, Any]) -> dict[str, Any]:
    _check_values(overrides, ())
    steps = overrides.get(STEPS, {})
    _check_object({k: v for k, v in overrides.items() if k != STEPS}, (), _REFUSED_EVERYWHERE)
    if not isinstance(steps, Mapping):
        raise OverrideError("expected a mapping: the overrides of each step by its name", (STEPS,))
    for name, step in steps.items():
        if not isinstance(step, Mapping):
            raise OverrideError(
                "expected a mapping: the overrides of this step", (STEPS, str(name))
            )
        _check_object(step, (STEPS, name), _REFUSED_IN_STEPS)
    return overrides


def _check_object(content: Mapping[str, Any], above: Keys, refused: Mapping[str, str]) -> None:
    for key, value in content.items():
        keys = (*above, key)
        if key in refused:
            raise OverrideError(f"'{key}' cannot be overridden: {refused[key]}", keys)
        if key in _STRINGS and not isinstance(value, str | None):
            raise OverrideError("expected a string or null", keys)
        if key in _MAPPINGS:
            _check_strings(value, keys)


def _check_strings(content: Any, keys: Keys) -> None:
    """Check what is a string for each name: tags and environment variables."""
    is_tags = keys[-1] == "tags"
    if not isinstance(content, Mapping) and (is_tags or content is not None):
        raise OverrideError("expected a mapping", keys)
    for name, value in (content or {}).items():
        if is_tags and name.startswith(_OUR_TAGS):
            message = "tags that start with 'kedro_' cannot be overridden: jobs are found by them"
            raise OverrideError(message, (*keys, name))
        if isinstance(value, bool) or not isinstance(value, str | int | float | None):
            raise OverrideError("expected a string, or null to delete it", (*keys, name))


def _check_values(value: Any, keys: Keys) -> None:
    """Check that JSON can represent a value, and that Azure ML replaces nothing in it."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise OverrideError(f"the key {key!r} is not a string; quote it", keys)
            _check_values(key, (*keys, key))
            _check_values(inner, (*keys, key))
    elif isinstance(value, (list, tuple)):
        for inner in value:
            _check_values(inner, keys)
    elif isinstance(value, str):
        if any(start in value for start in _REPLACED):
            message = "contains '${{' or '$[[', which Azure ML would replace; write the value"
            raise OverrideError(message, keys)
    elif not isinstance(value, int | float | None) or (
        isinstance(value, float) and not math.isfinite(value)
    ):
        raise OverrideError(f"{value!r} is not a value of JSON; quote it as a string", keys)


def _nothing_if_null(value: Any) -> Any:
    return {} if value is None else value


Overrides = Annotated[
    dict[str, Any],
    BeforeValidator(_nothing_if_null),
    AfterValidator(_check_overrides),
    WithJsonSchema({"anyOf": [{"type": "object"}, {"type": "null"}]}),
]
"""A mapping that is merged into the YAML of a job; null is an empty one."""
