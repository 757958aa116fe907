"""From the pipeline's YAML file to a `Pipeline`, with everything that is wrong on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro_azureml_simulator.errors import PipelineError, Problem
from kedro_azureml_simulator.model import Pipeline
from kedro_azureml_simulator.port_parsing import outputs, pipeline_inputs
from kedro_azureml_simulator.step_parsing import check_prefix, parse_step
from kedro_azureml_simulator.yaml_reader import Section, read_yaml

if TYPE_CHECKING:
    from pathlib import Path

    from kedro_azureml_simulator.model import Step

_JOB_FIELDS = (
    "$schema", "type", "name", "display_name", "experiment_name", "description", "tags",
    "properties", "compute", "settings", "identity", "services", "inputs", "outputs", "jobs",
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
    if "component" in job.values:
        job.problem(
            "component",
            "a pipeline component is not simulated",
            "write its steps under `jobs:` of the pipeline job",
        )
    else:
        job.only(_JOB_FIELDS)
    settings = job.section("settings")
    settings.only(_SETTINGS)
    check_prefix(settings, "default_compute")
    check_prefix(job, "compute")

    steps: list[Step] = []
    jobs = job.section("jobs")
    for name, value in jobs.values.items():
        step = parse_step(jobs, name, value, folder)
        if step is not None:
            steps.append(step)
    if not jobs.values and isinstance(job.values.get("jobs", {}), dict | None):
        job.problem("jobs", "the pipeline has no step", "add at least one command step")

    name = job.text("display_name") or job.text("name") or pipeline_file.stem
    pipeline = Pipeline(
        name=name,
        experiment_name=job.text("experiment_name") or "Default",
        inputs=pipeline_inputs(job.section("inputs"), folder),
        outputs=outputs(job.section("outputs")),
        steps=tuple(steps),
        continue_on_step_failure=settings.values.get("continue_on_step_failure") is True,
    )
    return pipeline, job
