"""The one function: a job in, a result and a run folder out."""

from __future__ import annotations

import os
import time
from contextlib import closing, suppress
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from kedro_azureml_simulator.errors import MachineError, RunInterruptedError, SimulatorError
from kedro_azureml_simulator.events import EnvironmentMade, RunStarted
from kedro_azureml_simulator.mappings import Mappings
from kedro_azureml_simulator.planning.selection import check_inputs, select
from kedro_azureml_simulator.processes.containers import Containers, find_engine
from kedro_azureml_simulator.processes.isolation import Isolation
from kedro_azureml_simulator.processes.processes import Supervisor
from kedro_azureml_simulator.results import RunResult, StepResult, run_record
from kedro_azureml_simulator.running.earlier_run import write_notes
from kedro_azureml_simulator.running.mlflow_store import create_experiment
from kedro_azureml_simulator.running.pythons.environment_building import (
    build_environment,
    locate_cache,
)
from kedro_azureml_simulator.running.pythons.interpreters import find_bash, find_python_on_path
from kedro_azureml_simulator.running.pythons.step_pythons import (
    OF_THE_IMAGE,
    StepPythons,
    find_image,
    refuse_unused_names,
)
from kedro_azureml_simulator.running.reuse import Fingerprints, forget, read_identity
from kedro_azureml_simulator.running.run_folder import open_run_folder, read_earlier_steps
from kedro_azureml_simulator.running.scheduling import Schedule
from kedro_azureml_simulator.running.steps.run import Run
from kedro_azureml_simulator.running.steps.step_run import StepRun
from kedro_azureml_simulator.running.steps.sweep_run import SweepRun
from kedro_azureml_simulator.running.variables import make_experiment_id
from kedro_azureml_simulator.running.working_folders import WorkingFolders
from kedro_azureml_simulator.validation import collect_mappings, is_file, make_checked_plan

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from kedro_azureml_simulator.events import Event
    from kedro_azureml_simulator.pipeline.model import InlineEnvironment
    from kedro_azureml_simulator.planning.plan import Plan, PlannedStep
    from kedro_azureml_simulator.problems import Problem
    from kedro_azureml_simulator.run_places import RunFolder
    from kedro_azureml_simulator.running.reuse import Identity
    from kedro_azureml_simulator.validation import PipelineSource

_A_DAY_S = 86_400

IS_WINDOWS = os.name == "nt"


def simulate(
    pipeline: PipelineSource,
    *,
    run_dir: Path | str = Path("azureml-simulation"),
    python: Path | None = None,
    max_workers: int = 2,
    assets: Mapping[str, Path] | None = None,
    inputs: Mapping[str, str] | None = None,
    environments: Mapping[str, Path] | None = None,
    variables: Mapping[str, str] | None = None,
    components: Mapping[str, Path] | None = None,
    config: Path | None = None,
    engine: Literal["docker", "podman"] | None = None,
    images: Mapping[str, str] | None = None,
    only: str | None = None,
    start: str | None = None,
    reuse: bool = False,
    keep: bool = False,
    isolate: bool = True,
    strict: bool = False,
    max_trials: int | None = None,
    step_overhead_s: float = 0.0,
    project_dir: Path | None = None,
    notes: str | None = None,
    interactive: bool = False,
    on_event: Callable[[Event], None] | None = None,
) -> RunResult:
    """Run an Azure ML job on this machine, without Azure and without containers.

    Args:
        pipeline: The YAML file of a pipeline, command or sweep job; or an object of the Azure
            SDK, such as the `PipelineJob` that a `@dsl.pipeline` function returns.
        run_dir: The folder for logs, outputs and `run.json`. It is made fresh: an earlier run
            there is replaced, anything else there is refused.
        python: The interpreter that `python` and `python3` mean in the steps; None for what an
            inline environment describes, or else what PATH finds. A virtual environment's
            interpreter stays in its environment.
        max_workers: How many steps may run at a time, at least 1.
        assets: Local files or folders for asset references, as they stand in the YAML without
            `azureml:`, such as `penguins:1` or `penguins@latest`, and for remote addresses.
        inputs: Values for pipeline inputs, which replace those of the YAML: the text of a
            literal; a path, relative to the working directory, or `azureml:<name>:<version>`
            for data.
        environments: For names of environments (`sklearn`, `sklearn:3`) an interpreter, a
            requirements file or a conda file; a virtual environment is made of the last two.
        variables: Environment variables that every step gets, besides those of the YAML, which
            they replace. They are not written to the run folder.
        components: For components of a workspace or registry (`train`, `train:2`) their YAML
            files.
        config: A file with such mappings, over which those given here win; None for
            `azureml-simulate.yml` beside the pipeline's file, if there is one.
        engine: Run each step in the image of its environment, with this program; None for
            processes of this machine.
        images: For names of environments the image, where the YAML names none.
        only: Run this step alone, on what the earlier run in `run_dir` has left.
        start: Run this step and all that wait for it, on what the earlier run has left.
        reuse: Whether deterministic steps whose code, command and inputs are unchanged since
            the earlier run in `run_dir` are taken from it.
        keep: Whether working directories and inputs of completed steps stay.
        isolate: Whether steps get a mount namespace, where the kernel allows it.
        strict: Whether warnings are errors.
        max_trials: At most so many trials of each sweep step; None for what the step says.
        step_overhead_s: Seconds that each step waits before its command, while it counts as one
            that runs; a reused step does not wait.
        project_dir: A folder that steps must not see, as it is absent in a container; None
            for none. What a step needs of it, such as an interpreter, stays visible.
        notes: A text that the run folder keeps for who reads it later with `read_run`.
        interactive: Whether a step that runs alone shares this process's terminal.
        on_event: Called, in this thread and in order, when the run starts, when an environment
            was made, and when a step starts and ends.

    Returns:
        What came of it. A step that fails is a result, not an exception.

    Raises:
        PipelineError: The pipeline is invalid or cannot be simulated; nothing was written.
        SelectionError: `only` or `start` is not a step that can run; nothing was changed.
        RunFolderError: The run folder cannot be used; it was left untouched.
        InterpreterError: An interpreter does not exist, or does not run; nothing was written.
        EnvironmentBuildError: An environment could not be made.
        MachineError: This machine failed: no bash, no space, no permission.
        RunInterruptedError: Ctrl-C; a KeyboardInterrupt that knows what was done.
        ValueError: `max_workers` is below 1, or `step_overhead_s` is not a number from 0 to 86,400.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> _ = (folder / "pipeline.yml").write_text('''
        ... type: pipeline
        ... settings: {default_compute: azureml:cpu-cluster}
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
    if IS_WINDOWS:
        raise MachineError("steps run in Linux processes", hint="run this in WSL (wsl --install)")
    started = time.monotonic()
    if max_workers < 1:
        message = f"max_workers must be at least 1, not {max_workers}"
        raise ValueError(message)
    if not 0 <= step_overhead_s <= _A_DAY_S:
        message = "step_overhead_s must be a number from 0 to 86,400, a day"
        raise ValueError(message)
    # Normalised, not resolved: the run folder may be reached by a link.
    run_dir = Path(os.path.normpath(Path(run_dir).absolute()))
    tell = on_event or (lambda _: None)
    try:
        given = Mappings(assets or {}, environments or {}, components or {}, images or {})
        mappings = collect_mappings(pipeline, given, config)
        plan, warnings = make_checked_plan(pipeline, mappings, inputs or {}, strict=strict)
        plan = _with_variables(plan, variables or {})
        selected = select(plan, only, start)
        partly = only is not None or start is not None
        earlier = _earlier(plan, selected, run_dir) if partly else {}
        refuse_unused_names(plan.steps, (*given.environments, *given.images))
        pythons = StepPythons(None if python is None else Path(python), mappings.environments)
        bash = find_bash()
        chosen = [step for step in plan.steps if step.name in selected]
        containers = None if engine is None else _containers(engine, chosen, mappings.images)
        alone = interactive and len(selected) == 1
        sources = [*([Path(str(pipeline))] if is_file(pipeline) else []), *plan.sources]
        with (
            open_run_folder(run_dir, sources, again=selected if partly else None) as folder,
            Supervisor(folder.scratch, interactive=alone) as supervisor,
            closing(WorkingFolders(folder)) as working,
        ):
            write_notes(folder.path, notes)
            create_experiment(
                folder.seen / "mlruns", make_experiment_id(plan), plan.experiment_name
            )
            on_path = find_python_on_path()
            isolation = Isolation(
                folder,
                None if project_dir is None else Path(os.path.realpath(project_dir)),
                supervisor.refusal() if isolate else "switched off",
            )
            line = isolation.line if containers is None else f"in containers of {engine}"
            tell(RunStarted(line, len(selected), warnings))
            run = Run(
                plan=plan,
                folder=folder,
                supervisor=supervisor,
                isolation=isolation,
                bash=bash,
                pythons=pythons.make(
                    chosen, _builder(folder, supervisor, tell), on_path, folder.scratch / "bin"
                )
                if containers is None
                else dict.fromkeys(containers.images, OF_THE_IMAGE),
                fingerprints=Fingerprints(folder.path),
                identities=_identities(folder, earlier),
                working=working,
                reuse=reuse and not plan.force_rerun and not partly,
                keep=keep,
                interactive=alone,
                max_workers=max_workers,
                max_trials=max_trials,
                step_overhead_s=step_overhead_s,
                containers=containers,
            )
            schedule = Schedule(
                plan, lambda number: _step_run(run, number), max_workers, tell,
                selected=selected, earlier=earlier,
            )  # fmt: skip
            return _run(run, schedule, selected, warnings, started)
    except BrokenPipeError:  # the reader of our output has left: not a fault of this machine
        raise
    except OSError as error:
        raise MachineError(
            f"this machine failed: {error}", hint="check the disk and the permissions"
        ) from error


def _containers(
    engine: str, steps: Collection[PlannedStep], images: Mapping[str, str]
) -> Containers:
    """Return how steps run in containers.

    Raises:
        MachineError: The engine is not on PATH.
        SimulatorError: A step's image is not known.
    """
    program = find_engine(engine)
    found = {step.name: find_image(step, images) for step in steps}
    unknown = [name for name, image in found.items() if image is None]
    if unknown:
        raise SimulatorError(
            f"the image of {', '.join(unknown)} is not known",
            hint="write `environment: {image: ...}`, or pass --image ENVIRONMENT=IMAGE",
        )
    return Containers(program, {name: image for name, image in found.items() if image is not None})


def _step_run(run: Run, number: int) -> StepRun:
    step = run.plan.steps[number]
    folder = run.folder.step(step.name, number)
    if step.sweep is not None:
        return SweepRun(run, step, folder, step.sweep)
    return StepRun(run, step, folder)


def _with_variables(plan: Plan, variables: Mapping[str, str]) -> Plan:
    steps = (
        replace(step, environment_variables={**step.environment_variables, **variables})
        for step in plan.steps
    )
    return replace(plan, steps=tuple(steps)) if variables else plan


def _earlier(plan: Plan, selected: Collection[str], run_dir: Path) -> dict[str, StepResult]:
    """Return what an earlier run has left of the steps that do not run now."""
    found = read_earlier_steps(run_dir)
    earlier = {
        step.name: found[step.name]
        for step in plan.steps
        if step.name in found and step.name not in selected
    }
    check_inputs(plan, selected, earlier)
    return earlier


def _identities(folder: RunFolder, earlier: Collection[str]) -> dict[str, Identity]:
    identities = {name: read_identity(folder.step(name, 0).path) for name in earlier}
    return {name: identity for name, identity in identities.items() if identity is not None}


def _builder(
    folder: RunFolder, supervisor: Supervisor, tell: Callable[[Event], None]
) -> Callable[[InlineEnvironment], Path]:
    made: list[Path] = []

    def build(environment: InlineEnvironment) -> Path:
        started = time.monotonic()
        log = folder.path / "environments" / f"{len(made)}.log"
        built = build_environment(environment, supervisor=supervisor, cache=locate_cache(), log=log)
        made.append(built.python)
        duration_s = time.monotonic() - started
        tell(EnvironmentMade(environment.requirements, built.python, duration_s, built.note))
        return built.python

    return build


def _run(
    run: Run,
    schedule: Schedule,
    selected: Collection[str],
    warnings: tuple[Problem, ...],
    started: float,
) -> RunResult:
    plan, folder = run.plan, run.folder
    started_at = datetime.now(timezone.utc).isoformat(timespec="seconds")

    def record(status: str = "", message: str = "", undeleted: tuple[Path, ...] = ()) -> RunResult:
        steps = tuple(
            schedule.results.get(step.name)
            or StepResult(step.name, step.display_name, "skipped", command=step.command)
            for step in plan.steps
        )
        written = {step.name: step.outputs for step in steps if step.status == "completed"}
        done = all(step.status == "completed" for step in steps if step.name in selected)
        result = RunResult(
            status="completed" if done else "failed",
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
            isolation=run.isolation.line,
            warnings=warnings,
            undeleted=undeleted,
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
                isolation=run.isolation.line,
                warnings=warnings,
                message=message,
                undeleted=undeleted,
            )
        )
        return result

    # Should this very process be killed, what is there says that the run never ended.
    record("running")
    try:
        schedule.run()
    except KeyboardInterrupt as error:
        raise RunInterruptedError(record("canceled", "the run was interrupted")) from error
    except BaseException as error:
        # What fills the disk fails the record too; the error that names the step is the one to see.
        with suppress(OSError):
            record("failed", f"the run stopped: {error}")
        raise
    known = schedule.results
    if len(selected) == len(plan.steps) and all(
        name in known and known[name].status == "completed" for name in selected
    ):
        forget(folder)
    run.working.close()
    return record(undeleted=tuple(folder.finish()))
