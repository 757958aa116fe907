"""Say which code of the project a command waits for, if it takes long.

A thread looks from time to time where the main thread is. It costs a tenth of a millisecond, and
nothing has to be told to it: code of the project, or a hook of a plugin, is on the stack or not.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from math import isnan
from pathlib import Path
from threading import TIMEOUT_MAX, Event, Thread, main_thread
from time import monotonic
from typing import TYPE_CHECKING

from kedro.utils import find_kedro_project

from kedro_azureml_cli.terminal.verbosity import is_quiet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

VARIABLE = "KEDRO_AZUREML_NOTICE_AFTER"
"""Environment variable: the seconds after which the first notice is printed; 0 prints none."""

_AFTER_S = 5.0
_LEAST_S = 0.1
"""A shorter time would take the processor from what is waited for."""

_GROWTH = 2
_LOOKS = 10
"""How often is looked before the first notice."""

_NOT_OF_THE_PROJECT = frozenset({"site-packages", "dist-packages"})
_CALLS_HOOKS = "pluggy."
_NO_PLUGINS = ("kedro.", "kedro_azureml_", "pluggy.")


class _Watch:
    """The thread, if there is one."""

    def __init__(self) -> None:
        self._stopped: Event | None = None

    @property
    def is_running(self) -> bool:
        return self._stopped is not None

    def start(self, after_s: float) -> None:
        self._stopped = Event()
        arguments = (self._stopped, after_s)
        Thread(target=_look_often, args=arguments, name="slow-project", daemon=True).start()

    def stop(self) -> None:
        if self._stopped is not None:
            self._stopped.set()
            self._stopped = None


_watch = _Watch()


@contextmanager
def watch() -> Iterator[None]:
    """Print a line to the standard error whenever the project's code takes long meanwhile."""
    start()
    try:
        yield
    finally:
        _watch.stop()


def start() -> None:
    """Begin to watch, until the next `watch` ends; a quiet command is not watched."""
    after_s = read_limit_s()
    if after_s and not _watch.is_running and not is_quiet():
        _watch.start(after_s)


def read_limit_s() -> float:
    """Return after how many seconds the first notice is printed; 0 prints none."""
    try:
        after_s = float(os.environ.get(VARIABLE, _AFTER_S))
    except ValueError:
        return _AFTER_S
    if isnan(after_s):
        return _AFTER_S
    return min(max(after_s, _LEAST_S), TIMEOUT_MAX) if after_s > 0 else 0


def _look_often(stopped: Event, after_s: float) -> None:
    project = find_kedro_project(Path.cwd())
    since: float | None = None
    due_s = after_s
    while not stopped.wait(after_s / _LOOKS):
        frame = sys._current_frames().get(main_thread().ident or 0)
        place = find_waiting_place(frame, project)
        if place is None:
            since, due_s = None, after_s
            continue
        since = since or monotonic()
        waited_s = monotonic() - since
        if waited_s >= due_s - after_s / _LOOKS and not stopped.is_set():
            _print(f"Waiting for {place} ({due_s:g} s so far)\n")
            due_s *= _GROWTH


def find_waiting_place(frame: FrameType | None, project: Path | None) -> str | None:
    """Return the deepest place in the project's source, or else in a plugin that is called.

    Args:
        frame: The deepest frame of a thread.
        project: The project's folder.

    Returns:
        None if neither the project nor a plugin is running.
    """
    plugin = None
    source = f"{project}{os.sep}"
    while frame is not None:
        file = frame.f_code.co_filename
        if project and file.startswith(source):  # no Path: this is done for each frame
            inside = Path(file).relative_to(project)
            if not _NOT_OF_THE_PROJECT & set(inside.parts):
                return f"the project's code: {_describe(inside, frame)}"
        caller = frame.f_back
        is_called = caller is not None and _module(caller).startswith(_CALLS_HOOKS)
        if is_called and not _module(frame).startswith(_NO_PLUGINS):
            plugin = f"a hook of a plugin: {_describe(Path(file), frame)}"
        frame = caller
    return plugin


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))


def _describe(file: Path, frame: FrameType) -> str:
    name = frame.f_code.co_name
    inside = "" if name == "<module>" else f", in {name}"
    return f"{file.as_posix()}:{frame.f_lineno}{inside}"


def _print(text: str) -> None:
    # Not by sys.stderr, whose lock the main thread may hold when the process ends.
    with suppress(OSError, ValueError, AttributeError):
        stream = sys.__stderr__
        os.write(stream.fileno() if stream is not None else 2, text.encode(errors="replace"))
