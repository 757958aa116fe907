"""End a step that Azure ML cancels or preempts: its node, its children, its log.

Python calls a signal's handler only between two instructions of its own, and a node may spend hours
in one call of a library. So a thread waits for the signal and leaves the process, when everything
that it has started has ended.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kedro_azureml_runner.protocol.step_times import write_step_time

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

EXIT_TERMINATED = 128 + signal.SIGTERM

CHILDREN_GRACE_S = 3.0
"""Seconds that the node's children have between SIGTERM and SIGKILL."""

_KILL_S = 0.5
"""Seconds in which what was killed is gone, and no pool starts another in its place."""

_FLUSH_GRACE_S = 2.0
_LOOK_EVERY_S = 0.02
_STDERR = 2
_PROCESSES = Path("/proc")


def end_on_sigterm(where: Callable[[], str]) -> None:
    """Have SIGTERM end this process and all that it has started, with the exit code 143.

    Code of the project that handles SIGTERM itself takes this over.

    Args:
        where: Says what the step is doing, for its log.
    """
    reading, writing = os.pipe()
    os.set_blocking(writing, False)

    def handle(_number: int, _frame: FrameType | None) -> None:
        # For code that has set another file, as asyncio does; else the thread knows already.
        os.write(writing, bytes([signal.SIGTERM]))
        threading.Event().wait()  # a node whose child is ended does not go on without it

    def wait() -> None:
        while os.read(reading, 1) != bytes([signal.SIGTERM]) or (
            signal.getsignal(signal.SIGTERM) is not handle
        ):
            pass
        _end(where)

    signal.signal(signal.SIGTERM, handle)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    # A process that is forked, such as a worker of multiprocessing, ends as any other does. Until
    # it has forgotten the handler it holds the signal back: the pipe that it has is this step's.
    held = threading.local()

    def hold() -> None:
        held.mask = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])

    def release() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, held.mask)

    def forget() -> None:
        # What the project has put there since then stays, as in any run.
        if (file := signal.set_wakeup_fd(-1)) not in {-1, writing}:
            signal.set_wakeup_fd(file)
        if signal.getsignal(signal.SIGTERM) is handle:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
        release()

    os.register_at_fork(before=hold, after_in_parent=release, after_in_child=forget)
    threading.Thread(target=wait, name="kedro-azureml-sigterm", daemon=True).start()


def _end(where: Callable[[], str]) -> None:
    with contextlib.suppress(ImportError):
        _end_other_threads()
    # Whatever holds a lock that the log needs must not hold up the end.
    limit = threading.Timer(
        CHILDREN_GRACE_S + _KILL_S + _FLUSH_GRACE_S, os._exit, [EXIT_TERMINATED]
    )
    limit.daemon = True
    limit.start()
    with contextlib.suppress(OSError):
        os.write(_STDERR, f"Step ended by SIGTERM {where()}.\n".encode())
    end_children(CHILDREN_GRACE_S)
    # Not through sys.stderr, whose lock the node may hold.
    with contextlib.suppress(OSError), open(_STDERR, "w", encoding="utf-8", closefd=False) as log:
        write_step_time("ended", log)
    for flush in (sys.stdout.flush, sys.stderr.flush, logging.shutdown):
        with contextlib.suppress(Exception):
            flush()
    os._exit(EXIT_TERMINATED)


def _end_other_threads() -> None:
    """End a pool's threads, which would start a process in place of each one that ends."""
    import ctypes

    kept = {threading.current_thread(), threading.main_thread()}
    for thread in set(threading.enumerate()) - kept:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(thread.ident or 0), ctypes.py_object(SystemExit)
        )


def end_children(grace_s: float) -> None:
    """End all processes below this one: with SIGTERM, and after a grace with SIGKILL.

    Args:
        grace_s: Seconds between the two.
    """
    known: set[_Process] = set()
    kill_at = time.monotonic() + grace_s
    give_up_at = kill_at + _KILL_S
    while True:
        running = _running()
        # What was once below stays known: a process whose parent has ended moves elsewhere.
        below = _below({os.getpid(), *(p.pid for p in known & running.keys())}, running)
        kill = time.monotonic() >= kill_at
        for process in below if kill else below - known:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(process.pid, signal.SIGKILL if kill else signal.SIGTERM)
        if not below or time.monotonic() >= give_up_at:
            return
        known |= below
        time.sleep(_LOOK_EVERY_S)


class _Process(NamedTuple):
    pid: int
    started: int
    """Identify a process, and not a later one of the same number."""


def _running() -> dict[_Process, int]:
    """Return every running process with the number of its parent; on Linux only."""
    running = {}
    for entry in _PROCESSES.iterdir() if _PROCESSES.is_dir() else ():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):
                # The name in the second field may hold anything, a bracket included.
                fields = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()
                if fields[0] not in "ZX":
                    running[_Process(int(entry.name), int(fields[19]))] = int(fields[1])
    return running


def _below(ancestors: set[int], running: dict[_Process, int]) -> set[_Process]:
    family = set(ancestors)
    while True:
        more = {p.pid for p, parent in running.items() if parent in family} - family
        if not more:
            return {p for p in running if p.pid in family and p.pid != os.getpid()}
        family |= more
