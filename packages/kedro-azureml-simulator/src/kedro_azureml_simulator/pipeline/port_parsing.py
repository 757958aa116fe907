"""Inputs and outputs, of the pipeline, of a step and of a component, from their YAML."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from kedro_azureml_simulator.pipeline.model import (
    DATA_TYPES,
    AssetData,
    FromPipelineInput,
    FromStepOutput,
    InputDeclaration,
    LocalData,
    NoValue,
    Output,
    Template,
    Text,
)
from kedro_azureml_simulator.pipeline.section import did_you_mean
from kedro_azureml_simulator.pipeline.yaml_reader import (
    GivenText,
    is_literal_of,
    literal_text,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from kedro_azureml_simulator.pipeline.model import DataType, InputMode, PipelineInput, StepInput
    from kedro_azureml_simulator.pipeline.section import Section

_LITERAL_TYPES = ("string", "number", "integer", "boolean")
_INPUT_MODES = ("ro_mount", "download", "direct", "eval_mount", "eval_download")
_OUTPUT_MODES = ("rw_mount", "upload", "mount", "direct")
_OUTPUT_PORT_NAME = re.compile(r"^[a-zA-Z_]+[a-zA-Z0-9_]*\Z")
_PIPELINE_INPUT_NAME = re.compile(r"^[a-zA-Z_][a-zA-Z0-9_]*(\.[a-zA-Z0-9_]+)*\Z")
_BINDING = re.compile(r"^\$\{\{\s*(?P<target>\S*?)\s*\}\}\Z")
_EXPRESSION = re.compile(r"\$\{\{\s*(?P<target>.*?)\s*\}\}", re.DOTALL)
_ASSET = re.compile(r"^[^:@/]+(:[^:@/]+|@[^:@/]+)\Z")
_ASSET_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,254}\Z")
_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://")


def pipeline_inputs(section: Section, folder: Path) -> dict[str, PipelineInput]:
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
    if isinstance(read, FromPipelineInput | FromStepOutput | Template):
        return None
    return read


def _data_or_literal(section: Section, name: str, value: Any, folder: Path) -> StepInput | None:
    if isinstance(value, dict):
        return _data(section.subsection(name, value), folder)
    text = literal_text(value)
    if text is None:
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


def _expression(section: Section, name: str, text: str) -> StepInput | None:
    """Read a literal that contains `${{`: a binding, or text around one."""
    if _BINDING.match(text):
        return _binding(section, name, text, None)
    targets = [match["target"].split(".") for match in _EXPRESSION.finditer(text)]
    if not targets or not all(t[:2] == ["parent", "inputs"] and len(t) == 3 for t in targets):
        return _binding(section, name, text, None)
    section.warn(
        name,
        "text around a binding is not documented; it is replaced as text here",
        "bind the whole value",
    )
    return Template(text)


def _binding(
    section: Section, key: str, text: str, mode: InputMode | None
) -> FromPipelineInput | FromStepOutput | None:
    match = _BINDING.match(text)
    rule = ""
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
        rule = "" if parts[0] == "parent" else "binding-form"
    section.problem(
        key,
        f"`{text}` is not a binding",
        "write ${{parent.inputs.<name>}} or ${{parent.jobs.<step>.outputs.<port>}},"
        " and nothing around it",
        rule=rule,
    )
    return None


def _data(section: Section, folder: Path) -> StepInput | None:
    path = section.values.get("path")
    type_name = section.values.get("type", "uri_folder")
    literal = {"value", "default"} & set(section.values)
    if path is None and (type_name in _LITERAL_TYPES or literal):
        section.problem(
            "", "Azure ML takes no typed literal here", "write the value itself: `name: 0.1`"
        )
        return None
    section.only(("type", "path", "mode"))
    mode = _mode(section)
    if isinstance(path, str) and "${{" in path:
        return _binding(section, "path", path, mode)
    data_type = _data_type(section, type_name)
    if data_type is None:
        return None
    if path is None:
        return NoValue(data_type, mode or "ro_mount")
    if not isinstance(path, str) or not path:
        section.problem(
            "path", "must be a string", "write a local path or `azureml:<name>:<version>`"
        )
        return None
    return _at_path(section, path, data_type, mode or "ro_mount", folder)


def _mode(section: Section) -> InputMode | None:
    mode = section.values.get("mode")
    if mode is None:
        return None
    if mode not in _INPUT_MODES:
        section.problem("mode", f"unknown mode `{mode}`", did_you_mean(str(mode), _INPUT_MODES))
        return None
    if str(mode).startswith("eval_"):
        plain = {"eval_mount": "ro_mount", "eval_download": "download"}[mode]
        section.warn("mode", f"`{mode}` is simulated as `{plain}`: the table is not evaluated")
        return cast("InputMode", plain)
    return cast("InputMode", mode)


def _at_path(
    section: Section, path: str, data_type: DataType, mode: InputMode, folder: Path
) -> LocalData | AssetData | None:
    if path.startswith("file://"):
        path = path.removeprefix("file://")
    if _SCHEME.match(path):
        return AssetData(data_type, path, mode)
    if not path.startswith("azureml:"):
        path = path.removeprefix("file:")
        return LocalData(data_type, folder / path, mode, Path(path).is_absolute())
    reference = path.removeprefix("azureml:")
    if _ASSET.match(reference):
        return AssetData(data_type, reference, mode)
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
    return LocalData(data_type, found or folder / reference, mode, is_absolute)


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
            known = (*DATA_TYPES, *_LITERAL_TYPES)
            port.problem("type", f"unknown type `{type_name}`", did_you_mean(str(type_name), known))
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
    text = literal_text(default)
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


def outputs(section: Section, *, may_bind: bool = True) -> dict[str, Output]:
    """Read output ports: of the pipeline, of a component, or of a step.

    Args:
        section: The `outputs:`.
        may_bind: Whether a port may be bound to an output of the pipeline around it.
    """
    found: dict[str, Output] = {}
    for name, value in section.values.items():
        if not _OUTPUT_PORT_NAME.match(name):
            section.problem(
                name,
                f"`{name}` cannot be the name of an output",
                "use letters, digits and underscores, no digit first",
                rule="port-name",
            )
        if isinstance(value, str) and may_bind:
            found[name] = Output(pipeline_output=_pipeline_output(section, name, value))
            continue
        found[name] = _output(section.subsection(name, value))
    return found


def _output(port: Section) -> Output:
    port.only(("type", "mode", "name", "version", "path", "description"))
    mode = port.values.get("mode")
    if mode is not None and mode not in _OUTPUT_MODES:
        port.problem("mode", f"unknown mode `{mode}`", "use rw_mount or upload")
    elif mode in _OUTPUT_MODES[2:]:
        port.warn("mode", f"`{mode}` is simulated as `rw_mount`", "use rw_mount or upload")
    path = port.values.get("path")
    target = address = None
    if isinstance(path, str) and path.startswith("${{parent."):
        target = _pipeline_output(port, "path", path)
    elif isinstance(path, str) and path.startswith("azureml://"):
        address = path
    elif path is not None:
        port.warn(
            "path",
            f"`{path}` is not in a datastore; the output goes to the run folder",
            "leave the path out, or write azureml://datastores/<datastore>/paths/<path>",
        )
    asset, version = port.string_or_number("name"), port.string_or_number("version")
    for key, text in (("name", asset), ("version", version)):
        if text is not None and not _ASSET_NAME.match(text):
            port.problem(
                key, f"`{text}` cannot be the {key} of an asset", "use letters, digits, . _ -"
            )
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
        key,
        f"`{text}` is not a binding of an output",
        "write ${{parent.outputs.<name>}}",
        rule="output-text",
    )
    return None


def bound_port(
    section: Section, key: str, text: str, side: str, ports: Collection[str]
) -> str | None:
    """Read `${{inputs.<port>}}` or `${{outputs.<port>}}` of a step's own ports.

    Args:
        section: Where it stands.
        key: The key.
        text: The string.
        side: `inputs` or `outputs`.
        ports: The ports that there are.
    """
    match = _BINDING.match(text)
    parts = match["target"].split(".") if match else []
    if len(parts) != 2 or parts[0] != side:
        section.problem(
            key, f"`{text}` is not one of the step's {side}", f"write ${{{{{side}.<name>}}}}",
            rule="parallel",
        )  # fmt: skip
        return None
    if parts[1] not in ports:
        section.problem(
            key, f"the step has no `{side}.{parts[1]}`", did_you_mean(parts[1], ports),
            rule="parallel",
        )  # fmt: skip
        return None
    return parts[1]
