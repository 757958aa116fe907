"""A small part of Azure Resource Manager and of Entra ID, enough for the real client.

It keeps what is put into it: a PUT of any resource is echoed, a GET gives it back, a list gives
what lies below a collection. What needs more than that has a method of its own.
"""

import json
import re
import threading
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

from azure_loopback import closed_storage, code_store, history, paging
from azure_loopback.faults import Faults, break_off, end_early
from azure_loopback.jobs import Jobs, now
from azure_loopback.key_vault import VAULTS, KeyVaults
from azure_loopback.sign_in import LOGIN, TENANT, SignIn, refuse_foreign_tenant
from azure_loopback.tls_server import TlsServer

if TYPE_CHECKING:
    from collections.abc import Callable

MANAGEMENT = "management.azure.com"
REGIONAL = "loopback.api.azureml.ms"
WORKSPACE = "loopback-workspace"
"""The workspace of most tests."""

HEADERS = " headers"
"""Key of an answer's own headers in its content, from which they are taken out."""

Answer = tuple[int, Any]


class ControlPlane:
    """The server; it listens at once.

    Args:
        certificate: Its TLS certificate and key, one PEM file.
    """

    def __init__(self, certificate: Path) -> None:
        self.resources: dict[str, dict[str, Any]] = {}
        """Lower-case path of a resource to its body."""
        self.secrets: dict[str, dict[str, Any]] = {}
        """Lower-case path of a datastore to the answer of `listSecrets`."""
        self.requests: list[tuple[str, str]] = []
        """Method and path of every request to Azure Resource Manager."""
        self.refusals: dict[str, tuple[int, str]] = {}
        """Regular expression on the path to the status and message that it is answered with."""
        self.sent: list[tuple[str, str, Any]] = []
        """Method, path and body of every request that had one."""
        self.delay_s = 0.0
        """How long each answer of Azure Resource Manager is held back."""
        self.tenant = TENANT
        """The tenant of the subscription."""
        self.closed_storage = closed_storage.ClosedStorage()
        self.faults = Faults()
        self.sign_in = SignIn()
        self.vaults = KeyVaults()
        self.workspaces: dict[str, Jobs] = {}
        """Name of a workspace, in lower case, to its jobs."""
        self.jobs = self.jobs_of(WORKSPACE)
        self.new_container: Callable[[str], tuple[str, str]] | None = None
        """Gives the place of a snapshot: its address, and the same with a signature."""
        self._lock = threading.Lock()
        plane = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Else the body waits for the receipt of the head, which comes 40 ms later.
            disable_nagle_algorithm = True

            def _answer(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(size)
                host = self.headers.get("Host", "")
                fault = None
                if host.partition(":")[0] != LOGIN:
                    fault = plane.faults.take(self.command, unquote(urlsplit(self.path).path))
                if fault is not None and not fault.is_to_be_done():
                    self._break_off()
                    return
                headers: dict[str, str] = {}
                authorization = self.headers.get("Authorization", "")
                foreign = refuse_foreign_tenant(authorization, plane.tenant)
                if host.partition(":")[0] == closed_storage.HOST:
                    status, content, headers = plane.closed_storage.answer()
                elif foreign is not None and host.partition(":")[0] == MANAGEMENT:
                    status, content, headers = foreign
                elif fault is not None and isinstance(fault.kind, int):
                    plane.requests.append((self.command, unquote(urlsplit(self.path).path)))
                    status, content = _error(fault.kind, fault.message, fault.code)
                    headers = {"Retry-After": fault.retry_after} if fault.retry_after else {}
                elif host.partition(":")[0].endswith(f".{VAULTS}"):
                    path = unquote(urlsplit(self.path).path)
                    status, content, headers = plane.vaults.answer(host, path, authorization)
                else:
                    status, content = plane.answer(self.command, host, self.path, body)
                    headers = content.pop(HEADERS, {}) if isinstance(content, dict) else {}
                if fault is not None and fault.kind == "lost":
                    self._break_off()
                    return
                data = content if isinstance(content, bytes) else _encode(content)
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                if fault is not None and fault.kind == "truncated":
                    self.wfile.write(data[: len(data) // 2])
                    self.close_connection = True
                    end_early(self.connection)
                    return
                self.wfile.write(data)

            def _break_off(self) -> None:
                self.close_connection = True
                break_off(self.connection)

            do_GET = do_PUT = do_POST = do_DELETE = do_PATCH = _answer  # noqa: N815

            def log_message(self, *_: Any) -> None:
                pass

        self._server = TlsServer(certificate, Handler)
        self.port = self._server.port

    def stop(self) -> None:
        self._server.stop()

    def jobs_of(self, workspace: str) -> Jobs:
        """Return the jobs of a workspace.

        Args:
            workspace: Its name.
        """
        return self.workspaces.setdefault(workspace.lower(), Jobs(self.resources))

    def forget_jobs(self) -> None:
        """Forget the jobs of all workspaces."""
        for jobs in self.workspaces.values():
            jobs.clear()

    def answer(self, method: str, host: str, target: str, body: bytes) -> Answer:
        url = urlsplit(target)
        path = unquote(url.path)
        if host.partition(":")[0] == LOGIN:
            return self.sign_in.answer(path, body)
        time.sleep(self.delay_s)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        with self._lock:
            self.requests.append((method, path))
            if body:
                self.sent.append((method, path, json.loads(body)))
            for pattern, (status, message) in self.refusals.items():
                if re.search(pattern, path):
                    return _error(status, message)
            return self._resource(method, path, query, body)

    def _resource(self, method: str, path: str, query: dict[str, str], body: bytes) -> Answer:
        key = path.lower().rstrip("/")
        above, _, last = key.rpartition("/")
        if key.startswith("/discovery"):
            root = f"https://{REGIONAL}"
            return 200, {"api": root, "history": root}
        if key.startswith("/history/"):
            return history.answer(self._jobs(path), f"https://{REGIONAL}{path}", query, body)
        if last == "batchgetresolveduris":
            return self._resolve_outputs(path, body)
        if method == "POST":
            return self._action(path, above, last)
        if method == "PUT":
            return self._take(path, above, json.loads(body))
        if method == "DELETE":
            if above.endswith("/schedules") and _is_enabled(self.resources.get(key)):
                return _error(400, "Only a disabled schedule can be deleted.")
            return self._delete(key)
        if last in COLLECTIONS:
            found = self._collection(path, last, query)
            return 200, paging.page(found, f"https://{MANAGEMENT}{path}", query)
        if above.endswith("/jobs") and path.rpartition("/")[2] in self._jobs(path).runs:
            return 200, self._jobs(path).resource(path)
        if key in self.resources:
            return 200, self.resources[key]
        if above.endswith("/operations"):
            return 200, {"status": "Succeeded"}
        return _error(404, f"Not found: {path}")

    def _jobs(self, path: str) -> Jobs:
        return self.jobs_of(path.lower().partition("/workspaces/")[2].partition("/")[0])

    def _resolve_outputs(self, path: str, body: bytes) -> Answer:
        workspace = path.removeprefix("/data/v1.0").partition("/dataversion/")[0]
        stores = self._collection(f"{workspace}/datastores", "datastores", {"isDefault": "true"})
        store = stores[0]["name"] if stores else ""
        return history.resolve_outputs(self._jobs(path), workspace, store, body)

    def _action(self, path: str, above: str, last: str) -> Answer:
        name = path.split("/")[-2]
        if last == "listsecrets":
            return 200, self.secrets[above]
        if last == "startpendingupload" and self.new_container is not None:
            return 200, code_store.pending_upload(self.new_container(path.split("/")[-4]))
        if last == "cancel" and name in self._jobs(path).bodies:
            self._jobs(path).cancel(name)
            return 202, {HEADERS: {"Location": f"https://{MANAGEMENT}{_operation(path)}"}}
        return _error(404, f"Not found: {path}")

    def _take(self, path: str, above: str, body: dict[str, Any]) -> Answer:
        if above.endswith("/jobs"):
            return self._jobs(path).put(path, body)
        taken = self.put(path, body)
        if re.search("/data/[^/]+/versions$", above):
            self._new_version(above.rpartition("/")[0], taken)
        if above.endswith("/schedules"):
            url = f"https://{MANAGEMENT}{_operation(path)}"
            return 201, {**taken, HEADERS: {"Azure-AsyncOperation": url}}
        return 201, taken

    def _delete(self, key: str) -> Answer:
        if self.resources.pop(key, None) is None:
            return 204, None
        return 202, {HEADERS: {"Location": f"https://{MANAGEMENT}{_operation(key)}"}}

    def _collection(self, path: str, last: str, query: dict[str, str]) -> list[Any]:
        key = path.lower().rstrip("/")
        if last == "jobs":
            return self._jobs(path).list(path)
        if last == "versions" and "hash" in query:
            return code_store.list_by_hash(self.resources, key, query["hash"])
        depth = key.count("/") + 1
        below = [
            resource
            for name, resource in self.resources.items()
            if name.startswith(key + "/") and name.count("/") == depth
        ]
        if "desc" in query.get("$orderBy", "").lower():
            below.reverse()
        if last == "datastores" and query.get("isDefault") == "true":
            below = [one for one in below if one["properties"].get("isDefault")]
        if last == "schedules" and query.get("listViewType", "EnabledOnly") != "All":
            below = [one for one in below if _is_enabled(one)]
        return below[: int(query.get("$top") or len(below))]

    def _new_version(self, asset: str, taken: dict[str, Any]) -> None:
        """Let a data asset know its newest version."""
        version, kind = taken["name"], taken["properties"]["dataType"]
        following = str(int(version) + 1) if version.isdecimal() else "1"
        latest = {"latestVersion": version, "nextVersion": following, "dataType": kind}
        self.put(asset, {"properties": latest})

    def put(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Keep a resource as the service would."""
        created = now()
        resource = {
            **body,
            "id": path,
            "name": path.rpartition("/")[2],
            "type": "Microsoft.MachineLearningServices/" + path.split("/")[-2],
            "systemData": {
                "createdAt": created,
                "createdBy": "loopback",
                "lastModifiedAt": created,
            },
        }
        self.resources[path.lower()] = resource
        return resource


COLLECTIONS = {
    "versions", "data", "datastores", "jobs", "computes", "environments", "components", "codes",
    "schedules",
}  # fmt: skip


def _encode(content: Any) -> bytes:
    return json.dumps(content).encode() if content is not None else b""


def _is_enabled(schedule: dict[str, Any] | None) -> bool:
    return schedule is not None and schedule["properties"].get("isEnabled") is not False


def _operation(path: str) -> str:
    return f"{path.rsplit('/', 2)[0]}/operations/done"


def _error(status: int, message: str, code: str = "") -> Answer:
    codes = {
        401: "Unauthorized", 403: "AuthorizationFailed", 404: "NotFound", 409: "Conflict",
        429: "TooManyRequests", 500: "InternalServerError", 503: "ServiceUnavailable",
    }  # fmt: skip
    return status, {"error": {"code": code or codes.get(status, "UserError"), "message": message}}
