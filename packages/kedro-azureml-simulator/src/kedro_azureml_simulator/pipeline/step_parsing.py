"""One step, inline or with its component, from its YAML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kedro_azureml_simulator.pipeline.component_parsing import (
    COMMAND_FIELDS,
    includes,
    read_component,
)
from kedro_azureml_simulator.pipeline.distribution_parsing import distribution
from kedro_azureml_simulator.pipeline.environment_parsing import environment
from kedro_azureml_simulator.pipeline.model import NestedPipeline, Output, Step
from kedro_azureml_simulator.pipeline.port_parsing import component_inputs, outputs, step_inputs
from kedro_azureml_simulator.pipeline.yaml_reader import (
    Section,
    check_labels,
    check_prefix,
    did_you_mean,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from kedro_azureml_simulator.pipeline.model import Pipeline

_STEP_NAME = re.compile(r"^[a-z_][a-z\d_]*\Z", re.ASCII)
_ANY_NODE_FIELDS = (
    "$schema", "type", "name", "display_name", "description", "tags", "properties", "inputs",
    "outputs", "compute", "identity", "services",
)  # fmt: skip
_NODE_FIELDS = (
    *_ANY_NODE_FIELDS, "environment_variables", "distribution", "limits", "queue_settings",
    "resources",
)  # fmt: skip
_INLINE_FIELDS = (*_NODE_FIELDS, "command", "code", "environment")
_WITH_COMPONENT_FIELDS = (*_NODE_FIELDS, "component", "comment")
_NESTED_FIELDS = (*_ANY_NODE_FIELDS, "component", "comment", "settings")
_ONLY_WITH_COMPONENT = ("is_deterministic", "additional_includes", "comment")


def parse_step(
    jobs: Section,
    name: str,
    value: Any,
    folder: Path,
    nested: Callable[[Section, Path], Pipeline],
) -> Step | NestedPipeline | None:
    """Read one entry of `jobs:`; None where it is nothing that can be simulated.

    Args:
        jobs: The section of all steps.
        name: The step's key.
        value: What stands there.
        folder: What local paths are relative to.
        nested: Reads a pipeline component, given its section and its folder.
    """
    if not _STEP_NAME.match(name):
        jobs.problem(
            name,
            "is not a name that Azure ML accepts for a step",
            r"lower case letters, digits and underscores, no digit first: ^[a-z_][a-z\d_]*$",
        )
    step = jobs.subsection(name, value)
    step_type = step.values.get("type")
    if step_type is None and not {"component", "command"} & set(step.values):
        step.problem("type", "is missing", "write `type: command`")
        return None
    if step_type not in (None, "command", "pipeline"):
        step.problem(
            "type", f"`{step_type}` steps are not simulated", "only command and pipeline steps are"
        )
        return None
    check_prefix(step, "compute")
    check_labels(step)
    if "component" not in step.values:
        return _inline(step, name, folder)
    read = read_component(step, folder)
    if read is None:
        return None
    component, component_folder = read
    component_type = component.values.get("type", "command")
    if component_type not in ("command", "pipeline"):
        component.problem(
            "type",
            f"`{component_type}` components are not simulated",
            "only command and pipeline ones are",
        )
        return None
    if step_type not in (None, component_type):
        step.problem("type", f"is `{step_type}`, and the component's is `{component_type}`")
        return None
    if component_type == "pipeline":
        return _nested(step, component, name, folder, nested(component, component_folder))
    return _with_component(step, component, name, folder, component_folder)


def _inline(step: Section, name: str, folder: Path) -> Step | None:
    if step.values.get("type") == "pipeline":
        step.problem("component", "is missing", "write the path of the pipeline component's file")
        return None
    for key in _ONLY_WITH_COMPONENT:
        if key in step.values:
            step.problem(
                key,
                "Azure ML refuses this on an inline step",
                "move command, code, environment and this into `component:`",
            )
    step.only((*_INLINE_FIELDS, *_ONLY_WITH_COMPONENT))
    return Step(
        name=name,
        display_name=step.text("display_name") or name,
        command=_command(step),
        section=step,
        code=_code(step, folder),
        inputs=step_inputs(step.section("inputs"), folder),
        outputs=outputs(step.section("outputs")),
        environment=environment(step, folder),
        environment_variables=_variables(step),
        timeout_s=_timeout_s(step),
        distribution=distribution(step),
        has_compute=step.values.get("compute") is not None,
    )


def _with_component(
    step: Section, component: Section, name: str, folder: Path, component_folder: Path
) -> Step:
    step.only(_WITH_COMPONENT_FIELDS)
    component.only(COMMAND_FIELDS)
    check_labels(component)
    declared = component_inputs(component.section("inputs"))
    check_ports(step, component, declared)
    return Step(
        name=name,
        display_name=_display_name(step, component, name),
        command=_command(component),
        section=step,
        code=_code(component, component_folder),
        includes=includes(component, component_folder),
        inputs=step_inputs(step.section("inputs"), folder),
        declared=declared,
        outputs=_merged_outputs(step, outputs(component.section("outputs"))),
        environment=environment(component, component_folder),
        environment_variables={**_variables(component), **_variables(step)},
        timeout_s=_timeout_s(step),
        distribution=distribution(step, component),
        is_deterministic=component.values.get("is_deterministic") not in (False, "false", "False"),
        has_compute=step.values.get("compute") is not None,
    )


def _nested(
    step: Section, component: Section, name: str, folder: Path, pipeline: Pipeline
) -> NestedPipeline:
    step.only(_NESTED_FIELDS)
    settings = step.section("settings")
    check_ports(step, component, pipeline.declared or {})
    return NestedPipeline(
        name=name,
        display_name=_display_name(step, component, name),
        pipeline=pipeline,
        section=step,
        inputs=step_inputs(step.section("inputs"), folder),
        outputs=_merged_outputs(step, pipeline.outputs),
        has_compute=step.values.get("compute") is not None
        or settings.values.get("default_compute") is not None,
    )


def _display_name(step: Section, component: Section, name: str) -> str:
    return step.text("display_name") or component.text("display_name") or name


def check_ports(step: Section, component: Section, declared: Mapping[str, Any]) -> None:
    """Note inputs that a step gives and its component does not declare."""
    inputs = step.section("inputs")
    for port in inputs.values:
        # A port that was refused in its declaration is not unknown as well.
        if port not in component.section("inputs").values:
            inputs.problem(port, "is not an input of the component", did_you_mean(port, declared))


def _merged_outputs(step: Section, declared: Mapping[str, Output]) -> dict[str, Output]:
    section = step.section("outputs")
    merged = {port: Output(output.type, output.asset_name, output.asset_version)
              for port, output in declared.items()}  # fmt: skip
    for port, given in outputs(section).items():
        if port not in declared:
            section.problem(port, "is not an output of the component", did_you_mean(port, declared))
            continue
        merged[port] = Output(
            type=declared[port].type or "uri_folder",
            asset_name=given.asset_name or declared[port].asset_name,
            asset_version=given.asset_version or declared[port].asset_version,
            pipeline_output=given.pipeline_output,
            address=given.address,
        )
    return merged


def _command(section: Section) -> str:
    command = section.text("command")
    if command is None or not command.strip():
        section.problem("command", "is empty", "write the line that the step runs")
        return ""
    if "\0" in command:
        section.problem("command", "holds a NUL character, which no shell can take")
    return command


def _code(section: Section, folder: Path) -> Path | None:
    code = section.text("code")
    if code is None:
        return None
    if code.startswith(("azureml:", "git+")) or "://" in code:
        section.problem("code", f"`{code}` is remote, and is not simulated", "use a local folder")
        return None
    return folder / code.removeprefix("file:")


def _variables(section: Section) -> dict[str, str]:
    variables = section.section("environment_variables")
    texts: dict[str, str] = {}
    for name, value in variables.values.items():
        if isinstance(value, str | bool | int | float):
            texts[name] = str(value)
        else:
            variables.problem(name, "must be text", "quote the value")
        if not name or "=" in name or "\0" in name + texts.get(name, ""):
            variables.problem(name, "cannot be an environment variable")
    return texts


def _timeout_s(section: Section) -> float | None:
    limits = section.section("limits")
    limits.only(("timeout",))
    return limits.number("timeout")
