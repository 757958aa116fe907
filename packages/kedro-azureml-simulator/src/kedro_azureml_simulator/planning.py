"""From a pipeline to a plan: bindings resolved, and what cannot be resolved noted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_azureml_simulator.data import holds_a_file
from kedro_azureml_simulator.graph import find_cycle
from kedro_azureml_simulator.input_planning import InputPlanner
from kedro_azureml_simulator.model import AssetData, Text
from kedro_azureml_simulator.output_planning import plan_outputs, plan_pipeline_outputs
from kedro_azureml_simulator.plan import Mount, Plan, PlannedStep
from kedro_azureml_simulator.port_parsing import input_override
from kedro_azureml_simulator.substitution import undefined
from kedro_azureml_simulator.yaml_reader import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from kedro_azureml_simulator.model import Pipeline, PipelineInput, Step
    from kedro_azureml_simulator.plan import PlannedOutput
    from kedro_azureml_simulator.yaml_reader import Section


def plan(
    pipeline: Pipeline,
    job: Section,
    *,
    assets: Mapping[str, Path],
    inputs: Mapping[str, str],
    working_dir: Path,
) -> Plan:
    """Resolve a pipeline; every problem goes to `job.problems`.

    Args:
        pipeline: The pipeline as it was read.
        job: The section of the whole YAML.
        assets: Local data for asset references.
        inputs: Values for pipeline inputs, in place of those of the YAML.
        working_dir: What a local path in `inputs` is relative to.

    Returns:
        The plan; it may run only if there is no problem.
    """
    values = _override(pipeline, job, inputs, working_dir)
    used = {value.reference for value in values.values() if isinstance(value, AssetData)}
    outputs = plan_outputs(pipeline, job, used | set(assets))
    planner = InputPlanner(
        job, values, {step.name: step for step in pipeline.steps}, outputs, assets
    )
    for name, value in values.items():
        if not isinstance(value, Text):
            planner.local(f"inputs.{name}", value)
    jobs = job.section("jobs")
    steps = tuple(
        _plan_step(step, jobs.section(step.name), planner, outputs) for step in pipeline.steps
    )
    cycle = find_cycle({step.name: sorted(step.needs) for step in steps})
    if cycle:
        job.problem(
            "jobs",
            "the steps wait for each other: " + " -> ".join(cycle),
            "remove one of these bindings",
        )
    return Plan(
        name=pipeline.name,
        experiment_name=pipeline.experiment_name,
        steps=steps,
        outputs=plan_pipeline_outputs(pipeline, job),
        continue_on_step_failure=pipeline.continue_on_step_failure,
    )


def _override(
    pipeline: Pipeline, job: Section, inputs: Mapping[str, str], working_dir: Path
) -> dict[str, PipelineInput]:
    values = dict(pipeline.inputs)
    section = job.section("inputs")
    for name, text in inputs.items():
        if name not in section.values:
            section.problem(name, "was given, but is no pipeline input", did_you_mean(name, values))
        elif isinstance(values.get(name), Text):
            values[name] = Text(str(text))
        elif name in values:
            value = input_override(section, name, text, working_dir)
            if value is not None:
                values[name] = value
    return values


def _plan_step(
    step: Step,
    section: Section,
    planner: InputPlanner,
    outputs: Mapping[tuple[str, str], PlannedOutput],
) -> PlannedStep:
    declared = step.declared or {}
    texts: dict[str, str] = {}
    mounts: dict[str, Mount] = {}
    for port, binding in step.inputs.items():
        where = f"jobs.{step.name}.inputs.{port}"
        followed = planner.follow(where, binding, declared.get(port))
        if isinstance(followed, str):
            texts[port] = followed
        elif followed is not None:
            mounts[port] = followed
    # A port that was refused is neither missing nor undefined as well.
    refused = (set(section.section("inputs").values) | set(step.inputs)) - {*texts, *mounts}
    absent: set[str] = set()
    for port, declaration in declared.items():
        if port in texts or port in mounts or port in refused:
            continue
        if declaration.default is not None:
            texts[port] = declaration.default
        elif declaration.optional:
            absent.add(port)
        else:
            section.problem(
                f"inputs.{port}", "the component needs this input", "bind it, or give it a default"
            )
            refused.add(port)
    _check_code(section, step.code)
    _check_command(section, step, {*texts, *mounts, *refused}, {*mounts, *refused}, absent)
    return PlannedStep(
        name=step.name,
        display_name=step.display_name,
        command=step.command,
        code=step.code,
        texts=texts,
        mounts=mounts,
        absent=frozenset(absent),
        outputs={port: outputs[step.name, port] for port in step.outputs},
        environment_variables=step.environment_variables,
        timeout_s=step.timeout_s,
        distribution=step.distribution,
        needs=frozenset(mount.producer for mount in mounts.values() if mount.producer),
    )


def _check_code(section: Section, code: Path | None) -> None:
    if code is None:
        return
    if not code.exists():
        section.problem("code", f"the folder {code} does not exist", "check the path")
    elif not code.is_dir():
        section.problem("code", f"{code} is not a folder", "name the folder that holds it")
    elif not holds_a_file(code):
        section.problem("code", f"the folder {code} is empty", "an empty folder does not travel")


def _check_command(
    section: Section,
    step: Step,
    inputs: Collection[str],
    data: Collection[str],
    absent: Collection[str],
) -> None:
    names = (
        *(f"inputs.{port}" for port in inputs),
        *(f"inputs.{port}.path" for port in data),
        *(f"outputs.{port}" for port in section.section("outputs").values),
        *(f"outputs.{port}" for port in step.outputs),
    )
    for expression in undefined(step.command, names, {f"inputs.{port}" for port in absent}):
        is_absent = expression.removeprefix("inputs.") in absent
        section.problem(
            "command",
            f"`${{{{{expression}}}}}` is undefined",
            "put it into $[[...]], or give the optional input"
            if is_absent
            else did_you_mean(expression, names),
        )
