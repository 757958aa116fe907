"""One step from its mounts to its registered outputs; runs in its own thread."""

from __future__ import annotations

import errno
import os
import queue
import re
import signal
import threading
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kedro_azureml_simulator.errors import BrokenLinkError
from kedro_azureml_simulator.planning.substitution import expand
from kedro_azureml_simulator.processes.processes import GRACE_S, Start
from kedro_azureml_simulator.results import StepResult
from kedro_azureml_simulator.running.data import (
    copy_data,
    difference,
    digest,
    is_empty,
    put_data,
    remove_tree,
)
from kedro_azureml_simulator.running.left_behind import files_left_behind
from kedro_azureml_simulator.running.mlflow_store import create_run
from kedro_azureml_simulator.running.parallel_run import parallel_line, write_parallel
from kedro_azureml_simulator.running.ranks import Rank, ranks
from kedro_azureml_simulator.running.reuse import take_back, write_identity
from kedro_azureml_simulator.running.step_places import (
    Places,
    StepError,
    hand_on_artifacts,
    keep_artifacts,
    prepare,
    tidy,
)
from kedro_azureml_simulator.running.variables import experiment_id, run_id, step_environment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kedro_azureml_simulator.planning.plan import Plan, PlannedStep
    from kedro_azureml_simulator.processes.containers import Containers
    from kedro_azureml_simulator.processes.isolation import Isolation
    from kedro_azureml_simulator.processes.processes import Command, Supervisor
    from kedro_azureml_simulator.results import StepStatus
    from kedro_azureml_simulator.run_places import RunFolder, StepFolder
    from kedro_azureml_simulator.running.pythons.step_pythons import StepPython
    from kedro_azureml_simulator.running.reuse import Fingerprints, Identity


_END_BYTES = 16 * 1024
_MISSING_MODULE = re.compile(r"^ModuleNotFoundError: No module named ('[^']+')", re.MULTILINE)
_ARTIFACTS_PORT = "artifacts"
"""An output of this name is the run's artifact root, as Microsoft's examples use it."""


class CanceledError(Exception):
    """The step was ended because of something else."""


@dataclass
class Run:
    """What the steps of a run share.

    `identities` are those of the steps that have completed; `reuse`, `keep` and `interactive`
    are what the caller asked for.
    """

    plan: Plan
    folder: RunFolder
    supervisor: Supervisor
    isolation: Isolation
    bash: Path
    pythons: Mapping[str, StepPython]
    fingerprints: Fingerprints
    identities: dict[str, Identity]
    reuse: bool = False
    keep: bool = False
    interactive: bool = False
    max_workers: int = 2
    max_trials: int | None = None
    containers: Containers | None = None


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
        self._commands: list[tuple[Rank, Command]] = []
        self._ranks = [Rank()]
        self._places: Places | None = None
        self._canceled = False
        self._timed_out = False
        self._command = self.step.command
        self._failed_rank = 0

    def cancel(self, grace_s: float = GRACE_S) -> None:
        """End the step from another thread; return without waiting.

        Args:
            grace_s: Seconds between SIGTERM and SIGKILL.
        """
        with self._lock:
            self._canceled = True
        self._end(grace_s)

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
                self._ranks = ranks(self.step.distribution)
                instances = sorted({rank.instance for rank in self._ranks})
                self._prepare(instances)
                exit_code = self._execute()
                self._judge(exit_code)
            if not reused:
                keep_artifacts(self.folder, instances)
                if _ARTIFACTS_PORT in self.step.outputs:
                    hand_on_artifacts(self.folder, _ARTIFACTS_PORT)
            self._register()
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
            self.folder, instances, self._places,
            keep=self._run.keep or status != "completed", discard=self._run.folder.discard,
        )  # fmt: skip
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
        log = self.folder.log(self._failed_rank if status == "failed" else 0)
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
        if self._places is None or not self._commands:
            return ()
        carried = [self.folder.output(port) for port in self.step.outputs]
        found: set[str] = set()
        for instance, before in self._places.stamps.items():
            found.update(
                files_left_behind(
                    self.folder.code(instance),
                    before,
                    code=self.step.code,
                    carried=[*carried, self.folder.artifacts],
                )
            )
        self._places.stamps.clear()  # of a thousand steps they would fill the memory
        return tuple(sorted(found))

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
            instances=instances,
            mounting=self._run.isolation.is_on or self._run.containers is not None,
            keep_going=self._keep_going,
        )
        absent = {f"inputs.{port}" for port in self.step.absent}
        self._command = expand(self.step.command, places.names, absent)
        if self.step.parallel is not None:
            write_parallel(self.step, self.folder, places.names, self._command)

    def _keep_going(self) -> None:
        if self._canceled:
            raise CanceledError

    def _execute(self) -> int:
        run, step = self._run, self.step
        store = run.folder.seen / "mlruns"
        experiment = experiment_id(run.plan)
        create_run(store, experiment, run_id(run.plan, step), step.display_name)
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
                    env=step_environment(
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
                    self._commands.append((rank, run.supervisor.start(start)))
                except ValueError as error:
                    raise StepError(f"the command cannot be given to a shell: {error}") from error
        timer = None
        if step.timeout_s is not None and not interactive:
            timer = threading.Timer(step.timeout_s, self._time_out)
            timer.daemon = True
            timer.start()
        try:
            return self._wait()
        except OSError as error:
            if error.errno != errno.E2BIG:
                raise
            raise StepError(
                f"the command has {len(self._command)} characters, more than a machine takes"
            ) from error
        finally:
            if timer is not None:
                timer.cancel()

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
        return parallel_line(self.folder)

    def _wait(self) -> int:
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
                self._end(0)
            elif found and not code:
                code, self._failed_rank = found, rank.number
                self._end(GRACE_S)
        if machine is not None:
            raise machine
        return code

    def _end(self, grace_s: float) -> None:
        with self._lock:
            commands = list(self._commands)
        for _, command in commands:
            command.end(grace_s)

    def _time_out(self) -> None:
        self._timed_out = True
        self._end(GRACE_S)

    def _judge(self, exit_code: int) -> None:
        """Fail the step for what Azure ML fails it for."""
        if self._canceled:
            raise CanceledError
        if self._timed_out:
            raise StepError(
                f"the step was ended: it ran longer than its limits.timeout of"
                f" {self.step.timeout_s:g} s"
            )
        if exit_code:
            raise StepError(
                self._exit_words(exit_code) + self._read_only_words() + self._missing_module_words()
            )
        for port, (place, before) in (self._places or Places()).digests.items():
            changes = difference(before, digest(place))
            if changes:
                raise StepError(
                    f"the step changed its read-only input `{port}`: {changes}; on Azure ML the"
                    " write itself fails"
                )
        for port, output in self.step.outputs.items():
            place = self.folder.output(port)
            if output.type != "uri_file" and not place.is_dir():
                raise StepError(f"the output `{port}` is a {output.type}, but no folder is there")
            if output.type == "uri_file" and place.is_dir():
                raise StepError(f"the output `{port}` is a uri_file, but a folder is there")
            if place.is_dir():
                # Finds links that lead nowhere now, in the step that made them.
                is_empty(place)

    def _register(self) -> None:
        for port, output in self.step.outputs.items():
            place = self.folder.output(port)
            if output.place is not None and place.exists():
                put_data(place, output.place)
            if output.asset is None:
                continue
            name, version = output.asset
            target = self._run.folder.asset(name, version)
            if not place.exists():
                raise StepError(
                    f"the output `{port}` was not written, so the asset {name}:{version} cannot"
                    " be registered"
                )
            remove_tree(target)
            if output.type == "uri_file":
                target.mkdir(parents=True)
                target = target / place.name
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
            copy_data(place, target)
            self.registered[f"{name}:{version}"] = target

    def _keep_what_failed(self, instances: list[int]) -> None:
        try:
            keep_artifacts(self.folder, instances)
        except BrokenLinkError:
            return

    def _note(self, message: str) -> None:
        """Append why the step failed to its log, as Azure ML does."""
        self.folder.path.mkdir(parents=True, exist_ok=True)
        with self.folder.log(self._failed_rank).open("ab") as log:
            log.write(f"[simulator] {message}\n".encode(errors="surrogateescape"))

    def _read_only_words(self) -> str:
        """Name the cause, where the log says that a read-only input was written to."""
        if not (self._run.isolation.is_on and self.step.mounts):
            return ""
        is_said = os.strerror(errno.EROFS) in self._end_of_log()
        return f"; {os.strerror(errno.EROFS)}: an input is mounted read-only" if is_said else ""

    def _end_of_log(self) -> str:
        log = self.folder.log(self._failed_rank)
        if not log.exists():
            return ""
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _END_BYTES))
            return file.read().decode(errors="replace")

    def _missing_module_words(self) -> str:
        """Say which interpreter a module is missing in, where the log says that one is."""
        found = _MISSING_MODULE.findall(self._end_of_log())
        if not found:
            return ""
        if self._run.containers is not None:
            return f"; no module named {found[-1]} in its image"
        python = self._run.pythons[self.step.name].interpreter or "the Python on PATH"
        name = self.step.environment if isinstance(self.step.environment, str) else None
        option = f"--environment {name.partition(':')[0]}=requirements.txt or " if name else ""
        return (
            f"; no module named {found[-1]} in {python}, which runs the step: its image is not"
            f" used; pass {option}--python PATH"
        )

    def _exit_words(self, exit_code: int) -> str:
        which = f"rank {self._failed_rank} of {len(self._ranks)}"
        subject = which if len(self._ranks) > 1 else "the command"
        try:
            name = signal.Signals(exit_code - 128).name
        except ValueError:
            return f"{subject} ended with exit code {exit_code}"
        return f"{subject} ended with exit code {exit_code} ({name})"
