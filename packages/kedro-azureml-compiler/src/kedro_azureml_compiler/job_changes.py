"""Change one job for one run, by the options of a command; the file is not changed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from kedro_azureml_runner.protocol.promoted import InvocationError, Promoted

from kedro_azureml_compiler.checks.secrets.job import check_changed_values
from kedro_azureml_compiler.planning.promotion import PROMOTED_PARAMETER
from kedro_azureml_compiler.suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kedro_azureml_compiler.azureml.pipeline_job import PipelineJob
    from kedro_azureml_compiler.findings import Finding
    from kedro_azureml_compiler.planning.plan import Plan, PromotedParameter
    from kedro_azureml_compiler.settings.models import AzureMLConfig, Job


class JobChanges(NamedTuple):
    """Changes to `azureml.yml` for one compilation.

    Args:
        workspace: Name of an entry of `workspace`; None leaves it to the job.
        environment: Reference to the environment of the steps that have none themselves.
        environment_variables: Of every step; they win over those in `azureml.yml`.
        display_name: The job's name in Studio.
        experiment_name: The experiment in Azure ML.
        tags: Of the job; they win over those that the compiler gives it.
        inputs: Inputs of the job (promoted parameters) to their values, as strings.
    """

    workspace: str | None = None
    environment: str | None = None
    environment_variables: Mapping[str, str] = {}
    display_name: str | None = None
    experiment_name: str | None = None
    tags: Mapping[str, str] = {}
    inputs: Mapping[str, str] = {}

    def settings(self, config: AzureMLConfig, job: Job) -> tuple[AzureMLConfig, Job]:
        """Return the settings with these changes.

        Args:
            config: The content of `azureml.yml`.
            job: The job in it.
        """
        own = ("workspace", "display_name", "experiment_name")
        job = job.model_copy(update={key: getattr(self, key) for key in own if getattr(self, key)})
        if self.environment:
            execution = config.execution.model_copy(update={"environment": self.environment})
            config = config.model_copy(update={"execution": execution})
        return config, job

    def placed(self, findings: Iterable[Finding], job: str) -> list[Finding]:
        """Replace the setting by the option in findings about a setting that an option has changed.

        Args:
            findings: What was found.
            job: Name of the job.
        """
        options = {
            f"jobs.{job}.workspace": (self.workspace, "--workspace"),
            f"jobs.{job}.display_name": (self.display_name, "--display-name"),
            f"jobs.{job}.experiment_name": (self.experiment_name, "--experiment-name"),
            "execution.environment": (self.environment, "--aml-env"),
        }
        named = {where: f"{option} {value}" for where, (value, option) in options.items() if value}
        return [one._replace(where=named.get(one.where, one.where)) for one in findings]

    def plan(self, plan: Plan) -> tuple[Plan, tuple[Finding, ...]]:
        """Return the plan with the values of its inputs, and the findings about them.

        Args:
            plan: The plan: what becomes of every node and dataset.
        """
        names = [promoted.name for promoted in plan.promoted]
        findings = [
            _refused_input(
                name,
                f"the job has no input '{name}' {did_you_mean(name, names)}.",
                f"Name it in azureml.yml, below jobs.{plan.job}.inputs:  {name}: params:...",
            )
            for name in sorted(self.inputs.keys() - set(names))
        ]
        promoted = []
        for parameter in plan.promoted:
            text = self.inputs.get(parameter.name)
            value = parameter.default
            if text is not None:
                try:
                    value = _typed(parameter, text)
                except InvocationError as error:
                    findings.append(_refused_input(parameter.name, str(error), ""))
            promoted.append(parameter._replace(default=value))
        return replace(plan, promoted=tuple(promoted)), tuple(findings)

    def pipeline_job(self, pipeline_job: PipelineJob) -> PipelineJob:
        """Return the job with these tags, names and environment variables.

        Args:
            pipeline_job: The job for Azure ML.
        """
        own = ("display_name", "experiment_name")  # they win over the job's `overrides` too
        named: dict[str, Any] = {key: getattr(self, key) for key in own if getattr(self, key)}
        pipeline_job = pipeline_job._replace(**named) if named else pipeline_job
        if not self.tags and not self.environment_variables:
            return pipeline_job
        steps = {
            name: step._replace(
                environment_variables={**step.environment_variables, **self.environment_variables},
            )
            for name, step in pipeline_job.jobs.items()
        }
        return pipeline_job._replace(jobs=steps, tags={**pipeline_job.tags, **self.tags})

    def findings(self) -> list[Finding]:
        """Find secrets among what everybody who sees the job can read in Studio."""
        shown = {
            **{
                f"--env-var {name}": (name, value)
                for name, value in self.environment_variables.items()
            },
            **{f"--tag {name}": (name, value) for name, value in self.tags.items()},
        }
        return check_changed_values(shown)


NO_CHANGES = JobChanges()
"""The job as in `azureml.yml`."""


def _typed(parameter: PromotedParameter, text: str) -> Any:
    if not text or "${{" in text or "$[[" in text:
        raise InvocationError(
            "the value is empty, or contains '${{' or '$[[', which Azure ML would replace."
        )
    return Promoted(parameter.type, text).typed(parameter.parameter)


def _refused_input(name: str, message: str, hint: str) -> Finding:
    return PROMOTED_PARAMETER.found(f"--input {name}", message, hint)
