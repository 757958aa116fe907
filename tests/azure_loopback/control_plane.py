"""A small part of Azure Resource Manager and of Entra ID, enough for the real client.

It keeps what is put into it: a PUT of any resource is echoed, a GET gives it back, a list gives
what lies below a collection. What needs more than that has a method of its own.
"""

import base64
import json
import re
import ssl
import threading
import time
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

TENANT = "11111111-1111-1111-1111-111111111111"
CLIENT = "22222222-2222-2222-2222-222222222222"
LOGIN = "login.microsoftonline.com"
MANAGEMENT = "management.azure.com"

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
        self.sign_in_works = True
        self._device_scope = ""
        self._lock = threading.Lock()
        plane = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(size)
                status, content = plane.answer(
                    self.command, self.headers.get("Host", ""), self.path, body
                )
                data = json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_PUT = do_POST = do_DELETE = do_PATCH = _answer  # noqa: N815

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: Any) -> None:
                pass  # clients that are killed are what some tests are about

        self._server = Server(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, method: str, host: str, target: str, body: bytes) -> Answer:
        url = urlsplit(target)
        path = unquote(url.path)
        if host.partition(":")[0] == LOGIN:
            return self._sign_in(path, body)
        with self._lock:
            self.requests.append((method, path))
            for pattern, (status, message) in self.refusals.items():
                if re.search(pattern, path):
                    return _error(status, message)
            return self._resource(method, path, body)

    def _sign_in(self, path: str, body: bytes) -> Answer:
        root = f"https://{LOGIN}/{TENANT}"
        if path.endswith("/discovery/instance"):
            return 200, {
                "tenant_discovery_endpoint": f"{root}/v2.0/.well-known/openid-configuration",
                "metadata": [
                    {
                        "preferred_network": LOGIN,
                        "preferred_cache": "login.windows.net",
                        "aliases": [LOGIN],
                    }
                ],
            }
        if path.endswith("openid-configuration"):
            return 200, {
                "issuer": f"{root}/v2.0",
                "authorization_endpoint": f"{root}/oauth2/v2.0/authorize",
                "token_endpoint": f"{root}/oauth2/v2.0/token",
                "device_authorization_endpoint": f"{root}/oauth2/v2.0/devicecode",
            }
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        if path.endswith("/devicecode"):
            self._device_scope = form["scope"]
            return 200, {
                "user_code": "LOOPBACK1",
                "device_code": "device",
                "verification_uri": "https://microsoft.com/devicelogin",
                "expires_in": 60,
                "interval": 1,
                "message": "To sign in, enter the code LOOPBACK1.",
            }
        if not self.sign_in_works:
            return 401, {
                "error": "invalid_client",
                "error_description": "AADSTS7000215: Invalid client secret provided.",
            }
        scopes = form.get("scope", self._device_scope)  # that is not sent a second time
        scope = next(word for word in scopes.split() if word.endswith("/.default"))
        answer = {
            "token_type": "Bearer",
            "expires_in": 86000,
            "access_token": _token(scope.removesuffix("/.default").rstrip("/")),
        }
        if form["grant_type"] != "client_credentials":  # a person
            account = json.dumps({"uid": CLIENT, "utid": TENANT}).encode()
            answer |= {
                "scope": scope,
                "refresh_token": "refresh",
                "id_token": _token(form["client_id"]),
                "client_info": base64.urlsafe_b64encode(account).decode().rstrip("="),
            }
        return 200, answer

    def _resource(self, method: str, path: str, body: bytes) -> Answer:
        key = path.lower().rstrip("/")
        if method == "POST" and key.endswith("/listsecrets"):
            return 200, self.secrets[key.removesuffix("/listsecrets")]
        if method == "PUT":
            return 201, self.put(path, json.loads(body))
        if key in self.resources:
            return 200, self.resources[key]
        if key.rpartition("/")[2] in COLLECTIONS:
            depth = key.count("/") + 1
            below = [
                resource
                for name, resource in self.resources.items()
                if name.startswith(key + "/") and name.count("/") == depth
            ]
            return 200, {"value": below}
        return _error(404, f"Not found: {path}")

    def put(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Keep a resource as the service would."""
        now = datetime.now(timezone.utc).isoformat()
        resource = {
            **body,
            "id": path,
            "name": path.rpartition("/")[2],
            "type": "Microsoft.MachineLearningServices/" + path.split("/")[-2],
            "systemData": {"createdAt": now, "createdBy": "loopback", "lastModifiedAt": now},
        }
        self.resources[path.lower()] = resource
        return resource


COLLECTIONS = {
    "versions", "data", "datastores", "jobs", "computes", "environments", "components", "codes",
    "schedules",
}  # fmt: skip


def _error(status: int, message: str) -> Answer:
    codes = {401: "Unauthorized", 403: "AuthorizationFailed", 404: "NotFound"}
    return status, {"error": {"code": codes.get(status, "UserError"), "message": message}}


def _token(audience: str) -> str:
    now = int(time.time())
    claims = {
        "aud": audience,
        "iss": f"https://sts.windows.net/{TENANT}/",
        "iat": now - 60,
        "nbf": now - 60,
        "exp": now + 86000,
        "tid": TENANT,
        "oid": CLIENT,
        "sub": CLIENT,
        "preferred_username": "someone@loopback",
    }
    parts = [{"alg": "RS256", "typ": "JWT"}, claims, "signature"]
    return ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts
    )
