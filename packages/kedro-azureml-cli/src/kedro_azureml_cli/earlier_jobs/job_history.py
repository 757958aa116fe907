"""Put together what is left of a submitted job, and of the jobs that it has resumed itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from kedro_azureml_compiler import (
    EarlierJob,
    NodeRecord,
    make_azure_name,
    make_salt,
    strip_transcoding,
)
from kedro_azureml_datasets import KedroAzureMLError
from kedro_azureml_datasets.azure_ml.thread_pools import open_pool
from kedro_azureml_runner import InvocationError

from kedro_azureml_cli.azure_ml.jobs.reading import find_job, is_of_project
from kedro_azureml_cli.azure_ml.jobs.remote_job import RemoteJob
from kedro_azureml_cli.azure_ml.jobs.states import COMPLETED
from kedro_azureml_cli.azure_ml.jobs.step_command import runs_nodes
from kedro_azureml_cli.earlier_jobs.sent_job import ReadJob, read_sent_job, shorten_address
from kedro_azureml_cli.earlier_jobs.stored_data import StoredData, StoredOutput, list_addresses
from kedro_azureml_cli.terminal.verbosity import note

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kedro_azureml_runner import StepInvocation

    from kedro_azureml_cli.jobs.job_lookup import FoundJob

_AT_ONCE = 16
"""Requests at the same time: an answer takes some 100 ms, and the service takes many."""

RESUMED_TAG = "kedro_resumes"
"""Tag of a job that resumes another one: the name of that one."""


class NotResumableError(KedroAzureMLError):
    """A submitted job cannot be resumed."""

    blame = "user"


class KeptNode(NamedTuple):
    """A node whose newest run counts.

    Args:
        node: The node.
        of: The job that has run it.
    """

    node: NodeRecord
    of: ReadJob


def read_earlier_job(
    found: FoundJob, project: Path, package: str, *, use_hooks: bool
) -> EarlierJob:
    """Read what a job was made from and what it has left, with the jobs that it has resumed.

    Args:
        found: The job.
        project: The project's folder.
        package: Name of the project's package.
        use_hooks: Whether its code is read with the project's hooks.

    Raises:
        NotResumableError: It has not ended, or is not one of this project.
        SnapshotReadingError: Its code cannot be read here.
        KedroAzureMLError: Its code cannot be had, or Azure ML did not answer.
    """
    if not is_of_project(found.state, package):
        raise NotResumableError(
            f"The job {found.state.name} is not one of this project.",
            hint="List those that are:  kedro azureml jobs",
        )
    jobs = _read_chain(found)
    salt = make_salt()
    read: list[ReadJob] = []
    older: set[str] = set()
    for job, steps in reversed(jobs):
        for made in read[:1]:
            older |= _list_addresses(found, made)
        made = read_sent_job(found, job, steps, older, project, salt=salt, use_hooks=use_hooks)
        read.insert(0, made)
    kept = keep_newest(read)
    newest = read[0]
    return EarlierJob(
        f"the job {found.state.name}",
        replace(newest.record, nodes=tuple(one.node for one in kept)),
        frozenset(one.node.name for one in kept if one.of.status(one.node.step) == COMPLETED),
        StoredData(found.client, found.storage, _list_outputs(kept)),
        {},
    )


def _read_chain(found: FoundJob) -> list[tuple[RemoteJob, dict[str, StepInvocation]]]:
    """Read the job and those that it has resumed, the newest first."""
    chain: list[tuple[RemoteJob, dict[str, StepInvocation]]] = []
    seen: set[str] = set()
    state = found.state
    while True:
        seen.add(state.name)
        if not state.is_final:
            raise NotResumableError(
                f"The job {state.name} is {state.status}; only a job that has ended can be "
                "resumed.",
                hint=f"Wait for it:  kedro azureml status {state.name} --wait\n"
                f"Or cancel it:  kedro azureml cancel {state.name}",
            )
        job = RemoteJob(found.client, replace(found, state=state).reader().read())
        names = list(job.document.steps)
        with open_pool(_AT_ONCE) as pool:
            list(pool.call_each(job.component, names))  # read once, and kept
        try:
            steps = {
                name: job.invocation(name)
                for name in names
                if runs_nodes(job.component(name).command)
            }
        except InvocationError as error:
            raise NotResumableError(
                f"The job {state.name} was not compiled by this plugin: {error}"
            ) from error
        if not steps:
            raise NotResumableError(f"The job {state.name} has no steps that run nodes.")
        chain.append((job, steps))
        earlier = state.tags.get(RESUMED_TAG, "")
        if not earlier or earlier in seen:
            return chain
        older = find_job(found.client, earlier)
        if older is None:
            note(f"The workspace no longer has the job {earlier}, which {state.name} resumed.")
            return chain
        state = older


def _list_addresses(found: FoundJob, read: ReadJob) -> set[str]:
    """Return the addresses at which a job that resumed this one may have read its data."""
    kept = [KeptNode(node, read) for node in read.record.nodes]
    outputs = _list_outputs(kept)
    return {
        shorten_address(address)
        for output in outputs.values()
        for address in list_addresses(found.client, output)
    }


def keep_newest(read: Sequence[ReadJob]) -> list[KeptNode]:
    """Return each node as its newest run has it, without those whose inputs were made again.

    A job that resumed another one has run every node that follows one of its own. What it has left
    out although it follows was not in it, so that what the older job stored of it is out of date.

    Args:
        read: The jobs, the newest first.
    """
    kept: list[KeptNode] = []
    run: set[str] = set()
    written: set[str] = set()
    for job in read:
        stale = set(written)
        for node in job.record.nodes:
            if node.name in run or not stale.isdisjoint(node.reads):
                stale.update(node.writes)
            else:
                kept.append(KeptNode(node, job))
        run.update(node.name for node in job.record.nodes)
        written.update(dataset for node in job.record.nodes for dataset in node.writes)
    return kept


def _list_outputs(kept: Sequence[KeptNode]) -> dict[str, StoredOutput]:
    outputs = {}
    for node, of in kept:
        if of.status(node.step) != COMPLETED:
            continue
        mounted = {strip_transcoding(name) for name in of.steps[node.step].outputs}
        for dataset in node.writes:
            if dataset in mounted:
                port = make_azure_name(dataset)
                kind = of.job.component(node.step).outputs.get(port) or "uri_folder"
                run_id = of.state(node.step).data_run_id
                outputs[dataset] = StoredOutput(of.job, node.step, port, kind, run_id)
    return outputs
