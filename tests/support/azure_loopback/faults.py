"""What can go wrong with a request: a connection that breaks, an answer that is an error."""

import re
import socket
import ssl
import struct
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field

SLOW_S = 1.0
"""How long a slow answer is held back: longer than any pause between two looks at a job."""

HELD_S = 120.0
"""How long a request waits to be released; never for ever."""


@dataclass
class Fault:
    """What happens to one request to Azure Resource Manager.

    Args:
        kind: A status to answer with; `reset` (nothing is done, the connection breaks), `lost` (it
            is done, and the connection breaks before the answer), `truncated` (half an answer),
            `slow` (a whole one, late) or `held` (nothing is done until `release`).
        pattern: Regular expression on method and path, as in `PUT .*/jobs/`.
        number: Which of the requests that it fits, from 1 on.
        times: How many of them, from that one on.
        retry_after: The header of that name, in seconds; empty for none.
        message: What an error says.
        code: Its code; by its status where it is empty.
    """

    kind: int | str
    pattern: str = ""
    number: int = 1
    times: int = 1
    retry_after: str = ""
    message: str = "It went wrong."
    code: str = ""
    _arrived: threading.Event = field(default_factory=threading.Event)
    _released: threading.Event = field(default_factory=threading.Event)
    _is_dropped: bool = False

    def wait(self) -> None:
        """Wait until a request that is held has arrived."""
        assert self._arrived.wait(HELD_S), f"no request like {self.pattern} came"

    def release(self) -> None:
        """Let the requests that are held go on."""
        self._released.set()

    def drop(self) -> None:
        """Let the requests that are held end without an answer, and do nothing."""
        self._is_dropped = True
        self._released.set()

    def is_to_be_done(self) -> bool:
        """Return whether to process a request, after any pause that the fault asks for."""
        if self.kind == "slow":
            time.sleep(SLOW_S)
        if self.kind == "held":
            self._arrived.set()
            return self._released.wait(HELD_S) and not self._is_dropped
        return self.kind != "reset"


class Faults:
    """The faults that are still to come."""

    def __init__(self) -> None:
        self._faults: list[tuple[Fault, list[int]]] = []
        self._lock = threading.Lock()

    def add(self, kind: int | str, pattern: str = "", **more: object) -> Fault:
        """Let a request go wrong: the arguments are those of `Fault`."""
        fault = Fault(kind, pattern, **more)  # type: ignore[arg-type]  # a test's own words
        self._faults.append((fault, [0]))
        return fault

    def clear(self) -> None:
        for fault, _ in self._faults:
            fault.drop()
        self._faults.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """Return what happens to a request, and count it."""
        with self._lock:
            for fault, seen in self._faults:
                if re.search(fault.pattern, f"{method} {path}"):
                    seen[0] += 1
                    if fault.number <= seen[0] < fault.number + fault.times:
                        return fault
        return None


def break_off(connection: ssl.SSLSocket) -> None:
    """End a connection as a network does that is gone: with a reset, not with a farewell."""
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()


def end_early(connection: ssl.SSLSocket) -> None:
    """End a connection behind what was written: that arrives, which a reset would not wait for."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_WR)
