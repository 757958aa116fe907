"""Show what was submitted to Azure ML, or what would be."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kedro_azureml_compiler import CODE_FOLDER, INPUTS_FOLDER

from kedro_azureml_cli.submission.interruption import UnknownOutcomeError
from kedro_azureml_cli.terminal.sizes import format_size, measure_folder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kedro_azureml_compiler import CompiledJob

    from kedro_azureml_cli.submission.sending import SentJob


def as_text(sent: Sequence[SentJob], compiled: Mapping[str, CompiledJob]) -> str:
    """Return what became of each job, as text.

    Args:
        sent: What became of them.
        compiled: Name to what was compiled.
    """
    lines = []
    for outcome in sent:
        if outcome.submitted is not None:
            lines.append(f"Submitted the job '{outcome.job}' as {outcome.submitted.name}.")
            job = compiled[outcome.job]
            lines.append(f"  Workspace: {job.workspace.name}, from {job.config.workspace_source}.")
            if outcome.submitted.studio_url:
                lines.append(f"  {outcome.submitted.studio_url}")
        if outcome.state is not None:
            lines.append(f"  It ended with the status {outcome.state.status}.")
        lines += [f"  Registered {asset}:{version}." for asset, version in outcome.assets.items()]
        if outcome.error is not None:
            is_known = outcome.submitted or isinstance(outcome.error, UnknownOutcomeError)
            failed = "" if is_known else f"The job '{outcome.job}' was not submitted. "
            lines.append(f"{failed}{outcome.error}")
    return "".join(f"{line}\n" for line in lines)


def as_json(sent: Sequence[SentJob], compiled: Mapping[str, CompiledJob]) -> str:
    """Return what became of each job, as JSON.

    Args:
        sent: What became of them.
        compiled: Name to what was compiled.
    """
    return _json({"jobs": [_outcome(outcome, compiled[outcome.job]) for outcome in sent]})


def _outcome(outcome: SentJob, compiled: CompiledJob) -> dict[str, Any]:
    submitted, state = outcome.submitted, outcome.state
    status = state.status if state is not None else submitted.status if submitted else None
    return {
        "job": outcome.job,
        "name": submitted.name if submitted else None,
        "status": status,
        "experiment_name": submitted.experiment_name if submitted else None,
        "workspace": _workspace(compiled),
        "studio_url": submitted.studio_url if submitted else None,
        "assets": dict(outcome.assets),
        "error": str(outcome.error) if outcome.error is not None else None,
    }


def preview(compiled: Mapping[str, CompiledJob], form: str) -> str:
    """Return what would be submitted: to where, what is uploaded, and the job itself.

    Args:
        compiled: Name to what was compiled.
        form: `text` or `json`.
    """
    if form == "json":
        return _json({"jobs": [_preview(name, job) for name, job in compiled.items()]})
    parts = []
    for name, job in compiled.items():
        shown = _preview(name, job)
        place = shown["workspace"]
        about = (
            f"# The job '{name}' would be sent to the workspace '{place['name']}' (resource group "
            f"'{place['resource_group']}', subscription '{place['subscription_id']}',\n"
            f"# from {place['source']}),\n"
            f"# with {format_size(shown['code'])} of code and {format_size(shown['inputs'])} as "
            "inputs. Nothing was sent.\n"
        )
        parts.append(about + (job.bundle / "pipeline.yml").read_text("utf-8"))
    return "---\n".join(parts)


def _preview(name: str, job: CompiledJob) -> dict[str, Any]:
    return {
        "job": name,
        "workspace": _workspace(job),
        "bundle": str(job.bundle),
        "code": measure_folder(job.bundle / CODE_FOLDER),
        "inputs": measure_folder(job.bundle / INPUTS_FOLDER),
        "steps": len(job.plan.steps),
        "notifying_steps": list(job.notifying_steps),
    }


def _workspace(job: CompiledJob) -> dict[str, str]:
    workspace = job.workspace
    return {
        "subscription_id": workspace.subscription_id,
        "resource_group": workspace.resource_group,
        "name": workspace.name,
        "source": job.config.workspace_source,
    }


def _json(content: Any) -> str:
    return json.dumps(content, indent=2) + "\n"
