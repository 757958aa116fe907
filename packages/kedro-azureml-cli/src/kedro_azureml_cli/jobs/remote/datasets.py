"""List the datasets of a submitted job: what it has read, and what its steps have left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from kedro_azureml_compiler import make_azure_name, strip_transcoding
from kedro_azureml_datasets import KedroAzureMLError
from kedro_azureml_runner import InvocationError

from kedro_azureml_cli.azure_ml.jobs.step_command import runs_nodes
from kedro_azureml_cli.jobs.remote.inputs import (
    FromStep,
    Remote,
    UnreadableInputError,
    resolve_inputs,
)

if TYPE_CHECKING:
    from kedro_azureml_datasets.azure_ml.registered_assets import RegisteredVersion
    from kedro_azureml_runner import StepInvocation

    from kedro_azureml_cli.azure_ml.jobs.remote_job import RemoteJob
    from kedro_azureml_cli.jobs.remote.inputs import DataCache


class ForeignJobError(KedroAzureMLError):
    """A job was not compiled by this plugin."""

    blame = "user"


@dataclass(frozen=True)
class RemoteDataset:
    """A dataset of a submitted job.

    Args:
        name: Its name without transcoding.
        role: Whether the job has read it, or one of its steps has written it.
        step: The step that writes it, as it is shown; empty for an input of the job.
        located: Where it lies; None where there is nothing.
        why_not: Why there is nothing.
    """

    name: str
    role: Literal["input", "output"]
    step: str
    located: RegisteredVersion | None
    why_not: str = ""


def read_invocations(job: RemoteJob) -> dict[str, StepInvocation]:
    """Return what each step of a job was told to run, but those that only announce its end.

    Args:
        job: The job.

    Raises:
        ForeignJobError: It was not compiled by this plugin.
        AzureMLError: Azure ML did not answer.
    """
    try:
        return {
            name: job.invocation(name)
            for name in job.document.steps
            if runs_nodes(job.component(name).command)
        }
    except InvocationError as error:
        raise ForeignJobError(
            f"The job {job.name} was not compiled by this plugin: {error}"
        ) from error


def find_inputs(job: RemoteJob, cache: DataCache) -> list[RemoteDataset]:
    """Find the data that a job has read and that no step of it has written.

    Args:
        job: The job.
        cache: What knows where its data lies.

    Raises:
        UnreadableInputError: An input is of a kind that cannot be read here.
        KedroAzureMLError: Azure ML did not answer, or the job was not compiled by this plugin.
    """
    found: dict[str, RemoteDataset] = {}
    for step, invocation in read_invocations(job).items():
        resolved = resolve_inputs(step, job.document, job.component(step).inputs)
        for name in map(strip_transcoding, invocation.inputs):
            place = resolved.get(make_azure_name(name))
            if name not in found and isinstance(place, Remote):
                found[name] = RemoteDataset(name, "input", "", cache.locate(place, place.kind))
    return list(found.values())


def find_outputs(job: RemoteJob, cache: DataCache) -> list[RemoteDataset]:
    """Find what the steps of a job have left, and what they have not.

    Args:
        job: The job.
        cache: What knows where its data lies.

    Raises:
        KedroAzureMLError: Azure ML did not answer, or the job was not compiled by this plugin.
    """
    shown = {step.step: step.display_name for step in job.state.steps}
    found: dict[str, RemoteDataset] = {}
    for step, invocation in read_invocations(job).items():
        kinds = job.component(step).outputs
        for name in map(strip_transcoding, invocation.outputs):
            port = make_azure_name(name)
            writer = shown.get(step, step)
            try:
                kind = kinds.get(port) or "uri_folder"
                located = cache.locate(FromStep(step, port, ""), kind)
                found[name] = RemoteDataset(name, "output", writer, located)
            except UnreadableInputError as error:
                why_not = error.message.rstrip(".")
                found[name] = RemoteDataset(name, "output", writer, None, why_not)
    return list(found.values())
