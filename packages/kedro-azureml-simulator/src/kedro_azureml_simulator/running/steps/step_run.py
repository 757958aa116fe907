"""One step from its mounts to its registered outputs; runs in its own thread."""

from __future__ import annotations

import errno
import os
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from kedro_azureml_simulator.errors import BrokenLinkError
from kedro_azureml_simulator.planning.substitution import expand
from kedro_azureml_simulator.processes.processes import GRACE_S, Start
from kedro_azureml_simulator.results import StepResult
from kedro_azureml_simulator.running.mlflow_store import create_run
from kedro_azureml_simulator.running.reuse import take_back, write_identity
from kedro_azureml_simulator.running.steps.failure_words import explain_failure
from kedro_azureml_simulator.running.steps.leaving import (
    check_outputs,
    check_read_only,
    find_files_to_vanish,
    register,
)
from kedro_azureml_simulator.running.steps.parallel_run import make_parallel_line, write_parallel
from kedro_azureml_simulator.running.steps.rank_processes import RankProcesses
from kedro_azureml_simulator.running.steps.ranks import Rank, list_ranks
from kedro_azureml_simulator.running.steps.step_places import (
    Places,
    StepError,
    hand_on_artifacts,
    keep_artifacts,
    prepare,
    tidy,
)
from kedro_azureml_simulator.running.variables import (
    make_experiment_id,
    make_run_id,
    make_step_environment,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kedro_azureml_simulator.planning.plan import PlannedStep
    from kedro_azureml_simulator.processes.containers import Containers
    from kedro_azureml_simulator.results import StepStatus
    from kedro_azureml_simulator.run_places import StepFolder
    from kedro_azureml_simulator.running.steps.run import Run


_ARTIFACTS_PORT = "artifacts"
"""An output of this name is the run's artifact root, as Microsoft's examples use it."""


class CanceledError(Exception):
    """The step was ended because of something else."""


class StepRun:
    """One run of one step.

    Args:
        run: What it shares with the other steps.
        step: The step.
        folder: Its places.
    """

    def __init__(self, run: Run, step: PlannedStep, folder: StepFolder) -> None:
        self.step = step
        self.folder = folder
        self.registered: dict[str, Path] = {}
        self._run = run
        self._lock = threading.Lock()
        self._processes = RankProcesses(run.supervisor)
        self._ranks = [Rank()]
        self._places: Places | None = None
        self._canceled = threading.Event()
        self._timed_out = False
        self._command = self.step.command

    def cancel(self, grace_s: float = GRACE_S) -> None:
        """End the step from another thread; return without waiting.

        Args:
            grace_s: Seconds between SIGTERM and SIGKILL.
        """
        with self._lock:
            self._canceled.set()
        self._processes.end(grace_s)

    def run(self) -> StepResult:
        """Run the step to its end.

        Raises:
            OSError: The machine failed: no space, no permission.
        """
        started = time.monotonic()
        exit_code: int | None = None
        message = ""
        status: StepStatus = "completed"
        reused = False
        instances: list[int] = []
        try:
            fingerprint = self._run.fingerprints.of(
                self.step, self._run.identities, self._run.pythons[self.step.name].interpreter
            )
            reused = self._take_back(fingerprint)
            if not reused:
                self._ranks = list_ranks(self.step.distribution)
                instances = sorted({rank.instance for rank in self._ranks})
                self._canceled.wait(self._run.step_overhead_s)
                self._prepare(instances)
                exit_code = self._execute()
                self._judge(exit_code)
            if not reused:
                keep_artifacts(self.folder, instances)
                if _ARTIFACTS_PORT in self.step.outputs:
                    hand_on_artifacts(self.folder, _ARTIFACTS_PORT)
            register(self.step, self.folder, self._run.folder, self.registered)
            if not reused:
                identity = write_identity(self.folder.path, fingerprint)
                self._run.identities[self.step.name] = identity
        except StepError as error:
            status, message = "failed", str(error)
        except BrokenLinkError as error:
            status, message = "failed", f"{error.message}; {error.hint}"
        except CanceledError:
            status, message = "canceled", "ended because the run ended"
        if self._timed_out or status == "canceled":
            exit_code = None
        if status != "completed" and instances:
            self._keep_what_failed(instances)
        left_behind = self._left_behind()
        tidy(
            self.step, self.folder, self._places,
            keep=self._run.keep or status != "completed",
            working=self._run.working, discard=self._run.folder.discard,
        )  # fmt: skip
        if self._places is not None:
            self._places.stamps.clear()  # those of a thousand steps would fill the memory
        if status == "failed" and not self._run.interactive:
            self._note(message)
        return self._result(
            status,
            exit_code=0 if reused else exit_code,
            duration_s=time.monotonic() - started,
            message=message,
            reused=reused,
            left_behind=left_behind,
        )

    def _result(
        self,
        status: StepStatus,
        *,
        exit_code: int | None,
        duration_s: float,
        message: str,
        reused: bool,
        left_behind: tuple[str, ...],
    ) -> StepResult:
        log = self.folder.log(self._processes.failed_rank if status == "failed" else 0)
        return StepResult(
            name=self.step.name,
            display_name=self.step.display_name,
            status=status,
            exit_code=exit_code,
            duration_s=duration_s,
            log_path=log if log.exists() else None,
            outputs={
                port: self.folder.output(port)
                for port in self.step.outputs
                if self.folder.output(port).exists()
            },
            message=message,
            command=self._command,
            reused=reused,
            artifacts=self.folder.artifacts if self.folder.artifacts.exists() else None,
            left_behind=left_behind,
        )

    def _left_behind(self) -> tuple[str, ...]:
        """Return what vanishes with the container; a step that never started has left nothing."""
        if self._places is None or not self._processes:
            return ()
        return find_files_to_vanish(self.step, self.folder, self._places)

    def _take_back(self, fingerprint: str | None) -> bool:
        if not self._run.reuse:
            return False
        identity = take_back(self._run.folder, self.folder, fingerprint)
        if identity is None:
            return False
        self._run.identities[self.step.name] = identity
        return True

    def _prepare(self, instances: list[int]) -> None:
        self.folder.path.mkdir(parents=True, exist_ok=True)
        self._places = places = prepare(
            self.step,
            self.folder,
            self._run.folder,
            self._run.working,
            instances=instances,
            mounting=self._run.isolation.is_on or self._run.containers is not None,
            keep_going=self._keep_going,
        )
        absent = {f"inputs.{port}" for port in self.step.absent}
        self._command = expand(self.step.command, places.names, absent)
        if self.step.parallel is not None:
            write_parallel(self.step.parallel, self.step, self.folder, places.names, self._command)

    def _keep_going(self) -> None:
        if self._canceled.is_set():
            raise CanceledError

    def _execute(self) -> int:
        run, step = self._run, self.step
        store = run.folder.seen / "mlruns"
        experiment = make_experiment_id(run.plan)
        create_run(store, experiment, make_run_id(run.plan, step), step.display_name)
        python = run.pythons[step.name]
        places = self._places or Places()
        view = run.isolation.view(self.folder, places.binds, python.folders)
        # A person who debugs is not to be hurried; of several processes only logs can be read.
        interactive = run.interactive and len(self._ranks) == 1
        with self._lock:
            self._keep_going()
            for rank in self._ranks:
                start = Start(
                    argv=[str(run.bash), "-c", self._shell_line()],
                    cwd=self.folder.as_seen(self.folder.code(rank.instance)),
                    env=make_step_environment(
                        run.plan,
                        step,
                        self.folder,
                        instance=rank.instance,
                        path=python.path,
                        tracking_dir=store,
                        rank=rank.variables,
                        names=places.names,
                    ),
                    log=None if interactive else self.folder.log(rank.number),
                    view=view,
                )
                if run.containers is not None:
                    start = self._in_container(run.containers, start, places, store)
                try:
                    self._processes.start(rank, start)
                except ValueError as error:
                    raise StepError(f"the command cannot be given to a shell: {error}") from error
        timer = None
        if step.timeout_s is not None and not interactive:
            timer = threading.Timer(step.timeout_s, self._time_out)
            timer.daemon = True
            timer.start()
        try:
            return self._processes.wait()
        except OSError as error:
            if error.errno != errno.E2BIG:
                raise
            raise StepError(self._describe_size(start.env)) from error
        finally:
            if timer is not None:
                timer.cancel()

    def _describe_size(self, env: Mapping[str, str]) -> str:
        """Say which of the command and its variables is more than the system takes."""
        sizes = {f"the variable {name} of the step": len(value) for name, value in env.items()}
        sizes["the command"] = len(self._command)
        largest = max(sizes, key=lambda what: sizes[what])
        return f"{largest} has {sizes[largest]:,} characters, more than a machine takes"

    def _in_container(
        self, containers: Containers, start: Start, places: Places, store: Path
    ) -> Start:
        """Return what runs a process of the step in its image."""
        argv = containers.argv(
            self.step.name,
            start.argv[-1],
            cwd=start.cwd,
            env=start.env,
            writable=[self.folder.seen, self.folder.scratch, store],
            mounts=[(source, self.folder.as_seen(place)) for source, place in places.binds],
        )
        # The engine's own program finds its configuration as it does in a terminal.
        return replace(start, argv=argv, env=dict(os.environ), view=None)

    def _shell_line(self) -> str:
        if self.step.parallel is None:
            return self._command
        return make_parallel_line(self.folder)

    def _time_out(self) -> None:
        self._timed_out = True
        self._processes.end(GRACE_S)

    def _judge(self, exit_code: int) -> None:
        """Fail the step for what Azure ML fails it for."""
        if self._canceled.is_set():
            raise CanceledError
        if self._timed_out:
            raise StepError(
                f"the step was ended: it ran longer than its limits.timeout of"
                f" {self.step.timeout_s:g} s"
            )
        if exit_code:
            raise StepError(
                explain_failure(
                    exit_code,
                    log=self.folder.log(self._processes.failed_rank),
                    rank=f"rank {self._processes.failed_rank} of {len(self._ranks)}"
                    if len(self._ranks) > 1
                    else "",
                    is_read_only=self._run.isolation.is_on and bool(self.step.mounts),
                    python=None
                    if self._run.containers
                    else self._run.pythons[self.step.name].interpreter or "the Python on PATH",
                    environment=self.step.environment
                    if isinstance(self.step.environment, str)
                    else None,
                )
            )
        check_read_only(self._places or Places())
        check_outputs(self.step, self.folder)

    def _keep_what_failed(self, instances: list[int]) -> None:
        try:
            keep_artifacts(self.folder, instances)
        except (BrokenLinkError, StepError):
            return

    def _note(self, message: str) -> None:
        """Append why the step failed to its log, as Azure ML does."""
        self.folder.path.mkdir(parents=True, exist_ok=True)
        with self.folder.log(self._processes.failed_rank).open("ab") as log:
            log.write(f"[simulator] {message}\n".encode(errors="surrogateescape"))
