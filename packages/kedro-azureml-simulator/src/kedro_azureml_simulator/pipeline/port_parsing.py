"""Inputs and outputs, of the pipeline, of a step and of a component, from their YAML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

from kedro_azureml_simulator.pipeline.model import (
    DATA_TYPES,
    AssetData,
    FromPipelineInput,
    FromStepOutput,
    InputDeclaration,
    LocalData,
    Output,
    Text,
)
from kedro_azureml_simulator.pipeline.yaml_reader import is_literal_of, literal_text

if TYPE_CHECKING:
    from pathlib import Path

    from kedro_azureml_simulator.pipeline.model import DataType, InputMode, PipelineInput, StepInput
    from kedro_azureml_simulator.pipeline.yaml_reader import Section

_LITERAL_TYPES = ("string", "number", "integer", "boolean")
_INPUT_MODES = ("ro_mount", "download")
_OUTPUT_MODES = ("rw_mount", "upload")
_OUTPUT_PORT_NAME = re.compile(r"^[a-zA-Z_]+[a-zA-Z0-9_]*\Z")
_PIPELINE_INPUT_NAME = re.compile(r"^[a-zA-Z_][a-zA-Z0-9_.]*\Z")
_BINDING = re.compile(r"^\$\{\{\s*(?P<target>\S*?)\s*\}\}\Z")
_ASSET = re.compile(r"^[^:@/]+(:[^:@/]+|@[^:@/]+)\Z")
_ASSET_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,254}\Z")
_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://")


def pipeline_inputs(section: Section, folder: Path) -> dict[str, PipelineInput]:
    """Read the pipeline's inputs; local paths are relative to `folder`."""
    inputs: dict[str, PipelineInput] = {}
    for name, value in section.values.items():
        if not _PIPELINE_INPUT_NAME.match(name):
            section.problem(name, "is not a name that Azure ML accepts for a pipeline input")
        read = _data_or_literal(section, name, value, folder)
        if isinstance(read, FromPipelineInput | FromStepOutput):
            section.problem(name, "a pipeline input cannot be bound to something else")
        elif read is not None:
            inputs[name] = read
    return inputs


def step_inputs(section: Section, folder: Path) -> dict[str, StepInput]:
    """Read the inputs of a step; local paths are relative to `folder`."""
    inputs: dict[str, StepInput] = {}
    for name, value in section.values.items():
        read = _data_or_literal(section, name, value, folder)
        if read is not None:
            inputs[name] = read
    return inputs


def input_override(section: Section, name: str, text: str, folder: Path) -> PipelineInput | None:
    """Read the text that a caller gives for a pipeline's data input."""
    declared = section.values.get(name)
    value = {**declared, "path": text} if isinstance(declared, dict) else text
    read = _data_or_literal(section, name, value, folder)
    return None if isinstance(read, FromPipelineInput | FromStepOutput) else read


def _data_or_literal(section: Section, name: str, value: Any, folder: Path) -> StepInput | None:
    if isinstance(value, dict):
        return _data(section.subsection(name, value), folder)
    text = literal_text(value)
    if text is None:
        what = "null" if value is None else f"{value!r}"
        section.problem(
            name,
            f"{what} is not a literal that Azure ML can send",
            "write text, a number, true or false; quote a date",
        )
        return None
    if "${{" in text:
        return _binding(section, name, text, None)
    return Text(text)


def _binding(
    section: Section, key: str, text: str, mode: InputMode | None
) -> FromPipelineInput | FromStepOutput | None:
    match = _BINDING.match(text)
    if match:
        parts = match["target"].split(".")
        if parts[:2] == ["parent", "inputs"] and len(parts) == 3:
            return FromPipelineInput(parts[2], mode)
        if parts[:2] == ["parent", "inputs"] and len(parts) > 3:
            section.problem(
                key,
                f"`{text}` names an input with a dot, which Azure ML does not bind",
                "give the pipeline's input a name without dots",
            )
            return None
        if parts[:2] == ["parent", "jobs"] and len(parts) == 5 and parts[3] == "outputs":
            return FromStepOutput(parts[2], parts[4], mode)
    section.problem(
        key,
        f"`{text}` is not a binding",
        "write ${{parent.inputs.<name>}} or ${{parent.jobs.<step>.outputs.<port>}},"
        " and nothing around it",
    )
    return None


def _data(section: Section, folder: Path) -> StepInput | None:
    path = section.values.get("path")
    type_name = section.values.get("type", "uri_folder")
    if path is None and (type_name in _LITERAL_TYPES or "value" in section.values):
        section.problem(
            "", "Azure ML takes no typed literal here", "write the value itself: `name: 0.1`"
        )
        return None
    section.only(("type", "path", "mode"))
    mode = section.values.get("mode")
    if mode is not None and mode not in _INPUT_MODES:
        section.problem("mode", f"`{mode}` is not simulated", "use ro_mount or download")
        mode = None
    if isinstance(path, str) and "${{" in path:
        return _binding(section, "path", path, mode)
    data_type = _data_type(section, type_name)
    if not isinstance(path, str) or not path:
        section.problem(
            "path", "is missing, or no text", "write a local path or `azureml:<name>:<version>`"
        )
        return None
    if data_type is None:
        return None
    mode = cast("InputMode", mode or "ro_mount")
    if _SCHEME.match(path):
        return AssetData(data_type, path, mode)
    if path.startswith("azureml:"):
        reference = path.removeprefix("azureml:")
        if not _ASSET.match(reference):
            section.problem(
                "path",
                f"`{path}` is not an asset reference",
                "write `azureml:<name>:<version>` or `azureml:<name>@latest`",
            )
            return None
        return AssetData(data_type, reference, mode)
    return LocalData(data_type, folder / path.removeprefix("file:"), mode)


def _data_type(section: Section, type_name: object) -> DataType | None:
    if type_name in DATA_TYPES:
        return type_name
    section.problem(
        "type", f"`{type_name}` is not a type of data", "use one of " + ", ".join(DATA_TYPES)
    )
    return None


def component_inputs(section: Section) -> dict[str, InputDeclaration]:
    """Read the input ports that a component declares."""
    declared: dict[str, InputDeclaration] = {}
    for name, value in section.values.items():
        port = section.subsection(name, value)
        port.only(("type", "description", "optional", "default", "min", "max", "enum", "mode"))
        type_name = port.values.get("type")
        if type_name not in (*DATA_TYPES, *_LITERAL_TYPES):
            known = ", ".join((*DATA_TYPES, *_LITERAL_TYPES))
            port.problem("type", f"`{type_name}` is not simulated", f"use one of {known}")
            continue
        default = port.values.get("default")
        text = literal_text(default)
        if default is not None and text is None:
            port.problem("default", f"{default!r} is not a literal that Azure ML can send")
        choices = port.values.get("enum") or []
        declaration = InputDeclaration(
            type=type_name,
            optional=port.values.get("optional") in (True, "true", "True"),
            default=text,
            choices=tuple(str(choice) for choice in choices) if isinstance(choices, list) else (),
            least=_bound(port, "min", type_name),
            most=_bound(port, "max", type_name),
        )
        if declaration.is_data and text is not None:
            port.problem("default", "a file or folder has no default", "make the port optional")
        declared[name] = declaration
    return declared


def _bound(port: Section, key: str, type_name: str) -> float | None:
    """Read the least or the largest number that a port takes."""
    text = literal_text(port.values.get(key))
    if text is None and port.values.get(key) is None:
        return None
    if type_name not in {"integer", "number"}:
        port.problem(key, f"a {type_name} has none", "remove it")
    elif text is None or not is_literal_of("number", text):
        port.problem(key, f"{port.values[key]!r} is not a number")
    else:
        return float(text)
    return None


def outputs(section: Section) -> dict[str, Output]:
    """Read output ports: of the pipeline, of a component, or of a step."""
    found: dict[str, Output] = {}
    for name, value in section.values.items():
        if not _OUTPUT_PORT_NAME.match(name):
            section.problem(
                name,
                "is not a name that Azure ML accepts for an output",
                "letters, digits and underscores, no digit first",
            )
        if isinstance(value, str):
            found[name] = Output(pipeline_output=_pipeline_output(section, name, value))
            continue
        port = section.subsection(name, value)
        found[name] = _output(port)
    return found


def _output(port: Section) -> Output:
    port.only(("type", "mode", "name", "version", "path", "description"))
    mode = port.values.get("mode")
    if mode is not None and mode not in _OUTPUT_MODES:
        port.problem("mode", f"`{mode}` is not simulated", "use rw_mount or upload")
    path = port.values.get("path")
    target = address = None
    if isinstance(path, str) and path.startswith("${{parent."):
        target = _pipeline_output(port, "path", path)
    elif isinstance(path, str) and path.startswith("azureml://"):
        address = path
    elif path is not None:
        port.problem(
            "path",
            f"`{path}` is no place in a datastore",
            "leave the path out, or write azureml://datastores/<datastore>/paths/<path>",
        )
    asset, version = port.text("name"), port.text("version")
    for key, text in (("name", asset), ("version", version)):
        if text is not None and not _ASSET_NAME.match(text):
            port.problem(key, f"`{text}` is not the {key} of an asset", "letters, digits, . _ -")
    if version is not None and asset is None:
        port.problem("version", "a version without a name registers nothing", "add `name:`")
    type_name = port.values.get("type")
    data_type = None if type_name is None else _data_type(port, type_name)
    return Output(data_type, asset, version, target, address)


def _pipeline_output(section: Section, key: str, text: str) -> str | None:
    match = _BINDING.match(text)
    if match:
        parts = match["target"].split(".")
        if parts[:2] == ["parent", "outputs"] and len(parts) == 3:
            return parts[2]
    section.problem(
        key, f"`{text}` is not a binding of an output", "write ${{parent.outputs.<name>}}"
    )
    return None
