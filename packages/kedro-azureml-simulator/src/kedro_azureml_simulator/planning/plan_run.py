"""From a pipeline to a plan: bindings resolved, and what cannot be resolved noted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kedro_azureml_simulator.pipeline.graph import find_cycle
from kedro_azureml_simulator.pipeline.input_parsing import read_input_override
from kedro_azureml_simulator.pipeline.model import AssetData, Text
from kedro_azureml_simulator.pipeline.section import did_you_mean
from kedro_azureml_simulator.planning.input_planning import Absent, InputPlanner
from kedro_azureml_simulator.planning.local_data import holds_a_file
from kedro_azureml_simulator.planning.output_planning import check_pipeline_outputs, plan_outputs
from kedro_azureml_simulator.planning.plan import Mount, Plan, PlannedStep
from kedro_azureml_simulator.planning.scopes import Scope, take_apart
from kedro_azureml_simulator.planning.substitution import find_undefined

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from kedro_azureml_simulator.pipeline.model import Pipeline, PipelineInput, Step
    from kedro_azureml_simulator.pipeline.section import Section
    from kedro_azureml_simulator.planning.plan import PlannedOutput

_STEPS, _INPUTS, _OUTPUTS = 30_000, 200, 20
"""Documented limits: steps of a pipeline, data inputs and outputs of a step."""
_NAME_BYTES = 200
"""File systems take 255, of which the simulator's own suffixes need some."""


def plan(
    pipeline: Pipeline,
    job: Section,
    *,
    assets: Mapping[str, Path],
    inputs: Mapping[str, str],
    working_dir: Path,
) -> Plan:
    """Resolve a pipeline; every problem goes to `job.reading`.

    Args:
        pipeline: The pipeline as it was read.
        job: The section of the whole YAML.
        assets: Local data for asset references, and for remote addresses.
        inputs: Values for inputs that only the component of the job declares.
        working_dir: What a local path in `inputs` is relative to.

    Returns:
        The plan; it may run only if there is no problem.
    """
    values = _with_declared(pipeline, job, inputs, working_dir)
    used = {value.reference for value in values.values() if isinstance(value, AssetData)}
    root = take_apart(replace(pipeline, inputs=values))
    outputs = plan_outputs(root, used | set(assets), assets)
    planner = InputPlanner(outputs, assets)
    for scope in root.all_scopes():
        _resolve_inputs(scope, planner)
    starts = {scope.prefix: _producers(scope) for scope in root.all_scopes()}
    ends = {
        scope.prefix: frozenset(name for name, _, _ in scope.all_steps())
        for scope in root.all_scopes()
    }
    steps = tuple(
        _plan_step(name, scope, step, planner, outputs, starts, ends)
        for name, scope, step in root.all_steps()
    )
    steps = tuple(_with_ends(step, pipeline, ends) for step in steps)
    cycle = find_cycle({step.name: sorted(step.needs) for step in steps})
    if cycle:
        job.problem(
            "jobs",
            "the steps wait for each other: " + " -> ".join(cycle),
            "remove one of these bindings",
            rule="cycle",
        )
    if len(steps) > _STEPS:
        job.problem(
            "jobs", f"are {len(steps)} steps; Azure ML takes {_STEPS}", rule="too-many-steps"
        )
    check_pipeline_outputs(root)
    written = {name: root.writer(name) for name in pipeline.outputs}
    return Plan(
        name=pipeline.name,
        experiment_name=pipeline.experiment_name,
        steps=steps,
        outputs={name: writer for name, writer in written.items() if writer is not None},
        continue_on_step_failure=pipeline.continue_on_step_failure,
        force_rerun=pipeline.force_rerun,
    )


def _with_declared(
    pipeline: Pipeline, job: Section, inputs: Mapping[str, str], working_dir: Path
) -> dict[str, PipelineInput]:
    """Add the values that a caller gives for inputs which only the job's component declares."""
    values = dict(pipeline.inputs)
    section = job.section("inputs")
    declared = pipeline.declared or {}
    for name, text in inputs.items():
        declaration = declared.get(name)
        if declaration is None:
            section.problem(
                name, f"was given, but the pipeline has no input `{name}`",
                did_you_mean(name, {**values, **declared}), rule="input-value",
            )  # fmt: skip
        elif declaration.is_data:
            given = {"type": declaration.type}
            place = replace(section, values={**section.values, name: given})
            value = read_input_override(place, name, text, working_dir)
            if value is not None:
                values[name] = value
        else:
            values[name] = Text(str(text))
    return values


def _resolve_inputs(scope: Scope, planner: InputPlanner) -> None:
    """Set the values of a scope's inputs; those of the scopes around it are known."""
    pipeline = scope.pipeline
    if scope.node is not None and scope.parent is not None:
        found = planner.ports(
            scope.parent, scope.node.section, scope.node.inputs, pipeline.declared
        )
    elif pipeline.declared is not None:
        given = Scope(pipeline)
        found = planner.ports(given, pipeline.section, pipeline.inputs, pipeline.declared)
    else:
        section = pipeline.section.section("inputs")
        # An input that was refused when it was read is not unknown as well.
        found = dict.fromkeys(section.values)
        for name, value in pipeline.inputs.items():
            if isinstance(value, Text):
                found[name] = value.text
            else:
                found[name] = planner.local(section, name, value)
    for name, resolved in found.items():
        if isinstance(resolved, Absent):
            scope.absent.add(name)
        else:
            scope.values[name] = resolved


def _producers(scope: Scope) -> frozenset[str]:
    """Return the steps that a scope's inputs come from."""
    return frozenset(
        value.producer
        for value in scope.values.values()
        if isinstance(value, Mount) and value.producer
    )


def _plan_step(
    name: str,
    scope: Scope,
    step: Step,
    planner: InputPlanner,
    outputs: Mapping[tuple[str, str], PlannedOutput],
    starts: Mapping[str, frozenset[str]],
    ends: Mapping[str, frozenset[str]],
) -> PlannedStep:
    section = step.section
    found = planner.ports(scope, section, step.inputs, step.declared)
    texts = {port: value for port, value in found.items() if isinstance(value, str)}
    mounts = {port: value for port, value in found.items() if isinstance(value, Mount)}
    absent = {port for port, value in found.items() if isinstance(value, Absent)}
    # A port that was refused is not undefined as well.
    refused = {port for port, value in found.items() if value is None}
    if not (scope.has_compute or step.has_compute):
        section.problem(
            "compute",
            "Compute not set",
            "write `settings: {default_compute: azureml:<compute>}` for the pipeline",
        )
    for what, count, limit in (("inputs", mounts, _INPUTS), ("outputs", step.outputs, _OUTPUTS)):
        if len(count) > limit:
            section.problem(
                what, f"are {len(count)} data {what}; Azure ML takes {limit}",
                rule="too-many-ports",
            )  # fmt: skip
    if step.parallel is not None and step.parallel.input_port not in refused:
        _check_mini_batches(section, step.parallel.input_port, mounts)
    _check_lengths(section, name, (*found, *step.outputs))
    _check_code(section, step.code)
    _check_command(section, step, {*texts, *mounts, *refused}, {*mounts, *refused}, absent)
    return PlannedStep(
        name=name,
        display_name=step.display_name,
        command=step.command,
        code=step.code,
        includes=step.includes,
        texts=texts,
        mounts=mounts,
        absent=frozenset(absent),
        outputs={port: outputs[name, port] for port in step.outputs},
        environment=step.environment,
        environment_variables=step.environment_variables,
        timeout_s=step.timeout_s,
        distribution=step.distribution,
        is_deterministic=step.is_deterministic,
        needs=_needs(name, scope, mounts, starts, ends),
        parallel=step.parallel,
        sweep=step.sweep,
        image=step.image,
    )


def _needs(
    name: str,
    scope: Scope,
    mounts: Mapping[str, Mount],
    starts: Mapping[str, frozenset[str]],
    ends: Mapping[str, frozenset[str]],
) -> frozenset[str]:
    producers = {mount.producer for mount in mounts.values() if mount.producer}
    around: Scope | None = scope
    while around is not None:
        producers |= starts[around.prefix]
        around = around.parent
    needs = set(producers)
    for producer in producers:
        # A component that this step is not in has ended when all of it has.
        parts = producer.split(".")
        for depth in range(1, len(parts)):
            prefix = ".".join(parts[:depth]) + "."
            if not name.startswith(prefix):
                needs |= ends[prefix]
                break
    return frozenset(needs)


def _with_ends(
    step: PlannedStep, pipeline: Pipeline, ends: Mapping[str, frozenset[str]]
) -> PlannedStep:
    """Let a step wait for the one that comes before all others, or be the one after them."""
    first, last = pipeline.on_init, pipeline.on_finalize
    own = step.name.partition(".")[0]
    if last is not None and own == last:
        return replace(step, is_last=True)
    if first is not None and own != first:
        before = ends.get(f"{first}.") or frozenset({first})
        return replace(step, needs=step.needs | before)
    return step


def _check_mini_batches(section: Section, port: str, mounts: Mapping[str, Mount]) -> None:
    """Check that a parallel step has files to cut into mini-batches."""
    if port not in mounts or mounts[port].address:
        section.problem(
            "input_data", f"the input `{port}` holds no files", "bind it to a folder of files",
            rule="parallel",
        )  # fmt: skip
    elif mounts[port].type == "mltable":
        section.problem(
            "input_data", "mini-batches of an mltable are not simulated",
            "use a uri_folder of files", rule="tabular",
        )  # fmt: skip


def _check_lengths(section: Section, name: str, ports: Collection[str]) -> None:
    """Check that the folders of a step can be made."""
    for what, text in (("", name), *((port, port) for port in ports)):
        if len(text.encode()) > _NAME_BYTES:
            section.problem(
                "", f"the name `{text[:40]}...` has {len(text)} characters, too many for a file"
                f" name on this machine" + (" (a port)" if what else ""),
                f"shorten it to {_NAME_BYTES} characters", rule="file-name",
            )  # fmt: skip


def _check_code(section: Section, code: Path | None) -> None:
    if code is None:
        return
    if not code.exists():
        section.problem("code", f"{code} does not exist", "check the path")
    elif not code.is_dir():
        section.warn("code", f"{code} is a file; it alone is in the step's working directory")
    elif not holds_a_file(code, code=True):
        section.problem(
            "code", f"the folder {code} is empty", "an empty folder cannot be uploaded",
            rule="local-data",
        )  # fmt: skip


def _names(value: object) -> Collection[str]:
    return value if isinstance(value, dict) else ()


def _check_command(
    section: Section,
    step: Step,
    inputs: Collection[str],
    data: Collection[str],
    absent: Collection[str],
) -> None:
    space = step.sweep.space if step.sweep else {}
    names = (
        *(f"inputs.{port}" for port in (*inputs, *space)),
        *(f"inputs.{port}.path" for port in data),
        *(f"outputs.{port}" for port in step.outputs),
        *(f"search_space.{name}" for name in space),
    )
    key = "task.program_arguments" if step.parallel else "command"
    # An output that was refused, or that its component does not declare, is not undefined as well.
    known = (
        *names,
        *(f"outputs.{port}" for port in section.section("outputs").values),
        *(f"search_space.{name}" for name in _names(section.values.get("search_space"))),
    )
    for expression in find_undefined(step.command, known, {f"inputs.{port}" for port in absent}):
        is_absent = expression.removeprefix("inputs.") in absent
        section.problem(
            key,
            f"`${{{{{expression}}}}}` is undefined",
            "put it into $[[...]], or give the optional input"
            if is_absent
            else did_you_mean(expression, names),
            rule="expression-undefined",
        )
