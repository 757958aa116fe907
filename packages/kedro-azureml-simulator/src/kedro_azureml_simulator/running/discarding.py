"""Folders that nobody needs any more: renamed aside, and deleted while the run goes on.

Deleting a folder takes milliseconds where making it took microseconds, so a run of many steps
would spend half of its time on it.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import stat
import subprocess
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

_SWEPT_AT_ONCE = 200
ASIDE = ".discarded-"
"""How the names start of what a run folder holds for a while only."""
# What a step took away the right to change is tried twice. In the background of a shell that ends
# nobody waits for it, and it leaves no zombie.
_DELETE = 'rm -rf -- "$@" || { chmod -R u+rwx -- "$@"; rm -rf -- "$@"; }'


class Discarded:
    """What nobody needs any more of a run.

    Args:
        run_dir: The run folder.
        scratch: A folder outside it, where what is being deleted disturbs nobody who walks the run
            folder. Where it is on another file system, the run folder holds it, and the run
            ends when it is gone.
    """

    def __init__(self, run_dir: Path, scratch: Path) -> None:
        self._run_dir = run_dir
        self._scratch = scratch
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self._pending: list[Path] = []
        self._deletions: list[subprocess.Popen[bytes]] = []

    def take_up(self) -> None:
        """Add what a run that was killed has left in the run folder."""
        for path in self._run_dir.glob(f"{ASIDE}*"):
            self.add(path)

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
            return self._rename(path)
        except PermissionError:
            # A folder that its step has made read-only keeps its place in the folder above it.
            path.chmod(path.stat().st_mode | stat.S_IRWXU)
            return self._rename(path)

    def _rename(self, path: Path) -> Path:
        try:
            return path.rename(self._scratch / f"discarded-{next(self._numbers)}")
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
        place = self._run_dir / f"{ASIDE}{next(self._numbers)}"
        while place.exists():  # what a killed run has left
            place = self._run_dir / f"{ASIDE}{next(self._numbers)}"
        return path.rename(place)

    def sweep(self) -> None:
        """Delete, in the background, what was added so far."""
        with self._lock:
            paths, self._pending = self._pending, []
            inside = [path for path in paths if path.parent == self._run_dir]
            if inside:
                self._deletions += _start(_DELETE, inside)
        delete_later(*(path for path in paths if path not in inside))

    def finish(self) -> list[Path]:
        """Delete what was added, and wait until the run folder holds none of it.

        Returns:
            What is in the run folder all the same, because it cannot be deleted.
        """
        self.sweep()
        with self._lock:
            deletions, self._deletions = self._deletions, []
        for deletion in deletions:
            deletion.wait()
        return sorted(self._run_dir.glob(f"{ASIDE}*")) if deletions else []


def delete_later(*paths: Path) -> None:
    """Delete files and folders in the background; return without waiting."""
    for shell in _start(f"{{ {_DELETE}; }} &", paths):
        shell.wait()


def _start(script: str, paths: Collection[Path]) -> list[subprocess.Popen[bytes]]:
    """Start a script with paths, if there are any and the machine can start one."""
    if not paths:
        return []
    # A PATH for the steps of a run may have no `rm`.
    path = os.pathsep.join(filter(None, [os.environ.get("PATH"), os.defpath]))
    with contextlib.suppress(OSError):
        return [
            subprocess.Popen(  # noqa: S603 - its own folders
                ["/bin/sh", "-c", script, "sh", *map(str, paths)],
                env={**os.environ, "PATH": path},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        ]
    return []
