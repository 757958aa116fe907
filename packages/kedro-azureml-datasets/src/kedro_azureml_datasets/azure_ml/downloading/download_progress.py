"""Show how far a download is: a bar on a terminal, lines in a log."""

from __future__ import annotations

import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from kedro_azureml_datasets.log import logger

if TYPE_CHECKING:
    from collections.abc import Iterator

_FILES_PER_LINE = 1000


class DownloadProgress:
    """Counts bytes and files; here they become lines in the log.

    Args:
        what: What is downloaded, for people.
        files: How many files it has, as far as that is known.
        size_bytes: How many bytes they have.
    """

    def __init__(self, what: str, files: int, size_bytes: int) -> None:
        self._what = what
        self._files = files
        self._size_bytes = size_bytes
        self._files_done = 0
        self._lock = threading.Lock()

    def expect(self, files: int, size_bytes: int) -> None:
        """Count files and bytes that are to come.

        Args:
            files: How many files.
            size_bytes: How many bytes they have.
        """
        with self._lock:
            self._files += files
            self._size_bytes += size_bytes

    def advance(self, count_bytes: int) -> None:
        """Count bytes that have come; a negative number takes back what must come again."""

    def file_done(self) -> None:
        """Count a file that is complete."""
        with self._lock:
            self._files_done += 1
            done = self._files_done
        self._show(done)

    def _show(self, done: int) -> None:
        if done % _FILES_PER_LINE == 0 or done == self._files:
            logger.info("%s: %d of %d files.", self._what, done, self._files)


class _TerminalProgress(DownloadProgress):
    def __init__(self, what: str, files: int, size_bytes: int, bar: Any, task: Any) -> None:
        super().__init__(what, files, size_bytes)
        self._bar = bar
        self._task = task

    def expect(self, files: int, size_bytes: int) -> None:
        super().expect(files, size_bytes)
        with self._lock:
            self._bar.update(self._task, total=self._size_bytes)

    def advance(self, count_bytes: int) -> None:
        self._bar.advance(self._task, count_bytes)

    def _show(self, done: int) -> None:
        self._bar.update(self._task, files=f"{done}/{self._files} files")


@contextmanager
def show_progress(what: str, files: int, size_bytes: int) -> Iterator[DownloadProgress]:
    """Show a download while it lasts.

    Args:
        what: What is downloaded, for people.
        files: How many files it has, as far as that is known: `DownloadProgress.expect`.
        size_bytes: How many bytes they have.

    Yields:
        What is to be told of every piece that has come.
    """
    if not sys.stderr.isatty():
        if files:
            logger.info("%s: downloading %d files, %s bytes.", what, files, f"{size_bytes:,}")
        yield DownloadProgress(what, files, size_bytes)
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TextColumn("{task.fields[files]}"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
    with bar:
        task = bar.add_task(what, total=size_bytes, files=f"0/{files} files")
        yield _TerminalProgress(what, files, size_bytes, bar, task)
