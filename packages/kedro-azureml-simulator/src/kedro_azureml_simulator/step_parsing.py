"""One command step, inline or with its component, from its YAML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kedro_azureml_simulator.errors import PipelineError
from kedro_azureml_simulator.model import Output, Step
from kedro_azureml_simulator.port_parsing import component_inputs, outputs, step_inputs
from kedro_azureml_simulator.yaml_reader import Section, did_you_mean, read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_STEP_NAME = re.compile(r"^[a-z_][a-z\d_]*\Z", re.ASCII)
_NODE_FIELDS = (
    "$schema", "type", "name", "display_name", "description", "tags", "properties", "inputs",
    "outputs", "compute", "environment_variables", "distribution", "limits", "identity",
    "services", "queue_settings", "resources",
)  # fmt: skip
_INLINE_FIELDS = (*_NODE_FIELDS, "command", "code", "environment")
_WITH_COMPONENT_FIELDS = (*_NODE_FIELDS, "component", "comment")
_COMPONENT_FIELDS = (
    "$schema", "type", "name", "version", "display_name", "description", "tags",
    "is_deterministic", "inputs", "outputs", "command", "code", "environment", "distribution",
    "resources", "properties", "environment_variables", "additional_includes",
)  # fmt: skip
_ONLY_WITH_COMPONENT = ("is_deterministic", "additional_includes", "comment")


def parse_step(jobs: Section, name: str, value: Any, folder: Path) -> Step | None:
    """Read one entry of `jobs:`; None where it is no command step."""
    if not _STEP_NAME.match(name):
        jobs.problem(
            name,
            "is not a name that Azure ML accepts for a step",
            r"lower case letters, digits and underscores, no digit first: ^[a-z_][a-z\d_]*$",
        )
    step = jobs.subsection(name, value)
    step_type = step.values.get("type", "command" if "component" in step.values else None)
    if step_type != "command":
        if step_type is None:
            step.problem("type", "is missing", "write `type: command`")
        else:
            step.problem("type", f"`{step_type}` steps are not simulated", "only command steps are")
        return None
    check_prefix(step, "compute")
    if "component" not in step.values:
        for key in _ONLY_WITH_COMPONENT:
            if key in step.values:
                step.problem(
                    key,
                    "Azure ML refuses this on an inline step",
                    "move command, code, environment and this into `component:`",
                )
        step.only((*_INLINE_FIELDS, *_ONLY_WITH_COMPONENT))
        return _inline(step, name, folder)
    step.only(_WITH_COMPONENT_FIELDS)
    component, component_folder = _component(step, folder)
    if component is None:
        return None
    return _with_component(step, component, name, folder, component_folder)


def check_prefix(section: Section, key: str) -> None:
    """Note a compute or an environment that Azure ML would refuse."""
    value = section.values.get(key)
    if not isinstance(value, str) or value.startswith(("azureml:", "${{")):
        return
    if value == "local":
        section.problem(key, "a pipeline cannot use `local`", "write `azureml:<compute>`")
    else:
        section.problem(key, "lacks the prefix of Azure ML", f"write `azureml:{value}`")


def _inline(step: Section, name: str, folder: Path) -> Step:
    return Step(
        name=name,
        display_name=step.text("display_name") or name,
        command=_command(step),
        code=_code(step, folder),
        inputs=step_inputs(step.section("inputs"), folder),
        outputs=outputs(step.section("outputs")),
        environment_variables=_variables(step),
        timeout_s=_timeout_s(step),
        distribution=_one_process(step),
    )


def _component(step: Section, folder: Path) -> tuple[Section | None, Path]:
    value = step.values["component"]
    if isinstance(value, dict):
        component = step.subsection("component", value)
    elif isinstance(value, str):
        if value.startswith("azureml:"):
            step.problem(
                "component",
                f"`{value}` lives in a workspace or registry, which the simulator cannot reach",
                "write the component's YAML here, or the path of its file",
            )
            return None, folder
        path = folder / value.removeprefix("file:")
        try:
            content = read_yaml(path)
        except PipelineError as error:
            for problem in error.problems:
                step.problem("component", f"{value}: {problem.text}", problem.hint)
            return None, folder
        component = step.subsection("component", content)
        folder = path.parent
    else:
        step.problem("component", "must be a mapping or the path of a file")
        return None, folder
    component_type = component.values.get("type", "command")
    if component_type != "command":
        component.problem(
            "type", f"`{component_type}` components are not simulated", "only command ones are"
        )
        return None, folder
    component.only(_COMPONENT_FIELDS)
    if component.values.get("additional_includes"):
        component.problem(
            "additional_includes", "is not simulated", "put the files into the code folder"
        )
    return component, folder


def _with_component(
    step: Section, component: Section, name: str, folder: Path, component_folder: Path
) -> Step:
    declared = component_inputs(component.section("inputs"))
    inputs_section = step.section("inputs")
    for port in inputs_section.values:
        # A port that was refused in its declaration is not unknown as well.
        if port not in component.section("inputs").values:
            inputs_section.problem(
                port, "is not an input of the component", did_you_mean(port, declared)
            )
    component_outputs = outputs(component.section("outputs"))
    display_name = step.text("display_name") or component.text("display_name") or name
    return Step(
        name=name,
        display_name=display_name,
        command=_command(component),
        code=_code(component, component_folder),
        inputs=step_inputs(inputs_section, folder),
        declared=declared,
        outputs=_merged_outputs(step.section("outputs"), component_outputs),
        environment_variables={**_variables(component), **_variables(step)},
        timeout_s=_timeout_s(step),
        distribution=_one_process(step) or _one_process(component),
    )


def _merged_outputs(section: Section, declared: Mapping[str, Output]) -> dict[str, Output]:
    merged = dict(declared)
    for port, given in outputs(section).items():
        if port not in declared:
            section.problem(port, "is not an output of the component", did_you_mean(port, declared))
            continue
        merged[port] = Output(
            type=declared[port].type or "uri_folder",
            asset_name=given.asset_name or declared[port].asset_name,
            asset_version=given.asset_version or declared[port].asset_version,
            pipeline_output=given.pipeline_output,
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
    check_prefix(section, "environment")
    code = section.text("code")
    if code is None:
        return None
    if code.startswith(("azureml:", "git+")) or "://" in code:
        section.problem("code", f"`{code}` is remote, and is not simulated", "use a local folder")
        return None
    return folder / code


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


def _one_process(section: Section) -> str | None:
    """Return the type of the distribution; note one that needs more than one process."""
    resources, distribution = section.section("resources"), section.section("distribution")
    kind = distribution.values.get("type")
    counts = (
        (resources, "instance_count"),
        (distribution, "process_count_per_instance"),
        (distribution, "worker_count"),
    )
    for place, key in counts:
        if place.values.get(key, 1) not in (1, "1"):
            place.problem(
                key,
                f"is {place.values[key]!r}: a step with more than one process is not simulated",
                "set it to 1 for the simulation",
            )
    if distribution.values.get("parameter_server_count", 0) not in (0, "0"):
        distribution.problem("parameter_server_count", "parameter servers are not simulated")
    if kind is None:
        if distribution.values:
            distribution.problem("type", "is missing", "write pytorch, mpi or tensorflow")
        return None
    text = str(kind).lower()
    if text not in {"pytorch", "mpi", "tensorflow"}:
        distribution.problem("type", f"`{kind}` is not simulated", "pytorch, mpi, tensorflow are")
        return None
    return text
