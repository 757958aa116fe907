"""What a component declares of its inputs: types, defaults and limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_azureml_simulator.pipeline.model import DATA_TYPES, InputDeclaration
from kedro_azureml_simulator.pipeline.section import did_you_mean
from kedro_azureml_simulator.pipeline.yaml_reader import is_literal_of, write_literal

if TYPE_CHECKING:
    from kedro_azureml_simulator.pipeline.model import DataType
    from kedro_azureml_simulator.pipeline.section import Section

LITERAL_TYPES = ("string", "number", "integer", "boolean")
_LEGACY_TYPE = "path"
_MODES = (
    "ro_mount", "download", "direct", "eval_mount", "eval_download", "rw_mount", "mount",
    "upload", "link",
)  # fmt: skip


def read_data_type(section: Section, type_name: object) -> DataType | None:
    """Read a type of data; None and a problem where it is not one."""
    if type_name in DATA_TYPES:
        return type_name
    section.problem(
        "type", f"`{type_name}` is not a type of data", "use one of " + ", ".join(DATA_TYPES)
    )
    return None


def read_legacy_type(port: Section) -> DataType | None:
    """Read the type `path`, which components of earlier days have; None for another type."""
    if port.values.get("type") != _LEGACY_TYPE:
        return None
    port.warn("type", "`path` is an old name for `uri_folder`", "write uri_folder")
    return "uri_folder"


def read_component_inputs(section: Section) -> dict[str, InputDeclaration]:
    """Read the input ports that a component declares."""
    declared: dict[str, InputDeclaration] = {}
    for name, value in section.values.items():
        port = section.subsection(name, value)
        if value is not None and not isinstance(value, dict):
            continue
        port.only(("type", "description", "optional", "default", "min", "max", "enum", "mode"))
        port.refuse_nulls(("mode",))
        if port.values.get("mode") not in (None, *_MODES):
            mode = port.values["mode"]
            port.problem("mode", f"unknown mode `{mode}`", did_you_mean(str(mode), _MODES))
        type_name = port.values.get("type")
        if type_name == _LEGACY_TYPE:
            type_name = read_legacy_type(port)
        if type_name not in (*DATA_TYPES, *LITERAL_TYPES):
            known = (*DATA_TYPES, *LITERAL_TYPES)
            text = "is missing" if type_name is None else f"unknown type `{type_name}`"
            port.problem("type", text, did_you_mean(str(type_name), known))
            continue
        declaration = InputDeclaration(
            type=type_name,
            optional=port.flag("optional", default=False),
            default=_default(port, type_name),
            choices=_choices(port),
            least=_bound(port, "min", type_name),
            most=_bound(port, "max", type_name),
        )
        declared[name] = declaration
    return declared


def _default(port: Section, type_name: str) -> str | None:
    default = port.values.get("default")
    if default is None:
        return None
    text = write_literal(default)
    if text is None:
        port.problem("default", f"{default!r} is not a literal that Azure ML can send")
    elif type_name in DATA_TYPES:
        port.problem("default", "a file or folder has no default", "make the port optional")
    elif type_name == "integer" and isinstance(default, float):
        return str(int(default))  # as the SDK reads it
    elif not is_literal_of(type_name, text):
        port.problem("default", f"`{text}` is not of the type {type_name}")
    return text


def _choices(port: Section) -> tuple[str, ...]:
    choices = port.values.get("enum") or []
    if not isinstance(choices, list):
        port.problem("enum", "must be a list")
        return ()
    for number, choice in enumerate(choices):
        if not isinstance(choice, str):
            port.problem("enum", f"{choice!r} is not a string", f'quote it: "{choice}"')
            return tuple(str(choice) for choice in choices[:number])
    return tuple(choices)


def _bound(port: Section, key: str, type_name: str) -> float | None:
    """Read the least or the largest number that a port takes."""
    text = write_literal(port.values.get(key))
    if text is None and port.values.get(key) is None:
        return None
    if type_name not in {"integer", "number"}:
        port.problem(key, f"a {type_name} has none", "remove it")
    elif text is None or not is_literal_of("number", text):
        port.problem(key, f"{port.values[key]!r} is not a number")
    else:
        return float(text)
    return None
