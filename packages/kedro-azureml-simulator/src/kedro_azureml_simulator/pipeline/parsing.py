"""From the YAML of a job to a `Pipeline`, with everything that is wrong on the way."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kedro_azureml_simulator.errors import PipelineError
from kedro_azureml_simulator.pipeline.bound_literals import read_job_literals
from kedro_azureml_simulator.pipeline.component_parsing import PIPELINE_FIELDS, read_component
from kedro_azureml_simulator.pipeline.declaration_parsing import read_component_inputs
from kedro_azureml_simulator.pipeline.input_parsing import read_pipeline_inputs
from kedro_azureml_simulator.pipeline.labels import check_compute, check_datastore, check_labels
from kedro_azureml_simulator.pipeline.model import (
    FromPipelineInput,
    FromStepOutput,
    Output,
    Pipeline,
    Step,
)
from kedro_azureml_simulator.pipeline.output_parsing import read_component_outputs, read_outputs
from kedro_azureml_simulator.pipeline.section import Reading, Section, did_you_mean
from kedro_azureml_simulator.pipeline.service_settings import check_service_settings
from kedro_azureml_simulator.pipeline.steps.merging import ignore_undeclared
from kedro_azureml_simulator.pipeline.steps.step_parsing import parse_step, read_step
from kedro_azureml_simulator.pipeline.yaml_reader import read_yaml
from kedro_azureml_simulator.problems import Problem

if TYPE_CHECKING:
    from pathlib import Path

    from kedro_azureml_simulator.pipeline.model import NestedPipeline

_JOB_FIELDS = (
    "$schema", "type", "name", "display_name", "experiment_name", "description", "tags",
    "properties", "compute", "settings", "identity", "services", "inputs", "outputs", "jobs",
    "component",
)  # fmt: skip
_SETTINGS = (
    "default_compute", "default_datastore", "continue_on_step_failure", "force_rerun",
    "continue_run_on_failed_optional_input", "on_init", "on_finalize",
)  # fmt: skip
_ENDS = ("on_init", "on_finalize")
_KINDS = ("pipeline", "command", "sweep")


def parse(pipeline_file: Path, reading: Reading | None = None) -> tuple[Pipeline, Section]:
    """Read the job in a file.

    Args:
        pipeline_file: The YAML file, its path absolute.
        reading: Where problems go; None for a new one.

    Returns:
        The pipeline as far as it could be read, and the section of its whole YAML, whose
        `reading.problems` say what could not.

    Raises:
        PipelineError: The file does not hold a YAML mapping.
    """
    return read_job(read_yaml(pipeline_file), pipeline_file, reading or Reading())


def read_job(content: Any, file: Path, reading: Reading) -> tuple[Pipeline, Section]:
    """Read a job from the values of its YAML.

    Args:
        content: The values.
        file: The file that they come from; local paths are relative to its folder.
        reading: Where problems go.

    Raises:
        PipelineError: It is not a mapping.
    """
    if not isinstance(content, dict):
        problem = Problem(
            "", "this is not a pipeline job", "it starts with `type: pipeline`", file=file
        )
        raise PipelineError(file, [problem])
    job = Section.of_file(content, file, reading)
    default = "command" if "command" in job.values else "pipeline" if "jobs" in job.values else ""
    kind = str(job.values.get("type") or default).lower()
    if kind in {"command", "sweep"}:
        return _one_step(job, kind, file), job
    if kind != "pipeline":
        job.problem(
            "type",
            f"`{job.values.get('type')}` is not a job that is simulated",
            "write one of " + ", ".join(f"`type: {name}`" for name in _KINDS),
        )
    return _pipeline(job, file), job


def _pipeline(job: Section, file: Path) -> Pipeline:
    folder = file.parent
    job = replace(job, literals=read_job_literals(job))
    job.only(_JOB_FIELDS)
    job.refuse_nulls(_JOB_FIELDS, but=("jobs", "component"))
    check_labels(job)
    settings = job.section("settings")
    settings.ignore_others(_SETTINGS)
    settings.refuse_nulls(_SETTINGS, but=_ENDS)
    check_datastore(settings, "default_datastore")
    check_compute(settings, "default_compute", refused=True)
    check_compute(job, "compute")
    check_service_settings(job, "job")

    own = job
    declared = None
    if job.values.get("component") is not None:
        if "jobs" in job.values:
            job.problem("component", "stands beside `jobs`", "remove one of the two")
        read = read_component(job, folder)
        if read is not None:
            own, folder_of_steps = read
            own.ignore_others(PIPELINE_FIELDS)
            declared = read_component_inputs(own.section("inputs"))
            ignore_undeclared(job, own, declared)
            steps = _steps(own, folder_of_steps)
        else:
            steps = ()
    else:
        steps = _steps(job, folder)
    own_outputs = {} if own is job else read_component_outputs(own.section("outputs"))
    on_init, on_finalize = _ends(settings, steps)
    return Pipeline(
        name=job.string("display_name") or job.string("name") or file.stem,
        experiment_name=job.string("experiment_name") or "Default",
        inputs=read_pipeline_inputs(job.section("inputs"), folder),
        outputs={**own_outputs, **read_outputs(job.section("outputs"), may_bind=False)},
        steps=steps,
        section=job,
        declared=declared,
        has_compute=any(
            value is not None
            for value in (settings.values.get("default_compute"), job.values.get("compute"))
        ),
        continue_on_step_failure=settings.flag("continue_on_step_failure", default=True),
        force_rerun=settings.flag("force_rerun", default=False),
        on_init=on_init,
        on_finalize=on_finalize,
    )


def _ends(
    settings: Section, steps: tuple[Step | NestedPipeline, ...]
) -> tuple[str | None, str | None]:
    """Read which steps come before and after all others, as the SDK checks it."""
    names = {step.name for step in steps}
    found = [settings.string(key) for key in _ENDS]
    used = {binding.step for step in steps for binding in step.inputs.values()
            if isinstance(binding, FromStepOutput)}  # fmt: skip
    reading = {step.name for step in steps for binding in step.inputs.values()
               if isinstance(binding, FromStepOutput)}  # fmt: skip
    for key, name in zip(_ENDS, found, strict=True):
        if name is None:
            continue
        if name not in names:
            settings.problem(key, f"the pipeline has no step `{name}`", did_you_mean(name, names))
        elif name in used | reading:
            settings.problem(
                key, f"`{name}` exchanges data with other steps", "remove these bindings"
            )
    if found[0] is not None and found[0] == found[1]:
        settings.problem(_ENDS[0], "is the same step as on_finalize", "name another step")
    if any(found) and names and not names - set(found):
        settings.problem("", "no other step is in the pipeline", "add one")
    return found[0], found[1]


def _one_step(job: Section, kind: str, file: Path) -> Pipeline:
    """Read a command or sweep job as a pipeline of one step."""
    experiment = job.string("experiment_name")
    job.refuse_nulls(
        ("compute", "experiment_name") if kind == "command" else tuple(job.values),
        but=("search_space", "objective", "limits", "trial", "type"),
    )
    text = job.string("name") or job.string("display_name") or file.stem
    name = re.sub(r"\W+", "_", text, flags=re.ASCII).strip("_").lower() or "job"
    values = {key: value for key, value in job.values.items() if key not in {"experiment_name"}}
    if kind == "sweep" and isinstance(values.get("trial"), dict):
        values["trial"] = {"type": "command", **values["trial"]}
    # A job of its own may run where a pipeline may not: on `local`, or without a compute.
    compute = values.pop("compute", None)
    step = read_step(replace(job, values={"type": kind, **values}), name, file.parent, _nested)
    if compute != "local":
        check_compute(job, "compute")
    for port, value in job.section("outputs").values.items():
        if isinstance(value, str):
            job.problem(f"outputs.{port}", "a job has no pipeline around it to bind to",
                        "write {type: uri_folder}")  # fmt: skip
    inputs = read_pipeline_inputs(job.section("inputs"), file.parent)
    own: dict[str, Output] = {}
    if isinstance(step, Step):
        own = dict(step.outputs)
        bound = {port: FromPipelineInput(port) for port in step.inputs}
        step = replace(
            step,
            section=job,
            inputs=bound,
            outputs={port: replace(output, pipeline_output=port) for port, output in own.items()},
        )
    return Pipeline(
        name=job.string("display_name") or job.string("name") or file.stem,
        experiment_name=experiment or "Default",
        inputs=inputs,
        outputs={port: replace(output, pipeline_output=None) for port, output in own.items()},
        steps=() if step is None else (step,),
        section=job,
        has_compute=True,
    )


def _nested(component: Section, folder: Path) -> Pipeline:
    """Read a pipeline component."""
    component.ignore_others(PIPELINE_FIELDS)
    settings = component.section("settings")
    for key in _ENDS:
        if settings.values.get(key) is not None:
            settings.problem(key, "is for a pipeline job, not for a component", "remove it")
    return Pipeline(
        name=component.string("name") or "",
        experiment_name="",
        inputs={},
        outputs=read_component_outputs(component.section("outputs")),
        steps=_steps(component, folder),
        section=component,
        declared=read_component_inputs(component.section("inputs")),
        has_compute=settings.values.get("default_compute") is not None,
    )


def _steps(owner: Section, folder: Path) -> tuple[Step | NestedPipeline, ...]:
    jobs = owner.section("jobs")
    if not jobs.values and isinstance(owner.values.get("jobs", {}), dict | None):
        owner.problem("jobs", "the pipeline has no step", "add at least one step", rule="no-steps")
    steps = (parse_step(jobs, name, value, folder, _nested) for name, value in jobs.values.items())
    return tuple(step for step in steps if step is not None)
