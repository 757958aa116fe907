"""The fixture `azureml_simulator`: teams run their Azure ML pipelines as tests.

pytest loads this module at every start where the package is installed, so it imports nothing but
pytest until a test asks for the fixture.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypedDict

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from typing_extensions import Unpack

    from kedro_azureml_simulator.events import Event
    from kedro_azureml_simulator.problems import Problem
    from kedro_azureml_simulator.results import RunResult, StepResult
    from kedro_azureml_simulator.validation import PipelineSource

_LOG_LINES = 20


class ValidateOptions(TypedDict, total=False):
    """The options of `kedro_azureml_simulator.validate`."""

    assets: Mapping[str, Path] | None
    inputs: Mapping[str, str] | None
    components: Mapping[str, Path] | None
    config: Path | None


class SimulateOptions(ValidateOptions, total=False):
    """The options of `kedro_azureml_simulator.simulate`."""

    run_dir: Path | str
    python: Path | None
    max_workers: int
    environments: Mapping[str, Path] | None
    variables: Mapping[str, str] | None
    engine: Literal["docker", "podman"] | None
    images: Mapping[str, str] | None
    only: str | None
    start: str | None
    reuse: bool
    keep: bool
    isolate: bool
    strict: bool
    max_trials: int | None
    step_overhead_s: float
    project_dir: Path | None
    notes: str | None
    interactive: bool
    on_event: Callable[[Event], None] | None


class AzureMLSimulator:
    """What the fixture returns; calling it runs a pipeline.

    Args:
        folder: The folder for run folders, a fresh one for each test.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._runs = 0

    def __call__(
        self, pipeline: PipelineSource, *, check: bool = True, **options: Unpack[SimulateOptions]
    ) -> RunResult:
        """Run a job and return its result.

        Args:
            pipeline: A YAML file, or a job of the Azure SDK.
            check: Whether a step that does not complete fails the test, with the end of its log.
            **options: Those of `kedro_azureml_simulator.simulate`. `python` is this interpreter
                and `run_dir` a fresh folder, unless they are given.

        Raises:
            AssertionError: A step did not complete.
            PipelineError: The pipeline is invalid, or cannot be simulated.
        """
        from kedro_azureml_simulator.simulation import simulate

        self._runs += 1
        options.setdefault("run_dir", self._folder / f"run-{self._runs}")
        options.setdefault("python", Path(sys.executable))
        result = simulate(pipeline, **options)
        failed = [step for step in result.steps if step.status == "failed"]
        if check and result.status != "completed":
            raise AssertionError("\n\n".join(_words(step) for step in failed))
        return result

    def validate(
        self, pipeline: PipelineSource, **options: Unpack[ValidateOptions]
    ) -> tuple[Problem, ...]:
        """Check a job without running it; the options are those of `validate`."""
        from kedro_azureml_simulator.validation import validate

        return validate(pipeline, **options)


@pytest.fixture
def azureml_simulator(tmp_path: Path) -> AzureMLSimulator:
    """Return a function that runs Azure ML pipelines on this machine, without Azure."""
    return AzureMLSimulator(tmp_path / "azureml-simulation")


def _words(step: StepResult) -> str:
    lines = [f"step {step.display_name} failed: {step.message}"]
    if step.log_path is not None:
        text = step.log_path.read_text(encoding="utf-8", errors="replace")
        lines += [f"the end of its log ({step.log_path}):", *text.splitlines()[-_LOG_LINES:]]
    return "\n".join(lines)
