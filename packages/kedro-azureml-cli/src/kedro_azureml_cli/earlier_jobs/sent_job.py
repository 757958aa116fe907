"""Read one submitted job: its code, its parameters, and which data it has read."""

from __future__ import annotations

import functools
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kedro_azureml_compiler import (
    JobRecord,
    SentPipeline,
    SentStep,
    digest_path,
    join_docker_args,
    make_azure_name,
    strip_transcoding,
)

from kedro_azureml_cli.azure_ml.environments import describe_environment
from kedro_azureml_cli.earlier_jobs.snapshot_reading import SnapshotReadingError, read_snapshot
from kedro_azureml_cli.jobs.remote.code import bring_code
from kedro_azureml_cli.jobs.remote.inputs import DataCache, Remote, resolve_inputs
from kedro_azureml_cli.jobs.remote.places import SENT_FOLDER, claim_job

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    from kedro_azureml_runner import StepInvocation

    from kedro_azureml_cli.azure_ml.jobs.remote_job import RemoteJob
    from kedro_azureml_cli.azure_ml.jobs.states import StepState
    from kedro_azureml_cli.jobs.job_lookup import FoundJob

_ASSET_ID = re.compile(r"(?:azureml:)?/.*/data/([^/]+)/versions/([^/]+)/?", re.IGNORECASE)
_ASSET = re.compile(r"(?:azureml:)?([^:/@]+):([^:/@]+)")

_PARAMS = "_params"
"""Input of a job with its runtime parameters, where they are long."""


@dataclass(frozen=True)
class ReadJob:
    """A submitted job that was read.

    Args:
        job: The job.
        steps: Step to what it was told to run.
        record: What its nodes were made from; the step of a node is Azure ML's name of it.
    """

    job: RemoteJob
    steps: Mapping[str, StepInvocation]
    record: JobRecord

    def state(self, step: str) -> StepState:
        """Return a step.

        Args:
            step: Its name in the job.
        """
        return next(one for one in self.job.state.steps if one.step == step)

    def status(self, step: str) -> str:
        """Return what Azure ML says of a step.

        Args:
            step: Its name in the job.
        """
        return self.state(step).status


def read_sent_job(
    found: FoundJob,
    job: RemoteJob,
    steps: Mapping[str, StepInvocation],
    older: Collection[str],
    project: Path,
    *,
    salt: str,
    use_hooks: bool,
) -> ReadJob:
    """Read a submitted job, down to the code that it has run.

    Args:
        found: The job whose workspace it is in.
        job: The job.
        steps: Step to what it was told to run.
        older: Ends of the addresses at which the jobs that it has resumed have stored data, and
            names of the data assets that they have registered.
        project: The project's folder.
        salt: What the digests are made with.
        use_hooks: Whether the code is read with the project's hooks.

    Raises:
        SnapshotReadingError: Its code cannot be read here.
        JobFolderError: What is here of a job of this name is that of another workspace.
        KedroAzureMLError: Its code or an input cannot be had, or Azure ML did not answer.
    """
    folder = claim_job(project, job.name, found.workspace)
    cache = DataCache(found.storage, folder / "data", job.document, job.state)
    first = next(iter(steps.values()))
    versions, stored = _describe_inputs(job, steps, older, cache)
    describe = functools.cache(functools.partial(describe_environment, found.client))
    sent = SentPipeline(
        job.state.job,
        _bring_code(found, job, steps, project, folder),
        tuple(_describe_step(job, name, steps[name], describe) for name in steps),
        pipelines=tuple(dict.fromkeys(p for one in steps.values() for p in one.pipelines)),
        env=first.env,
        conf_source=first.conf_source,
        params=_read_params(job, next(iter(steps)), first, cache),
        promoted={name: each.typed(name) for name, each in first.promoted.items()},
        load_versions={n: v for one in steps.values() for n, v in one.load_versions.items()},
        versions=versions,
        stored=stored,
        use_hooks=use_hooks,
        salt=salt,
    )
    return ReadJob(job, steps, read_snapshot(job.name, sent))


def _bring_code(
    found: FoundJob,
    job: RemoteJob,
    steps: Mapping[str, StepInvocation],
    project: Path,
    folder: Path,
) -> Path:
    codes = {job.component(step).code: step for step in steps}
    if len(codes) != 1:
        raise SnapshotReadingError(job.name, "its steps run different code.")
    (step,) = codes.values()
    return bring_code(found, step, job.component(step), project, folder / SENT_FOLDER)


def _describe_step(
    job: RemoteJob, step: str, invocation: StepInvocation, describe: Callable[[str], str]
) -> SentStep:
    content = job.document.steps[step]
    given = content.get("environment_variables") or {}
    return SentStep(
        step,
        invocation.nodes,
        join_docker_args(describe(job.component(step).environment), content),
        {str(name): str(value) for name, value in given.items()},
    )


def _read_params(
    job: RemoteJob, step: str, invocation: StepInvocation, cache: DataCache
) -> dict[str, object]:
    if invocation.params_file is None:
        return dict(invocation.params)
    place = resolve_inputs(step, job.document, job.component(step).inputs)[_PARAMS]
    if not isinstance(place, Remote):
        raise SnapshotReadingError(job.name, "its file of parameters is not an input of the job.")
    path = cache.fetch(cache.locate(place, "uri_file"), "The parameters of the job")
    try:
        return {**json.loads(path.read_text(encoding="utf-8")), **invocation.params}
    except (OSError, ValueError) as error:
        raise SnapshotReadingError(job.name, f"its parameters: {error}") from error


def _describe_inputs(
    job: RemoteJob,
    steps: Mapping[str, StepInvocation],
    older: Collection[str],
    cache: DataCache,
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return which data stands for each dataset that no step of the job wrote.

    And the datasets that were taken over: of those the older jobs know what they are made from.
    """
    described: dict[str, str] = {}
    stored: set[str] = set()
    for step, invocation in steps.items():
        resolved = resolve_inputs(step, job.document, job.component(step).inputs)
        for name in map(strip_transcoding, invocation.inputs):
            place = resolved.get(make_azure_name(name))
            if not isinstance(place, Remote) or name in described:
                continue
            if shorten_address(place.path) in older:
                stored.add(name)
            else:
                described[name] = describe_data(place, cache)
    return described, tuple(sorted(stored))


def shorten_address(path: str) -> str:
    """Return what is the same in all ways to write an address: of an asset its name and version.

    Args:
        path: A URI, or the id of a version of an asset.

    Example:
        >>> shorten_address("azureml://subscriptions/s/datastores/store/paths/a/b/")
        'store/paths/a/b'
        >>> shorten_address("azureml:/subscriptions/s/workspaces/w/data/model/versions/3")
        'model:3'
        >>> shorten_address("azureml:model:3")
        'model:3'
    """
    _, found, place = path.partition("/datastores/")
    if found:
        return place.rstrip("/")
    asset = _ASSET_ID.fullmatch(path) or _ASSET.fullmatch(path)
    return ":".join(asset.groups()) if asset is not None else path


def describe_data(place: Remote, cache: DataCache) -> str:
    """Return what says which data an input of a job is: an asset's version, or its contents.

    Args:
        place: The data.
        cache: Where it is downloaded.

    Raises:
        KedroAzureMLError: It could not be had.
    """
    if "://" not in place.path:
        return shorten_address(place.path)
    path = cache.fetch(cache.locate(place, place.kind), "An input of the job")
    return digest_path(path, path.name if place.kind == "uri_file" else "")
