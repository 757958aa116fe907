"""Send the rest of a job, or show what would be sent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from kedro_azureml_cli.bundles.choices_output import format_choices
from kedro_azureml_cli.submission import run_output
from kedro_azureml_cli.submission.sending import SendingInterruptedError, send_jobs

if TYPE_CHECKING:
    from pathlib import Path

    from kedro_azureml_compiler import CompiledJob, RecordedJob

    from kedro_azureml_cli.jobs.job_lookup import FoundJob


class Outcome(NamedTuple):
    """What came of sending the rest of a job.

    Args:
        text: What the command prints, as text.
        content: The same for JSON.
        exit_code: That of the command.
        is_interrupted: Whether Ctrl-C came while it was sent.
    """

    text: str
    content: object
    exit_code: int = 0
    is_interrupted: bool = False


def describe_nothing(rest: RecordedJob, name: str) -> Outcome:
    """Return that every node is taken over.

    Args:
        rest: The rest of the job, without any node.
        name: Name of the resumed job in Azure ML.
    """
    count = len(rest.choices)
    return Outcome(
        f"Nothing has to run: all {count} nodes are taken over from {name}. Nothing was sent.\n", []
    )


def preview(job: str, rest: RecordedJob, compiled: CompiledJob) -> Outcome:
    """Return what would be sent, and what becomes of each node.

    Args:
        job: Name of the job in `azureml.yml`.
        rest: The rest of it.
        compiled: Its bundle.
    """
    jobs = {job: compiled}
    lines = [f"# {line}\n" for line in format_choices(rest.choices)]
    content = json.loads(run_output.preview(jobs, "json"))["jobs"]
    return Outcome("".join(lines) + run_output.preview(jobs, "text"), content)


def send(
    project: Path, found: FoundJob, compiled: CompiledJob, *, wait: bool, opens: bool
) -> Outcome:
    """Send the rest of a job to the workspace of the one that is resumed.

    Args:
        project: The project's folder.
        found: The job that is resumed.
        compiled: The rest of it.
        wait: Whether to wait for its end.
        opens: Whether to open its page in Studio.
    """
    jobs, clients = {found.state.job: compiled}, {found.state.job: found.client}
    interrupted = False
    try:
        sent = send_jobs(project, jobs, clients, concurrent=1, callback=None)
    except SendingInterruptedError as stop:
        sent, interrupted = stop.sent, True
    submitted = sent[0].submitted
    if opens and submitted is not None and submitted.studio_url and not interrupted:
        from kedro_azureml_cli.terminal.browser import open_page

        open_page(submitted.studio_url)
    if wait and not interrupted:
        from kedro_azureml_cli.submission.waiting import wait_for_jobs

        sent = wait_for_jobs(project, sent, clients, jobs)
    content = json.loads(run_output.as_json(sent, jobs))["jobs"]
    return Outcome(run_output.as_text(sent, jobs), content, sent[0].exit_code, interrupted)
