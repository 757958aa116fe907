"""Inputs of the pipeline and of its steps, from their YAML."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from kedro_azureml_simulator.pipeline.bindings import is_binding, read_binding
from kedro_azureml_simulator.pipeline.declaration_parsing import LITERAL_TYPES, read_data_type
from kedro_azureml_simulator.pipeline.model import (
    AssetData,
    FromPipelineInput,
    FromStepOutput,
    LocalData,
    NoValue,
    Template,
    Text,
)
from kedro_azureml_simulator.pipeline.section import did_you_mean
from kedro_azureml_simulator.pipeline.yaml_reader import (
    GivenText,
    write_literal,
)

if TYPE_CHECKING:
    from kedro_azureml_simulator.pipeline.model import DataType, InputMode, PipelineInput, StepInput
    from kedro_azureml_simulator.pipeline.section import Section

_INPUT_MODES = ("ro_mount", "download", "direct", "eval_mount", "eval_download")
_PIPELINE_INPUT_NAME = re.compile(r"^[a-zA-Z_][a-zA-Z0-9_]*(\.[a-zA-Z0-9_]+)*\Z")
_EXPRESSION = re.compile(r"\$\{\{\s*(?P<target>.*?)\s*\}\}", re.DOTALL)
_ASSET = re.compile(r"^[^:@/]+(:[^:@/]+|@[^:@/]+)\Z")
_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://")


def read_pipeline_inputs(section: Section, folder: Path) -> dict[str, PipelineInput]:
    """Read the pipeline's inputs; local paths are relative to `folder`."""
    inputs: dict[str, PipelineInput] = {}
    for name, value in section.values.items():
        if not _PIPELINE_INPUT_NAME.match(name):
            section.problem(
                name, f"`{name}` cannot be the name of a pipeline input",
                "use letters, digits and underscores, no digit first", rule="port-name",
            )  # fmt: skip
        read = _data_or_literal(section, name, value, folder)
        if isinstance(read, FromPipelineInput | FromStepOutput | Template):
            section.problem(
                name, "a pipeline input cannot be bound to something else",
                "write its value", rule="binding-form",
            )  # fmt: skip
        elif read is not None:
            inputs[name] = read
    return inputs


def read_step_inputs(section: Section, folder: Path) -> dict[str, StepInput]:
    """Read the inputs of a step; local paths are relative to `folder`."""
    inputs: dict[str, StepInput] = {}
    for name, value in section.values.items():
        read = _data_or_literal(section, name, value, folder)
        if read is not None:
            inputs[name] = read
    return inputs


def read_input_override(
    section: Section, name: str, text: str, folder: Path
) -> PipelineInput | None:
    """Read the text that a caller gives for a pipeline's data input."""
    declared = section.values.get(name)
    value = {**declared, "path": text} if isinstance(declared, dict) else text
    read = _data_or_literal(section, name, value, folder)
    if isinstance(read, FromPipelineInput | FromStepOutput | Template):
        return None
    return read


def _data_or_literal(section: Section, name: str, value: Any, folder: Path) -> StepInput | None:
    if isinstance(value, dict):
        if set(value) != {"value"} or not isinstance(value["value"], str | int | float):
            return _data(section.subsection(name, value), folder)
        value = _literal_of_value(section, name, value["value"])
    text = write_literal(value)
    if text is None or (isinstance(value, float) and not math.isfinite(value)):
        what = "null" if value is None else f"{value!r}"
        section.problem(
            name,
            f"{what} is not a literal that Azure ML can send",
            "write a string, a number, true or false; quote a date",
        )
        return None
    if "${{" in text and not isinstance(value, GivenText):
        return _expression(section, name, text)
    return Text(text)


def _literal_of_value(section: Section, name: str, written: str | float) -> str | float:
    """Return what Azure ML makes of `value:`, where it tries a boolean, then an integer."""
    if isinstance(written, str | bool) or not math.isfinite(written):
        return written
    read = bool(written) if written in (0, 1) else int(written)
    if write_literal(read) != write_literal(written):
        section.warn(
            name,
            f"Azure ML reads the {written} of `value:` as {write_literal(read)}",
            f"write the value itself: `{name}: {written}`",
        )
    return read


def _expression(section: Section, name: str, text: str) -> StepInput | None:
    """Read a literal that contains `${{`: a binding, or text around one."""
    if is_binding(text):
        return read_binding(section, name, text, None)
    targets = [match["target"].split(".") for match in _EXPRESSION.finditer(text)]
    if not targets or not all(t[:2] == ["parent", "inputs"] and len(t) == 3 for t in targets):
        return read_binding(section, name, text, None)
    section.warn(
        name,
        "text around a binding is not documented; it is replaced as text here",
        "bind the whole value",
    )
    return Template(text)


def _data(section: Section, folder: Path) -> StepInput | None:
    path = section.values.get("path")
    type_name = section.values.get("type", "uri_folder")
    if isinstance(type_name, str):
        type_name = type_name.lower()  # as the SDK reads it
    literal = {"value", "default"} & set(section.values)
    if path is None and (type_name in LITERAL_TYPES or literal):
        section.problem(
            "", "Azure ML takes no typed literal here", "write the value itself: `name: 0.1`"
        )
        return None
    section.only(("type", "path", "mode", "datastore"))
    section.refuse_nulls(("mode", "datastore"))
    section.string("datastore")
    mode = _mode(section, type_name)
    found = read_data_type(section, type_name)
    if found is None:
        return None
    # An address is sent as it is, `${{name}}` in it too.
    if isinstance(path, str) and "${{" in path and not _SCHEME.match(path):
        return read_binding(section, "path", path, mode)
    if path is None or path == "":
        return NoValue(found, mode or "ro_mount")
    if not isinstance(path, str):
        section.problem(
            "path", "must be a string", "write a local path or `azureml:<name>:<version>`"
        )
        return None
    return _at_path(section, path, found, mode or "ro_mount", folder)


def _mode(section: Section, type_name: object) -> InputMode | None:
    mode = section.values.get("mode")
    if mode is None:
        return None
    mode = mode.lower() if isinstance(mode, str) else mode
    known = _INPUT_MODES if type_name == "mltable" else _INPUT_MODES[:3]
    if mode not in known:
        if mode in _INPUT_MODES:
            text, hint = f"`{mode}` is for tables", "write `type: mltable`, or another mode"
        else:
            text, hint = f"unknown mode `{mode}`", did_you_mean(str(mode), known)
        section.problem("mode", text, hint)
        return None
    if mode.startswith("eval_"):
        plain = {"eval_mount": "ro_mount", "eval_download": "download"}[mode]
        section.warn("mode", f"`{mode}` is simulated as `{plain}`: the table is not evaluated")
        return cast("InputMode", plain)
    return cast("InputMode", mode)


def _at_path(
    section: Section, path: str, type_name: DataType, mode: InputMode, folder: Path
) -> LocalData | AssetData | None:
    if path.startswith("file://"):
        path = path.removeprefix("file://")
    if _SCHEME.match(path):
        return AssetData(type_name, path, mode)
    if not path.startswith("azureml:"):
        path = path.removeprefix("file:")
        return LocalData(type_name, folder / path, mode, Path(path).is_absolute())
    reference = path.removeprefix("azureml:")
    # The SDK dumps the address of a job that was made in Python as `azureml:https://...`.
    if _SCHEME.match(reference) or _ASSET.match(reference):
        return AssetData(type_name, reference, mode)
    # The SDK writes a local path so, when it dumps a job that was made in Python.
    places = (folder, section.reading.working_dir)
    found = next((place / reference for place in places if (place / reference).exists()), None)
    if found is None and "/" not in reference and not reference.startswith("."):
        section.problem(
            "path",
            f"`{path}` is not an asset reference",
            "write `azureml:<name>:<version>` or `azureml:<name>@latest`",
            rule="asset-version",
        )
        return None
    if found is not None:
        section.note("path", f"`{path}` is read from {found.resolve()}")
    is_absolute = Path(reference).is_absolute()
    return LocalData(type_name, found or folder / reference, mode, is_absolute)
