"""The process that starts all others of a run, and leaves none of them behind.

It is a child of the simulator, in its own process group, and forks one keeper for each
command. A keeper adopts every process that its command leaves (Linux: `PR_SET_CHILD_SUBREAPER`),
so that what escaped from the process group is known all the same, and goes with the command.
When the simulator ends, for whatever reason, the kernel closes its end of the pipe of requests:
the supervisor then kills all keepers' processes, removes the scratch folder and ends.

Requests and answers are dictionaries, marshalled, after four bytes with their length; both ends
are the same interpreter. `Start` in `processes.py` says what a request holds.
"""

# Every run starts this process, so it imports little: pathlib, contextlib, typing and json would
# each cost more than all of its work.
# ruff: noqa: PTH112, PTH123, PTH208, SIM105, S302

from __future__ import annotations

import ctypes
import marshal
import os
import select
import signal
import sys

from kedro_azureml_simulator.processes import namespaces

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from typing import Any

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
# By name, because the module is imported on Windows too, where nothing can run.
_END, _KILL, _CHILD = (getattr(signal, name, 0) for name in ("SIGTERM", "SIGUSR1", "SIGCHLD"))
_WAITED_FOR = {_CHILD, _END, _KILL}
_FROM_TERMINAL = tuple(
    getattr(signal, name, 0) for name in ("SIGINT", "SIGQUIT", "SIGHUP", "SIGTSTP")
)
_LENGTH_BYTES = 4


def pack(message: dict[str, Any]) -> bytes:
    """Return a request or an answer as the bytes that travel."""
    content = marshal.dumps(message)
    return len(content).to_bytes(_LENGTH_BYTES, "big") + content


def unpack(received: bytes) -> tuple[list[dict[str, Any]], bytes]:
    """Return the whole messages at the start of what was received, and the rest."""
    messages = []
    while len(received) >= _LENGTH_BYTES:
        end = _LENGTH_BYTES + int.from_bytes(received[:_LENGTH_BYTES], "big")
        if len(received) < end:
            break
        messages.append(marshal.loads(received[_LENGTH_BYTES:end]))
        received = received[end:]
    return messages, received


class _Supervisor:
    def __init__(self, requests: int, answers: int, scratch: str) -> None:
        self._requests = requests
        self._answers = answers
        self._scratch = scratch
        self._poll = select.poll()
        self._keepers: dict[int, int] = {}
        self._numbers: dict[int, int] = {}
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
                keeper = self._keepers.get(request["id"])
                if keeper is not None:
                    os.kill(keeper, _KILL if request["kill"] else _END)
        return True

    def _start(self, request: dict[str, Any]) -> None:
        number = request["start"]
        reader, writer = os.pipe()
        keeper = os.fork()
        if keeper == 0:
            code = 1
            try:
                os.close(self._requests)
                os.close(self._answers)
                os.close(reader)
                _keep(request, writer)
                code = 0
            finally:
                os._exit(code)
        os.close(writer)
        self._keepers[number] = keeper
        self._numbers[reader] = number
        self._poll.register(reader, select.POLLIN)

    def _hear_keeper(self, reader: int) -> None:
        report = os.read(reader, 1 << 16)
        self._poll.unregister(reader)
        os.close(reader)
        number = self._numbers.pop(reader)
        _, status = os.waitpid(self._keepers.pop(number), 0)
        answers, _ = unpack(report)
        if status != 0 or not answers:
            # Somebody killed it: what it had adopted is ours now.
            _end_orphans(self._keepers.values())
            answers = [{"errno": 0, "text": "its keeper was killed"}]
        self._answer({"id": number, **answers[0]})

    def _answer(self, answer: dict[str, Any]) -> None:
        try:
            os.write(self._answers, pack(answer))
        except OSError:
            pass  # a simulator that has gone is noticed where its requests are read

    def _end_all(self) -> None:
        for keeper in self._keepers.values():
            os.kill(keeper, _KILL)
        for keeper in self._keepers.values():
            os.waitpid(keeper, 0)
        _end_orphans(())
        if os.path.isdir(self._scratch):
            import shutil  # the simulator was killed, so nobody waits for this

            shutil.rmtree(self._scratch, ignore_errors=True)


def _keep(request: dict[str, Any], writer: int) -> None:
    """Run one command, until nothing of it is left; report how it ended."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    # A supervisor that is killed takes its keepers with it, and they what they keep.
    _prctl(_PR_SET_PDEATHSIG, _KILL)
    failure_reader, failure_writer = os.pipe()
    command = os.fork()
    if command == 0:
        try:
            os.close(failure_reader)
            _become(request)
        except BaseException as error:
            number = getattr(error, "errno", None) or 0
            text = getattr(error, "strerror", None) or str(error)
            os.write(failure_writer, pack({"errno": number, "text": text}))
        finally:
            os._exit(127)
    os.close(failure_writer)
    failed = os.read(failure_reader, 1 << 16)
    code = _wait(command, in_group=not request["interactive"])
    os.write(writer, failed or pack({"code": code}))


def _wait(command: int, *, in_group: bool) -> int:
    code: int | None = None
    ending = killing = False
    while True:
        # Whoever is being ended may have children that still save something: they have until
        # the order to kill. What outlives a command that ended by itself goes with it.
        if killing or (code is not None and not ending):
            if in_group:
                _signal(os.killpg, command, signal.SIGKILL)
            for child in _children():
                _signal(os.kill, child, signal.SIGKILL)
        received = signal.sigwait(_WAITED_FOR)
        if received == _END and code is None:
            ending = True
            _signal(os.killpg if in_group else os.kill, command, signal.SIGTERM)
        killing = killing or received == _KILL
        while True:
            try:
                ended, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return 0 if code is None else code
            if ended == 0:
                break
            if ended == command:
                code = os.waitstatus_to_exitcode(status)


def _become(request: dict[str, Any]) -> None:
    """Turn this process into the command."""
    if request["interactive"]:
        # The terminal's own group: what is typed there, Ctrl-C included, is for the command.
        try:
            os.setpgid(0, os.getpgid(request["interactive"]))
        except OSError:
            pass
    else:
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        log = os.open(request["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        os.dup2(log, 1)
        os.dup2(log, 2)
    for number in (*_FROM_TERMINAL, signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _WAITED_FOR)
    if request["view"] is not None:
        namespaces.enter(request["view"])
    # After the namespace: a change of rights would take it back.
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    os.chdir(request["cwd"])
    os.execve(request["argv"][0], request["argv"], request["env"])  # noqa: S606 - the purpose


def _signal(send: Callable[[int, int], None], process: int, number: int) -> None:
    try:
        send(process, number)
    except (ProcessLookupError, PermissionError):
        pass


def _end_orphans(keepers: Collection[int]) -> None:
    """Kill every child that is not a keeper, and what becomes a child by that."""
    while True:
        orphans = [child for child in _children() if child not in keepers]
        if not orphans:
            return
        for child in orphans:
            _signal(os.kill, child, signal.SIGKILL)
        for child in orphans:
            os.waitpid(child, 0)


def _children() -> list[int]:
    """Return this process's children; only Linux can tell."""
    own = os.getpid()
    try:
        with open(f"/proc/self/task/{own}/children", "rb") as file:
            return [int(text) for text in file.read().split()]
    except OSError:
        pass
    found = []
    for name in os.listdir("/proc") if os.path.isdir("/proc") else ():
        if name.isdecimal():
            try:
                with open(f"/proc/{name}/stat", "rb") as file:
                    # The name in the second field may hold anything, a bracket included.
                    if int(file.read().rpartition(b")")[2].split()[1]) == own:
                        found.append(int(name))
            except OSError:
                pass  # it has just ended
    return found


def _prctl(option: int, value: int) -> None:
    function = getattr(ctypes.CDLL(None), "prctl", None)
    if function is not None:
        function(option, value, 0, 0, 0)


def main() -> None:
    """Serve one simulator: descriptors of requests and answers, and the scratch folder."""
    try:
        os.setpgid(0, 0)
    except OSError:
        pass
    # A terminal's signals are for the simulator, which then says what is to be done.
    for number in _FROM_TERMINAL:
        signal.signal(number, signal.SIG_IGN)
    # Blocked here, so that no keeper can lose one before it waits for it.
    signal.pthread_sigmask(signal.SIG_BLOCK, _WAITED_FOR)
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    _Supervisor(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]).run()
    os._exit(0)
