"""The one function: a pipeline YAML in, a result and a run folder out."""

from __future__ import annotations

import os
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from kedro_azureml_simulator.environment import check_python, experiment_id, find_bash, step_path
from kedro_azureml_simulator.errors import MachineError, PipelineError
from kedro_azureml_simulator.mlflow_store import create_experiment
from kedro_azureml_simulator.parsing import parse
from kedro_azureml_simulator.planning import plan as make_plan
from kedro_azureml_simulator.results import RunResult, StepResult, run_record
from kedro_azureml_simulator.run_folder import open_run_folder
from kedro_azureml_simulator.scheduling import Schedule
from kedro_azureml_simulator.step_run import StepRun

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kedro_azureml_simulator.events import Event
    from kedro_azureml_simulator.plan import Plan
    from kedro_azureml_simulator.results import RunStatus
    from kedro_azureml_simulator.run_folder import RunFolder


def simulate(
    pipeline_file: Path,
    *,
    run_dir: Path,
    python: Path | None = None,
    max_workers: int = 2,
    assets: Mapping[str, Path] | None = None,
    inputs: Mapping[str, str] | None = None,
    on_event: Callable[[Event], None] | None = None,
) -> RunResult:
    """Run an Azure ML pipeline on this machine, without Azure and without containers.

    Args:
        pipeline_file: A YAML of `type: pipeline` with command steps.
        run_dir: The folder for logs, outputs and `run.json`. It is made fresh: an earlier run
            there is replaced, anything else there is refused.
        python: The interpreter that `python` and `python3` mean in the steps; None for what
            PATH finds. A virtual environment's interpreter stays in its environment.
        max_workers: How many steps may run at a time, at least 1.
        assets: Local files or folders for asset references, as they stand in the YAML without
            `azureml:`, such as `penguins:1` or `penguins@latest`.
        inputs: Values for pipeline inputs, in place of those of the YAML: the text of a
            literal; a path, relative to the working directory, or `azureml:<name>:<version>`
            for data.
        on_event: Called, in this thread and in order, when a step starts and when it ends.

    Returns:
        What came of it. A step that fails is a result, not an exception.

    Raises:
        PipelineError: The pipeline is invalid or cannot be simulated; nothing was written.
        RunFolderError: The run folder cannot be used; it was left untouched.
        InterpreterError: `python` does not exist, or does not run; nothing was written.
        MachineError: This machine failed: no bash, no space, no permission.
        ValueError: `max_workers` is below 1.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> _ = (folder / "pipeline.yml").write_text('''
        ... type: pipeline
        ... jobs:
        ...   hello:
        ...     type: command
        ...     command: echo hello > ${{outputs.greeting}}/hello.txt
        ...     environment: azureml:any:1
        ...     outputs:
        ...       greeting: {type: uri_folder}
        ... ''')
        >>> result = simulate(folder / "pipeline.yml", run_dir=folder / "run")
        >>> result.status
        'completed'
        >>> (result.steps[0].outputs["greeting"] / "hello.txt").read_text().strip()
        'hello'
    """
    if max_workers < 1:
        message = f"max_workers must be at least 1, not {max_workers}"
        raise ValueError(message)
    pipeline_file = Path(pipeline_file).absolute()
    try:
        plan = _checked_plan(pipeline_file, assets or {}, inputs or {})
        bash = find_bash()
        interpreter = None if python is None else check_python(Path(python))
        # Normalised, not resolved: the run folder may be reached by a link.
        normal = Path(os.path.normpath(Path(run_dir).absolute()))
        with open_run_folder(normal, [pipeline_file, *plan.sources]) as folder:
            create_experiment(folder.seen / "mlruns", experiment_id(plan), plan.experiment_name)
            path = step_path(interpreter, folder.scratch / "bin")
            return _run(plan, folder, bash, path, max_workers, on_event or (lambda _: None))
    except OSError as error:
        raise MachineError(
            f"this machine failed: {error}", hint="check the disk and the permissions"
        ) from error


def _checked_plan(
    pipeline_file: Path, assets: Mapping[str, Path], inputs: Mapping[str, str]
) -> Plan:
    pipeline, job = parse(pipeline_file)
    plan = make_plan(
        pipeline,
        job,
        assets={reference: Path(path) for reference, path in assets.items()},
        inputs=inputs,
        working_dir=Path.cwd(),
    )
    if job.problems:
        raise PipelineError(pipeline_file, list(dict.fromkeys(job.problems)))
    return plan


def _run(
    plan: Plan,
    folder: RunFolder,
    bash: Path,
    path: str,
    max_workers: int,
    on_event: Callable[[Event], None],
) -> RunResult:
    started_at = datetime.now(timezone.utc).isoformat(timespec="seconds")
    started = time.monotonic()
    schedule = Schedule(
        plan, lambda number: StepRun(plan, number, folder, bash, path), max_workers, on_event
    )

    def record(status: str, message: str = "") -> RunResult:
        steps = tuple(
            schedule.results.get(step.name)
            or StepResult(step.name, step.display_name, "skipped", command=step.command)
            for step in plan.steps
        )
        written = {step.name: step.outputs for step in steps if step.status == "completed"}
        result = RunResult(
            status=_run_status(steps),
            steps=steps,
            registered={
                asset: path for run in schedule.runs for asset, path in run.registered.items()
            },
            outputs={
                name: written[step][port]
                for name, (step, port) in plan.outputs.items()
                if port in written.get(step, {})
            },
            run_dir=folder.path,
            duration_s=time.monotonic() - started,
        )
        folder.write_record(
            run_record(
                pipeline=plan.name,
                status=status or result.status,
                started_at=started_at,
                duration_s=result.duration_s,
                steps=steps,
                registered=result.registered,
                outputs=result.outputs,
                run_dir=folder.path,
                message=message,
            )
        )
        return result

    # Should this very process be killed, what is there says that the run never ended.
    record("running")
    try:
        schedule.run()
    except KeyboardInterrupt:
        record("canceled", "the run was interrupted")
        raise
    except BaseException as error:
        record("failed", f"the run stopped: {error}")
        raise
    return record("")


def _run_status(steps: tuple[StepResult, ...]) -> RunStatus:
    return "completed" if all(step.status == "completed" for step in steps) else "failed"
