"""The keeper of a command: a process that starts it, and ends only what the command has left.

A keeper adopts every process that its command leaves (Linux: `PR_SET_CHILD_SUBREAPER`), so that
what escaped from the process group is known all the same, and goes with the command. It then
keeps the next command: forking a keeper takes as long as forking the command itself.
"""

# Part of the supervisor's process, which imports little; see there.
# ruff: noqa: PTH112, PTH123, PTH208, SIM105, S302

from __future__ import annotations

import marshal
import os
import signal

from kedro_azureml_simulator.processes import namespaces

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from typing import Any

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
# By name, because the module is imported on Windows too, where nothing can run.
END, KILL, _CHILD = (getattr(signal, name, 0) for name in ("SIGTERM", "SIGUSR1", "SIGCHLD"))
"""What a keeper is sent: SIGTERM for the command, or SIGKILL for all that it has left."""
WAITED_FOR = {_CHILD, END, KILL}
FROM_TERMINAL = tuple(
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


def keep(requests: int, reports: int) -> None:
    """Run one command after the other, until the supervisor closes the requests.

    Args:
        requests: Where they come from, one when the last was reported.
        reports: Where to say how each command ended.
    """
    supervisor = os.getppid()
    adopt_orphans()
    # A supervisor that is killed takes its keepers with it, and they what they keep.
    _prctl(_PR_SET_PDEATHSIG, KILL)
    inheritance = _find_inheritance()
    received = b""
    while content := os.read(requests, 1 << 16):
        found, received = unpack(received + content)
        for request in found:
            answer = _run(request, supervisor)
            # A command may change its parent, as by `renice`; the next must not inherit that.
            answer["spent"] = _find_inheritance() != inheritance
            os.write(reports, pack(answer))


def _find_inheritance() -> list[object]:
    """Return what a command inherits of its keeper, and may have changed from outside."""
    found: list[object] = []
    if hasattr(os, "sched_getaffinity"):
        policy = os.sched_getscheduler(0)
        found = [os.sched_getaffinity(0), policy, os.getpriority(os.PRIO_PROCESS, 0)]
    for name in ("limits", "oom_score_adj", "cgroup"):
        try:
            with open(f"/proc/self/{name}", "rb") as file:
                found.append(file.read())
        except OSError:
            pass  # not Linux
    return found


def _run(request: dict[str, Any], supervisor: int) -> dict[str, Any]:
    """Run one command, until nothing of it is left; return how it ended."""
    reader, writer = os.pipe()
    command = os.fork()
    if command == 0:
        try:
            os.close(reader)
            _become(request)
        except BaseException as error:
            number = getattr(error, "errno", None) or 0
            text = getattr(error, "strerror", None) or str(error)
            os.write(writer, pack({"errno": number, "text": text}))
        finally:
            os._exit(127)
    os.close(writer)
    failed, _ = unpack(os.read(reader, 1 << 16))
    os.close(reader)
    code = _wait(command, supervisor, in_group=not request["interactive"])
    return failed[0] if failed else {"code": code}


def _wait(command: int, supervisor: int, *, in_group: bool) -> int:
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
        received = _receive(supervisor)
        if received == END and code is None:
            ending = True
            _signal(os.killpg if in_group else os.kill, command, signal.SIGTERM)
        killing = killing or received == KILL
        while True:
            try:
                ended, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return 0 if code is None else code
            if ended == 0:
                break
            if ended == command:
                code = os.waitstatus_to_exitcode(status)


def _receive(supervisor: int) -> int:
    """Wait for a signal; orders are the supervisor's alone: its command may send its parent any."""
    if not hasattr(signal, "sigwaitinfo"):  # macOS
        return signal.sigwait(WAITED_FOR)
    while True:
        received = signal.sigwaitinfo(WAITED_FOR)
        if received.si_signo == _CHILD or received.si_pid == supervisor:
            return received.si_signo


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
    for number in (*FROM_TERMINAL, signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, WAITED_FOR)
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


def end_orphans(keepers: Collection[int]) -> None:
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


def adopt_orphans() -> None:
    """Become the parent of what this process's descendants leave."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def _prctl(option: int, value: int) -> None:
    function = namespaces.find_function("prctl")
    if function is not None:
        function(option, value, 0, 0, 0)
