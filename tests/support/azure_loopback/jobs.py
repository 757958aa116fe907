"""Jobs of one workspace and their runs: taken once by name, played by a test, cancelled."""

from __future__ import annotations

import json
import re
import threading
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

FINAL = {"Completed", "Failed", "Canceled"}
_REFERENCE = re.compile(r"^(?:azureml:)?(/subscriptions/.+)$")
_CHECKED = ("componentId", "codeId", "environmentId", "uri")
DEFAULT_PLACE = (
    "azureml://datastores/${{default_datastore}}/paths/azureml/${{name}}/${{output_name}}"
)
"""Where the output of a step without a path of its own lies."""


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
        """What happens with each look at the steps of a job that is not over: step to state.

        The name of the job itself is "".
        """
        self.lists_steps = True
        """Whether a job's steps are among its children."""
        self.next_link: Callable[[str], str] | None = None
        """Returns a wrong address of the next page of steps, from that of the list."""
        self.odd_pages: list[Any] = []
        """What is answered instead of a page of steps: its first element."""
        self.lock = threading.RLock()

    def clear(self) -> None:
        self.lists_steps, self.next_link, self.odd_pages = True, None, []
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
            self.runs[name] = Run(name, properties.get("displayName") or name)
            for step, job in (properties.get("jobs") or {}).items():
                child = str(uuid.uuid4())
                shown = job.get("display_name") or job.get("displayName") or step
                self.runs[child] = Run(child, shown, parent=name, step=step)
            # Last: a test that waits for the body then finds the job and its steps.
            self.bodies[name] = json.loads(json.dumps(body))
        return 201, self.resource(path)

    def resource(self, path: str) -> dict[str, Any]:
        """Return a job; of a step no more than its name, as the service does."""
        name = path.rpartition("/")[2]
        run = self.runs[name]
        kind = "Microsoft.MachineLearningServices/workspaces/jobs"
        known = {"id": path, "name": name, "type": kind}
        if run.parent:
            return {**known, "systemData": None, "properties": None}
        properties = {
            **self.bodies[name]["properties"],
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
        return {**known, "systemData": data, "properties": properties}

    def list(self, root: str) -> list[dict[str, Any]]:
        """List the jobs, the newest first, without their steps."""
        names = [name for name, run in list(self.runs.items()) if not run.parent]
        return [self.resource(f"{root}/{name}") for name in reversed(names)]

    def cancel(self, name: str) -> None:
        """Cancel a job and what of it has not ended."""
        for run in self.of(name):
            if run.status not in FINAL:
                run.move("Canceled")

    def of(self, name: str) -> list[Run]:
        """Return the runs of a job: its own, and those of its steps."""
        return [run for run in list(self.runs.values()) if name in (run.run_id, run.parent)]

    def run_of(self, name: str, step: str = "") -> Run:
        """Return the newest run of a step of a job, by the step's name in it; the job's without."""
        if not step:
            return self.runs[name]
        found = [run for run in list(self.runs.values()) if (run.parent, run.step) == (name, step)]
        assert found, f"the job {name} has no step {step}"
        return found[-1]

    def retry(self, name: str, step: str, status: str = "Queued") -> Run:
        """Let a step have another run, as a step has that Azure ML starts again."""
        before = self.run_of(name, step)
        run = Run(str(uuid.uuid4()), before.display_name, parent=name, step=step, status=status)
        self.runs[run.run_id] = run
        return run

    def outputs(self, run: Run) -> dict[str, dict[str, str]]:
        """Return the outputs of a step that has completed: name to `type` and template of `uri`."""
        if run.status != "Completed" or not run.parent:
            return {}
        job = self.bodies[run.parent]["properties"]["jobs"][run.step]
        component = self._resources.get(str(job.get("componentId")).lower(), {})
        declared = (component.get("properties", {}).get("componentSpec") or {}).get("outputs") or {}
        bound = job.get("outputs") or {}
        return {
            port: {
                "type": (declared.get(port) or {}).get("type") or "uri_folder",
                "uri": (bound.get(port) or {}).get("uri") or DEFAULT_PLACE,
            }
            for port in {**declared, **bound}
        }

    def play(self, name: str, **states: str) -> None:
        """Let steps of a job, by their names in it, go to other states; `job` is the job itself."""
        for step, status in states.items():
            self.run_of(name, "" if step == "job" else step).move(status)

    def happen(self, name: str) -> None:
        """Let what the script says next happen to a job."""
        with self.lock:
            if self.script and self.run_of(name).status not in FINAL:
                for step, status in self.script.pop(0).items():
                    self.run_of(name, step).move(status)

    def steps(self, name: str) -> list[Run]:
        """Return the runs of the steps of a job."""
        return [run for run in list(self.runs.values()) if run.parent == name]

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
