"""Folders that nobody needs any more: renamed aside, and deleted while the run goes on.

Deleting a folder takes milliseconds where making it took microseconds, so a run of many steps
would spend half of its time on it.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import subprocess
import threading
from pathlib import Path

_SWEPT_AT_ONCE = 200
# In the background of a shell that ends: nobody waits for it, and it leaves no zombie. What a step
# took away the right to change is tried twice.
_DELETE = '(rm -rf -- "$@" || { chmod -R u+rwx -- "$@"; rm -rf -- "$@"; }) &'


class Discarded:
    """What nobody needs any more of a run.

    Args:
        run_dir: The run folder.
        scratch: A folder outside it, where what is being deleted disturbs nobody who walks the run
            folder. Where it is on another file system, the run folder holds it.
    """

    def __init__(self, run_dir: Path, scratch: Path) -> None:
        self._run_dir = run_dir
        self._scratch = scratch
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self._pending: list[Path] = []

    def add(self, path: Path) -> None:
        """Take a file or folder away; one that does not exist is fine."""
        with self._lock:
            try:
                self._pending.append(self._move(path))
            except FileNotFoundError:
                return
            full = len(self._pending) >= _SWEPT_AT_ONCE
        if full:
            self.sweep()

    def _move(self, path: Path) -> Path:
        try:
            return path.rename(self._scratch / f"discarded-{next(self._numbers)}")
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
        place = self._run_dir / f".discarded-{next(self._numbers)}"
        while place.exists():  # what a killed run has left
            place = self._run_dir / f".discarded-{next(self._numbers)}"
        return path.rename(place)

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
