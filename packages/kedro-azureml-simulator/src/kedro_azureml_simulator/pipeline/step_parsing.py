"""One step, inline or with its component, from its YAML."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kedro_azureml_simulator.pipeline.command_parsing import (
    code_folder,
    command_line,
    timeout_s,
    variables,
)
from kedro_azureml_simulator.pipeline.component_parsing import (
    COMMAND_FIELDS,
    PARALLEL_FIELDS,
    includes,
    read_component,
)
from kedro_azureml_simulator.pipeline.distribution_parsing import distribution
from kedro_azureml_simulator.pipeline.environment_parsing import environment, image
from kedro_azureml_simulator.pipeline.model import (
    AssetData,
    InputDeclaration,
    LocalData,
    NestedPipeline,
    NoValue,
    Output,
    Step,
)
from kedro_azureml_simulator.pipeline.parallel_parsing import parallel_of
from kedro_azureml_simulator.pipeline.port_parsing import component_inputs, outputs, step_inputs
from kedro_azureml_simulator.pipeline.rules import RULES
from kedro_azureml_simulator.pipeline.section import did_you_mean
from kedro_azureml_simulator.pipeline.sweep_parsing import sweep_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from kedro_azureml_simulator.pipeline.model import Pipeline, StepInput
    from kedro_azureml_simulator.pipeline.section import Section

_STEP_NAME = re.compile(r"^[a-z_][a-z\d_]*\Z", re.ASCII)
_KINDS = ("command", "parallel", "sweep", "pipeline")
_ANY_NODE_FIELDS = (
    "$schema", "type", "name", "display_name", "description", "tags", "properties", "inputs",
    "outputs", "compute", "identity", "services",
)  # fmt: skip
_NODE_FIELDS = (
    *_ANY_NODE_FIELDS, "environment_variables", "distribution", "limits", "queue_settings",
    "resources",
)  # fmt: skip
_INLINE_FIELDS = (*_NODE_FIELDS, "command", "code", "environment")
_WITH_COMPONENT_FIELDS = (*_NODE_FIELDS, "component", "comment", "environment")
_NESTED_FIELDS = (*_ANY_NODE_FIELDS, "component", "comment", "settings")
_PARALLEL_STEP_FIELDS = (
    *_ANY_NODE_FIELDS, "input_data", "mini_batch_size", "mini_batch_error_threshold",
    "error_threshold", "retry_settings", "partition_keys", "max_concurrency_per_instance",
    "logging_level", "resources", "task", "environment_variables", "component", "comment",
)  # fmt: skip
_SWEEP_FIELDS = (
    *_ANY_NODE_FIELDS, "trial", "search_space", "sampling_algorithm", "objective",
    "early_termination", "limits", "queue_settings", "resources", "comment",
)  # fmt: skip
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
    kind = _kind(step)
    if kind is None:
        return None
    step.check_compute("compute")
    if kind == "sweep":
        return _sweep(step, name, folder)
    if "component" not in step.values:
        step.check_labels()
        return (
            _parallel(step, None, name, folder, folder)
            if kind == "parallel"
            else _inline(step, name, folder, kind)
        )
    step.check_labels(tags_are_strings=False)
    read = read_component(step, folder)
    if read is None:
        return None
    component, component_folder = read
    component_kind = _kind(component, "component")
    if component_kind is None:
        return None
    if step.values.get("type") is not None and kind != component_kind:
        step.problem("type", f"is `{kind}`, and the component's is `{component_kind}`")
        return None
    component.check_labels(tags_are_strings=False)
    if component_kind == "pipeline":
        return _nested(step, component, name, folder, nested(component, component_folder))
    if component_kind == "parallel":
        return _parallel(step, component, name, folder, component_folder)
    return _with_component(step, component, name, folder, component_folder)


def _kind(section: Section, what: str = "step") -> str | None:
    """Return the type of a step or a component; None and a problem where it is not simulated."""
    value = section.values.get("type")
    if value is None:
        return "command"
    kind = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", str(value)).lower()
    known = _KINDS if what == "step" else ("command", "parallel", "pipeline")
    if kind in known:
        return kind
    if kind in RULES:
        section.problem(
            "type", f"`{kind}` {what}s are not simulated: {RULES[kind].reason}",
            "only " + ", ".join(known) + " are", rule=kind,
        )  # fmt: skip
    else:
        section.problem("type", f"unknown type `{value}`", did_you_mean(kind, known))
    return None


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
    limits = step.section("limits")
    limits.only(("timeout",))
    command = command_line(step)
    described = command or step.values.get("environment") is not None
    return Step(
        name=name,
        display_name=step.string("display_name") or name,
        command=command,
        section=step,
        code=code_folder(step, folder),
        inputs=step_inputs(step.section("inputs"), folder),
        outputs=outputs(step.section("outputs")),
        environment=environment(step, folder) if described else None,
        image=image(step, folder),
        environment_variables=variables(step),
        timeout_s=timeout_s(step),
        distribution=distribution(step),
        has_compute=step.values.get("compute") is not None,
    )


def _with_component(
    step: Section, component: Section, name: str, folder: Path, component_folder: Path
) -> Step:
    step.ignore_others(_WITH_COMPONENT_FIELDS)
    component.ignore_others(COMMAND_FIELDS)
    step.section("limits").only(("timeout",))
    declared = component_inputs(component.section("inputs"))
    ignore_undeclared(step, component, declared)
    own = "environment" in step.values and "environment" in component.values
    return Step(
        name=name,
        display_name=_display_name(step, component, name),
        command=command_line(component),
        section=step,
        code=code_folder(component, component_folder),
        includes=includes(component, component_folder),
        inputs=_declared_only(step_inputs(step.section("inputs"), folder), declared),
        declared=declared,
        outputs=_merged_outputs(step, outputs(component.section("outputs"))),
        environment=environment(step, folder) if own else environment(component, component_folder),
        image=image(step, folder) if own else image(component, component_folder),
        environment_variables={**variables(component), **variables(step)},
        timeout_s=timeout_s(step),
        distribution=distribution(step, component),
        is_deterministic=component.flag("is_deterministic", default=True),
        has_compute=step.values.get("compute") is not None,
    )


def _parallel(
    step: Section, component: Section | None, name: str, folder: Path, component_folder: Path
) -> Step:
    declared = None
    merged = step
    if component is None:
        step.only(_PARALLEL_STEP_FIELDS)
        found = outputs(step.section("outputs"))
    else:
        step.ignore_others(_PARALLEL_STEP_FIELDS)
        component.ignore_others(PARALLEL_FIELDS)
        declared = component_inputs(component.section("inputs"))
        ignore_undeclared(step, component, declared)
        found = _merged_outputs(step, outputs(component.section("outputs")))
        merged = replace(
            step,
            values={**component.values, **step.values},
            file=component.file,
            lines={**step.lines, **component.lines},
        )
    own_task = component is None or "task" in step.values
    task_folder = folder if own_task else component_folder
    owner = step if own_task or component is None else component
    task = owner.section("task")
    if not task.values:
        owner.problem("task", "is missing", "write `task:` with type, code and entry_script",
                      rule="parallel")  # fmt: skip
    inputs = _declared_only(step_inputs(step.section("inputs"), folder), declared)
    code = code_folder(task, task_folder)
    work = None
    if task.values:
        work = parallel_of(
            merged, task, inputs=_input_types(inputs, declared), outputs=found, code=code
        )
    return Step(
        name=name,
        display_name=_display_name(step, component or step, name),
        command=task.string("program_arguments") or "",
        section=step,
        code=code,
        inputs=inputs,
        declared=declared,
        outputs=found,
        environment=environment(task, task_folder) if task.values else None,
        image=image(task, task_folder),
        environment_variables={**(variables(component) if component else {}), **variables(step)},
        is_deterministic=component is None or component.flag("is_deterministic", default=True),
        has_compute=step.values.get("compute") is not None,
        parallel=work,
    )


def _sweep(step: Section, name: str, folder: Path) -> Step | None:
    step.check_labels(tags_are_strings=False)
    step.ignore_others(_SWEEP_FIELDS)
    work = sweep_of(step)
    read = read_component(step, folder, "trial")
    if read is None:
        return None
    trial, trial_folder = read
    if _kind(trial, "component") not in {"command", None}:
        trial.problem("type", "is not a command", "a trial is a command component")
        return None
    trial.ignore_others(COMMAND_FIELDS)
    declared: dict[str, InputDeclaration] | None = component_inputs(trial.section("inputs"))
    if "inputs" not in trial.values:
        declared = None
    else:
        ignore_undeclared(step, trial, declared or {})
    space = work.space if work else {}
    given = _declared_only(step_inputs(step.section("inputs"), folder), declared)
    own_outputs = outputs(trial.section("outputs"))
    return Step(
        name=name,
        display_name=_display_name(step, trial, name),
        command=command_line(trial),
        section=step,
        code=code_folder(trial, trial_folder),
        includes=includes(trial, trial_folder),
        # A value of the sweep stands for the trial's input of that name.
        inputs={port: value for port, value in given.items() if port not in space},
        declared=None
        if declared is None
        else {port: value for port, value in declared.items() if port not in space},
        outputs=_merged_outputs(step, own_outputs)
        if "outputs" in trial.values
        else outputs(step.section("outputs")),
        environment=environment(trial, trial_folder),
        image=image(trial, trial_folder),
        environment_variables=variables(trial),
        distribution=distribution(step, trial),
        is_deterministic=trial.flag("is_deterministic", default=True),
        has_compute=step.values.get("compute") is not None,
        timeout_s=timeout_s(step),
        sweep=work,
    )


def _nested(
    step: Section, component: Section, name: str, folder: Path, pipeline: Pipeline
) -> NestedPipeline:
    step.ignore_others(_NESTED_FIELDS)
    if isinstance(step.values.get("component"), dict):
        step.note(
            "component", "an inline pipeline component is what the SDK dumps, not what it loads"
        )
    declared = dict(pipeline.declared or {})
    given = step_inputs(step.section("inputs"), folder)
    # The SDK leaves out of a dump the inputs whose types it does not know.
    used = set(_parent_inputs(component.values.get("jobs")))
    for port in given:
        if port not in declared and port in used:
            declared[port] = InputDeclaration(None)
    ignore_undeclared(step, component, declared)
    return NestedPipeline(
        name=name,
        display_name=_display_name(step, component, name),
        pipeline=replace(pipeline, declared=declared),
        section=step,
        inputs=_declared_only(given, declared),
        outputs=_merged_outputs(step, pipeline.outputs),
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


def _input_types(
    inputs: Mapping[str, StepInput], declared: Mapping[str, InputDeclaration] | None
) -> dict[str, str | None]:
    types: dict[str, str | None] = {}
    for port, value in inputs.items():
        is_data = isinstance(value, LocalData | AssetData | NoValue)
        types[port] = value.type if is_data else None  # type: ignore[union-attr]
    return {**types, **{port: value.type for port, value in (declared or {}).items()}}


def _display_name(step: Section, component: Section, name: str) -> str:
    return step.string("display_name") or component.string("display_name") or name


def ignore_undeclared(step: Section, component: Section, declared: Mapping[str, Any]) -> None:
    """Warn of inputs that a step gives and its component does not declare."""
    inputs = step.section("inputs")
    for port in inputs.values:
        # A port that was refused in its declaration is not unknown as well.
        if port not in declared and port not in component.section("inputs").values:
            inputs.warn(
                port,
                f"the component has no input `{port}`, so it is ignored",
                did_you_mean(port, declared),
            )


def _declared_only(
    inputs: Mapping[str, StepInput], declared: Mapping[str, InputDeclaration] | None
) -> dict[str, StepInput]:
    return {port: value for port, value in inputs.items() if declared is None or port in declared}


def _merged_outputs(step: Section, declared: Mapping[str, Output]) -> dict[str, Output]:
    section = step.section("outputs")
    merged = {port: Output(output.type, output.asset_name, output.asset_version)
              for port, output in declared.items()}  # fmt: skip
    for port, given in outputs(section).items():
        if port not in declared:
            section.warn(
                port,
                f"the component has no output `{port}`, so it is ignored",
                did_you_mean(port, declared),
            )
            continue
        merged[port] = Output(
            type=declared[port].type or "uri_folder",
            asset_name=given.asset_name or declared[port].asset_name,
            asset_version=given.asset_version or declared[port].asset_version,
            pipeline_output=given.pipeline_output,
            address=given.address,
        )
    return merged
