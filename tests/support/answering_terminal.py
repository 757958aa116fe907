"""A terminal at which a test types, and whose screen is read all the time, so that nobody waits."""

from __future__ import annotations

import contextlib
import os
import pty
import threading
import time

_TIMEOUT_S = 110


class AnsweringTerminal:
    """A terminal; `name` is its device."""

    def __init__(self) -> None:
        self._ours, self._theirs = pty.openpty()
        self.name = os.ttyname(self._theirs)
        self.shown = ""
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        with contextlib.suppress(OSError):  # it is closed
            while piece := os.read(self._ours, 65536):
                self.shown += piece.decode(errors="replace")

    def type(self, text: str, after: str = "") -> None:
        """Type text when the screen shows what it answers."""
        end = time.monotonic() + _TIMEOUT_S
        while after not in self.shown:
            assert time.monotonic() < end, self.shown
            time.sleep(0.05)
        os.write(self._ours, text.encode())

    def close(self) -> None:
        os.close(self._theirs)
        os.close(self._ours)
