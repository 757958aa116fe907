"""The JSON schema of `azureml.yml`, made from its models, for editors.

An editor sees one file before Kedro's config loader does. So the schema also takes what only the
loader removes or replaces, and what the models convert: an editor with it complains of no file that
the commands accept.
"""

from __future__ import annotations

import json
from typing import Any

from kedro_azureml_compiler.settings.docstrings import add_descriptions
from kedro_azureml_compiler.settings.models import AzureMLConfig

_DIALECT = "https://json-schema.org/draft/2020-12/schema"

_REFERENCE = r"\$\{"
"""`${globals:timeout}` and the like, for which the loader puts a value of any type."""

_TRUTH = (
    "^([Tt]([Rr][Uu][Ee])?|[Ff]([Aa][Ll][Ss][Ee])?"
    "|[Yy]([Ee][Ss])?|[Nn][Oo]?|[Oo]([Nn]|[Ff][Ff])|[01])$"
)
"""What pydantic takes for a truth value; Kedro reads YAML 1.1, and most editors 1.2, where `yes` is
a string."""

_WHOLE_NUMBER = r"^\s*[+-]?\d+(_\d+)*(\.0*)?\s*$"

_ABOUT = ("default", "description")

_STRINGS = {
    "array": _REFERENCE,
    "boolean": f"{_REFERENCE}|{_TRUTH}",
    "integer": f"{_REFERENCE}|{_WHOLE_NUMBER}",
    "object": _REFERENCE,
}
"""By the type of a value: the strings that may stand for it in the file."""


def render_settings_schema() -> str:
    """Return the JSON schema, for editors that complete and check YAML with it.

    Example:
        >>> '"title": "azureml.yml"' in render_settings_schema()
        True
    """
    add_descriptions()
    schema = _as_written(AzureMLConfig.model_json_schema())
    schema |= {
        "$schema": _DIALECT,
        "title": "azureml.yml",
        # A file of another environment, or one of several, holds some of the sections.
        "type": ["object", "null"],
        # Kedro drops such keys: they hold what the others share through anchors.
        "patternProperties": {"^_": {}},
    }
    del schema["required"], schema["pattern"]
    first = ("$schema", "title", "description")
    ordered = {key: schema.pop(key) for key in first} | schema
    return json.dumps(ordered, indent=2, ensure_ascii=False) + "\n"


def _as_written(schema: Any) -> Any:
    """Return a schema of values as one of what may be written for them in the file."""
    if not isinstance(schema, dict):
        return schema
    made: dict[str, Any] = {}
    for key, value in schema.items():
        if key in {"properties", "$defs"}:
            made[key] = {name: _as_written(inner) for name, inner in value.items()}
        elif key in {"anyOf", "oneOf"}:  # a reference may fit several
            made["anyOf"] = [_as_written(inner) for inner in value]
        elif key in {"items", "additionalProperties"}:
            made[key] = _as_written(value)
        elif key == "description":
            made[key] = " ".join(value.split())
        elif key != "title":  # made from the name of the key: it adds nothing
            made[key] = value
    return _with_strings(made)


def _with_strings(schema: dict[str, Any]) -> dict[str, Any]:
    if "enum" in schema or "const" in schema:
        outside = {key: schema.pop(key) for key in list(schema) if key in _ABOUT}
        return {"anyOf": [schema, {"type": "string", "pattern": _REFERENCE}]} | outside
    kind = schema.get("type")
    if not isinstance(kind, str) or kind not in _STRINGS:
        return schema
    schema["pattern"] = _STRINGS[kind]  # of strings; it says nothing of other values
    schema["type"] = [kind, "string"]
    if kind == "boolean":
        schema |= {"type": ["boolean", "integer", "string"], "minimum": 0, "maximum": 1}
    return schema
