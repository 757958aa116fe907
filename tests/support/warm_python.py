"""A Python that has its imports behind it, and starts in milliseconds where others need a second.

`WarmPython.path` is a program that is used as any interpreter is: `-m kedro run`, `-c CODE`, a file
or a folder to run. It hands its arguments, its environment, its working directory and its standard
streams to a server that has imported the given modules already; the server forks, and the fork runs
as a fresh interpreter would, in the mount namespace of whoever started the program. What is asked
of the interpreter itself (`-V`, `-I`, ...) is answered by the real one.

Only what is imported before differs from a real start, so a module that the code under test brings
along (the runner in a bundle) must not be among the preloaded ones.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import inspect
import marshal
import os
import runpy
import shlex
import socket
import struct
import subprocess
import sys
import threading
import traceback
from importlib import import_module
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from typing import TYPE_CHECKING

from quick_stack import read_stack

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

# As little as can be: `import socket` alone would triple the start of this program.
_CLIENT = """
import _socket, marshal, os, sys

argv = sys.argv[1:]
if not argv or (argv[0][:1] == "-" and argv[0] not in ("-m", "-c")):
    os.execv({real!r}, [{real!r}, *argv])
server = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
server.connect({address!r})
text = marshal.dumps((argv, dict(os.environ), os.getcwd()))
text = len(text).to_bytes(8, "big") + text
fds = b"".join(fd.to_bytes(4, sys.byteorder) for fd in (0, 1, 2))
sent = server.sendmsg([text], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, fds)])
server.sendall(text[sent:])
code = int(server.recv(9) or 70)
if code < 0:
    os.kill(os.getpid(), -code)
os._exit(code)
"""


class WarmPython:
    """The server, as a context; it ends with it.

    Args:
        folder: A folder for the program and its socket, which exists; short, as paths of sockets
            have to be.
        preload: Modules that the server imports before.
        python: The interpreter whose modules these are; else the one of this process.
    """

    def __init__(
        self, folder: Path, preload: Iterable[str], python: Path | str = sys.executable
    ) -> None:
        self.path = folder / "python"
        address, client = folder / "socket", folder / "client.py"
        client.write_text(_CLIENT.format(real=str(python), address=str(address)))
        start = " ".join(map(shlex.quote, [str(python), "-IS", str(client)]))
        self.path.write_text(f'#!/bin/sh\nexec {start} "$@"\n')
        self.path.chmod(0o755)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(address))
            listener.listen(128)  # who comes before the server is ready waits
            self._server = subprocess.Popen(
                [str(python), __file__, str(listener.fileno()), *preload],
                pass_fds=[listener.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env={
                    **os.environ,
                    "KEDRO_DISABLE_TELEMETRY": "1",
                    "MLFLOW_DISABLE_TELEMETRY": "true",  # else it starts a thread on import
                },
            )

    def __enter__(self) -> WarmPython:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.terminate()
        self._server.wait()


def serve(descriptor: int) -> None:
    """Fork for each program that connects, until this process is ended."""
    with socket.socket(fileno=descriptor) as listener, DefaultSelector() as selector:
        selector.register(listener, EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is listener:
                    client, _ = listener.accept()
                    pid = os.fork()
                    if pid == 0:
                        selector.close()
                        listener.close()
                        os._exit(_fork(client))
                    selector.register(os.pidfd_open(pid), EVENT_READ, (pid, client))
                else:
                    selector.unregister(key.fd)
                    os.close(key.fd)
                    pid, client = key.data
                    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
                    with contextlib.suppress(OSError), client:
                        client.sendall(str(code).encode())


def _fork(client: socket.socket) -> int:
    argv, environ, cwd = _receive(client)
    pid = struct.unpack("3i", client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]
    try:
        try:
            _enter_namespaces(pid)  # before there is a second thread, with which it would fail
        except FileNotFoundError:  # the program has been ended meanwhile
            return 143
        # Who ends the program ends what it has started.
        threading.Thread(target=lambda: client.recv(1) or os._exit(143), daemon=True).start()
        os.chdir(cwd)
        os.environ.clear()
        os.environ.update(environ)
        code = _run(argv)
    except BaseException:
        traceback.print_exc()
        code = 1
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    return code


def _receive(client: socket.socket) -> tuple[list[str], dict[str, str], str]:
    text, fds, _, _ = socket.recv_fds(client, 1 << 16, 3)
    while len(text) < 8 or len(text) - 8 < int.from_bytes(text[:8], "big"):
        text += client.recv(1 << 16)
    for place, fd in enumerate(fds):
        os.dup2(fd, place)
        os.close(fd)
    request: tuple[list[str], dict[str, str], str] = marshal.loads(text[8:])
    return request


def _enter_namespaces(pid: int) -> None:
    """See of this machine what the program sees that asked."""
    libc = ctypes.CDLL(None, use_errno=True)
    for kind in ("user", "mnt"):
        theirs, ours = (Path(f"/proc/{process}/ns/{kind}") for process in (pid, "self"))
        if theirs.readlink() != ours.readlink():
            with theirs.open() as handle:
                if libc.setns(handle.fileno(), 0) != 0:
                    raise OSError(ctypes.get_errno(), f"setns {kind}")


def _run(argv: list[str]) -> int:
    try:
        if argv[0] == "-c":
            sys.argv, sys.path[0] = ["-c", *argv[2:]], ""
            exec(compile(argv[1], "<string>", "exec"), {"__name__": "__main__"})
        elif argv[0] == "-m":
            sys.argv, sys.path[0] = argv[1:], os.getcwd()  # noqa: PTH109
            runpy.run_module(argv[1], run_name="__main__", alter_sys=True)
        else:
            sys.argv = argv
            if os.path.isfile(argv[0]):  # noqa: PTH113
                sys.path[0] = os.path.dirname(argv[0])  # noqa: PTH120
            else:
                del sys.path[0]  # running a folder puts itself there
            runpy.run_path(argv[0], run_name="__main__")
    except SystemExit as error:
        if error.code is None or isinstance(error.code, int):
            return error.code or 0
        print(error.code, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    for module in sys.argv[2:]:
        import_module(module)
    inspect.stack = read_stack
    gc.freeze()  # what is here stays: a fork's collector need not touch, and so copy, it
    serve(int(sys.argv[1]))
