"""The process that starts all others of a run, and leaves none of them behind.

It is a child of the simulator, in its own process group, and forks a keeper for each command
that runs at a time (`keeping.py`). When the simulator ends, for whatever reason, the kernel closes
its end of the pipe of requests: the supervisor then kills all keepers' processes, removes the
scratch folder and ends.

Requests and answers are dictionaries, marshalled, after four bytes with their length; both ends
are the same interpreter. `Start` in `processes.py` says what a request holds.
"""

# Every run starts this process, so it imports little: pathlib, contextlib, typing and json would
# each cost more than all of its work.
# ruff: noqa: PTH112, SIM105

from __future__ import annotations

import os
import select
import signal
import sys

from kedro_azureml_simulator.processes import namespaces
from kedro_azureml_simulator.processes.keeping import (
    END,
    FROM_TERMINAL,
    KILL,
    WAITED_FOR,
    adopt_orphans,
    end_orphans,
    keep,
    pack,
    unpack,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class _Keeper:
    """A keeper as the supervisor knows it; `number` is that of its command, None without one."""

    def __init__(self, process: int, requests: int, reports: int) -> None:
        self.process = process
        self.requests = requests
        self.reports = reports
        self.number: int | None = None
        self.was_signalled = False

    def give(self, request: bytes) -> bool:
        """Hand a request over; False where the keeper has gone."""
        try:
            while request:
                request = request[os.write(self.requests, request) :]
        except BrokenPipeError:
            return False
        return True

    def order(self, number: int) -> None:
        """Send a signal, also where the command has stopped its keeper."""
        self.was_signalled = True
        os.kill(self.process, number)
        os.kill(self.process, signal.SIGCONT)


class _Supervisor:
    def __init__(self, requests: int, answers: int, scratch: str) -> None:
        self._requests = requests
        self._answers = answers
        self._scratch = scratch
        self._poll = select.poll()
        self._keepers: dict[int, _Keeper] = {}
        self._busy: dict[int, _Keeper] = {}
        self._idle: list[_Keeper] = []
        self._received = b""

    def run(self) -> None:
        self._poll.register(self._requests, select.POLLIN)
        self._answer({"ready": True, "refusal": namespaces.find_refusal(self._scratch)})
        while True:
            for descriptor, _ in self._poll.poll():
                if descriptor != self._requests:
                    self._hear_keeper(descriptor)
                elif not self._hear_simulator():
                    return

    def _hear_simulator(self) -> bool:
        received = os.read(self._requests, 1 << 16)
        if not received:
            self._end_all()
            return False
        requests, self._received = unpack(self._received + received)
        for request in requests:
            if "start" in request:
                self._start(request)
            else:
                keeper = self._busy.get(request["id"])
                if keeper is not None:
                    keeper.order(KILL if request["kill"] else END)
        return True

    def _start(self, request: dict[str, Any]) -> None:
        number, content = request["start"], pack(request)
        while True:
            keeper = self._idle.pop() if self._idle else None
            if keeper is None:
                keeper = self._fork()
                keeper.number = number
                keeper.give(content)
                break
            if keeper.give(content):
                keeper.number = number
                break
        self._busy[number] = keeper

    def _fork(self) -> _Keeper:
        requests, given = os.pipe()
        reports, reporting = os.pipe()
        process = os.fork()
        if process == 0:
            code = 1
            try:
                # A keeper that held the pipes of another would keep it from seeing their end.
                for other in self._keepers.values():
                    os.close(other.requests)
                    os.close(other.reports)
                for descriptor in (self._requests, self._answers, given, reports):
                    os.close(descriptor)
                keep(requests, reporting)
                code = 0
            finally:
                os._exit(code)
        os.close(requests)
        os.close(reporting)
        keeper = self._keepers[reports] = _Keeper(process, given, reports)
        self._poll.register(reports, select.POLLIN)
        return keeper

    def _hear_keeper(self, reports: int) -> None:
        keeper = self._keepers[reports]
        number, keeper.number = keeper.number, None
        answers, _ = unpack(os.read(reports, 1 << 16))
        # A signal may come after the command has ended: it must not meet the next one.
        if not answers or answers[0].pop("spent") or keeper.was_signalled:
            self._part_with(keeper)
        else:
            self._idle.append(keeper)
        if number is None:
            return  # somebody killed an idle one
        del self._busy[number]
        if not answers:
            # Somebody killed it: what it had adopted is ours now.
            end_orphans([keeper.process for keeper in self._keepers.values()])
            answers = [{"errno": 0, "text": "its keeper was killed"}]
        self._answer({"id": number, **answers[0]})

    def _part_with(self, keeper: _Keeper) -> None:
        """Let a keeper without a command go, or one that has gone."""
        del self._keepers[keeper.reports]
        if keeper in self._idle:
            self._idle.remove(keeper)
        self._poll.unregister(keeper.reports)
        os.close(keeper.reports)
        os.close(keeper.requests)
        os.waitpid(keeper.process, 0)

    def _answer(self, answer: dict[str, Any]) -> None:
        try:
            os.write(self._answers, pack(answer))
        except OSError:
            pass  # a simulator that has gone is noticed where its requests are read

    def _end_all(self) -> None:
        for keeper in self._keepers.values():
            keeper.order(KILL)
        for keeper in list(self._keepers.values()):
            self._part_with(keeper)
        end_orphans(())
        if os.path.isdir(self._scratch):
            import shutil  # the simulator was killed, so nobody waits for this

            shutil.rmtree(self._scratch, ignore_errors=True)


def main() -> None:
    """Serve one simulator: descriptors of requests and answers, and the scratch folder."""
    try:
        os.setpgid(0, 0)
    except OSError:
        pass
    # A terminal's signals are for the simulator, which then says what is to be done.
    for number in FROM_TERMINAL:
        signal.signal(number, signal.SIG_IGN)
    # Blocked here, so that no keeper can lose one before it waits for it.
    signal.pthread_sigmask(signal.SIG_BLOCK, WAITED_FOR)
    adopt_orphans()
    _Supervisor(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]).run()
    os._exit(0)
