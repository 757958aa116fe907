"""Turns a plan into a pipeline job of Azure ML: a function of the plan and of `azureml.yml`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from kedro_azureml_runner.invocation import (
    IMAGE_RUNNER,
    SNAPSHOT_RUNNER,
    StepInvocation,
    params_to_json,
)
from kedro_azureml_runner.shell_quoting import quote

from kedro_azureml_compiler.config import DEFAULT, AzureMLConfig, Compute, Job
from kedro_azureml_compiler.findings import Finding, Severity
from kedro_azureml_compiler.model import (
    AssetOutput,
    CommandComponent,
    CommandStep,
    DataInput,
    PipelineJob,
    Port,
)
from kedro_azureml_compiler.names import azure_name
from kedro_azureml_compiler.plan import Flow, Plan, PlannedDataset, PlannedStep

# Names that start with an underscore belong to no dataset: azure_name makes none.
ORDER_OUTPUT = "_finished"
_ORDER_INPUT = "_after_"

_PARAMS = "_params"

LONG_PARAMS = 4000
"""Characters of JSON from which on the parameters travel as an input of the job.

In the command they can be read in Studio; Linux allows 128 KiB for one argument of a process.
"""

CODE_FOLDER = "code"
INPUTS_FOLDER = "inputs"
PARAMS_FILE = "params.json"


def lower(plan: Plan, config: AzureMLConfig, job: Job) -> tuple[PipelineJob, tuple[Finding, ...]]:
    """Turn a plan into the job that Azure ML gets.

    Args:
        plan: What becomes of every node and dataset.
        config: The content of `azureml.yml`.
        job: The job in it.

    Returns:
        The job, and what was found wrong; with an error among the findings the job is not to be
        used.
    """
    findings = _settings_findings(config, job)
    steps = {}
    for step in plan.steps:
        compute, found = _step_compute(step, config, job)
        findings += found
        steps[azure_name(step.name)] = _lower_step(step, plan, config, job, compute)
    inputs = {
        azure_name(dataset.name): _lower_input(dataset)
        for dataset in plan.datasets
        if dataset.flow in {Flow.VERSION, Flow.UPLOAD}
    }
    if are_long(plan.params):
        inputs[_PARAMS] = DataInput("uri_file", f"./{INPUTS_FOLDER}/{PARAMS_FILE}")
    default = config.cluster(job.compute)
    return (
        PipelineJob(
            display_name=job.display_name or plan.job,
            default_compute=_with_prefix(default.cluster_name or ""),
            jobs=steps,
            experiment_name=job.experiment_name,
            description=job.description,
            inputs=inputs,
        ),
        tuple(findings),
    )


def are_long(params: Mapping[str, Any]) -> bool:
    """Tell whether runtime parameters are too long for a command."""
    return len(params_to_json(params)) > LONG_PARAMS


def _lower_step(
    step: PlannedStep, plan: Plan, config: AzureMLConfig, job: Job, compute: Compute | None
) -> CommandStep:
    input_ports = {azure_name(name): Port(_port_type(plan.dataset(name))) for name in step.reads}
    bindings = {azure_name(name): _binding(plan.dataset(name)) for name in step.reads}
    for awaited in step.waits_for:
        port = f"{_ORDER_INPUT}{azure_name(awaited)}"
        input_ports[port] = Port("uri_folder")
        bindings[port] = f"${{{{parent.jobs.{azure_name(awaited)}.outputs.{ORDER_OUTPUT}}}}}"
    if are_long(plan.params):
        input_ports[_PARAMS] = Port("uri_file")
        bindings[_PARAMS] = f"${{{{parent.inputs.{_PARAMS}}}}}"
    output_ports = {azure_name(name): Port(_port_type(plan.dataset(name))) for name in step.writes}
    if step.name in plan.awaited_steps:
        output_ports[ORDER_OUTPUT] = Port("uri_folder")
    registered = {
        azure_name(name): AssetOutput(_port_type(plan.dataset(name)), asset.name)
        for name in step.writes
        if (asset := plan.dataset(name).asset) is not None
    }
    component = CommandComponent(
        display_name=step.name,
        command=_command(step, plan, config),
        environment=_with_prefix(config.execution.environment or ""),
        code=f"./{CODE_FOLDER}" if config.execution.code_directory is not None else None,
        is_deterministic=False,
        inputs=input_ports,
        outputs=output_ports,
    )
    return CommandStep(
        component,
        inputs=bindings,
        outputs=registered,
        compute=_with_prefix(compute.cluster_name or "") if compute else None,
        instance_type=(compute or config.cluster(job.compute)).instance_type,
        timeout_s=job.limits.timeout if job.limits else None,
    )


def _command(step: PlannedStep, plan: Plan, config: AzureMLConfig) -> str:
    order_outputs = (f"${{{{outputs.{ORDER_OUTPUT}}}}}",)
    invocation = StepInvocation(
        nodes=step.nodes,
        pipelines=plan.pipelines,
        env=plan.env,
        params={} if are_long(plan.params) else plan.params,
        params_file=f"${{{{inputs.{_PARAMS}}}}}" if are_long(plan.params) else None,
        load_versions=plan.load_versions,
        inputs={name: f"${{{{inputs.{azure_name(name)}}}}}" for name in step.reads},
        outputs={name: f"${{{{outputs.{azure_name(name)}}}}}" for name in step.writes},
        order_outputs=order_outputs if step.name in plan.awaited_steps else (),
    )
    if config.execution.code_directory is not None:
        return invocation.to_command(SNAPSHOT_RUNNER)
    command = invocation.to_command(IMAGE_RUNNER)
    folder = config.execution.working_directory
    return f"cd {quote(folder)} && {command}" if folder else command


def _lower_input(dataset: PlannedDataset) -> DataInput:
    if dataset.flow is Flow.VERSION and dataset.asset is not None:
        version = f":{dataset.asset.version}" if dataset.asset.version else "@latest"
        return DataInput(_port_type(dataset), f"azureml:{dataset.asset.name}{version}")
    return DataInput("uri_folder", f"./{INPUTS_FOLDER}/{azure_name(dataset.name)}")


def _binding(dataset: PlannedDataset) -> str:
    port = azure_name(dataset.name)
    if dataset.written_by is None:
        return f"${{{{parent.inputs.{port}}}}}"
    return f"${{{{parent.jobs.{azure_name(dataset.written_by)}.outputs.{port}}}}}"


def _port_type(dataset: PlannedDataset) -> str:
    return "uri_file" if dataset.asset is not None and dataset.asset.is_file else "uri_folder"


def _step_compute(
    step: PlannedStep, config: AzureMLConfig, job: Job
) -> tuple[Compute | None, list[Finding]]:
    """Give the compute that a tag of the step names; None leaves it to the job's default."""
    matching = [tag for tag in step.tags if tag in config.compute and tag != DEFAULT]
    if len(matching) > 1:
        names = ", ".join(f"'{tag}'" for tag in matching)
        message = f"its tags name {len(matching)} entries of 'compute': {names}."
        hint = "Leave one of these tags."
        return None, [Finding("two-computes", Severity.ERROR, step.name, message, hint)]
    if not matching or matching[0] == job.compute:
        return None, []
    return config.cluster(matching[0]), []


def _settings_findings(config: AzureMLConfig, job: Job) -> list[Finding]:
    findings = []
    for key in ("schedule", "notifications"):
        if getattr(job, key) is not None:
            message = f"the job's '{key}' has no effect in this version."
            findings.append(Finding("no-effect", Severity.WARNING, "azureml.yml", message))
    if not config.execution.environment:
        findings.append(
            Finding(
                "no-environment",
                Severity.ERROR,
                "azureml.yml",
                "execution.environment is missing: Azure ML needs to know what a step runs in.",
                "Write, for example:  execution: {environment: my-environment@latest}",
            )
        )
    code = config.execution.code_directory
    if code is not None and PurePosixPath(code) != PurePosixPath("."):
        findings.append(
            Finding(
                "code-directory",
                Severity.ERROR,
                "azureml.yml",
                f"execution.code_directory is '{code}', and what is uploaded is the project.",
                "Write '.', or null where the code is in the image.",
            )
        )
    return findings


def _with_prefix(reference: str) -> str:
    return reference if reference.startswith("azureml:") else f"azureml:{reference}"
