"""A step's command as a process group, of which nothing is left when the step is over."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

GRACE_S = 5.0
_LOOK_EVERY_S = 0.01


class StepProcess:
    """A command that runs in bash, in a session and process group of its own.

    Args:
        command: The line for bash.
        bash: The shell.
        cwd: The working directory.
        env: The whole environment.
        log: The file that stdout and stderr go to, both of them, byte for byte.
        marker: A text that stands in `env` and in no other process's environment: what left
            the process group is found by it.

    Raises:
        OSError: The machine cannot start it.
    """

    def __init__(
        self,
        command: str,
        *,
        bash: Path,
        cwd: Path,
        env: Mapping[str, str],
        log: Path,
        marker: str,
    ) -> None:
        self._marker = marker.encode()
        self._lock = threading.Lock()
        self._kill_at: float | None = None
        self._killer: threading.Timer | None = None
        with log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 - running the command is the purpose
                [str(bash), "-c", command],
                cwd=cwd,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait(self) -> int:
        """Wait until the command has ended, then end what it left behind.

        Returns:
            The exit code, 128 + n if signal n ended the command.
        """
        code = self._process.wait()
        with self._lock:
            kill_at = self._kill_at
        # A step that is being ended may have children that still save something: they get the
        # rest of the grace. What outlives a command that ended by itself ends with it, as the
        # processes of a container do.
        while kill_at is not None and time.monotonic() < kill_at and self._group_lives():
            time.sleep(_LOOK_EVERY_S)
            with self._lock:
                kill_at = self._kill_at
        self._signal(signal.SIGKILL)
        if self._killer is not None:
            self._killer.cancel()
        _kill_marked(self._marker)
        return 128 - code if code < 0 else code

    def end(self, grace_s: float = GRACE_S) -> None:
        """Ask the whole group to end, and kill it after a grace; returns at once.

        Args:
            grace_s: Seconds between SIGTERM and SIGKILL; 0 kills at once.
        """
        with self._lock:
            kill_at = time.monotonic() + grace_s
            if self._kill_at is not None and self._kill_at <= kill_at:
                return
            self._kill_at = kill_at
            if self._killer is not None:
                self._killer.cancel()
            self._killer = threading.Timer(grace_s, self._signal, [signal.SIGKILL])
            self._killer.daemon = True
            self._killer.start()
        self._signal(signal.SIGTERM)

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    def _group_lives(self) -> bool:
        try:
            os.killpg(self._process.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        # A process that has ended counts there until its new parent asks, which may take long.
        states = [state for group, state in _groups() if group == self._process.pid]
        return not states or any(state != "Z" for state in states)


def _groups() -> Iterator[tuple[int, str]]:
    """Yield process group and state of every process, where `/proc` shows them."""
    processes = Path("/proc")
    for entry in processes.iterdir() if processes.is_dir() else ():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):
                # The name in the second field may hold anything, a bracket included.
                fields = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()
                yield int(fields[2]), fields[0]


def _kill_marked(marker: bytes) -> None:
    """Kill processes that left their group (`setsid`), where `/proc` shows environments."""
    processes = Path("/proc")
    # One that forks while it is looked for may be missed once, not each time.
    for _ in range(10):
        found = False
        for entry in processes.iterdir() if processes.is_dir() else ():
            if not entry.name.isdecimal():
                continue
            # Another user's process, or one that has just ended.
            with contextlib.suppress(OSError):
                if marker in (entry / "environ").read_bytes():
                    found = True
                    os.kill(int(entry.name), signal.SIGKILL)
        if not found:
            return
