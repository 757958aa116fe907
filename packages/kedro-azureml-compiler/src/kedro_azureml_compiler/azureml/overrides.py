"""Merge the raw YAML of `jobs.<job>.overrides` into a job of Azure ML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kedro_azureml_compiler.azureml.names import make_azure_name
from kedro_azureml_compiler.azureml.pipeline_job import merge_yaml
from kedro_azureml_compiler.settings.overrides import STEPS

if TYPE_CHECKING:
    from kedro_azureml_compiler.azureml.pipeline_job import CommandStep, PipelineJob


def apply_overrides(job: PipelineJob, overrides: Mapping[str, Any]) -> PipelineJob:
    """Return the job with overrides.

    What other stages read of a job becomes part of it; the rest is merged into its YAML.

    Args:
        job: The job.
        overrides: Raw YAML; that of steps is below `jobs`, by the name of the step.
    """
    if not overrides:
        return job
    steps = dict(job.jobs)
    for name, override in overrides.get(STEPS, {}).items():
        step = steps.get(make_azure_name(name))
        if step is not None:  # otherwise it is a finding
            steps[make_azure_name(name)] = _apply_to_step(step, override)
    rest = {key: value for key, value in overrides.items() if key != STEPS}
    known: dict[str, Any] = {
        key: rest.pop(key) for key in ("experiment_name", "description") if key in rest
    }
    if rest.get("display_name") is not None:
        known["display_name"] = rest.pop("display_name")
    if "tags" in rest:
        known["tags"] = _as_strings(merge_yaml(job.tags, rest.pop("tags")))
    settings = rest.get("settings")
    if isinstance(settings, Mapping) and isinstance(settings.get("default_compute"), str):
        known["default_compute"] = settings["default_compute"]
    return job._replace(jobs=steps, overrides=rest, **known)


def _apply_to_step(step: CommandStep, override: Mapping[str, Any]) -> CommandStep:
    rest = dict(override)
    known: dict[str, Any] = {}
    if "compute" in rest:
        known["compute"] = rest.pop("compute")
    for key in ("environment_variables", "tags"):
        if key in rest:
            known[key] = _as_strings(merge_yaml(getattr(step, key), rest.pop(key) or {}))
            if override[key] is None:
                known[key] = {}
    return step._replace(overrides=rest, **known)


def _as_strings(content: Mapping[str, Any]) -> dict[str, str]:
    # YAML reads `OMP_NUM_THREADS: 4` as a number, but a variable is a string.
    return {name: str(value) for name, value in content.items()}
