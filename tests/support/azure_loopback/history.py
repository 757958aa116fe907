"""The run history: the steps of a job, their times, their logs, and where their outputs lie."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from azure_loopback import paging

if TYPE_CHECKING:
    from azure_loopback.jobs import Jobs, Run

Answer = tuple[int, Any]

_RUN = re.compile(r"/history/v1\.0/.+/runs/([^/]+)(?:/(children|details))?$")
_OUTPUT = re.compile(r"azureml_(.+)_output_data_(.+)$")


def answer(jobs: Jobs, url: str, query: dict[str, str], body: bytes) -> Answer:
    """Answer a request to the run history.

    Args:
        jobs: The jobs of the workspace.
        url: Address of the request, without its query.
        query: The query.
        body: The body; empty where there is none.
    """
    if url.endswith("/rundata"):
        name, part = json.loads(body).get("runId"), "rundata"
    else:
        found = _RUN.search(url)
        name, part = found.groups() if found is not None else (None, None)
    if name not in jobs.runs:
        return 404, {"error": {"code": "UserError", "message": f"Run not found: {url} {name}"}}
    if part == "children":
        if jobs.odd_pages:
            return 200, jobs.odd_pages[0]
        if paging.is_first(query):
            jobs.happen(name)
        listed = [_run(run) for run in jobs.steps(name)] if jobs.lists_steps else []
        answered = paging.page(listed, url, query)
        if jobs.next_link is not None:
            answered["nextLink"] = jobs.next_link(url)
        return 200, answered
    run = jobs.runs[name]
    if part == "details":
        logs = {"user_logs/std_log.txt": run.log_url} if run.log_url else {}
        return 200, {**_run(run), "logFiles": logs}
    if part == "rundata":
        outputs = {
            port: {"assetId": _asset_id(run, port), "type": output["type"]}
            for port, output in jobs.outputs(run).items()
        }
        return 200, {"runMetadata": {**_run(run), "outputs": outputs}}
    return 200, _run(run)


def resolve_outputs(jobs: Jobs, workspace: str, datastore: str, body: bytes) -> Answer:
    """Answer where the data of outputs lies, which the SDK asks with the ids of `rundata`.

    Args:
        jobs: The jobs of the workspace.
        workspace: Path of the workspace.
        datastore: Name of its default datastore.
        body: The ids.
    """
    values = {}
    for asset_id in json.loads(body)["values"]:
        found = _OUTPUT.search(asset_id)
        if found is None or found.group(1) not in jobs.runs:
            return 404, {"error": {"code": "UserError", "message": f"Not found: {asset_id}"}}
        run, port = jobs.runs[found.group(1)], found.group(2)
        output = jobs.outputs(run)[port]
        place = output["uri"]
        for name, value in {
            "default_datastore": datastore, "name": run.run_id, "output_name": port,
        }.items():  # fmt: skip
            place = place.replace(f"${{{{{name}}}}}", value)
        root = workspace.replace("/providers/Microsoft.MachineLearningServices", "")
        uri = place.replace("azureml://datastores/", f"azureml:/{root}/datastores/")
        values[asset_id] = {"uri": uri, "type": output["type"]}
    return 200, {"values": values}


def _asset_id(run: Run, port: str) -> str:
    return f"azureml://locations/loopback/data/azureml_{run.run_id}_output_data_{port}"


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
