"""Stands before Azurite, so that faults can be put into what the storage answers."""

import http.client
import ssl
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from azure_loopback.faults import Fault, Faults, break_off, end_early
from azure_loopback.tls_server import TlsServer

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}
"""Headers of an answer that this server writes itself."""

Answer = tuple[int, dict[str, str], bytes]


class StorageGate:
    """The server; it listens as soon as it is made.

    Args:
        certificate: Its TLS certificate and key, one PEM file.
        authority: Who has signed Azurite's certificate, PEM.
        port: Azurite's port.
    """

    def __init__(self, certificate: Path, authority: Path, port: int) -> None:
        self.faults = Faults()
        self.requests: list[tuple[str, str]] = []
        """Method and path of every request, in their order."""
        self._context = ssl.create_default_context(cafile=str(authority))
        self._azurite = port
        gate = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                path = unquote(urlsplit(self.path).path)
                gate.requests.append((self.command, path))
                fault = gate.faults.take(self.command, path)
                if fault is not None and not fault.is_to_be_done():
                    self._break_off()
                    return
                if fault is not None and isinstance(fault.kind, int):
                    status, headers, data = _refuse(fault)
                else:
                    status, headers, data = gate.ask(
                        self.command, self.path, list(self.headers.items()), body
                    )
                if fault is not None and fault.kind == "lost":
                    self._break_off()
                    return
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if self.command != "HEAD":
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

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _answer  # noqa: N815

            def log_message(self, *_: Any) -> None:
                pass

        self._server = TlsServer(certificate, Handler)
        self.port = self._server.port

    def stop(self) -> None:
        self._server.stop()

    def ask(self, method: str, target: str, headers: list[tuple[str, str]], body: bytes) -> Answer:
        """Ask Azurite, and return its status, its headers and its whole body."""
        connection = http.client.HTTPSConnection("127.0.0.1", self._azurite, context=self._context)
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        for name, value in headers:
            if name.lower() != "connection":
                connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        data = answer.read()
        kept = {n: v for n, v in answer.getheaders() if n.lower() not in HOP_BY_HOP}
        if method == "HEAD" and answer.getheader("Content-Length"):
            kept["Content-Length"] = str(answer.getheader("Content-Length"))
        connection.close()
        return answer.status, kept, data


def _refuse(fault: Fault) -> Answer:
    codes = {401: "NoAuthenticationInformation", 403: "AuthorizationFailure", 503: "ServerBusy"}
    code = codes.get(int(fault.kind), "InternalError")
    text = (
        f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{fault.message}</Message></Error>"
    )
    headers = {"Content-Type": "application/xml", "x-ms-error-code": code}
    if fault.retry_after:
        headers["Retry-After"] = fault.retry_after
    return int(fault.kind), headers, text.encode()
