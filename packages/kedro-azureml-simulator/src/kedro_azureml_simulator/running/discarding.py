"""Folders that nobody needs any more: renamed aside, and deleted while the run goes on.

Deleting a folder takes milliseconds where making it took microseconds, so a run of many steps
would spend half of its time on it.
"""

from __future__ import annotations

import contextlib
import itertools
import subprocess
import threading
from pathlib import Path

_SWEPT_AT_ONCE = 200
# In the background of a shell that ends: nobody waits for it, and it leaves no zombie. What a step
# took away the right to change is tried twice.
_DELETE = '(rm -rf -- "$@" || { chmod -R u+rwx -- "$@"; rm -rf -- "$@"; }) &'


class Discarded:
    """The folder for what nobody needs any more.

    Args:
        run_dir: The run folder, which it is in.
    """

    def __init__(self, run_dir: Path) -> None:
        self._run_dir = run_dir
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self._pending: list[Path] = []

    def add(self, path: Path) -> None:
        """Take a file or folder away; one that does not exist is fine."""
        with self._lock:
            place = self._run_dir / f".discarded-{next(self._numbers)}"
            try:
                while place.exists():  # what a killed run has left
                    place = self._run_dir / f".discarded-{next(self._numbers)}"
                path.rename(place)
            except FileNotFoundError:
                return
            self._pending.append(place)
            full = len(self._pending) >= _SWEPT_AT_ONCE
        if full:
            self.sweep()

    def sweep(self) -> None:
        """Delete, in the background, what was added so far."""
        with self._lock:
            paths, self._pending = self._pending, []
        delete_later(*paths)


def delete_later(*paths: Path) -> None:
    """Delete files and folders in the background; return without waiting."""
    if paths:
        with contextlib.suppress(OSError):
            subprocess.run(  # noqa: S603 - its own folders
                ["/bin/sh", "-c", _DELETE, "sh", *map(str, paths)],
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
