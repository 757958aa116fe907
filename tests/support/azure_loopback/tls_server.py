"""The TLS server under the parts of the loopback; what each answers is a handler of its own."""

import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


class TlsServer(ThreadingHTTPServer):
    """A server at a free port of this machine; it listens as soon as it is made.

    Args:
        certificate: Its TLS certificate and key, one PEM file.
        handler: What answers a request.
    """

    daemon_threads = True

    def __init__(self, certificate: Path, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.socket = context.wrap_socket(
            self.socket, server_side=True, do_handshake_on_connect=False
        )
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_: Any) -> None:
        """Say nothing: clients that hang up or are killed are what some tests are about."""

    def stop(self) -> None:
        """End it, and free its port."""
        self.shutdown()
        self.server_close()
