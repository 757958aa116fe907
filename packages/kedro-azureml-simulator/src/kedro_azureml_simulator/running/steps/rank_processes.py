"""The processes of one step, one for each rank: started, waited for and ended together."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING

from kedro_azureml_simulator.processes.processes import GRACE_S

if TYPE_CHECKING:
    from kedro_azureml_simulator.processes.processes import Command, Start, Supervisor
    from kedro_azureml_simulator.running.steps.ranks import Rank


class RankProcesses:
    """The processes of a step.

    Args:
        supervisor: What starts them.
    """

    def __init__(self, supervisor: Supervisor) -> None:
        self.failed_rank = 0
        """The rank whose exit code counts."""
        self._supervisor = supervisor
        self._commands: list[tuple[Rank, Command]] = []

    def __bool__(self) -> bool:
        return bool(self._commands)

    def start(self, rank: Rank, start: Start) -> None:
        """Start the process of a rank.

        Args:
            rank: The rank.
            start: What is started.

        Raises:
            ValueError: No process can be started with that.
        """
        self._commands.append((rank, self._supervisor.start(start)))

    def end(self, grace_s: float) -> None:
        """End all processes, from any thread; return without waiting.

        Args:
            grace_s: Seconds between SIGTERM and SIGKILL.
        """
        for _, command in list(self._commands):
            command.end(grace_s)

    def wait(self) -> int:
        """Wait for every process; the first that fails ends the others, and its code counts."""
        if len(self._commands) == 1:
            return self._commands[0][1].wait()
        ended: queue.SimpleQueue[tuple[Rank, int | OSError]] = queue.SimpleQueue()

        def wait(rank: Rank, command: Command) -> None:
            try:
                ended.put((rank, command.wait()))
            except OSError as error:
                ended.put((rank, error))

        for rank, command in self._commands:
            threading.Thread(target=wait, args=[rank, command], daemon=True).start()
        code = 0
        machine: OSError | None = None
        for _ in self._commands:
            rank, found = ended.get()
            if isinstance(found, OSError):
                machine = machine or found
                self.end(0)
            elif found and not code:
                code, self.failed_rank = found, rank.number
                self.end(GRACE_S)
        if machine is not None:
            raise machine
        return code
