"""Put downloaded files in their places, each once it is on the disk, while others are coming.

Waiting for the disk after each file would take as long as the download itself.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, NamedTuple

from kedro_azureml_datasets.azure_ml.downloading.durability import keep_files

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

_PAUSE_S = 0.5
_AHEAD_BYTES = 64 * 1024**2
_AHEAD_UP_TO_BYTES = 1024**3
"""Beyond that the system writes to the disk by itself, and a flush only blocks the writers."""


class _Arrived(NamedTuple):
    """A file that has come, and where it belongs."""

    temporary: Path
    target: Path


class Arrivals:
    """Files that have come and are not in their places yet; a context manager.

    Its end waits until all are.

    Args:
        on_place: Called after each file that is in its place.
    """

    def __init__(self, on_place: Callable[[], None]) -> None:
        self._on_place = on_place
        self._changed = threading.Condition()
        self._arrived: list[_Arrived] = []
        self._coming: dict[Path, int] = {}
        self._is_over = False
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="azureml-arrivals", daemon=True)

    def __enter__(self) -> Arrivals:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._changed:
            self._is_over = True
            self._changed.notify()
        self._thread.join()  # what has come is kept also where the rest does not
        if error is None and self._error is not None:
            raise self._error

    def expect(self, temporary: Path) -> None:
        """Flush a large file while it comes, so that its end has not to wait for all of it.

        Args:
            temporary: The file, which is being written.
        """
        with self._changed:
            self._coming[temporary] = 0

    def put(self, temporary: Path, target: Path) -> None:
        """Put a file in its place, once it is on the disk.

        Args:
            temporary: The file, complete.
            target: Its place.

        Raises:
            OSError: An earlier one could not be put in its place.
        """
        with self._changed:
            self._coming.pop(temporary, None)
            if self._error is not None:
                raise self._error
            self._arrived.append(_Arrived(temporary, target))

    def _work(self) -> None:
        try:
            while self._wait():
                with self._changed:
                    batch, self._arrived = self._arrived, []
                self._place(batch)
                self._flush_ahead()
        except BaseException as error:
            self._error = error

    def _wait(self) -> bool:
        """Wait for a while, in which more files come that are flushed together."""
        with self._changed:
            if not self._is_over:
                self._changed.wait_for(lambda: self._is_over, _PAUSE_S)
            return bool(self._arrived) or not self._is_over

    def _place(self, batch: list[_Arrived]) -> None:
        keep_files([temporary for temporary, _ in batch])
        for temporary, target in batch:
            target.parent.mkdir(parents=True, exist_ok=True)
            temporary.replace(target)
            self._on_place()

    def _flush_ahead(self) -> None:
        with self._changed:
            coming = dict(self._coming)
        for temporary, flushed_bytes in coming.items():
            try:
                size_bytes = temporary.stat().st_size
                if flushed_bytes > _AHEAD_UP_TO_BYTES or size_bytes - flushed_bytes < _AHEAD_BYTES:
                    continue
                keep_files([temporary])
            except FileNotFoundError:
                continue  # not begun yet, or in its place already
            with self._changed:
                if temporary in self._coming:
                    self._coming[temporary] = size_bytes
