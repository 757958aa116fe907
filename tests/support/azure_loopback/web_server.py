"""Serves files over https outside Azure, and keeps what it was asked with."""

from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from azure_loopback.tls_server import TlsServer

WEB = "data.example.org"
"""The host under which the proxy leads here."""

MODIFIED = "Wed, 01 Jan 2025 00:00:00 GMT"


class WebServer:
    """The server; it listens as soon as it is made.

    Args:
        certificate: Its TLS certificate and key, one PEM file.
    """

    def __init__(self, certificate: Path) -> None:
        self.files: dict[str, bytes] = {}
        """Path with its query to content."""
        self.redirects: dict[str, str] = {}
        """Path with its query to the address that it leads to."""
        self.requests: list[tuple[str, dict[str, str]]] = []
        """Path and headers of every request."""
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                server.requests.append((self.path, headers))
                content = server.files.get(self.path)
                if self.path in server.redirects:
                    self.send_response(302)
                    self.send_header("Location", server.redirects[self.path])
                else:
                    self.send_response(200 if content is not None else 404)
                    self.send_header("Last-Modified", MODIFIED)
                self.send_header("Content-Length", str(len(content or b"")))
                self.end_headers()
                self.wfile.write(content or b"")

            def log_message(self, *_: Any) -> None:
                pass

        self._server = TlsServer(certificate, Handler)
        self.port = self._server.port

    def reset(self) -> None:
        """Forget files and requests."""
        self.files.clear()
        self.redirects.clear()
        self.requests.clear()

    def stop(self) -> None:
        self._server.stop()
