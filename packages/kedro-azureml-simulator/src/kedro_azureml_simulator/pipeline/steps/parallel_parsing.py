"""A parallel step: how its files are cut into mini-batches, and what happens to failures."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from kedro_azureml_simulator.pipeline.bindings import read_bound_port
from kedro_azureml_simulator.pipeline.bound_literals import find_bound_value
from kedro_azureml_simulator.pipeline.component_parsing import PARALLEL_FIELDS
from kedro_azureml_simulator.pipeline.declaration_parsing import read_component_inputs
from kedro_azureml_simulator.pipeline.input_parsing import read_step_inputs
from kedro_azureml_simulator.pipeline.model import AssetData, LocalData, NoValue, Parallel, Step
from kedro_azureml_simulator.pipeline.output_parsing import read_component_outputs, read_outputs
from kedro_azureml_simulator.pipeline.steps.command_parsing import read_code_folder, read_variables
from kedro_azureml_simulator.pipeline.steps.environment_parsing import read_environment, read_image
from kedro_azureml_simulator.pipeline.steps.merging import (
    ANY_NODE_FIELDS,
    choose_display_name,
    ignore_undeclared,
    merge_outputs,
    select_declared,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from kedro_azureml_simulator.pipeline.model import InputDeclaration, StepInput
    from kedro_azureml_simulator.pipeline.section import Section

_SIZE = re.compile(r"^\s*\d+\s*[kmg]b?\s*\Z", re.IGNORECASE)
_LEVELS = ("DEBUG", "INFO", "WARNING")
_NEVER_NULL = (
    "compute", "environment_variables", "logging_level", "mini_batch_size", "partition_keys",
    "properties", "resources", "retry_settings",
)  # fmt: skip
_STEP_FIELDS = (
    *ANY_NODE_FIELDS, "input_data", "mini_batch_size", "mini_batch_error_threshold",
    "error_threshold", "retry_settings", "partition_keys", "max_concurrency_per_instance",
    "logging_level", "resources", "task", "environment_variables", "component", "comment",
)  # fmt: skip


def read_parallel_step(
    step: Section, component: Section | None, name: str, folder: Path, component_folder: Path
) -> Step:
    """Read a parallel step.

    Args:
        step: Its section.
        component: Its component, None for an inline step.
        name: Its name.
        folder: What local paths of the step are relative to.
        component_folder: What those of the component are relative to.
    """
    declared = None
    merged = step
    step.refuse_nulls(_NEVER_NULL)
    if component is None:
        step.only(_STEP_FIELDS)
        found = read_outputs(step.section("outputs"))
    else:
        step.ignore_others(_STEP_FIELDS)
        step.refuse_nulls(("identity", "inputs", "outputs"))
        component.ignore_others(PARALLEL_FIELDS)
        declared = read_component_inputs(component.section("inputs"))
        ignore_undeclared(step, component, declared)
        found = merge_outputs(step, read_component_outputs(component.section("outputs")))
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
    task.refuse_nulls(("append_row_to", "code", "program_arguments"))
    if not task.values:
        owner.problem("task", "is missing", "write `task:` with type, code and entry_script",
                      rule="parallel")  # fmt: skip
    inputs = select_declared(read_step_inputs(step.section("inputs"), folder), declared)
    code = read_code_folder(task, task_folder)
    work = None
    if task.values:
        work = _parallel_of(
            merged, task, inputs=_input_types(inputs, declared), outputs=found, code=code
        )
    return Step(
        name=name,
        display_name=choose_display_name(step, component or step, name),
        command=task.string("program_arguments") or "",
        section=step,
        code=code,
        inputs=inputs,
        declared=declared,
        outputs=found,
        environment=read_environment(task, task_folder, may_bind=True) if task.values else None,
        image=read_image(task, task_folder),
        environment_variables={
            **(read_variables(component) if component else {}),
            **read_variables(step, are_strings=True),
        },
        is_deterministic=component is None or component.flag("is_deterministic", default=True),
        has_compute=step.values.get("compute") is not None,
        parallel=work,
    )


def _parallel_of(
    section: Section,
    task: Section,
    *,
    inputs: Mapping[str, str | None],
    outputs: Collection[str],
    code: Path | None,
) -> Parallel | None:
    """Read what a parallel step does.

    Args:
        section: The step, its component merged in.
        task: Its `task:`.
        inputs: The types of its input ports, None for a type that is not known here.
        outputs: Its output ports.
        code: The folder of the entry script.

    Returns:
        The work of the step; None, and a problem, where it cannot be read.
    """
    kind = str(task.values.get("type") or "").lower()
    if kind == "model":
        task.problem(
            "type", "tasks of type `model` are not simulated", "write `type: run_function`",
            rule="model-task",
        )  # fmt: skip
        return None
    if kind not in {"run_function", "function"}:
        task.problem("type", f"`{kind}` is not a task", "write `type: run_function`")
        return None
    script = task.string("entry_script")
    if not script:
        task.problem(
            "entry_script", "is missing", "name the file with init() and run()", rule="parallel"
        )
    elif code is not None and code.is_dir() and not (code / script).is_file():
        task.problem(
            "entry_script", f"`{script}` is not in {code}", "check its path", rule="parallel"
        )
    arguments = task.string("program_arguments") or ""
    port = _input_port(section, inputs)
    size = _batch_size(section)
    append = task.string("append_row_to")
    append_port = (
        read_bound_port(task, "append_row_to", append, "outputs", outputs) if append else None
    )
    retry = section.section("retry_settings")
    if port is None or not script:
        return None
    resources = section.section("resources")
    level = find_bound_value(section.values.get("logging_level"), section.literals)
    if not section.refuse_unbound("logging_level", level) and level not in (None, *_LEVELS):
        section.problem("logging_level", f"unknown level `{level}`", "use " + ", ".join(_LEVELS))
    return Parallel(
        entry_script=script,
        arguments=arguments,
        input_port=port,
        batch_size=size,
        append_port=append_port,
        error_threshold=section.whole_number("error_threshold", -1),
        batch_error_threshold=section.whole_number("mini_batch_error_threshold", -1),
        max_retries=max(0, retry.whole_number("max_retries", 2)),
        timeout_s=float(retry.count("timeout", 60)),
        workers=resources.count("instance_count", 1)
        * section.count("max_concurrency_per_instance", 1),
    )


def _input_port(section: Section, inputs: Mapping[str, str | None]) -> str | None:
    text = section.string("input_data")
    if not text:
        section.problem("input_data", "is missing", "write ${{inputs.<name>}}", rule="parallel")
        return None
    port = read_bound_port(section, "input_data", text, "inputs", inputs)
    if port is not None and inputs[port] == "mltable":
        section.problem(
            "input_data", "mini-batches of an mltable are not simulated",
            "use a uri_folder of files", rule="tabular",
        )  # fmt: skip
        return None
    return port


def _batch_size(section: Section) -> int:
    if section.values.get("partition_keys"):
        section.problem(
            "partition_keys", "partitions of a table are not simulated",
            "use `mini_batch_size`, a number of files", rule="tabular",
        )  # fmt: skip
    value = section.values.get("mini_batch_size")
    if value is None:
        return 1
    text = section.bound_string("mini_batch_size")
    if text is None:
        return 1
    if _SIZE.match(text):
        section.problem(
            "mini_batch_size", f"`{text}` cuts a table, which is not simulated",
            "write a number of files", rule="tabular",
        )  # fmt: skip
        return 1
    if not text.strip().isdecimal() or int(text) < 1:
        section.problem(
            "mini_batch_size", f"`{text}` is not a number of files", 'write "1" or more',
            rule="contract",
        )  # fmt: skip
        return 1
    return int(text)


def _input_types(
    inputs: Mapping[str, StepInput], declared: Mapping[str, InputDeclaration] | None
) -> dict[str, str | None]:
    types: dict[str, str | None] = {}
    for port, value in inputs.items():
        is_data = isinstance(value, LocalData | AssetData | NoValue)
        types[port] = value.type if is_data else None  # type: ignore[union-attr]
    return {**types, **{port: value.type for port, value in (declared or {}).items()}}
