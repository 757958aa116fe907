"""Send the bundles of jobs to their workspaces, several at a time."""

from __future__ import annotations

import re
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click
from kedro_azureml_compiler import RECORDS_FOLDER, make_azure_name
from kedro_azureml_datasets import KedroAzureMLError

from kedro_azureml_cli.azure_ml.jobs.states import COMPLETED, JobState
from kedro_azureml_cli.submission.interruption import (
    Interruption,
    NotSentError,
    UnknownOutcomeError,
)
from kedro_azureml_cli.terminal.exit_codes import USER_MUST_CHANGE_SOMETHING, choose_exit_code

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    from kedro_azureml_compiler import CompiledJob

    from kedro_azureml_cli.azure_ml.connection import Client
    from kedro_azureml_cli.azure_ml.submission import SubmittedJob


_POLL_S = 0.2
"""Time between two polls: on Windows, Ctrl-C does not end a wait for a thread."""

_SETTLING_S = 2.0
"""Time for the others to end their last requests, and to note what was registered."""


class CallbackError(KedroAzureMLError):
    """The function for submitted jobs cannot be called."""

    blame = "user"


class BundleReadingError(KedroAzureMLError):
    """A file of the bundle cannot be read while it is sent.

    Args:
        bundle: The bundle's folder.
        error: What the machine says.
    """

    blame = "machine"

    def __init__(self, bundle: Path, error: OSError) -> None:
        what = error.strerror or str(error)
        file = f" ('{error.filename}')" if error.filename else ""
        super().__init__(
            f"The bundle '{bundle}' cannot be read: {what}{file}.",
            hint="The job may have been compiled again meanwhile: run it again; nothing is done "
            "twice.",
        )


class SendingInterruptedError(KeyboardInterrupt):
    """Ctrl-C came while jobs were sent.

    Args:
        sent: What became of each of them.
    """

    def __init__(self, sent: list[SentJob]) -> None:
        super().__init__()
        self.sent = sent


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
            return choose_exit_code(self.error)
        done = self.state is None or self.state.status == COMPLETED
        return 0 if done else USER_MUST_CHANGE_SOMETHING


def name_experiment(project: Path) -> str:
    """Return the experiment for jobs that name none, after the project's folder.

    Args:
        project: The project's folder.

    Example:
        >>> from pathlib import Path
        >>> name_experiment(Path("projects/my project"))
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
        raise CallbackError(f"'{reference}' does not name a function.", hint=hint)
    try:
        found = getattr(import_module(module), name, None)
    except Exception as error:  # whatever the module does
        raise CallbackError(
            f"The module '{module}' cannot be imported: {type(error).__name__}: {error}", hint=hint
        ) from error
    if not callable(found):
        raise CallbackError(f"The module '{module}' has no function '{name}'.", hint=hint)
    return found  # type: ignore[no-any-return]  # callable() tells no more


def connect_workspaces(compiled: Mapping[str, CompiledJob]) -> dict[str, Client]:
    """Connect to the workspaces of jobs, to each of them once.

    Args:
        compiled: Name of each job to what was compiled.

    Returns:
        Name of each job to the client of its workspace.

    Raises:
        AzureMLError: Azure cannot be reached, or nobody is signed in.
    """
    from kedro_azureml_cli.azure_ml.connection import connect

    clients = {place: connect(place) for place in {job.workspace for job in compiled.values()}}
    return {name: clients[job.workspace] for name, job in compiled.items()}


def send_jobs(
    project: Path,
    compiled: Mapping[str, CompiledJob],
    clients: Mapping[str, Client],
    *,
    concurrent: int,
    callback: Callable[[Any], Any] | None,
) -> list[SentJob]:
    """Send jobs to their workspaces.

    A job that is refused does not stop the others.

    Args:
        project: The project's folder.
        compiled: Name of each job to what was compiled.
        clients: Name of each job to the client of its workspace: `connect_workspaces`.
        concurrent: How many at the same time.
        callback: Called with each job that was submitted, in this thread.

    Raises:
        SendingInterruptedError: Ctrl-C, while jobs were sent.
    """
    from kedro_azureml_cli.azure_ml.chatter import drop_upload_progress
    from kedro_azureml_cli.azure_ml.submission import make_job_name

    interruption = Interruption()
    names = {job: make_job_name(make_azure_name(job)) for job in compiled}
    pool = ThreadPoolExecutor(concurrent)
    tasks = {
        name: pool.submit(_send, clients[name], project, name, job, names[name], interruption)
        for name, job in compiled.items()
    }
    try:
        with drop_upload_progress():
            _until_done(tasks.values())
    except KeyboardInterrupt:
        raise SendingInterruptedError(_stopped(tasks, names, interruption)) from None
    pool.shutdown()
    sent = [task.result() for task in tasks.values()]
    return sent if callback is None else [_call_back(outcome, callback) for outcome in sent]


def _call_back(outcome: SentJob, callback: Callable[[Any], Any]) -> SentJob:
    if outcome.submitted is None:
        return outcome
    try:
        callback(outcome.submitted)
    except Exception as error:  # whatever the function does
        name = getattr(callback, "__qualname__", "of --on-job-scheduled")
        what = f"The function '{name}' failed: {type(error).__name__}: {error}"
        hint = f"The job '{outcome.job}' was submitted anyway."
        return replace(outcome, error=CallbackError(what, hint=hint))
    return outcome


def _until_done(tasks: Collection[Future[SentJob]]) -> None:
    while wait(tasks, timeout=_POLL_S).not_done:
        pass


def _stopped(
    tasks: Mapping[str, Future[SentJob]], names: Mapping[str, str], interruption: Interruption
) -> list[SentJob]:
    """Stop sending, and wait for the answers to what was sent."""
    asked: list[str] = []
    # From here on a second Ctrl-C ends the waiting, and never what is said of the jobs.
    with suppress(KeyboardInterrupt):
        interruption.ask()
        begun = [job for job, name in names.items() if interruption.is_under_way(name)]
        asked = [job for job in begun if not tasks[job].done()]
        if asked:
            listed = ", ".join(f"'{job}'" for job in asked)
            told = f"Sending no more. Waiting for Azure ML's answer to {listed}; Ctrl-C stops that."
            click.echo(f"\n{told}", err=True)
        _until_done([tasks[job] for job in begun])
        wait(tasks.values(), timeout=_SETTLING_S)
    ends = [
        task.result()
        if task.done() and not task.cancelled()
        else SentJob(job, error=_describe_unanswered(names[job], interruption))
        for job, task in tasks.items()
    ]
    told_of = (NotSentError, UnknownOutcomeError)
    if not asked and not any(isinstance(end.error, told_of) for end in ends):
        click.echo("\nStopped by Ctrl-C, which came when Azure ML had answered.", err=True)
    return ends


def _describe_unanswered(name: str, interruption: Interruption) -> KedroAzureMLError:
    return UnknownOutcomeError(name) if interruption.is_under_way(name) else NotSentError()


def _send(
    client: Client,
    project: Path,
    job: str,
    compiled: CompiledJob,
    name: str,
    interruption: Interruption,
) -> SentJob:
    from kedro_azureml_cli.azure_ml.known_components import KnownComponents, locate_record
    from kedro_azureml_cli.azure_ml.submission import submit

    known = KnownComponents(locate_record(project / RECORDS_FOLDER, compiled.workspace))
    try:
        interruption.check()
        submitted = submit(
            client,
            compiled.bundle,
            name,
            known,
            experiment_name=name_experiment(project),
            on_registered=interruption.check,
            sending=lambda: interruption.sending(name),
        )
        return SentJob(job, submitted)
    except KedroAzureMLError as error:
        return SentJob(job, error=error)
    except OSError as error:
        return SentJob(job, error=BundleReadingError(compiled.bundle, error))
