"""Where inputs come from: each binding followed to a text, a local path or a step's output."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from kedro_azureml_simulator.pipeline.model import (
    DATA_TYPES,
    MAY_BE_A_FILE,
    AssetData,
    FromPipelineInput,
    FromStepOutput,
    NoValue,
    Template,
    Text,
)
from kedro_azureml_simulator.pipeline.section import did_you_mean
from kedro_azureml_simulator.pipeline.yaml_reader import is_literal_of
from kedro_azureml_simulator.planning.local_data import holds_a_file
from kedro_azureml_simulator.planning.plan import Mount
from kedro_azureml_simulator.references import find_mapped

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kedro_azureml_simulator.pipeline.model import (
        DataType,
        InputDeclaration,
        LocalData,
        StepInput,
    )
    from kedro_azureml_simulator.pipeline.section import Section
    from kedro_azureml_simulator.planning.plan import PlannedOutput
    from kedro_azureml_simulator.planning.scopes import Scope


class Absent:
    """An optional input that was not given."""


ABSENT = Absent()

_BOOLEANS = {"0": "False", "1": "True"}
"""So the SDK dumps the truth values of a pipeline that was made in Python."""
_EXPRESSION = re.compile(r"\$\{\{\s*parent\.inputs\.(\w+)\s*\}\}")
_WORKSPACE = (
    "azureml://subscriptions/00000000-0000-0000-0000-000000000000/resourcegroups"
    "/simulated-resource-group/workspaces/simulated-workspace"
)


class InputPlanner:
    """Follows bindings; problems go to the section that a binding stands in.

    Args:
        outputs: What is planned for each `(step, port)`.
        assets: Local data for asset references and remote addresses.
    """

    def __init__(
        self, outputs: Mapping[tuple[str, str], PlannedOutput], assets: Mapping[str, Path]
    ) -> None:
        self._outputs = outputs
        self._assets = assets
        self._checked: set[LocalData | AssetData] = set()

    def ports(
        self,
        scope: Scope,
        section: Section,
        inputs: Mapping[str, StepInput],
        declared: Mapping[str, InputDeclaration] | None,
    ) -> dict[str, str | Mount | Absent | None]:
        """Resolve all inputs of a step or of a pipeline component.

        Args:
            scope: What the bindings are relative to.
            section: The step's place in the YAML.
            inputs: What it is given.
            declared: What its component declares, None for an inline step.

        Returns:
            For each port a string, data, `ABSENT`, or None where a problem was recorded.
        """
        found: dict[str, str | Mount | Absent | None] = dict.fromkeys(
            section.section("inputs").values
        )
        for port, binding in inputs.items():
            place = section.section("inputs")
            declaration = (declared or {}).get(port)
            found[port] = self._follow(scope, place, port, binding, declaration)
        for port, declaration in (declared or {}).items():
            if port in found:
                continue
            if declaration.default is not None:
                found[port] = declaration.default
            elif declaration.optional:
                found[port] = ABSENT
            else:
                section.problem(
                    f"inputs.{port}",
                    "the component needs this input",
                    "bind it, or give it a default",
                )
                found[port] = None
        return found

    def local(
        self, section: Section, key: str, data: LocalData | AssetData | NoValue
    ) -> Mount | None:
        """Return local data as a mount; record, once, where there is none."""
        if isinstance(data, NoValue):
            section.problem(
                key, "has no value", f"give it a path, or pass --input {key}=<path>",
                rule="input-value",
            )  # fmt: skip
            return None
        if isinstance(data, AssetData) and data.mode == "direct" and not self._is_given(data):
            return Mount(data.type, "direct", "", address=_address(data.reference))
        if isinstance(data, AssetData):
            path = _file_of_asset(data, find_mapped(data.reference, self._assets))
            kind = "remote path" if data.is_remote else "asset"
            source = f"the {kind} {data.reference}"
            words = f"{path}, which stands for {source},"
        else:
            path = data.path
            words = source = f"the local path {data.path}"
        same = replace(data, mode="ro_mount")
        if same not in self._checked:
            self._checked.add(same)
            _check_local(section, key, data, path, words)
        # Absolute, because steps run elsewhere; unresolved, because a link's name is the name.
        return Mount(data.type, data.mode, source, path.absolute() if path else None)

    def _follow(
        self,
        scope: Scope,
        section: Section,
        key: str,
        binding: StepInput,
        declared: InputDeclaration | None,
    ) -> str | Mount | Absent | None:
        followed: str | Mount | Absent | None
        if isinstance(binding, FromPipelineInput):
            if _is_optional(scope, binding.name) and not (declared and declared.optional):
                section.problem(
                    key,
                    f"is needed here, and bound to the optional input `{binding.name}`",
                    "make this one `optional: true`, or that one a needed one",
                )
                return None
            followed = self._from_pipeline(scope, section, key, binding)
        elif isinstance(binding, Text):
            followed = binding.text
        elif isinstance(binding, Template):
            followed = _filled(scope, section, key, binding)
        elif isinstance(binding, FromStepOutput):
            followed = self._from_step(scope, section, key, binding)
        else:
            followed = self.local(section, key, binding)
        if isinstance(followed, Mount) and followed.mode == "direct" and not followed.address:
            section.warn(key, "a direct input is an address on Azure ML, and a path here")
        if isinstance(followed, str):
            return _checked_text(section, key, followed, declared)
        if declared is not None and isinstance(followed, Mount):
            return _checked_data(section, key, followed, declared)
        return followed

    def _is_given(self, data: AssetData) -> bool:
        return find_mapped(data.reference, self._assets) is not None

    def _from_pipeline(
        self, scope: Scope, section: Section, key: str, binding: FromPipelineInput
    ) -> str | Mount | Absent | None:
        if binding.name in scope.absent:
            return ABSENT
        if binding.name not in scope.values:
            section.problem(
                key,
                f"the pipeline has no input `{binding.name}`",
                did_you_mean(binding.name, scope.values),
                rule="binding-target",
            )
            return None
        value = scope.values[binding.name]
        if binding.mode is not None and isinstance(value, Mount):
            return replace(value, mode=binding.mode)
        return value

    def _from_step(
        self, scope: Scope, section: Section, key: str, binding: FromStepOutput
    ) -> Mount | None:
        step = scope.steps.get(binding.step)
        nested = scope.nested.get(binding.step)
        if step is None and nested is None:
            # A step that was refused when it was read is not missing as well.
            if binding.step not in scope.pipeline.section.section("jobs").values:
                section.problem(
                    key,
                    f"there is no step `{binding.step}`",
                    did_you_mean(binding.step, (*scope.steps, *scope.nested)),
                    rule="binding-target",
                )
            return None
        place = scope.locate(binding.step, binding.port)
        if place is None:
            known = step.outputs if step else nested.pipeline.outputs if nested else {}
            if binding.port in known:
                text = f"no step of `{binding.step}` writes its output `{binding.port}`"
                hint = "bind an output of one of its steps to it"
            else:
                text = f"the step `{binding.step}` has no output `{binding.port}`"
                hint = did_you_mean(binding.port, known)
            section.problem(key, text, hint, rule="binding-target")
            return None
        return Mount(
            type=self._outputs[place].type,
            mode=binding.mode or "ro_mount",
            source=f"the output `{place[1]}` of the step `{place[0]}`",
            producer=place[0],
            port=place[1],
        )


def _is_optional(scope: Scope, name: str) -> bool:
    """Check whether a pipeline component says that one of its inputs may be left out."""
    declaration = (scope.pipeline.declared or {}).get(name)
    return declaration is not None and declaration.optional


def _file_of_asset(data: AssetData, path: Path | None) -> Path | None:
    """Return the one file of a folder in which a store keeps a uri_file."""
    if path is None or data.type != "uri_file" or not path.is_dir():
        return path
    entries = list(path.iterdir())
    return entries[0] if len(entries) == 1 and entries[0].is_file() else path


def _address(reference: str) -> str:
    """Return the address that a direct input of an asset or of remote data is."""
    if "://" in reference:
        return reference
    name, at, label = reference.partition("@")
    if at:
        return f"{_WORKSPACE}/data/{name}/labels/{label}"
    name, _, version = reference.partition(":")
    return f"{_WORKSPACE}/data/{name}/versions/{version}"


def _filled(scope: Scope, section: Section, key: str, template: Template) -> str | None:
    """Replace the bindings inside a literal."""
    text = template.text
    for name in dict.fromkeys(_EXPRESSION.findall(text)):
        value = scope.values.get(name)
        if isinstance(value, str):
            pattern = rf"\$\{{\{{\s*parent\.inputs\.{name}\s*\}}\}}"
            text = re.sub(pattern, value.replace("\\", r"\\"), text)
        elif name not in scope.values and name not in scope.absent:
            section.problem(
                key, f"the pipeline has no input `{name}`", did_you_mean(name, scope.values),
                rule="binding-target",
            )  # fmt: skip
            return None
        else:
            section.problem(
                key, f"the input `{name}` is data, not a string", "bind the whole value",
                rule="contract",
            )  # fmt: skip
            return None
    return text


def _check_local(
    section: Section, key: str, data: LocalData | AssetData, path: Path | None, source: str
) -> None:
    if path is None and isinstance(data, AssetData):
        what = (
            f"`{data.reference}` is remote, and the simulator reaches nothing beyond this machine"
        )
        section.problem(
            key,
            what if data.is_remote else f"the asset `{data.reference}` has no local data",
            f"map it to local data: --asset {data.reference}=<path>, or in Python"
            f" assets={{{data.reference!r}: <path>}}",
            rule="remote-data",
        )
    elif path is None:
        return
    elif not path.exists():
        section.problem(key, f"{source} does not exist", "check the path", rule="local-data")
    elif not isinstance(data, AssetData) and path.is_dir() and not holds_a_file(path):
        # The SDK refuses to upload it. An empty asset exists already, and fails its step.
        section.problem(
            key, f"{source} is empty", "an empty folder cannot be uploaded", rule="local-data"
        )
    elif not path.is_dir() and data.type not in MAY_BE_A_FILE:
        _mismatch(section, key, data, f"{source} is a file, and not a folder", "uri_file")
    elif data.type == "uri_file" and not path.is_file():
        _mismatch(section, key, data, f"{source} is a folder, and not a file", "uri_folder")


def _mismatch(
    section: Section, key: str, data: LocalData | AssetData, text: str, right: DataType
) -> None:
    """Record data of the other kind; the SDK looks only at absolute paths when it uploads."""
    if isinstance(data, AssetData) or not data.is_absolute:
        section.warn(key, f"{text}; the step gets its path", f"write `type: {right}`")
    else:
        section.problem(key, text, f"write `type: {right}`", rule="local-data")


def _checked_data(
    section: Section, key: str, data: Mount, declared: InputDeclaration
) -> Mount | None:
    if declared.type is None or declared.type == data.type:
        return data
    if not declared.is_data:
        section.problem(
            key,
            f"the component needs a {declared.type}, and gets a {data.type}",
            f"bind a literal, or declare `type: {data.type}`",
            rule="contract",
        )
        return None
    is_folder = data.type not in MAY_BE_A_FILE
    what = "folder" if is_folder else "file"
    section.warn(
        key,
        f"the component declares a {declared.type}, and gets a {data.type}; the path is a {what}'s",
        f"declare `type: {data.type}`",
    )
    return data


def _checked_text(
    section: Section, key: str, text: str, declared: InputDeclaration | None
) -> str | None:
    if "\0" in text:
        section.problem(key, "contains a NUL character, which no shell takes", rule="process")
    if declared is None or declared.type is None:
        return text
    if declared.type in DATA_TYPES:
        section.problem(
            key,
            f"the component needs a {declared.type}, and gets the string `{text}`",
            f"write {{type: {declared.type}, path: ...}}, or bind it",
            rule="contract",
        )
        return None
    rule = "contract"
    if declared.type == "boolean" and text in _BOOLEANS:
        return _BOOLEANS[text]
    if not is_literal_of(declared.type, text):
        section.problem(key, f"`{text}` is not of the type {declared.type}", rule=rule)
    elif declared.choices and not _is_choice(text, declared):
        section.warn(
            key, f"`{text}` is not in the component's enum; it is sent as it is",
            "write one of " + ", ".join(declared.choices),
        )  # fmt: skip
    elif declared.least is not None and float(text) < declared.least:
        section.problem(
            key, f"`{text}` is below the component's min, {declared.least:g}", rule=rule
        )
    elif declared.most is not None and float(text) > declared.most:
        section.problem(key, f"`{text}` is above the component's max, {declared.most:g}", rule=rule)
    return text


def _is_choice(text: str, declared: InputDeclaration) -> bool:
    """Check whether a literal is one of the choices, as YAML may have read it: 1.0, True."""
    if text in declared.choices or text.lower() in {"true", "false"}:
        return text.lower() in {choice.lower() for choice in declared.choices}
    try:
        return float(text) in {float(choice) for choice in declared.choices}
    except ValueError:
        return False
