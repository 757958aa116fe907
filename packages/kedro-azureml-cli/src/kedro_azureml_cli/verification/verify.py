"""The promise as a function: a job gives the same data as `kedro run`."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro_azureml_compiler import compile_job
from kedro_azureml_compiler.bundle_layout import RUNS_FOLDER
from kedro_azureml_simulator import simulate

from kedro_azureml_cli.simulation.asset_paths import local_asset_paths
from kedro_azureml_cli.simulation.code_in_image import refuse_code_in_image
from kedro_azureml_cli.verification.local_run import (
    LocalRun,
    run_in_project,
    run_locally,
    session_request,
)
from kedro_azureml_cli.verification.run_comparison import (
    ComparedDataset,
    Outcome,
    Pair,
    compare_local_runs,
    compare_runs,
    is_open,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kedro_azureml_compiler import CompiledJob, Finding
    from kedro_azureml_simulator import Event, RunResult

    from kedro_azureml_cli.verification.run_comparison import LoadAndCompare

LOCAL_FOLDER = "local"
"""The local run, in the folder of the simulation."""

AGAIN_FOLDER = "local-again"
"""A second local run, where something differs."""


@dataclass(frozen=True)
class Verification:
    """What came of running a job both ways.

    Args:
        job: Name of the job.
        datasets: Every dataset that crosses a step or leaves the pipeline, by name.
        local: The local run.
        simulation: The simulation.
        findings: Warnings and notes of the compiler.
    """

    job: str
    datasets: tuple[ComparedDataset, ...]
    local: LocalRun
    simulation: RunResult
    findings: tuple[Finding, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether one of the two runs has not come to its end."""
        return self.local.exit_code != 0 or self.simulation.status != "completed"

    @property
    def result(self) -> str:
        """`failed`, `different` or `same`; the last also where nothing that differs is known."""
        if self.failed:
            return "failed"
        return "different" if self.count(Outcome.DIFFERENT) else "same"

    def passes(self, *, strict: bool = False) -> bool:
        """Tell whether both runs have come to their ends and no data is known to differ.

        Args:
            strict: Whether all data must be known to be the same.
        """
        all_same = self.count(Outcome.SAME) == len(self.datasets)
        return self.result == "same" and (all_same or not strict)

    def count(self, outcome: Outcome) -> int:
        """Count the datasets with an outcome."""
        return sum(dataset.outcome is outcome for dataset in self.datasets)


def verify_job(
    project: Path,
    job: str,
    *,
    python: Path | None = None,
    max_workers: int = 2,
    run_dir: Path | None = None,
    on_event: Callable[[Event], None] | None = None,
    on_progress: Callable[[str], None] = lambda _: None,
    **options: Any,
) -> Verification:
    """Compile a job, run it as `kedro run` and as a simulation, and compare the data.

    Args:
        project: The project's folder.
        job: Name of the job in `azureml.yml`.
        python: The interpreter of both runs, with what a step's image has; this one by default.
        max_workers: How many steps may run at a time.
        run_dir: Folder of the simulation, in which the local runs are kept too;
            `build/azureml-runs/<job>` in the project by default.
        on_event: Called with each event of the simulation.
        on_progress: Called with what happens next, in words.
        **options: How the job is compiled, as for `compile_job`.

    Returns:
        What came of it. A run that fails is a result, not an exception.

    Raises:
        ConfigError: `azureml.yml` is missing or has mistakes.
        ProjectError: The project, the job, a pipeline or a node does not exist.
        FindingsError: Something in the pipeline cannot be reconnected; nothing was run.
        CodeInImageError: The job takes its code from an image.
        AssetNotHereError: The job reads a version of an asset that is not on this machine.
        SimulatorError: The simulation cannot be started, or this machine failed.

    Example:
        ```python
        verification = verify_job(Path("penguins"), "training")
        for dataset in verification.datasets:
            print(dataset.name, dataset.outcome.value, dataset.detail)
        ```
    """
    compiled = compile_job(project, job, **options)
    return verify_compiled(
        compiled,
        project,
        python=python,
        max_workers=max_workers,
        run_dir=run_dir,
        on_event=on_event,
        on_progress=on_progress,
    )


def verify_compiled(
    compiled: CompiledJob,
    project: Path,
    *,
    python: Path | None = None,
    max_workers: int = 2,
    run_dir: Path | None = None,
    on_event: Callable[[Event], None] | None = None,
    on_progress: Callable[[str], None] = lambda _: None,
) -> Verification:
    """Run a compiled job as `kedro run` and as a simulation, and compare the data.

    The local run happens in a copy of the project, so the project's own data stays as it is. What
    a node writes elsewhere, to a database or an absolute path, is written by both runs.

    Where something differs, a second local run tells whether it differs between two of those too.

    Args:
        compiled: The job.
        project: The project that it was compiled from.
        python: As for `verify_job`, like all others.
        max_workers: As there.
        run_dir: As there.
        on_event: As there.
        on_progress: As there.

    Raises:
        CodeInImageError: The job takes its code from an image.
        AssetNotHereError: The job reads a version of an asset that is not on this machine.
        SimulatorError: The simulation cannot be started, or this machine failed.
    """
    job = compiled.plan.job
    project = project.expanduser().resolve()
    run_dir = (run_dir or project / RUNS_FOLDER / job).absolute()
    # Not resolved: a virtual environment is known by the path of its interpreter.
    python = (python or Path(sys.executable)).absolute()
    refuse_code_in_image(job, compiled.bundle)
    assets = local_asset_paths(compiled.plan, project)
    on_progress("The job, simulated step by step:")
    simulation = simulate(
        compiled.bundle / "pipeline.yml",
        run_dir=run_dir,
        python=python,
        max_workers=max_workers,
        assets=assets,
        project_dir=project,  # what is not in the snapshot, Azure ML does not have
        on_event=on_event,
    )
    runs = _LocalRuns(compiled, project, run_dir, python, assets)
    on_progress("The same nodes as 'kedro run' runs them, on a copy of the project ...")
    local = runs.run(LOCAL_FOLDER)
    compared = compare_runs(compiled.plan, local, simulation, runs.comparing(local))
    if any(map(is_open, compared)):
        on_progress("Once more as 'kedro run': does what differs here differ there, too? ...")
        again = runs.run(AGAIN_FOLDER)
        if again.exit_code == 0:
            compared = compare_local_runs(compared, local, again, runs.comparing(local))
    if local.exit_code == 0 and not any(map(is_open, compared)):
        _remove_copies(run_dir)
        compared = [replace(dataset, local=None) for dataset in compared]
    return Verification(job, tuple(compared), local, simulation, compiled.findings)


@dataclass(frozen=True)
class _LocalRuns:
    """Local runs of one job, and comparisons of what they have left."""

    compiled: CompiledJob
    project: Path
    run_dir: Path
    python: Path
    assets: Mapping[str, Path]

    def run(self, name: str) -> LocalRun:
        folder = self.run_dir / name
        if folder.exists():
            shutil.rmtree(folder)
        return run_locally(
            self.compiled.plan,
            self.project,
            folder,
            python=self.python,
            assets=self.assets,
            bundle=self.compiled.bundle,
        )

    def comparing(self, local: LocalRun) -> LoadAndCompare:
        """Give what compares loaded objects in the project's own process."""

        def compare(pairs: list[Pair]) -> Mapping[str, Mapping[str, Any] | None]:
            if not pairs:
                return {}
            request = {
                "session": session_request(self.compiled.plan),
                "pairs": [
                    {"name": p.name, "entry": p.entry, "local": str(p.local), "job": str(p.other)}
                    for p in pairs
                ],
            }
            exit_code, answer = run_in_project(
                "compare",
                request,
                local.project,
                local.project.parent,
                self.python,
                instead_of=self.project,
            )
            if exit_code == 0 and isinstance(answer, dict):
                return answer
            why = f"loading it ends with exit code {exit_code}: see {local.log_path}"
            return {pair.name: {"text": why, "known": False} for pair in pairs}

        return compare


def _remove_copies(run_dir: Path) -> None:
    """Remove the copies of the project where they show nothing that is worth a look."""
    for name in (LOCAL_FOLDER, AGAIN_FOLDER):
        shutil.rmtree(run_dir / name / "project", ignore_errors=True)
