"""Send a bundle to a workspace as a pipeline job."""

from __future__ import annotations

import io
import json
import secrets
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kedro_azureml_compiler import load_yaml
from kedro_azureml_datasets.azure_ml.errors import (
    AzureFailedError,
    ConflictError,
    NotFoundError,
    RefusedError,
)
from kedro_azureml_datasets.azure_ml.sdk_errors import translate_sdk_errors

from kedro_azureml_cli.azure_ml.component_registration import OnRegistered, register_components
from kedro_azureml_cli.azure_ml.jobs.states import read_state_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from azure.ai.ml import MLClient
    from azure.ai.ml.entities import PipelineJob

    from kedro_azureml_cli.azure_ml.known_components import KnownComponents

_PIPELINE = "pipeline.yml"


@dataclass(frozen=True)
class SubmittedJob:
    """A job that a workspace has taken.

    Args:
        name: Its name in Azure ML, by which it is found again.
        studio_url: Its page in Azure ML Studio; empty where the service names none.
        experiment_name: The experiment that it belongs to.
        status: What the service said of it.
    """

    name: str
    studio_url: str
    experiment_name: str
    status: str


def make_job_name(job: str) -> str:
    """Return a name for a job that no other job has.

    It is made here and not by the service, so that the same request sent twice makes one job.

    Args:
        job: What the name starts with; letters, digits and `_`.

    Example:
        >>> make_job_name("train")[:8]
        'train-20'
    """
    moment = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    return f"{job[:200]}-{moment}-{secrets.token_hex(3)}"


def submit(
    client: MLClient,
    bundle: Path,
    name: str,
    known: KnownComponents,
    *,
    experiment_name: str = "",
    on_registered: OnRegistered | None = None,
    sending: Callable[[], AbstractContextManager[Any]] = nullcontext,
) -> SubmittedJob:
    """Send a bundle as a pipeline job.

    Args:
        client: The client of the workspace.
        bundle: The bundle's folder.
        name: The job's name in Azure ML: `make_job_name`.
        known: What the workspace has already.
        experiment_name: The experiment, where the bundle names none; the SDK would take the name of
            the working directory.
        on_registered: Told of the progress; what it raises ends the sending.
        sending: Gives what is entered for the request that makes the job; the same holds for it.

    Raises:
        AzureMLError: Azure ML did not take it; then there is no job of that name.
    """

    def send(job: PipelineJob) -> Any:
        job.name = name
        job.experiment_name = job.experiment_name or experiment_name or None
        # Our own checks are stricter; the SDK's would take a time that grows with the square.
        with sending():
            return client.jobs.create_or_update(job, skip_validation=True)

    what, more = f"sending the job '{name}'", f"az ml job show --name {name}"
    try:
        created = send_bundle(client, bundle, known, send, what, more, on_registered=on_registered)
    except (AzureFailedError, ConflictError):
        created = _already_there(client, name)
        if created is None:
            raise
    return SubmittedJob(
        str(created.name),
        str(created.studio_url or ""),
        str(created.experiment_name or ""),
        read_state_name(created.status),
    )


def send_bundle(
    client: MLClient,
    bundle: Path,
    known: KnownComponents,
    send: Callable[[PipelineJob], Any],
    what: str,
    more: str,
    *,
    on_registered: OnRegistered | None = None,
    on_environments: Callable[[Mapping[str, str]], Any] | None = None,
) -> Any:
    """Register the components of a bundle and send the job that is made of them.

    Where the workspace does not take components that the record has told, they are registered
    again, once.

    Args:
        client: The client of the workspace.
        bundle: The bundle's folder.
        known: What the workspace has already.
        send: Sends the job, and gives what came back.
        what: What is asked, as in "sending the job 'train'".
        more: The command that shows more.
        on_registered: Told of the progress.
        on_environments: Told what the labels of environments stand for.

    Raises:
        AzureMLError: Azure ML did not take it.
    """
    document = load_yaml((bundle / _PIPELINE).read_text(encoding="utf-8"))
    components = {step: job["component"] for step, job in document["jobs"].items()}
    for _ in range(2):
        registered = register_components(
            client, components, bundle, known, on_registered=on_registered
        )
        if on_environments is not None:
            on_environments(registered.environments)
        try:
            job = _load(_with_components(document, registered.ids), bundle, what)
            with translate_sdk_errors(what, more=more):
                return send(job)
        except (RefusedError, NotFoundError):
            if not registered.remembered:
                raise
            known.forget(registered.remembered)
    raise AssertionError("the second attempt either returns or raises")


def _with_components(document: Mapping[str, Any], ids: Mapping[str, str]) -> dict[str, Any]:
    jobs = {
        step: {**job, "component": f"azureml:{ids[step]}"} for step, job in document["jobs"].items()
    }
    return {**document, "jobs": jobs}


def _load(document: Mapping[str, Any], bundle: Path, what: str) -> Any:
    from azure.ai.ml import load_job

    with translate_sdk_errors(what):
        return load_job(io.StringIO(json.dumps(document)), relative_origin=str(bundle / _PIPELINE))


def _already_there(client: MLClient, name: str) -> Any:
    """Check whether the job was taken and only the answer was lost."""
    from azure.core.exceptions import AzureError

    try:
        return client.jobs.get(name)
    except AzureError:
        return None
