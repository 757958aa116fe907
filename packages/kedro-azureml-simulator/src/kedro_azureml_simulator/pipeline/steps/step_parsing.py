"""One step, inline or with its component, from its YAML."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kedro_azureml_simulator.pipeline.bound_literals import read_component_literals
from kedro_azureml_simulator.pipeline.component_parsing import (
    COMMAND_FIELDS,
    read_component,
    read_includes,
)
from kedro_azureml_simulator.pipeline.declaration_parsing import read_component_inputs
from kedro_azureml_simulator.pipeline.input_parsing import read_step_inputs
from kedro_azureml_simulator.pipeline.labels import check_compute, check_labels
from kedro_azureml_simulator.pipeline.model import InputDeclaration, NestedPipeline, Step
from kedro_azureml_simulator.pipeline.output_parsing import read_component_outputs, read_outputs
from kedro_azureml_simulator.pipeline.service_settings import check_service_settings
from kedro_azureml_simulator.pipeline.steps.command_parsing import (
    read_code_folder,
    read_command,
    read_timeout_s,
    read_variables,
)
from kedro_azureml_simulator.pipeline.steps.distribution_parsing import read_distribution
from kedro_azureml_simulator.pipeline.steps.environment_parsing import read_environment, read_image
from kedro_azureml_simulator.pipeline.steps.merging import (
    ANY_NODE_FIELDS,
    choose_display_name,
    ignore_undeclared,
    merge_outputs,
    read_step_kind,
    select_declared,
)
from kedro_azureml_simulator.pipeline.steps.parallel_parsing import read_parallel_step
from kedro_azureml_simulator.pipeline.steps.sweep_parsing import read_sweep_step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from kedro_azureml_simulator.pipeline.model import Pipeline
    from kedro_azureml_simulator.pipeline.section import Section

_STEP_NAME = re.compile(r"^[a-z_][a-z\d_]*\Z", re.ASCII)
_NODE_FIELDS = (
    *ANY_NODE_FIELDS, "environment_variables", "distribution", "limits", "queue_settings",
    "resources",
)  # fmt: skip
_INLINE_FIELDS = (*_NODE_FIELDS, "command", "code", "environment")
_WITH_COMPONENT_FIELDS = (*_NODE_FIELDS, "component", "comment", "environment")
_NESTED_FIELDS = (*ANY_NODE_FIELDS, "component", "comment", "settings")
_NULLABLE = (
    "type", "name", "display_name", "description", "tags", "comment", "environment",
    "experiment_name",
)  # fmt: skip
_NULLABLE_OF_COMPONENT = ("type", "name", "version", "display_name", "command", "environment")
_ONLY_WITH_COMPONENT = ("is_deterministic", "additional_includes", "comment")


def parse_step(
    jobs: Section,
    name: str,
    value: Any,
    folder: Path,
    nested: Callable[[Section, Path], Pipeline],
) -> Step | NestedPipeline | None:
    """Read one entry of `jobs:`; None where it cannot be simulated.

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
            f"`{name}` cannot be the name of a step",
            "use lower case letters, digits and underscores, no digit first",
        )
    step = jobs.subsection(name, value)
    if not isinstance(value, dict):
        if value is None:
            step.problem("", "must be a mapping, not null")
        return None
    return read_step(step, name, folder, nested)


def read_step(
    step: Section, name: str, folder: Path, nested: Callable[[Section, Path], Pipeline]
) -> Step | NestedPipeline | None:
    """Read a step whose name is known; None where it cannot be simulated.

    Args:
        step: Its section.
        name: Its name.
        folder: What local paths are relative to.
        nested: Reads a pipeline component, given its section and its folder.
    """
    kind = read_step_kind(step)
    if kind is None:
        return None
    if kind != "parallel" or "component" in step.values:
        step.string("name")
    check_service_settings(step, kind)
    if kind != "pipeline" or isinstance(step.values.get("compute"), str):
        check_compute(step, "compute")
    if kind == "sweep":
        return read_sweep_step(step, name, folder)
    if "component" not in step.values:
        check_labels(step, "node" if kind == "parallel" else "job")
        return (
            read_parallel_step(step, None, name, folder, folder)
            if kind == "parallel"
            else _inline(step, name, folder, kind)
        )
    check_labels(step, "node")
    read = read_component(step, folder)
    if read is None:
        return None
    component, component_folder = read
    if "/promptflow/" in str(component.values.get("$schema")):
        component.problem(
            "$schema", "a prompt flow is not simulated", "use a command component", rule="flow"
        )
        return None
    component_kind = read_step_kind(component, "component")
    if component_kind is None:
        return None
    if step.values.get("type") is not None and kind != component_kind:
        step.problem("type", f"is `{kind}`, and the component's is `{component_kind}`")
        return None
    check_labels(component, "component")
    if component_kind == "pipeline":
        inner = replace(component, literals=read_component_literals(component, step))
        return _nested(step, component, name, folder, nested(inner, component_folder))
    if component_kind == "parallel":
        return read_parallel_step(step, component, name, folder, component_folder)
    return _with_component(step, component, name, folder, component_folder)


def _inline(step: Section, name: str, folder: Path, kind: str) -> Step | None:
    if kind == "pipeline":
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
    step.refuse_nulls(_INLINE_FIELDS, but=("command", "environment"))
    step.string("experiment_name")
    step = replace(step, literals=None)  # the SDK binds settings of components alone
    limits = step.section("limits")
    limits.only(("timeout",))
    limits.refuse_nulls(("timeout",))
    command = read_command(step)
    described = command or step.values.get("environment") is not None
    return Step(
        name=name,
        display_name=step.string("display_name") or name,
        command=command,
        section=step,
        code=read_code_folder(step, folder),
        inputs=read_step_inputs(step.section("inputs"), folder),
        outputs=read_outputs(step.section("outputs")),
        environment=read_environment(step, folder) if described else None,
        image=read_image(step, folder),
        environment_variables=read_variables(step),
        timeout_s=read_timeout_s(step),
        distribution=read_distribution(step),
        has_compute=step.values.get("compute") is not None,
    )


def _with_component(
    step: Section, component: Section, name: str, folder: Path, component_folder: Path
) -> Step:
    step.ignore_others(_WITH_COMPONENT_FIELDS)
    step.refuse_nulls(_WITH_COMPONENT_FIELDS, but=_NULLABLE)
    component.ignore_others(COMMAND_FIELDS)
    component.refuse_nulls(COMMAND_FIELDS, but=_NULLABLE_OF_COMPONENT)
    limits = step.section("limits")
    limits.only(("timeout",))
    limits.refuse_nulls(("timeout",))
    declared = read_component_inputs(component.section("inputs"))
    ignore_undeclared(step, component, declared)
    own = "environment" in step.values and "environment" in component.values
    return Step(
        name=name,
        display_name=choose_display_name(step, component, name),
        command=read_command(component),
        section=step,
        code=read_code_folder(component, component_folder),
        includes=read_includes(component, component_folder),
        inputs=select_declared(read_step_inputs(step.section("inputs"), folder), declared),
        declared=declared,
        outputs=merge_outputs(step, read_component_outputs(component.section("outputs"))),
        environment=read_environment(step, folder, may_bind=True)
        if own
        else read_environment(component, component_folder),
        image=read_image(step, folder) if own else read_image(component, component_folder),
        environment_variables={**read_variables(component), **read_variables(step)},
        timeout_s=read_timeout_s(step),
        distribution=read_distribution(step, component),
        is_deterministic=component.flag("is_deterministic", default=True),
        has_compute=step.values.get("compute") is not None,
    )


def _nested(
    step: Section, component: Section, name: str, folder: Path, pipeline: Pipeline
) -> NestedPipeline:
    step.ignore_others(_NESTED_FIELDS)
    step.refuse_nulls(("comment", "inputs", "outputs", "properties"))
    if isinstance(step.values.get("component"), dict):
        step.note(
            "component", "an inline pipeline component is what the SDK dumps, not what it loads"
        )
    declared = dict(pipeline.declared or {})
    given = read_step_inputs(step.section("inputs"), folder)
    # The SDK leaves out of a dump the inputs whose types it does not know.
    used = set(_parent_inputs(component.values.get("jobs")))
    for port in given:
        if port not in declared and port in used:
            declared[port] = InputDeclaration(None)
    ignore_undeclared(step, component, declared)
    return NestedPipeline(
        name=name,
        display_name=choose_display_name(step, component, name),
        pipeline=replace(pipeline, declared=declared),
        section=step,
        inputs=select_declared(given, declared),
        outputs=merge_outputs(step, pipeline.outputs),
        has_compute=step.values.get("compute") is not None,
    )


_PARENT_INPUT = re.compile(r"\$\{\{\s*parent\.inputs\.(\w+)\s*\}\}")


def _parent_inputs(value: object) -> Iterable[str]:
    """Yield the names of the pipeline's inputs that are bound anywhere in a value."""
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            yield from _PARENT_INPUT.findall(item)
        elif isinstance(item, dict):
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)
