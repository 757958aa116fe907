"""Jobs and their runs: taken once by name, played by a test, cancelled."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

FINAL = {"Completed", "Failed", "Canceled"}
_REFERENCE = re.compile(r"^(?:azureml:)?(/subscriptions/.+)$")
_CHECKED = ("componentId", "codeId", "environmentId", "uri")


def now() -> str:
    return datetime.now(timezone.utc).isoformat()


@dataclass
class Run:
    """What the run history knows of a job or of one of its steps."""

    run_id: str
    display_name: str
    parent: str = ""
    step: str = ""
    status: str = "NotStarted"
    started: str | None = None
    ended: str | None = None
    error: str = ""
    log_url: str = ""
    reused: str = ""
    created: str = field(default_factory=now)

    def move(self, status: str, error: str = "") -> None:
        """Go to another state, with the times that belong to it."""
        self.status, self.error = status, error or self.error
        if status not in {"NotStarted", "Queued", "Preparing"} and self.started is None:
            self.started = now()
        if status in FINAL:
            self.ended = now()


class Jobs:
    """The jobs of a workspace.

    Args:
        resources: All resources of the workspace, by their paths in lower case.
    """

    def __init__(self, resources: dict[str, dict[str, Any]]) -> None:
        self._resources = resources
        self.runs: dict[str, Run] = {}
        self.bodies: dict[str, dict[str, Any]] = {}
        """Name of a job to what was sent."""
        self.script: list[dict[str, str]] = []
        """What happens with each look at the steps of a job: step (or "" for the job) to state."""
        self.lock = threading.RLock()

    def clear(self) -> None:
        self.runs.clear()
        self.bodies.clear()
        self.script.clear()

    def put(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Take a job; the same again is the same job."""
        name = path.rpartition("/")[2]
        properties = body["properties"]
        missing = self._missing(properties)
        if missing:
            return 400, _error("UserError", f"{missing} does not exist.")
        with self.lock:
            if name in self.bodies:
                if self.bodies[name] != body:
                    return 409, _error("Conflict", f"The job {name} exists.")
                return 200, self.resource(path)
            self.bodies[name] = json.loads(json.dumps(body))
            self.runs[name] = Run(name, properties.get("displayName") or name)
            for step, job in (properties.get("jobs") or {}).items():
                child = f"{name}.{step}"  # the service gives a random id
                shown = job.get("display_name") or job.get("displayName") or step
                self.runs[child] = Run(child, shown, parent=name, step=step)
        return 201, self.resource(path)

    def resource(self, path: str) -> dict[str, Any]:
        """Give a job, or a step as a job of its own, as the service does."""
        name = path.rpartition("/")[2]
        run = self.runs[name]
        body = self.bodies.get(name) or {
            "properties": {
                "jobType": "Command",
                "command": "",
                "environmentId": "",
                "displayName": run.display_name,
                "properties": {},
                "tags": {},
                "isArchived": False,
            }
        }
        properties = {
            **body["properties"],
            "status": run.status,
            "experimentName": self._experiment(run),
            "services": {
                "Studio": {
                    "jobServiceType": "Studio",
                    "endpoint": f"https://ml.azure.com/runs/{name}?wsid=loopback",
                },
                "Tracking": {"jobServiceType": "Tracking", "endpoint": "azureml://loopback"},
            },
        }
        data = {"createdAt": run.created, "createdBy": "loopback", "createdByType": "User"}
        kind = "Microsoft.MachineLearningServices/workspaces/jobs"
        return {
            "id": path,
            "name": name,
            "type": kind,
            "systemData": data,
            "properties": properties,
        }

    def list(self, root: str) -> list[dict[str, Any]]:
        """Give the jobs, the newest first, without their steps."""
        names = [name for name, run in self.runs.items() if not run.parent]
        return [self.resource(f"{root}/{name}") for name in reversed(names)]

    def cancel(self, name: str) -> None:
        """Cancel a job and what of it has not ended."""
        for run in self.of(name):
            if run.status not in FINAL:
                run.move("Canceled")

    def of(self, name: str) -> list[Run]:
        """Give the runs of a job: its own, and those of its steps."""
        return [run for run in self.runs.values() if name in (run.run_id, run.parent)]

    def play(self, name: str, **states: str) -> None:
        """Let steps of a job, by their names in it, go to other states; `job` is the job itself."""
        for step, status in states.items():
            self.runs[name if step == "job" else f"{name}.{step}"].move(status)

    def look(self, name: str) -> list[Run]:
        """Give the runs of the steps; what the script says happens before."""
        with self.lock:
            if self.script:
                for step, status in self.script.pop(0).items():
                    self.runs[f"{name}.{step}" if step else name].move(status)
        return [run for run in self.runs.values() if run.parent == name]

    def _experiment(self, run: Run) -> str:
        body = self.bodies.get(run.parent or run.run_id, {"properties": {}})
        return str(body["properties"].get("experimentName") or "Default")

    def _missing(self, properties: Any) -> str:
        """Find a reference to something of the workspace that is not there."""
        for value in _references(properties):
            found = _REFERENCE.match(value)
            if found and not self._is_there(found.group(1)):
                return found.group(1)
        return ""

    def _is_there(self, path: str) -> bool:
        collection = path.split("/")[-2]
        return collection == "computes" or path.lower() in self._resources


def _references(value: Any, key: str = "") -> list[str]:
    if isinstance(value, dict):
        return [found for name, inner in value.items() for found in _references(inner, name)]
    if isinstance(value, list):
        return [found for inner in value for found in _references(inner, key)]
    return [value] if isinstance(value, str) and key in _CHECKED else []


def _error(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}
