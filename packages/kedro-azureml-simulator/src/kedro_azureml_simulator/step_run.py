"""One step from its mounts to its registered outputs; runs in a thread of its own."""

from __future__ import annotations

import errno
import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from kedro_azureml_simulator.data import copy_data, difference, digest, is_empty
from kedro_azureml_simulator.environment import experiment_id, run_id, step_environment
from kedro_azureml_simulator.errors import BrokenLinkError
from kedro_azureml_simulator.mlflow_store import create_run
from kedro_azureml_simulator.processes import GRACE_S, StepProcess
from kedro_azureml_simulator.results import StepResult
from kedro_azureml_simulator.run_folder import discard
from kedro_azureml_simulator.substitution import expand

if TYPE_CHECKING:
    from kedro_azureml_simulator.plan import Mount, Plan, PlannedStep
    from kedro_azureml_simulator.results import StepStatus
    from kedro_azureml_simulator.run_folder import RunFolder, StepFolder


class _StepError(Exception):
    """The step fails; the message says why."""


class _CanceledError(Exception):
    """The step was ended because of something else."""


class StepRun:
    """One run of one step.

    Args:
        plan: The plan that the step belongs to.
        number: The step's position in it.
        folder: The run folder.
        bash: The shell.
        path: PATH for the step.
    """

    def __init__(self, plan: Plan, number: int, folder: RunFolder, bash: Path, path: str) -> None:
        self.step: PlannedStep = plan.steps[number]
        self.registered: dict[str, Path] = {}
        self._plan = plan
        self._run_folder = folder
        self._folder: StepFolder = folder.step(self.step.name, number)
        self._bash = bash
        self._path = path
        self._lock = threading.Lock()
        self._process: StepProcess | None = None
        self._canceled = False
        self._timed_out = False
        self._command = self.step.command

    def cancel(self, grace_s: float = GRACE_S) -> None:
        """End the step from another thread; returns at once.

        Args:
            grace_s: Seconds between SIGTERM and SIGKILL.
        """
        with self._lock:
            self._canceled = True
            process = self._process
        if process is not None:
            process.end(grace_s)

    def run(self) -> StepResult:
        """Run the step to its end.

        Raises:
            OSError: The machine failed: no space, no permission.
        """
        started = time.monotonic()
        exit_code: int | None = None
        message = ""
        status: StepStatus = "completed"
        try:
            before = self._prepare()
            exit_code = self._execute()
            self._judge(exit_code, before)
            self._register()
        except _StepError as error:
            status, message = "failed", str(error)
        except BrokenLinkError as error:
            status, message = "failed", f"{error.message}; {error.hint}"
        except _CanceledError:
            status, message = "canceled", "ended because the run ended"
        if self._timed_out or status == "canceled":
            exit_code = None
        if status == "completed":
            discard(self._folder.code)
            discard(self._folder.inputs)
        elif status == "failed":
            self._note(message)
        log = self._folder.log
        return StepResult(
            name=self.step.name,
            display_name=self.step.display_name,
            status=status,
            exit_code=exit_code,
            duration_s=time.monotonic() - started,
            log_path=log if log.exists() else None,
            outputs={
                port: self._folder.output(port)
                for port in self.step.outputs
                if self._folder.output(port).exists()
            },
            message=message,
            command=self._command,
        )

    def _prepare(self) -> dict[str, dict[str, str]]:
        """Make every place that the step finds; return the digests of its read-only inputs."""
        folder, step = self._folder, self.step
        folder.inputs.mkdir(parents=True)
        folder.output("").mkdir(parents=True)
        (folder.scratch / "home").mkdir(parents=True)
        (folder.scratch / "tmp").mkdir()
        names = {f"inputs.{port}": text for port, text in step.texts.items()}
        before: dict[str, dict[str, str]] = {}
        for port, mount in step.mounts.items():
            place = self._mount(port, mount)
            names[f"inputs.{port}"] = names[f"inputs.{port}.path"] = str(folder.as_seen(place))
            # `download` gives a step a private copy on Azure ML too, which it may change.
            if mount.mode == "ro_mount":
                before[port] = digest(place)
        for port, output in step.outputs.items():
            place = folder.output(port)
            if output.type == "uri_folder":
                place.mkdir()
            names[f"outputs.{port}"] = str(folder.as_seen(place))
        if step.code is None:
            folder.code.mkdir()
        else:
            copy_data(
                step.code,
                folder.code,
                leave_out=self._run_folder.path,
                code=True,
                keep_going=self._keep_going,
            )
        self._command = expand(step.command, names, {f"inputs.{port}" for port in step.absent})
        return before

    def _mount(self, port: str, mount: Mount) -> Path:
        """Give the step its own copy of an input, and return where."""
        if mount.path is not None:
            source = mount.path
        else:
            producer = self._run_folder.step(mount.producer or "", 0)
            source = producer.output(mount.port or "")
        if not source.exists() or (source.is_dir() and is_empty(source)):
            is_file = mount.type == "uri_file"
            state = "was not written" if is_file else "is an empty folder"
            raise _StepError(
                "ScriptExecution.StreamAccess.NotFound: the step was not started, because its"
                f" input `{port}` has no data: {mount.source} {state}"
            )
        place = self._folder.inputs / port
        if mount.type == "uri_file":
            place.mkdir()
            place = place / source.name
        copy_data(
            source, place, leave_out=self._run_folder.path if mount.path else None,
            keep_going=self._keep_going,
        )  # fmt: skip
        return place

    def _keep_going(self) -> None:
        if self._canceled:
            raise _CanceledError

    def _execute(self) -> int:
        store = self._run_folder.seen / "mlruns"
        env = step_environment(self._plan, self.step, self._folder, self._path, store)
        create_run(
            store, experiment_id(self._plan), run_id(self._plan, self.step), self.step.display_name
        )
        with self._lock:
            self._keep_going()
            try:
                process = self._process = StepProcess(
                    self._command,
                    bash=self._bash,
                    cwd=self._folder.as_seen(self._folder.code),
                    env=env,
                    log=self._folder.log,
                    # With its last slash: step 1 must not end step 10's processes.
                    marker=f"{self._folder.scratch}/",
                )
            except ValueError as error:
                raise _StepError(f"the command cannot be given to a shell: {error}") from error
            except OSError as error:
                if error.errno != errno.E2BIG:
                    raise
                raise _StepError(
                    f"the command has {len(self._command)} characters, more than a machine takes"
                ) from error
        timer = None
        if self.step.timeout_s is not None:
            timer = threading.Timer(self.step.timeout_s, self._time_out)
            timer.daemon = True
            timer.start()
        code = process.wait()
        if timer is not None:
            timer.cancel()
        return code

    def _time_out(self) -> None:
        self._timed_out = True
        if self._process is not None:
            self._process.end()

    def _judge(self, exit_code: int, before: dict[str, dict[str, str]]) -> None:
        """Fail the step for what Azure ML fails it for."""
        if self._canceled:
            raise _CanceledError
        if self._timed_out:
            raise _StepError(
                f"the step was ended: it ran longer than its limits.timeout of"
                f" {self.step.timeout_s:g} s"
            )
        if exit_code:
            raise _StepError(_exit_words(exit_code))
        for port, digests in before.items():
            place = self._folder.inputs / port
            if self.step.mounts[port].type == "uri_file":
                place = place / next(iter(digests))
            changes = difference(digests, digest(place))
            if changes:
                raise _StepError(
                    f"the step changed its read-only input `{port}`: {changes}; on Azure ML the"
                    " write itself fails"
                )
        for port, output in self.step.outputs.items():
            place = self._folder.output(port)
            if output.type == "uri_folder" and not place.is_dir():
                raise _StepError(f"the output `{port}` is a uri_folder, but no folder is there")
            if output.type == "uri_file" and place.is_dir():
                raise _StepError(f"the output `{port}` is a uri_file, but a folder is there")
            if place.is_dir():
                # Finds links that lead nowhere now, in the step that made them.
                is_empty(place)

    def _register(self) -> None:
        for port, output in self.step.outputs.items():
            if output.asset is None:
                continue
            place = self._folder.output(port)
            name, version = output.asset
            target = self._run_folder.asset(name, version)
            if not place.exists():
                raise _StepError(
                    f"the output `{port}` was not written, so the asset {name}:{version} cannot"
                    " be registered"
                )
            if output.type == "uri_file":
                target.mkdir(parents=True)
                target = target / place.name
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
            copy_data(place, target)
            self.registered[f"{name}:{version}"] = target

    def _note(self, message: str) -> None:
        """Append why the step failed to its log, as Azure ML does."""
        with self._folder.log.open("ab") as log:
            log.write(f"[simulator] {message}\n".encode(errors="surrogateescape"))


def _exit_words(exit_code: int) -> str:
    try:
        name = signal.Signals(exit_code - 128).name
    except ValueError:
        return f"the command ended with exit code {exit_code}"
    return f"the command ended with exit code {exit_code} ({name})"
