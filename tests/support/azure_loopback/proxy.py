"""A CONNECT proxy that leads Azure's host names to ports of this machine, and no other name."""

import contextlib
import fnmatch
import select
import socket
import socketserver
import threading
import time

BUFFER_BYTES = 65536


class Proxy:
    """The proxy; it listens at once.

    Args:
        routes: Host name, `*` allowed, to a port on 127.0.0.1.
    """

    def __init__(self, routes: dict[str, int]) -> None:
        self.routes = routes
        self.connections: list[str] = []
        """Every host that was asked for, allowed or not."""
        self.cuts: list[tuple[str, int]] = []
        """Host pattern and bytes: the next tunnel to that host is cut after so many bytes."""
        self.dead: set[str] = set()
        """Patterns of hosts to which no connection can be made, which the proxy says."""
        self.stalls: dict[str, int] = {}
        """Host pattern to bytes: every tunnel to that host is silent after so many bytes."""
        self.silent = False
        """Whether it takes requests and never answers."""
        self.delay_s = 0.0
        """How long each piece of an answer is held back."""
        self._lock = threading.Lock()
        proxy = self

        class Handler(socketserver.StreamRequestHandler):
            disable_nagle_algorithm = True

            def handle(self) -> None:
                proxy._serve(self)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _serve(self, handler: socketserver.StreamRequestHandler) -> None:
        request = handler.rfile.readline().decode("latin-1").split()
        while handler.rfile.readline().strip():
            pass
        host, _, _ = (request[1] if len(request) > 1 else "").partition(":")
        self.connections.append(host)
        if self.silent:
            handler.rfile.read()
            return
        if any(fnmatch.fnmatch(host, name) for name in self.dead):
            handler.wfile.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
            return
        ports = [port for name, port in self.routes.items() if fnmatch.fnmatch(host, name)]
        if not ports or request[0] != "CONNECT":
            handler.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            return
        handler.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", ports[0])) as up:
            up.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            stall = min(
                (size for name, size in self.stalls.items() if fnmatch.fnmatch(host, name)),
                default=None,
            )
            self._relay(handler.connection, up, self._limit(host), stall)

    def _limit(self, host: str) -> int | None:
        with self._lock:
            for cut in self.cuts:
                if fnmatch.fnmatch(host, cut[0]):
                    self.cuts.remove(cut)
                    return cut[1]
        return None

    def _relay(
        self, client: socket.socket, server: socket.socket, limit: int | None, stall: int | None
    ) -> None:
        while True:
            ready, _, _ = select.select([client, server], [], [])
            for source in ready:
                data = source.recv(BUFFER_BYTES)
                if not data:
                    return
                if source is server:
                    time.sleep(self.delay_s)
                    if stall is not None and (stall := stall - len(data)) < 0:
                        while client.recv(BUFFER_BYTES):
                            pass
                        return
                    if limit is not None and (limit := limit - len(data)) <= 0:
                        return
                (server if source is client else client).sendall(data)
