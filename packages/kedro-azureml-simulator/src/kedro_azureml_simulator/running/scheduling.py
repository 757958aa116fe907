"""Which step runs when: as its data allows, several at a time, in a repeatable order."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING

from kedro_azureml_simulator.errors import MachineError
from kedro_azureml_simulator.events import StepFinished, StepStarted
from kedro_azureml_simulator.processes.processes import GRACE_S
from kedro_azureml_simulator.results import StepResult

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from kedro_azureml_simulator.events import Event
    from kedro_azureml_simulator.planning.plan import Plan
    from kedro_azureml_simulator.running.steps.step_run import StepRun


class Schedule:
    """Runs the steps of a plan, each in its own thread.

    `results` always holds what is known, also after an exception.

    Args:
        plan: The plan, without problems.
        start: Makes the run of the step at a position.
        max_workers: How many steps may run at a time, at least 1.
        on_event: Called in the thread of `run`, in order.
        selected: The steps that run.
        earlier: What an earlier run has left of the other steps.
    """

    def __init__(
        self,
        plan: Plan,
        start: Callable[[int], StepRun],
        max_workers: int,
        on_event: Callable[[Event], None],
        *,
        selected: Collection[str],
        earlier: Mapping[str, StepResult],
    ) -> None:
        self._plan = plan
        self._start = start
        self._max_workers = max_workers
        self._on_event = on_event
        self._running: dict[str, StepRun] = {}
        self._threads: dict[str, threading.Thread] = {}
        self._ended: queue.SimpleQueue[tuple[str, BaseException | None]] = queue.SimpleQueue()
        self._selected = selected
        self.results: dict[str, StepResult] = dict(earlier)
        self.runs: list[StepRun] = []

    def run(self) -> None:
        """Run until every step has ended or cannot start.

        Raises:
            MachineError: The machine failed. No process is left.
            KeyboardInterrupt: No process is left.
        """
        try:
            self._run()
        except BaseException:
            try:
                self._end_running(GRACE_S)
            except KeyboardInterrupt:
                # Whoever asks twice does not want to wait for a step that does not listen.
                self._end_running(0)
            raise

    def _run(self) -> None:
        chosen = [
            number for number, step in enumerate(self._plan.steps) if step.name in self._selected
        ]
        finished = 0
        for is_last in (False, True):
            waiting = [n for n in chosen if self._plan.steps[n].is_last is is_last]
            finished = self._run_all(waiting, finished, len(chosen))

    def _run_all(self, waiting: list[int], finished: int, total: int) -> int:
        """Run steps as far as they can start; return how many have finished by now."""
        stopped = False
        while True:
            while not stopped and len(self._running) < self._max_workers:
                number = next((number for number in waiting if self._is_ready(number)), None)
                if number is None:
                    break
                waiting.remove(number)
                self._launch(number, total)
            if not self._running:
                return finished
            result = self._next_result()
            finished += 1
            self._on_event(StepFinished(result, finished, total))
            if result.status == "failed" and not self._plan.continue_on_step_failure:
                stopped = True
                for run in self._running.values():
                    run.cancel()

    def _is_ready(self, number: int) -> bool:
        # A step still running has no result for this thread, even if its own wrote one already.
        return all(
            need in self.results
            and need not in self._running
            and self.results[need].status == "completed"
            for need in self._plan.steps[number].needs
        )

    def _launch(self, number: int, total: int) -> None:
        step = self._plan.steps[number]
        run = self._start(number)
        self._on_event(StepStarted(step.name, step.display_name, total, run.folder.log()))
        thread = threading.Thread(target=self._work, args=[run], name=f"step {step.name}")
        # Known before it runs: an interrupt in between must not lose it.
        self.runs.append(run)
        self._threads[step.name] = thread
        self._running[step.name] = run
        thread.start()

    def _work(self, run: StepRun) -> None:
        step = run.step
        try:
            self.results[step.name] = run.run()
        except BaseException as error:
            self.results[step.name] = StepResult(
                step.name,
                step.display_name,
                "failed",
                message=f"this machine failed: {error}",
                command=step.command,
            )
            self._ended.put((step.name, error))
        else:
            self._ended.put((step.name, None))

    def _next_result(self) -> StepResult:
        name, error = self._ended.get()
        del self._running[name]
        if isinstance(error, OSError):
            raise MachineError(
                f"this machine failed in the step {name}: {error}",
                hint="check the disk and the permissions"
                if error.errno
                else "somebody killed it, or the system did for want of memory: see dmesg",
            ) from error
        if error is not None:
            raise error
        return self.results[name]

    def _end_running(self, grace_s: float) -> None:
        for run in self._running.values():
            run.cancel(grace_s)
        while self._running:
            try:
                name, _ = self._ended.get(timeout=1)
            except queue.Empty:
                # The interrupt came between `start` and the thread, or between the queue and us.
                for name, thread in self._threads.items():
                    if not thread.is_alive():
                        self._running.pop(name, None)
            else:
                self._running.pop(name, None)
