"""The promise as a function: a job gives the same data as `kedro run`."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from kedro_azureml_compiler import RUNS_FOLDER, NodeFilters, compile_job
from kedro_azureml_datasets import SEED_VARIABLE
from kedro_azureml_simulator import hold_run_folder, simulate

from kedro_azureml_cli.simulation.asset_paths import find_local_assets
from kedro_azureml_cli.simulation.code_in_image import refuse_code_in_image
from kedro_azureml_cli.simulation.missing_secrets import refuse_missing_secrets
from kedro_azureml_cli.verification.local_run import (
    LocalRun,
    make_comparing,
    make_session_request,
    run_locally,
)
from kedro_azureml_cli.verification.run_comparison import (
    ComparedDataset,
    Outcome,
    compare_local_runs,
    compare_runs,
    is_open,
    list_simulated,
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

SEEDED_FOLDER = "seeded"
"""A simulation with seeded random generators, where something differs between the local runs."""

LOCAL_SEEDED_FOLDER, SEEDED_AGAIN_FOLDER = "local-seeded", "local-seeded-again"
"""Local runs that are seeded like it."""

# Hashes of strings decide the order of sets, and Python reads their seed only when it starts.
_SEEDS = MappingProxyType({SEED_VARIABLE: "20261", "PYTHONHASHSEED": "20261"})


@dataclass(frozen=True)
class Verification:
    """What came of running a job both ways.

    Args:
        job: Name of the job.
        datasets: Every dataset that crosses a step or leaves the pipeline, by name.
        local: The local run.
        simulation: The simulation.
        findings: Warnings and notes of the compiler.
        against: The job's name in Azure ML, where that was compared and not a simulation.
    """

    job: str
    datasets: tuple[ComparedDataset, ...]
    local: LocalRun
    simulation: RunResult
    findings: tuple[Finding, ...] = ()
    against: str = ""

    @property
    def failed(self) -> bool:
        """Whether one of the two runs has not come to its end."""
        return self.local.exit_code != 0 or self.simulation.status != "completed"

    @property
    def result(self) -> str:
        """`failed`, `different` or `same`; the last also where no difference is known."""
        if self.failed:
            return "failed"
        return "different" if self.count(Outcome.DIFFERENT) else "same"

    def passes(self, *, strict: bool = False) -> bool:
        """Check whether both runs completed and no data is known to differ.

        Args:
            strict: Whether all data must be known to be the same, and there must be some.
        """
        all_same = self.count(Outcome.SAME) == len(self.datasets)
        return self.result == "same" and (not strict or (all_same and self.proves_something))

    @property
    def proves_something(self) -> bool:
        """Whether any dataset was compared, and is known to be the same or to differ."""
        return bool(self.count(Outcome.SAME) or self.count(Outcome.DIFFERENT))

    def count(self, outcome: Outcome) -> int:
        """Count the datasets with an outcome."""
        return sum(dataset.outcome is outcome for dataset in self.datasets)


def verify_job(
    project: Path,
    job: str,
    *,
    env: str | None = None,
    params: Mapping[str, object] | None = None,
    load_versions: Mapping[str, str] | None = None,
    conf_source: str | Path | None = None,
    use_hooks: bool = True,
    filters: NodeFilters | None = None,
    output: Path | None = None,
    python: Path | None = None,
    max_workers: int = 2,
    variables: Mapping[str, str] = MappingProxyType({}),
    run_dir: Path | None = None,
    on_event: Callable[[Event], None] | None = None,
    on_progress: Callable[[str], None] = lambda _: None,
) -> Verification:
    """Compile a job, run it as `kedro run` and as a simulation, and compare the data.

    Args:
        project: The project's folder.
        job: Name of the job in `azureml.yml`.
        env: Kedro environment, as for `compile_job`.
        params: Runtime parameters, as for `compile_job`.
        load_versions: Dataset name to version, as for `compile_job`.
        conf_source: The configuration, as for `compile_job`.
        use_hooks: Whether the project is read with its hooks, as for `compile_job`.
        filters: Which nodes to run of those that the job selects; None for all of them.
        output: Folder of the bundle, as for `compile_job`.
        python: The interpreter of both runs, with what a step's image has; this one by default.
        max_workers: How many steps may run at a time.
        variables: Environment variables of the processes of all runs, never written to disk.
        run_dir: Folder of the simulation, in which the local runs are kept too;
            `build/azureml-runs/<job>` in the project by default.
        on_event: Called with each event of the simulation.
        on_progress: Called with what happens next, in words.

    Returns:
        What came of it. A run that fails is a result, not an exception.

    Raises:
        ConfigError: `azureml.yml` is missing or has mistakes.
        ProjectError: The project, the job, a pipeline or a node does not exist.
        FindingsError: Something in the pipeline cannot be reconnected; nothing was run.
        CodeInImageError: The job takes its code from an image.
        MissingSecretError: A step needs a secret, and no variable stands for it.
        AssetNotHereError: The job reads a version of an asset that is not on this machine.
        SimulatorError: The simulation cannot be started, or this machine failed.

    Example:
        ```python
        verification = verify_job(Path("penguins"), "training")
        for dataset in verification.datasets:
            print(dataset.name, dataset.outcome.value, dataset.detail)
        ```
    """
    compiled = compile_job(
        project,
        job,
        env=env,
        params=params,
        load_versions=load_versions,
        conf_source=conf_source,
        use_hooks=use_hooks,
        filters=filters or NodeFilters(),
        output=output,
    )
    return verify_compiled(
        compiled,
        project,
        python=python,
        max_workers=max_workers,
        variables=variables,
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
    variables: Mapping[str, str] = MappingProxyType({}),
    run_dir: Path | None = None,
    on_event: Callable[[Event], None] | None = None,
    on_progress: Callable[[str], None] = lambda _: None,
) -> Verification:
    """Run a compiled job as `kedro run` and as a simulation, and compare the data.

    The local run happens in a copy of the project, so the project's own data stays as it is. What
    a node writes elsewhere, to a database or an absolute path, is written by both runs.

    Where something differs, a second local run shows whether it differs between two of those, too.
    Where it does, simulation and local run are repeated with seeded random generators.

    Args:
        compiled: The job.
        project: The project that it was compiled from.
        python: As for `verify_job`, like all others.
        max_workers: As there.
        variables: As there.
        run_dir: As there.
        on_event: As there.
        on_progress: As there.

    Raises:
        CodeInImageError: The job takes its code from an image.
        MissingSecretError: A step needs a secret, and no variable stands for it.
        AssetNotHereError: The job reads a version of an asset that is not on this machine.
        SimulatorError: The simulation cannot be started, or this machine failed.
    """
    job = compiled.plan.job
    project = Path(os.path.realpath(project.expanduser()))
    run_dir = (run_dir or project / RUNS_FOLDER / job).absolute()
    # Not resolved: a virtual environment is known by the path of its interpreter.
    python = (python or Path(sys.executable)).absolute()
    refuse_code_in_image(job, compiled.bundle)
    refuse_missing_secrets(compiled, variables)
    assets = find_local_assets(compiled.plan, project, compiled.workspace)
    runs = _Runs(compiled, project, run_dir, python, assets, max_workers, variables)
    on_progress("The job, simulated step by step:")
    simulation = runs.simulate(run_dir, on_event)
    with hold_run_folder(run_dir):
        local, compared = _compare(runs, simulation, on_progress)
        if local.exit_code == 0 and not any(map(is_open, compared)):
            _remove_copies(run_dir)
            compared = [replace(dataset, local=None) for dataset in compared]
    return Verification(job, tuple(compared), local, simulation, compiled.findings)


def _compare(
    runs: _Runs, simulation: RunResult, on_progress: Callable[[str], None]
) -> tuple[LocalRun, list[ComparedDataset]]:
    """Run the nodes as often as it takes to judge what a simulation has left."""
    on_progress("The same nodes as 'kedro run' runs them, on a copy of the project ...")
    local = runs.run(LOCAL_FOLDER)
    job_data = list_simulated(runs.compiled.plan, simulation)
    compared = compare_runs(job_data, local, runs.comparing(local))
    if any(map(is_open, compared)):
        on_progress("Once more as 'kedro run': does what differs here differ there, too? ...")
        again = runs.run(AGAIN_FOLDER)
        if again.exit_code == 0:
            compared = compare_local_runs(compared, local, again, runs.comparing(local))
    if any(each.outcome is Outcome.NOT_DETERMINISTIC for each in compared):
        on_progress("Both once more with seeded random generators ...")
        compared = _compare_seeded(compared, runs)
    return local, compared


def _compare_seeded(compared: list[ComparedDataset], runs: _Runs) -> list[ComparedDataset]:
    """Judge by seeded runs what differs between unseeded local runs.

    Only that: a node that seeds the generators for the next one makes data that no two local runs
    show to differ, and the job's is different indeed.
    """
    simulation = runs.simulate(runs.run_dir / SEEDED_FOLDER, None, _SEEDS)
    local = runs.run(LOCAL_SEEDED_FOLDER, _SEEDS)
    if simulation.status != "completed" or local.exit_code != 0:
        return compared
    job_data = list_simulated(runs.compiled.plan, simulation)
    seeded = compare_runs(job_data, local, runs.comparing(local))
    chance = {each.name for each in compared if each.outcome is Outcome.NOT_DETERMINISTIC}
    if any(is_open(each) for each in seeded if each.name in chance):
        again = runs.run(SEEDED_AGAIN_FOLDER, _SEEDS)
        if again.exit_code == 0:
            seeded = compare_local_runs(seeded, local, again, runs.comparing(local))
    found = {each.name: each for each in seeded if each.name in chance}
    return [_judged_by_seeded(each, found.get(each.name)) for each in compared]


def _judged_by_seeded(dataset: ComparedDataset, seeded: ComparedDataset | None) -> ComparedDataset:
    if seeded is not None and seeded.outcome is Outcome.SAME:
        return replace(dataset, outcome=Outcome.SAME, detail="seeded")
    if seeded is not None and seeded.outcome is Outcome.DIFFERENT:
        return replace(seeded, detail=f"seeded; {seeded.detail}")
    return dataset


@dataclass(frozen=True)
class _Runs:
    """The runs of one job, and comparisons of what they have left."""

    compiled: CompiledJob
    project: Path
    run_dir: Path
    python: Path
    assets: Mapping[str, Path]
    max_workers: int
    variables: Mapping[str, str]

    def simulate(
        self,
        run_dir: Path,
        on_event: Callable[[Event], None] | None,
        variables: Mapping[str, str] = MappingProxyType({}),
    ) -> RunResult:
        return simulate(
            self.compiled.bundle / "pipeline.yml",
            run_dir=run_dir,
            python=self.python,
            max_workers=self.max_workers,
            assets=self.assets,
            variables={**self.variables, **variables},
            project_dir=self.project,  # what is not in the snapshot, Azure ML does not have
            on_event=on_event,
        )

    def run(self, name: str, variables: Mapping[str, str] = MappingProxyType({})) -> LocalRun:
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
            variables={**self.variables, **variables},
        )

    def comparing(self, local: LocalRun) -> LoadAndCompare:
        session = make_session_request(self.compiled.plan)
        return make_comparing(session, local, self.python, self.project, self.variables)


def _remove_copies(run_dir: Path) -> None:
    """Remove the copies of the project where they show nothing that is worth a look."""
    for name in (LOCAL_FOLDER, AGAIN_FOLDER, LOCAL_SEEDED_FOLDER, SEEDED_AGAIN_FOLDER):
        shutil.rmtree(run_dir / name / "project", ignore_errors=True)
