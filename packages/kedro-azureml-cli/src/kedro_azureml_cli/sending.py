"""Compiles jobs, and sends their bundles to their workspaces, several at a time."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro_azureml_compiler import CompiledJob, Finding, FindingsError, compile_job
from kedro_azureml_compiler.config import DEFAULT, Workspace
from kedro_azureml_compiler.examination import RECORDS_FOLDER
from kedro_azureml_compiler.findings import Severity, stop_on_errors
from kedro_azureml_compiler.names import azure_name
from kedro_azureml_datasets import KedroAzureMLError

from kedro_azureml_cli.azure_ml.job_states import COMPLETED, JobState
from kedro_azureml_cli.exit_codes import USER_MUST_CHANGE_SOMETHING, exit_code_of
from kedro_azureml_cli.findings_output import show_findings

if TYPE_CHECKING:
    from kedro_azureml_compiler.job_changes import JobChanges

    from kedro_azureml_cli.azure_ml.connection import Client
    from kedro_azureml_cli.azure_ml.submission import SubmittedJob


class CallbackError(KedroAzureMLError):
    """The function that is to be told of submitted jobs cannot be called."""


@dataclass(frozen=True)
class SentJob:
    """What became of a job.

    Args:
        job: Its name in `azureml.yml`.
        submitted: What the workspace took; None where it took nothing.
        error: What went wrong; None where nothing did.
        state: How it ended, where that was waited for.
        assets: Data asset to the version that the job has registered, where it was waited for.
    """

    job: str
    submitted: SubmittedJob | None = None
    error: KedroAzureMLError | None = None
    state: JobState | None = None
    assets: Mapping[str, str] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """0, or what this outcome makes of the command's exit code."""
        if self.error is not None:
            return exit_code_of(self.error)
        done = self.state is None or self.state.status == COMPLETED
        return 0 if done else USER_MUST_CHANGE_SOMETHING


def compile_jobs(
    project: Path,
    jobs: Sequence[str],
    changes: JobChanges,
    *,
    stopping: Collection[str] = (),
    **options: Any,
) -> dict[str, CompiledJob]:
    """Compile jobs to their bundles, all of them before any is sent.

    Args:
        project: The project's folder.
        jobs: Their names in `azureml.yml`.
        changes: What is other than there.
        stopping: Codes of findings that are errors here, whatever they are for `compile`.
        options: How the project is read: those of `compile_job`.

    Raises:
        FindingsError: One of them cannot be compiled; the findings of all are in it.
        KedroAzureMLError: `azureml.yml`, the project or a job is missing or has mistakes.
    """
    gc.freeze()  # as in compile: what was imported need not be looked through again
    compiled: dict[str, CompiledJob] = {}
    failed: list[Finding] = []
    for job in dict.fromkeys(jobs):
        try:
            made = compile_job(project, job, changes=changes, **options)
            stop_on_errors(
                replace(finding, severity=Severity.ERROR) if finding.code in stopping else finding
                for finding in made.findings
            )
            compiled[job] = made
        except FindingsError as error:
            failed.extend(error.findings)
    if failed:
        raise FindingsError(tuple(dict.fromkeys(failed)))
    for made in compiled.values():
        show_findings(made.findings)
    return compiled


def workspace_of(compiled: CompiledJob) -> Workspace:
    """Give the workspace to which a job goes."""
    entries = compiled.config.workspace
    return entries.get(compiled.settings.workspace, entries[DEFAULT])


def experiment_of(project: Path) -> str:
    """Name the experiment of jobs that name none: after the project's folder.

    Args:
        project: The project's folder.

    Example:
        >>> experiment_of(Path("/home/me/my project"))
        'my_project'
    """
    return re.sub(r"[^A-Za-z0-9_-]", "_", project.name).strip("_-")[:255] or "kedro"


def find_function(reference: str) -> Callable[[Any], Any]:
    """Import the function that is called with each job.

    Args:
        reference: `module:function`.

    Raises:
        CallbackError: There is no such function.
    """
    module, _, name = reference.partition(":")
    hint = "Write --on-job-scheduled MODULE:FUNCTION, with a module of the project."
    if not module or not name:
        raise CallbackError(f"'{reference}' names no function.", hint=hint)
    try:
        found = getattr(import_module(module), name, None)
    except Exception as error:  # whatever the module does
        raise CallbackError(
            f"The module '{module}' cannot be imported: {type(error).__name__}: {error}", hint=hint
        ) from error
    if not callable(found):
        raise CallbackError(f"The module '{module}' has no function '{name}'.", hint=hint)
    return found  # type: ignore[no-any-return]  # callable() tells no more


def send_jobs(
    project: Path,
    compiled: Mapping[str, CompiledJob],
    *,
    concurrent: int,
    callback: Callable[[Any], Any] | None,
    wait: bool,
) -> list[SentJob]:
    """Send jobs to their workspaces.

    A job that is not taken does not hinder the others.

    Args:
        project: The project's folder.
        compiled: Name to what was compiled.
        concurrent: How many at the same time.
        callback: Called with each job that was submitted, in this thread.
        wait: Whether to wait for their ends.

    Raises:
        AzureMLError: There is no connection, or nobody is signed in.
    """
    from kedro_azureml_cli.azure_ml.connection import connect

    workspaces = dict.fromkeys(map(workspace_of, compiled.values()))
    clients = {workspace: connect(workspace) for workspace in workspaces}
    with ThreadPoolExecutor(concurrent) as pool:
        tasks = [
            pool.submit(_send, clients[workspace_of(job)], project, name, job)
            for name, job in compiled.items()
        ]
        sent = [task.result() for task in tasks]
    if callback is not None:
        sent = [_told(outcome, callback) for outcome in sent]
    if not wait:
        return sent
    from kedro_azureml_cli.following import wait_for_jobs

    return wait_for_jobs(sent, {n: clients[workspace_of(j)] for n, j in compiled.items()}, compiled)


def _told(outcome: SentJob, callback: Callable[[Any], Any]) -> SentJob:
    if outcome.submitted is None:
        return outcome
    try:
        callback(outcome.submitted)
    except Exception as error:  # whatever the function does
        name = getattr(callback, "__qualname__", "of --on-job-scheduled")
        what = f"The function '{name}' failed: {type(error).__name__}: {error}"
        hint = f"The job '{outcome.job}' was submitted all the same."
        return replace(outcome, error=CallbackError(what, hint=hint))
    return outcome


def _send(client: Client, project: Path, name: str, compiled: CompiledJob) -> SentJob:
    from kedro_azureml_cli.azure_ml.known_components import KnownComponents, record_file
    from kedro_azureml_cli.azure_ml.submission import new_job_name, submit

    known = KnownComponents(record_file(project / RECORDS_FOLDER, workspace_of(compiled)))
    try:
        submitted = submit(
            client,
            compiled.bundle,
            new_job_name(azure_name(name)),
            known,
            experiment_name=experiment_of(project),
        )
        return SentJob(name, submitted)
    except KedroAzureMLError as error:
        return SentJob(name, error=error)
