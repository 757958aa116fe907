"""Commands as processes of a run: started, waited for, ended, by way of the supervisor."""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro_azureml_simulator.errors import MachineError
from kedro_azureml_simulator.processes.keeping import pack, unpack

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

GRACE_S = 5.0
_START_LIMIT_S = 60.0
_GONE = "the process that starts all others was killed"
# Without the package's own `__init__`, which the supervisor does not need.
_MAIN = (
    "import sys; package = type(sys)('kedro_azureml_simulator');"
    "package.__path__ = [sys.argv.pop(1)]; sys.modules[package.__name__] = package;"
    "from kedro_azureml_simulator.processes.supervisor import main; main()"
)


def name_ended(scratch: Path) -> Path:
    """Return what the scratch folder of a run is called when its supervisor has ended."""
    return scratch.with_name(scratch.name + "-ended")


@dataclass(frozen=True)
class View:
    """What a command sees in its own mount namespace.

    Args:
        hide: Folders that are covered by empty ones.
        binds: Triples of source, place and whether the place is read-only, in order.
    """

    hide: Sequence[Path]
    binds: Sequence[tuple[Path, Path, bool]]


@dataclass(frozen=True)
class Start:
    """A command to be started.

    Args:
        argv: The program, its path absolute, and its arguments.
        cwd: The working directory.
        env: The whole environment.
        log: The file that stdout and stderr are appended to, byte for byte; None for a command
            that shares this process's terminal, its stdin included.
        view: None for no namespace.
    """

    argv: Sequence[str]
    cwd: Path
    env: Mapping[str, str]
    log: Path | None
    view: View | None = None


class Supervisor:
    """The child process that starts all others, as a context.

    Args:
        scratch: The run's scratch folder, removed by the supervisor if this process is killed.
        interactive: Whether a command may share this process's terminal.

    Raises:
        OSError: The machine cannot start it.
    """

    def __init__(self, scratch: Path, *, interactive: bool = False) -> None:
        self._scratch = scratch
        self._lock = threading.Lock()
        self._commands: dict[int, Command] = {}
        self._ready: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._gone = False
        self._next = 0
        requests, self._requests = os.pipe()
        self._answers, answers = os.pipe()
        inherited = None if interactive else subprocess.DEVNULL
        try:
            self._process = subprocess.Popen(  # noqa: S603 - this very interpreter
                [
                    sys.executable, "-I", "-S", "-X", "utf8", "-c", _MAIN,
                    str(Path(__file__).parents[1]), str(requests), str(answers), str(scratch),
                ],
                pass_fds=[requests, answers],
                stdin=inherited,
                stdout=inherited,
            )  # fmt: skip
        finally:
            os.close(requests)
            os.close(answers)
        self._reader = threading.Thread(target=self._read, name="supervisor", daemon=True)
        self._reader.start()

    def __enter__(self) -> Supervisor:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # Renamed, so that it is not the supervisor, for which we wait, who deletes it.
        with contextlib.suppress(OSError):
            self._scratch.rename(name_ended(self._scratch))
        # Which ends it, and with it whatever still runs.
        with self._lock:
            self._gone = True
            os.close(self._requests)
        self._process.wait()
        self._reader.join()
        os.close(self._answers)

    def refusal(self) -> str:
        """Return why the kernel allows no mount namespace, empty where it does; ask once.

        Raises:
            MachineError: The supervisor did not start.
        """
        try:
            answer = self._ready.get(timeout=_START_LIMIT_S)
        except queue.Empty:
            answer = None
        if answer is None:
            raise MachineError(
                "the process that starts all others did not start",
                hint=f"does {sys.executable} run?",
            )
        return answer

    def start(self, request: Start) -> Command:
        """Start a command.

        Raises:
            ValueError: It holds what no operating system takes.
            OSError: The supervisor has gone.
        """
        for text in (*request.argv, *request.env, *request.env.values(), str(request.cwd)):
            if b"\0" in os.fsencode(text):
                message = "embedded null byte"
                raise ValueError(message)
        view = request.view
        with self._lock:
            number = self._next
            self._next += 1
            command = self._commands[number] = Command(self, number)
        self.send(
            {
                "start": number,
                "argv": list(request.argv),
                "cwd": str(request.cwd),
                "env": dict(request.env),
                "log": None if request.log is None else str(request.log),
                "interactive": os.getpid() if request.log is None else 0,
                "view": view
                and {
                    "hide": [str(folder) for folder in view.hide],
                    "binds": [[str(a), str(b), read_only] for a, b, read_only in view.binds],
                },
            }
        )
        return command

    def send(self, request: dict[str, Any]) -> None:
        """Send one request."""
        content = pack(request)
        with self._lock:
            if self._gone:
                raise OSError(_GONE)
            while content:
                content = content[os.write(self._requests, content) :]

    def _read(self) -> None:
        received = b""
        while content := os.read(self._answers, 1 << 16):
            answers, received = unpack(received + content)
            for answer in answers:
                if "ready" in answer:
                    self._ready.put(answer["refusal"])
                else:
                    with self._lock:
                        command = self._commands.pop(answer["id"])
                    command.ended.put(answer)
        self._ready.put(None)
        with self._lock:
            self._gone = True
            left = list(self._commands.values())
        for command in left:
            command.ended.put({"errno": 0, "text": _GONE})


class Command:
    """A command that was started, in its own session and process group."""

    def __init__(self, supervisor: Supervisor, number: int) -> None:
        self._supervisor = supervisor
        self._number = number
        self._lock = threading.Lock()
        self._kill_at: float | None = None
        self._killer: threading.Timer | None = None
        self.ended: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()

    def wait(self) -> int:
        """Wait until the command has ended and nothing that it started is left.

        A command that is being ended may have children that still save something: they get the
        rest of the grace. What outlives a command that ended by itself ends with it, as the
        processes of a container do.

        Returns:
            The exit code, 128 + n if signal n ended the command.

        Raises:
            OSError: The machine could not start it.
        """
        answer = self.ended.get()
        with self._lock:
            if self._killer is not None:
                self._killer.cancel()
        if "code" not in answer:
            number, text = answer["errno"], answer["text"]
            raise OSError(number, text) if number else OSError(text)
        code: int = answer["code"]
        return 128 - code if code < 0 else code

    def end(self, grace_s: float = GRACE_S) -> None:
        """Ask the whole group to end, and kill all of it after a grace; return without waiting.

        Args:
            grace_s: Seconds between SIGTERM and SIGKILL; 0 kills immediately.
        """
        with self._lock:
            kill_at = time.monotonic() + grace_s
            if self._kill_at is not None and self._kill_at <= kill_at:
                return
            self._kill_at = kill_at
            if self._killer is not None:
                self._killer.cancel()
            self._killer = threading.Timer(grace_s, self._send, [True])
            self._killer.daemon = True
            self._killer.start()
        self._send(False)

    def _send(self, kill: bool) -> None:
        with contextlib.suppress(OSError):
            self._supervisor.send({"id": self._number, "kill": kill})
