"""Outputs of the pipeline, of a step and of a component, from their YAML."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from kedro_azureml_simulator.pipeline.bindings import read_output_binding
from kedro_azureml_simulator.pipeline.declaration_parsing import (
    LITERAL_TYPES,
    read_data_type,
    read_legacy_type,
)
from kedro_azureml_simulator.pipeline.model import Output

if TYPE_CHECKING:
    from kedro_azureml_simulator.pipeline.section import Section

_OUTPUT_MODES = ("rw_mount", "upload", "mount", "direct")
_DECLARED_MODES = ("ro_mount", "download", "eval_mount", "eval_download", "link")
"""What a component's output may say besides, though no output can be mounted so."""
_OUTPUT_PORT_NAME = re.compile(r"^[a-zA-Z_]+[a-zA-Z0-9_]*\Z")
_ASSET_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,254}\Z")


def read_outputs(section: Section, *, may_bind: bool = True) -> dict[str, Output]:
    """Read output ports: of the pipeline, of a component, or of a step.

    Args:
        section: The `outputs:`.
        may_bind: Whether a port may be bound to an output of the pipeline around it.
    """
    found: dict[str, Output] = {}
    for name, value in section.values.items():
        _check_name(section, name)
        if isinstance(value, str) and may_bind:
            found[name] = Output(pipeline_output=read_output_binding(section, name, value))
            continue
        found[name] = _output(section.subsection(name, value))
    return found


def read_component_outputs(section: Section) -> dict[str, Output]:
    """Read the output ports that a component declares, each with its type."""
    found: dict[str, Output] = {}
    for name, value in section.values.items():
        _check_name(section, name)
        port = section.subsection(name, value)
        type_name = port.values.get("type")
        found[name] = Output("uri_folder")
        if type_name is None:
            port.problem("type", "is missing", "write `type: uri_folder` or another type of data")
        elif type_name in LITERAL_TYPES:
            port.problem(
                "type", f"outputs of the type {type_name} are not simulated",
                "write the value to a file in a uri_folder", rule="literal-output",
            )  # fmt: skip
        else:
            port.only(("type", "mode", "description"))
            _check_mode(port, (*_OUTPUT_MODES, *_DECLARED_MODES))
            found[name] = Output(read_legacy_type(port) or read_data_type(port, type_name))
    return found


def _output(port: Section) -> Output:
    port = _in_lower_case(port)
    port.only(("type", "mode", "name", "version", "path"))
    _check_mode(port, _OUTPUT_MODES)
    path = port.values.get("path")
    target = address = None
    if isinstance(path, str) and path.startswith("${{parent."):
        target = read_output_binding(port, "path", path)
    elif isinstance(path, str) and path.startswith("azureml://"):
        address = path
    elif path is not None:
        port.warn(
            "path",
            f"`{path}` is not in a datastore; the output goes to the run folder",
            "leave the path out, or write azureml://datastores/<datastore>/paths/<path>",
        )
    asset, version = port.string("name"), port.string_or_number("version")
    for key, text in (("name", asset), ("version", version)):
        if text is not None and not _ASSET_NAME.match(text):
            port.problem(
                key, f"`{text}` cannot be the {key} of an asset", "use letters, digits, . _ -"
            )
    if version is not None and asset is None:
        port.problem("version", "a version without a name registers nothing", "add `name:`")
    type_name = port.values.get("type")
    found = None if type_name is None else read_data_type(port, type_name)
    return Output(found, asset, version, target, address)


def _in_lower_case(port: Section) -> Section:
    """Return a port with its type and mode as the SDK reads them."""
    words = {
        key: port.values[key].lower()
        for key in ("type", "mode")
        if isinstance(port.values.get(key), str)
    }
    return replace(port, values={**port.values, **words})


def _check_name(section: Section, name: str) -> None:
    if not _OUTPUT_PORT_NAME.match(name):
        section.problem(
            name,
            f"`{name}` cannot be the name of an output",
            "use letters, digits and underscores, no digit first",
            rule="port-name",
        )


def _check_mode(port: Section, known: tuple[str, ...]) -> None:
    mode = port.values.get("mode")
    port.refuse_nulls(("mode",))
    if mode is not None and mode not in known:
        port.problem("mode", f"unknown mode `{mode}`", "use rw_mount or upload")
    elif mode not in {None, "rw_mount", "upload"}:
        port.warn("mode", f"`{mode}` is simulated as `rw_mount`", "use rw_mount or upload")
