"""A submitted job as the workspace has it: its steps, what each ran, and where its data lies."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kedro_azureml_datasets.azure_ml.sdk_errors import retry_if_cut_off, translate_sdk_errors

from kedro_azureml_cli.azure_ml.jobs.document import read_document
from kedro_azureml_cli.azure_ml.jobs.reading import JobReader
from kedro_azureml_cli.azure_ml.jobs.step_command import read_command

if TYPE_CHECKING:
    from collections.abc import Mapping

    from azure.ai.ml import MLClient
    from kedro_azureml_runner import StepInvocation

    from kedro_azureml_cli.azure_ml.jobs.document import JobDocument
    from kedro_azureml_cli.azure_ml.jobs.states import JobState, StepState


@dataclass(frozen=True)
class StepComponent:
    """What a step of a submitted job runs, as its component says.

    Args:
        name: Name of the component, `azureml_anonymous` for those of this plugin.
        version: Its version.
        command: The command, with Azure ML's bindings.
        code: Id of the code snapshot; empty where the code is in the image.
        environment: Id of the environment.
        is_deterministic: Whether Azure ML may reuse an earlier run of it.
        inputs: Input port to its type: `uri_folder`, `uri_file`, `string`, `number`, ...
        outputs: Output port to its type.
    """

    name: str
    version: str
    command: str
    code: str
    environment: str
    is_deterministic: bool
    inputs: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)


class RemoteJob:
    """A submitted job, read from its workspace.

    What needs a request is read when it is first asked for, and then kept.

    Args:
        client: The client of the workspace.
        state: The job with its steps, whose states are read.
    """

    def __init__(self, client: MLClient, state: JobState) -> None:
        self._client = client
        self.state = state
        self._components: dict[str, StepComponent] = {}

    @property
    def name(self) -> str:
        """The job's name in Azure ML."""
        return self.state.name

    @cached_property
    def document(self) -> JobDocument:
        """What the job was made of."""
        return read_document(self._client, self.name)

    def step(self, name: str) -> StepState | None:
        """Return a step by its name in the job, or by Kedro's name of its node or group.

        Args:
            name: The name.
        """
        steps = self.state.steps
        named = [one for one in steps if one.display_name == name]
        return next(iter(named), None) or next((one for one in steps if one.step == name), None)

    def component(self, step: str) -> StepComponent:
        """Return what a step runs.

        Args:
            step: Name of the step in the job.

        Raises:
            AzureMLError: Azure ML did not answer, or the step has no component that can be read.
        """
        name, version = self.document.component(step)
        key = f"{name}:{version}"
        if key not in self._components:
            self._components[key] = _read_component(self._client, name, version)
        return self._components[key]

    def invocation(self, step: str) -> StepInvocation:
        """Return what a step was told to run: nodes, parameters, versions, datasets and ports.

        Args:
            step: Name of the step in the job.

        Raises:
            AzureMLError: Azure ML did not answer.
            InvocationError: The step was not compiled by this plugin.
        """
        return read_command(self.component(step).command, self.document.literals(step))

    def place(self, step: str, port: str) -> str:
        """Return the URI of what a step has left: `azureml://datastores/...`.

        Of a step that was reused it is where the earlier run has left it.

        Args:
            step: Name of the step in the job.
            port: Name of its output.

        Raises:
            NotFoundError: It is in the default datastore, and the workspace has none.
        """
        state = next(one for one in self.state.steps if one.step == step)
        return self.document.place(step, port, state.data_run_id)


def read_remote_job(client: MLClient, name: str, job: JobState | None = None) -> RemoteJob:
    """Read a job with the states of its steps.

    Args:
        client: The client of the workspace.
        name: The job's name in Azure ML.
        job: What is known of it, where it was read a moment ago.

    Raises:
        AzureMLError: Azure ML did not answer.
    """
    return RemoteJob(client, JobReader(client, name, job).read())


def _read_component(client: MLClient, name: str, version: str) -> StepComponent:
    what = f"reading the component '{name}:{version}'"
    with translate_sdk_errors(what, more=f"az ml component show --name {name} --version {version}"):
        found: Any = retry_if_cut_off(lambda: client.components.get(name, version))
    return StepComponent(
        name,
        version,
        command=str(getattr(found, "command", None) or ""),
        code=str(getattr(found, "code", None) or ""),
        environment=str(getattr(found, "environment", None) or ""),
        is_deterministic=bool(getattr(found, "is_deterministic", True)),
        inputs=_types(found.inputs),
        outputs=_types(found.outputs),
    )


def _types(ports: Any) -> dict[str, str]:
    return {
        str(port): str(
            declared.get("type") if isinstance(declared, dict) else getattr(declared, "type", "")
        )
        for port, declared in (ports or {}).items()
    }
