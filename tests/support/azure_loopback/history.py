"""The run history: the steps of a job, their times, their logs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from azure_loopback.jobs import Jobs, Run

_RUN = re.compile(r"/history/v1\.0/.+/runs/([^/]+)(?:/(children|details))?$")


def answer(jobs: Jobs, path: str) -> tuple[int, Any]:
    """Answer a request to the run history.

    Args:
        jobs: The jobs of the workspace.
        path: Path of the request.
    """
    if path.endswith("/rundata"):
        return 404, {"error": {"code": "UserError", "message": "No run data."}}
    found = _RUN.match(path)
    if found is None or found.group(1) not in jobs.runs:
        return 404, {"error": {"code": "UserError", "message": f"Run not found: {path}"}}
    name, part = found.groups()
    if part == "children":
        return 200, {"value": [_run(run) for run in jobs.look(name)]}
    run = jobs.runs[name]
    if part == "details":
        logs = {"user_logs/std_log.txt": run.log_url} if run.log_url else {}
        return 200, {**_run(run), "logFiles": logs}
    return 200, _run(run)


def _run(run: Run) -> dict[str, Any]:
    error = {"error": {"code": "UserError", "message": run.error}} if run.error else None
    return {
        "runId": run.run_id,
        "parentRunId": run.parent or None,
        "rootRunId": run.parent or run.run_id,
        "displayName": run.display_name,
        "status": run.status,
        "startTimeUtc": run.started,
        "endTimeUtc": run.ended,
        "createdUtc": run.created,
        "lastModifiedUtc": run.ended or run.started or run.created,
        "runType": "azureml.StepRun" if run.parent else "azureml.PipelineRun",
        "properties": _properties(run),
        "tags": {},
        "error": error,
    }


def _properties(run: Run) -> dict[str, str]:
    if not run.parent:
        return {}
    reused = {"azureml.isreused": "true", "azureml.reusedrunid": run.reused} if run.reused else {}
    return {"azureml.moduleName": "azureml_anonymous", **reused}
