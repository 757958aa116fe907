"""From the pipeline's YAML file to a `Pipeline`, with everything that is wrong on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro_azureml_simulator.errors import PipelineError, Problem
from kedro_azureml_simulator.pipeline.component_parsing import PIPELINE_FIELDS, read_component
from kedro_azureml_simulator.pipeline.model import Pipeline
from kedro_azureml_simulator.pipeline.port_parsing import component_inputs, outputs, pipeline_inputs
from kedro_azureml_simulator.pipeline.step_parsing import check_ports, parse_step
from kedro_azureml_simulator.pipeline.yaml_reader import (
    Section,
    check_labels,
    check_prefix,
    read_yaml,
)

if TYPE_CHECKING:
    from pathlib import Path

    from kedro_azureml_simulator.pipeline.model import NestedPipeline, Step

_JOB_FIELDS = (
    "$schema", "type", "name", "display_name", "experiment_name", "description", "tags",
    "properties", "compute", "settings", "identity", "services", "inputs", "outputs", "jobs",
    "component",
)  # fmt: skip
_SETTINGS = (
    "default_compute", "default_datastore", "continue_on_step_failure", "force_rerun",
    "continue_run_on_failed_optional_input",
)  # fmt: skip


def parse(pipeline_file: Path) -> tuple[Pipeline, Section]:
    """Read a pipeline.

    Args:
        pipeline_file: The YAML file, its path absolute.

    Returns:
        The pipeline as far as it could be read, and the section of its whole YAML, whose
        `problems` say what could not.

    Raises:
        PipelineError: The file is no YAML mapping at all.
    """
    content: Any = read_yaml(pipeline_file)
    if not isinstance(content, dict):
        problem = Problem("", "this is not a pipeline job", "it starts with `type: pipeline`")
        raise PipelineError(pipeline_file, [problem])
    problems: list[Problem] = []
    job = Section("", {}, problems).subsection("", content)
    folder = pipeline_file.parent
    if job.values.get("type") != "pipeline":
        job.problem(
            "type",
            f"is `{job.values.get('type')}`; only pipeline jobs are simulated",
            "write `type: pipeline`",
        )
    job.only(_JOB_FIELDS)
    check_labels(job)
    settings = job.section("settings")
    settings.only(_SETTINGS)
    check_prefix(settings, "default_compute")
    check_prefix(job, "compute")

    own = job
    declared = None
    if job.values.get("component") is not None:
        if "jobs" in job.values:
            job.problem("component", "stands beside `jobs`", "remove one of the two")
        read = read_component(job, folder)
        if read is not None:
            own, folder_of_steps = read
            own.only(PIPELINE_FIELDS)
            declared = component_inputs(own.section("inputs"))
            check_ports(job, own, declared)
            steps = _steps(own, folder_of_steps)
        else:
            steps = ()
    else:
        steps = _steps(job, folder)
    own_outputs = {} if own is job else outputs(own.section("outputs"))
    pipeline = Pipeline(
        name=job.text("display_name") or job.text("name") or pipeline_file.stem,
        experiment_name=job.text("experiment_name") or "Default",
        inputs=pipeline_inputs(job.section("inputs"), folder),
        outputs={**own_outputs, **outputs(job.section("outputs"))},
        steps=steps,
        section=job,
        declared=declared,
        has_compute=any(
            value is not None
            for value in (settings.values.get("default_compute"), job.values.get("compute"))
        ),
        continue_on_step_failure=settings.values.get("continue_on_step_failure") is not False,
        force_rerun=settings.values.get("force_rerun") is True,
    )
    return pipeline, job


def _nested(component: Section, folder: Path) -> Pipeline:
    """Read a pipeline component."""
    component.only(PIPELINE_FIELDS)
    check_labels(component)
    settings = component.section("settings")
    return Pipeline(
        name=component.text("name") or "",
        experiment_name="",
        inputs={},
        outputs=outputs(component.section("outputs")),
        steps=_steps(component, folder),
        section=component,
        declared=component_inputs(component.section("inputs")),
        has_compute=settings.values.get("default_compute") is not None,
    )


def _steps(owner: Section, folder: Path) -> tuple[Step | NestedPipeline, ...]:
    jobs = owner.section("jobs")
    if not jobs.values and isinstance(owner.values.get("jobs", {}), dict | None):
        owner.problem("jobs", "the pipeline has no step", "add at least one command step")
    steps = (parse_step(jobs, name, value, folder, _nested) for name, value in jobs.values.items())
    return tuple(step for step in steps if step is not None)
