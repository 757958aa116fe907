"""A sweep step: its trials, several at a time, and the best of them as the step's result."""

from __future__ import annotations

import math
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kedro_azureml_simulator.planning.sampling import sample_trials
from kedro_azureml_simulator.processes.processes import GRACE_S
from kedro_azureml_simulator.run_places import StepFolder
from kedro_azureml_simulator.running.data import copy_data, remove_tree
from kedro_azureml_simulator.running.steps.step_places import StepError
from kedro_azureml_simulator.running.steps.step_run import CanceledError, StepRun
from kedro_azureml_simulator.running.variables import make_experiment_id, make_run_id

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kedro_azureml_simulator.pipeline.model import Sweep
    from kedro_azureml_simulator.planning.plan import PlannedStep
    from kedro_azureml_simulator.results import StepResult
    from kedro_azureml_simulator.running.steps.run import Run


@dataclass(frozen=True)
class _Trial:
    number: int
    values: Mapping[str, str]
    result: StepResult
    metric: float | None


class SweepRun(StepRun):
    """One run of a sweep step.

    Args:
        run: What it shares with the other steps.
        step: The step.
        folder: Its places; each trial has a folder `trials/<number>` in it.
        sweep: The step's sweep.
    """

    def __init__(self, run: Run, step: PlannedStep, folder: StepFolder, sweep: Sweep) -> None:
        super().__init__(run, step, folder)
        self._sweep = sweep
        self._trial_runs: list[StepRun] = []

    def cancel(self, grace_s: float = GRACE_S) -> None:
        """End all trials from another thread; return without waiting."""
        super().cancel(grace_s)
        for trial in list(self._trial_runs):
            trial.cancel(grace_s)

    def _prepare(self, instances: list[int]) -> None:
        del instances
        self.folder.output("").mkdir(parents=True, exist_ok=True)

    def _execute(self) -> int:
        sweep = self._sweep
        values = sample_trials(sweep, self._run.max_trials)
        workers = min(sweep.concurrent_trials or self._run.max_workers, self._run.max_workers)
        timer = None
        if self.step.timeout_s is not None:
            timer = threading.Timer(self.step.timeout_s, self._time_out)
            timer.daemon = True
            timer.start()
        try:
            with ThreadPoolExecutor(workers) as pool:
                done = list(
                    pool.map(lambda n: self._trial(n, values[n], sweep), range(len(values)))
                )
        finally:
            if timer is not None:
                timer.cancel()
        self._write_log(done, sweep)
        if self._canceled.is_set():
            raise CanceledError
        best = _best(done, sweep)
        if best is None and not self._timed_out:
            failed = sum(trial.result.status != "completed" for trial in done)
            raise StepError(
                f"no trial logged the metric `{sweep.metric}` with MLflow ({failed} of {len(done)}"
                " trials failed)"
            )
        if best is not None:
            self._take(best)
        return 0

    def _time_out(self) -> None:
        self._timed_out = True
        for trial in list(self._trial_runs):
            trial.cancel()

    def _trial(self, number: int, values: Mapping[str, str], sweep: Sweep) -> _Trial:
        step = replace(
            self.step,
            name=f"{self.step.name}_trial_{number}",
            display_name=f"{self.step.display_name} trial {number}",
            texts={**self.step.texts, **values},
            environment_variables={
                **self.step.environment_variables,
                **{f"AZUREML_SWEEP_{name}": value for name, value in values.items()},
            },
            # What a trial writes is registered, if it is the best, as the step's.
            outputs={
                port: replace(output, asset=None, place=None)
                for port, output in self.step.outputs.items()
            },
            timeout_s=sweep.trial_timeout_s,
            is_deterministic=False,
            search_space=values,
            sweep=None,
        )
        path = self.folder.path / "trials" / str(number)
        seen = self.folder.seen / "trials" / str(number)
        folder = StepFolder(path, seen, self.folder.scratch / f"t{number}")
        containers = self._run.containers
        if containers is not None:
            containers = replace(containers, images={step.name: containers.images[self.step.name]})
        run = replace(
            self._run,
            pythons={step.name: self._run.pythons[self.step.name]},
            containers=containers,
            interactive=False,
        )
        trial = StepRun(run, step, folder)
        self._trial_runs.append(trial)
        if self._canceled.is_set() or self._timed_out:
            trial.cancel()
        result = trial.run()
        store = self._run.folder.path / "mlruns" / make_experiment_id(self._run.plan)
        metric = _metric(store / make_run_id(self._run.plan, step), sweep)
        return _Trial(number, values, result, metric)

    def _take(self, best: _Trial) -> None:
        """Make the outputs of the best trial those of the step."""
        for port, path in best.result.outputs.items():
            place = self.folder.output(port)
            remove_tree(place)
            copy_data(path, place)
        if best.result.artifacts is not None:
            copy_data(best.result.artifacts, self.folder.artifacts)
        self._command = best.result.command

    def _write_log(self, done: list[_Trial], sweep: Sweep) -> None:
        best = _best(done, sweep)
        lines = []
        for trial in done:
            values = ", ".join(f"{name}={value}" for name, value in trial.values.items())
            metric = "no metric" if trial.metric is None else f"{sweep.metric}={trial.metric:g}"
            mark = " (best)" if trial is best else ""
            why = f": {trial.result.message}" if trial.result.message else ""
            lines.append(
                f"trial {trial.number}: {values}: {trial.result.status}, {metric}{mark}{why}\n"
            )
        with self.folder.log().open("a", encoding="utf-8") as log:
            log.writelines(lines)


def _best(done: list[_Trial], sweep: Sweep) -> _Trial | None:
    """Return the completed trial with the best metric; the first of equal ones."""
    found = [t for t in done if t.result.status == "completed" and t.metric is not None]
    sign = -1 if sweep.maximize else 1
    return min(found, key=lambda trial: sign * (trial.metric or 0.0), default=None)


def _metric(run: Path, sweep: Sweep) -> float | None:
    """Return the best value that a run of MLflow's file store has of a metric."""
    try:
        lines = (run / "metrics" / sweep.metric).read_text(encoding="utf-8").splitlines()
        values = [float(line.split()[1]) for line in lines if line.strip()]
    except (OSError, ValueError, IndexError):
        return None
    known = [value for value in values if not math.isnan(value)]
    return (max if sweep.maximize else min)(known, default=None)
