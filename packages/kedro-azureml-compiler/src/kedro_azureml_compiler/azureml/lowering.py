"""Turn a plan into a pipeline job of Azure ML: a function of the plan and of `azureml.yml`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro_azureml_runner.protocol.invocation import IMAGE_RUNNER, SNAPSHOT_RUNNER, StepInvocation
from kedro_azureml_runner.protocol.promoted import Promoted

from kedro_azureml_compiler.azureml.environments import add_prefix, lower_environment
from kedro_azureml_compiler.azureml.names import make_azure_name
from kedro_azureml_compiler.azureml.notifications import (
    Announcements,
    add_announcing_steps,
    plan_announcements,
)
from kedro_azureml_compiler.azureml.pipeline_job import (
    CommandComponent,
    CommandStep,
    DataInput,
    PipelineJob,
    Port,
    Resources,
    StepInput,
    StepOutput,
)
from kedro_azureml_compiler.bundle_layout import CODE_FOLDER, INPUTS_FOLDER, PARAMS_FILE
from kedro_azureml_compiler.planning.plan import (
    Flow,
    Plan,
    PlannedDataset,
    PlannedStep,
    format_filters,
)
from kedro_azureml_compiler.planning.step_choice import find_step_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kedro_azureml_compiler.settings.models import AzureMLConfig, Job
    from kedro_azureml_compiler.settings.steps import OutputPlace, StepSettings

# Names that start with an underscore belong to no dataset: azure_name makes none.
ORDER_OUTPUT = "_finished"
_ORDER_INPUT = "_after_"

_PARAMS = "_params"

_PROMOTED = "_param_"


_DEFAULT_FOLDER = "azureml/${{name}}/${{output_name}}"
DEFAULT_OUTPUT_PATH = f"azureml://datastores/${{{{default_datastore}}}}/paths/{_DEFAULT_FOLDER}"
"""Where an output goes unless `azureml.yml` says otherwise: Azure ML's own choice, written down.

`${{name}}` is the name of the step's run.
"""

_VALUE_TYPES = {"int": "integer", "float": "number", "bool": "boolean", "str": "string"}

_LONGEST_TAG = 256
_LONGEST_DESCRIPTION = 5000


def lower(
    plan: Plan, config: AzureMLConfig, job: Job, chosen: Mapping[str, StepSettings]
) -> PipelineJob:
    """Turn a plan into the job that Azure ML gets.

    Args:
        plan: The plan: what becomes of every node and dataset.
        config: The content of `azureml.yml`.
        job: The job in it.
        chosen: Settings of the steps that have any, by the name of the step.

    Returns:
        The job.
    """
    announcements = plan_announcements(plan, config, job)
    steps = {
        make_azure_name(step.name): _lower_step(
            step, plan, config, job, find_step_settings(chosen, step.name), announcements
        )
        for step in plan.steps
    }
    inputs: dict[str, DataInput | str | float] = dict(collect_data_inputs(plan))
    inputs.update({promoted.name: promoted.default for promoted in plan.promoted})
    if plan.has_long_params:
        inputs[_PARAMS] = DataInput("uri_file", f"./{INPUTS_FOLDER}/{PARAMS_FILE}")
    default = config.cluster(job.compute)
    tags = {"kedro_job": plan.job, "kedro_pipelines": ", ".join(plan.pipelines)}
    if plan.package:
        tags["kedro_project"] = plan.package
    if plan.env:
        tags["kedro_env"] = plan.env
    if plan.filters:
        tags["kedro_filters"] = format_filters(plan.filters)
    pipeline_job = PipelineJob(
        display_name=job.display_name or plan.job,
        default_compute=add_prefix(default.cluster_name or ""),
        jobs=steps,
        experiment_name=job.experiment_name,
        description=job.description,
        inputs=inputs,
        tags=_tags(tags),
    )
    in_image = config.execution.code_directory is None
    return add_announcing_steps(
        pipeline_job,
        announcements,
        environment=lower_environment(config.execution.environment or ""),
        code=None if in_image else f"./{CODE_FOLDER}",
        program=IMAGE_RUNNER if in_image else SNAPSHOT_RUNNER,
        folder=config.execution.working_directory if in_image else None,
        instance_type=default.instance_type,
        output_path=DEFAULT_OUTPUT_PATH,
    )


def collect_data_inputs(plan: Plan) -> dict[str, DataInput]:
    """Return the inputs of a job that are data: versions, uploads, and what a job has stored."""
    return {
        make_azure_name(dataset.name): _lower_input(dataset)
        for dataset in plan.datasets
        if dataset.flow in {Flow.VERSION, Flow.UPLOAD, Flow.STORED}
    }


def _lower_step(
    step: PlannedStep,
    plan: Plan,
    config: AzureMLConfig,
    job: Job,
    settings: StepSettings,
    announcements: Announcements | None,
) -> CommandStep:
    is_awaited = step.name in plan.awaited_steps or (
        announcements is not None and step.name in announcements.awaited
    )
    announced = announcements.of_step(step.name) if announcements is not None else {}
    input_ports = {make_azure_name(name): _data_port(plan.dataset(name)) for name in step.reads}
    bindings = {make_azure_name(name): _binding(plan.dataset(name)) for name in step.reads}
    for awaited in step.waits_for:
        port = f"{_ORDER_INPUT}{make_azure_name(awaited)}"
        input_ports[port] = Port("uri_folder", f"Waits for the step {awaited}; holds no data.")
        bindings[port] = f"${{{{parent.jobs.{make_azure_name(awaited)}.outputs.{ORDER_OUTPUT}}}}}"
    if plan.has_long_params:
        input_ports[_PARAMS] = Port("uri_file", "Runtime parameters of the job.")
        bindings[_PARAMS] = f"${{{{parent.inputs.{_PARAMS}}}}}"
    bound: dict[str, str | StepInput] = {
        port: StepInput(input_ports[port].type, binding, settings.input_mode)
        if settings.input_mode
        else binding
        for port, binding in bindings.items()
    }
    for promoted in plan.promoted:
        port = _promoted_port(promoted.name)
        input_ports[port] = Port(
            _VALUE_TYPES[promoted.type], f"The parameter {promoted.parameter}."
        )
        bound[port] = f"${{{{parent.inputs.{promoted.name}}}}}"
    output_ports = {make_azure_name(name): _data_port(plan.dataset(name)) for name in step.writes}
    if is_awaited:
        output_ports[ORDER_OUTPUT] = Port("uri_folder", "For steps that wait; holds no data.")
    component = CommandComponent(
        display_name=step.name,
        description=_description(step),
        command=_command(step, plan, config, job, is_awaited=is_awaited),
        environment=lower_environment(settings.environment or config.execution.environment or ""),
        code=f"./{CODE_FOLDER}" if config.execution.code_directory is not None else None,
        is_deterministic=step.deterministic,
        inputs=input_ports,
        outputs=output_ports,
    )
    own_compute = settings.compute is not None and settings.compute != job.compute
    compute = config.cluster(settings.compute or job.compute)
    return CommandStep(
        component,
        inputs=bound,
        outputs=_lower_outputs(step, plan, settings.output, is_awaited=is_awaited),
        compute=add_prefix(compute.cluster_name or "") if own_compute else None,
        resources=Resources(
            settings.instance_count,
            settings.instance_type or compute.instance_type,
            settings.shm_size,
            settings.docker_args,
        ),
        timeout_s=settings.timeout or (job.limits.timeout if job.limits else None),
        distribution=_given(settings.distribution),
        environment_variables={**settings.environment_variables, **announced},
        identity=_given(settings.identity),
        tags=_tags(
            {
                "kedro_nodes": "" if step.nodes == (step.name,) else ", ".join(step.nodes),
                "kedro_tags": ", ".join(step.tags),
            }
        ),
    )


def _lower_outputs(
    step: PlannedStep, plan: Plan, place: OutputPlace | None, *, is_awaited: bool
) -> dict[str, StepOutput]:
    """Return the outputs, each with its address, so that later commands need not guess it."""
    path = make_output_path(place)
    mode = place.mode if place is not None else None
    outputs = {}
    for name in step.writes:
        dataset = plan.dataset(name)
        asset = dataset.asset.name if dataset.asset is not None else None
        outputs[make_azure_name(name)] = StepOutput(_port_type(dataset), asset, mode, path)
    if is_awaited:
        outputs[ORDER_OUTPUT] = StepOutput("uri_folder", path=DEFAULT_OUTPUT_PATH)
    return outputs


def make_output_path(place: OutputPlace | None) -> str:
    """Return the address of a step's outputs.

    Args:
        place: What `azureml.yml` says of it.
    """
    if place is None or not (place.datastore or place.path):
        return DEFAULT_OUTPUT_PATH
    if place.path and place.path.startswith("azureml:"):
        return place.path
    datastore = place.datastore or "${{default_datastore}}"
    folder = (place.path or _DEFAULT_FOLDER).strip("/")
    return f"azureml://datastores/{datastore}/paths/{folder}"


def _given(settings: Any) -> dict[str, Any]:
    return {} if settings is None else settings.model_dump(exclude_none=True)


def _data_port(dataset: PlannedDataset) -> Port:
    # Not needed if Azure ML's rules leave the name unchanged.
    named = make_azure_name(dataset.name) == dataset.name
    return Port(_port_type(dataset), None if named else f"The dataset {dataset.name}.")


def _promoted_port(name: str) -> str:
    return f"{_PROMOTED}{name}"


def _description(step: PlannedStep) -> str:
    """Describe the step in Kedro's terms; Studio shows it next to the component."""
    node = "node" if len(step.nodes) == 1 else "nodes"
    parts = [f"Runs the Kedro {node} {', '.join(step.nodes)}."]
    parts += [f"Reads {', '.join(step.reads)}."] if step.reads else []
    parts += [f"Writes {', '.join(step.writes)}."] if step.writes else []
    return _shortened(" ".join(parts), _LONGEST_DESCRIPTION)


def _tags(tags: Mapping[str, str]) -> dict[str, str]:
    return {name: _shortened(value, _LONGEST_TAG) for name, value in tags.items() if value}


def _shortened(text: str, most: int) -> str:
    text = text.replace("${{", "$ {{")  # nothing that Azure ML would resolve
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _command(
    step: PlannedStep, plan: Plan, config: AzureMLConfig, job: Job, *, is_awaited: bool
) -> str:
    order_outputs = (f"${{{{outputs.{ORDER_OUTPUT}}}}}",)
    invocation = StepInvocation(
        nodes=step.nodes,
        pipelines=plan.pipelines,
        env=plan.env,
        conf_source=plan.conf_source,
        params={} if plan.has_long_params else plan.params,
        params_file=f"${{{{inputs.{_PARAMS}}}}}" if plan.has_long_params else None,
        load_versions=plan.load_versions,
        inputs={name: f"${{{{inputs.{make_azure_name(name)}}}}}" for name in step.reads},
        outputs={name: f"${{{{outputs.{make_azure_name(name)}}}}}" for name in step.writes},
        order_outputs=order_outputs if is_awaited else (),
        reaches=step.reaches,
        key_vault=config.workspace_named(job.workspace).key_vault if step.secrets else None,
        promoted={
            p.parameter: Promoted(p.type, f"${{{{inputs.{_promoted_port(p.name)}}}}}")
            for p in plan.promoted
        },
    )
    if config.execution.code_directory is not None:
        return invocation.to_command(SNAPSHOT_RUNNER)
    # The image may contain the project as a wheel of `kedro package`, which does not pass its name.
    in_image = invocation._replace(package=plan.package)
    return in_image.to_command(IMAGE_RUNNER, config.execution.working_directory)


def _lower_input(dataset: PlannedDataset) -> DataInput:
    if dataset.flow is Flow.VERSION and dataset.asset is not None:
        version = f":{dataset.asset.version}" if dataset.asset.version else "@latest"
        return DataInput(_port_type(dataset), f"azureml:{dataset.asset.name}{version}")
    if dataset.flow is Flow.STORED and dataset.address is not None:
        return DataInput(_port_type(dataset), dataset.address)
    return DataInput("uri_folder", f"./{INPUTS_FOLDER}/{make_azure_name(dataset.name)}")


def _binding(dataset: PlannedDataset) -> str:
    port = make_azure_name(dataset.name)
    if dataset.written_by is None:
        return f"${{{{parent.inputs.{port}}}}}"
    return f"${{{{parent.jobs.{make_azure_name(dataset.written_by)}.outputs.{port}}}}}"


def _port_type(dataset: PlannedDataset) -> str:
    return "uri_file" if dataset.asset is not None and dataset.asset.is_file else "uri_folder"
