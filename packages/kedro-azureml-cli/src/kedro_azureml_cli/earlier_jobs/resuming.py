"""Compile what has to run again of a submitted job."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kedro_azureml_compiler import (
    Flow,
    JobChanges,
    Recording,
    Resumption,
    choose_rest,
    compile_recorded,
)
from kedro_azureml_datasets import KedroAzureMLError

from kedro_azureml_cli.azure_ml.environments import describe_environment
from kedro_azureml_cli.azure_ml.jobs.reading import ENV_TAG
from kedro_azureml_cli.earlier_jobs.job_history import RESUMED_TAG, read_earlier_job
from kedro_azureml_cli.terminal.verbosity import note

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kedro_azureml_compiler import ChosenRest, Plan, ProjectRequest, RecordedJob, Workspace
    from kedro_azureml_datasets.azure_ml.workspace import AzureWorkspace

    from kedro_azureml_cli.azure_ml.connection import Client
    from kedro_azureml_cli.jobs.job_lookup import FoundJob


class OtherWorkspaceError(KedroAzureMLError):
    """The job would be sent to another workspace than that of the job that is resumed."""

    blame = "user"


@dataclass
class _NewestVersions:
    """The newest versions of data assets, each looked up once, so that the same one is read."""

    storage: AzureWorkspace
    known: dict[str, str] = field(default_factory=dict)

    def find(self, plan: Plan) -> dict[str, str]:
        """Return the versions of the assets whose version the plan leaves open."""
        found = {}
        for dataset in plan.datasets:
            if dataset.flow is Flow.VERSION and dataset.asset and not dataset.asset.version:
                name = dataset.asset.name
                if name not in self.known:
                    self.known[name] = self.storage.latest(name).version
                found[dataset.name] = self.known[name]
        return found

    def describe(self, plan: Plan, _: Workspace) -> dict[str, str]:
        """Return which data stands for each dataset that is a version of an asset."""
        newest = self.find(plan)
        return {
            dataset.name: f"{dataset.asset.name}:{dataset.asset.version or newest[dataset.name]}"
            for dataset in plan.datasets
            if dataset.flow is Flow.VERSION and dataset.asset
        }


def compile_rest(
    found: FoundJob,
    request: ProjectRequest,
    package: str,
    changes: JobChanges,
    *,
    from_nodes: tuple[str, ...],
    accept_code_changes: bool,
) -> RecordedJob:
    """Compile what has to run again of a submitted job; the rest is bound to what it has stored.

    Args:
        found: The job.
        request: The project, and how to read it.
        package: Name of the project's package.
        changes: Changes to `azureml.yml` for this job.
        from_nodes: Nodes that run again in any case, with all that follow.
        accept_code_changes: Whether completed nodes are taken over though the code differs.

    Raises:
        CodeChangedError: The code differs, and nothing says what to make of it.
        OtherWorkspaceError: The job belongs to another workspace.
        KedroAzureMLError: The job cannot be read or compiled.
    """
    _tell_of_other_env(found, request)
    earlier = read_earlier_job(found, request.path, package, use_hooks=request.use_hooks)
    return compile_recorded(
        request,
        found.state.job,
        _make_recording(found, changes),
        resumption=Resumption(earlier, from_nodes, accept_code_changes),
        changes=changes._replace(tags={**changes.tags, RESUMED_TAG: found.state.name}),
    )


def choose_rest_of_job(
    found: FoundJob, request: ProjectRequest, package: str, from_nodes: tuple[str, ...]
) -> ChosenRest:
    """Decide what has to run again of a submitted job, and write nothing.

    Args:
        found: The job.
        request: The project, and how to read it.
        package: Name of the project's package.
        from_nodes: Nodes that run again in any case, with all that follow.

    Raises:
        OtherWorkspaceError: The job belongs to another workspace.
        KedroAzureMLError: The job cannot be read or compiled.
    """
    _tell_of_other_env(found, request)
    earlier = read_earlier_job(found, request.path, package, use_hooks=request.use_hooks)
    recording = _make_recording(found, JobChanges())
    return choose_rest(request, found.state.job, recording, Resumption(earlier, from_nodes))


def _tell_of_other_env(found: FoundJob, request: ProjectRequest) -> None:
    sent = found.state.tags.get(ENV_TAG, "")
    if sent != (request.asked_env or ""):
        how = f"with  --env {sent}" if sent else "without --env"
        note(f"The job {found.state.name} was sent {how}; every node of another environment runs.")


def _make_recording(found: FoundJob, changes: JobChanges) -> Recording:
    newest = _NewestVersions(found.storage)

    def describe(plan: Plan, workspace: Workspace) -> Mapping[str, str]:
        _refuse_other_workspace(found, workspace)
        return newest.describe(plan, workspace)

    return Recording(
        describe,
        newest.find,
        _make_describer(found.client),
        values=changes.inputs,
        with_modes=False,
    )


def _refuse_other_workspace(found: FoundJob, workspace: Workspace) -> None:
    def place(one: Workspace) -> tuple[str, ...]:
        return tuple(n.lower() for n in (one.subscription_id, one.resource_group, one.name))

    if place(found.workspace) != place(workspace):
        raise OtherWorkspaceError(
            f"The job {found.state.name} is in the workspace '{found.workspace.name}', and"
            f" '{found.state.job}' would be sent to '{workspace.name}', which does not have what"
            " the job has stored.",
            hint="Name the entry of 'workspace' in azureml.yml that the job is in:  --workspace",
        )


def _make_describer(client: Client) -> Callable[[str | Mapping[str, Any]], str]:
    look_up = functools.cache(functools.partial(describe_environment, client))

    def describe(environment: str | Mapping[str, Any]) -> str:
        if isinstance(environment, str):
            return look_up(environment)
        return json.dumps(environment, sort_keys=True)

    return describe
