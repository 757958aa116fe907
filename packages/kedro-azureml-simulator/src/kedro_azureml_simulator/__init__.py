"""Runs an Azure ML pipeline YAML on this machine, without Azure and without containers.

Example:
    >>> from kedro_azureml_simulator import simulate
    >>> callable(simulate)
    True
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from kedro_azureml_simulator.__about__ import __version__

if TYPE_CHECKING:
    from kedro_azureml_simulator.errors import (
        InterpreterError,
        MachineError,
        PipelineError,
        Problem,
        RunFolderError,
        RunInterruptedError,
        SelectionError,
        SimulatorError,
    )
    from kedro_azureml_simulator.events import (
        EnvironmentMade,
        Event,
        RunStarted,
        StepFinished,
        StepStarted,
    )
    from kedro_azureml_simulator.results import RunResult, StepResult
    from kedro_azureml_simulator.running.environment_building import EnvironmentBuildError
    from kedro_azureml_simulator.simulation import simulate

__all__ = [
    "EnvironmentBuildError",
    "EnvironmentMade",
    "Event",
    "InterpreterError",
    "MachineError",
    "PipelineError",
    "Problem",
    "RunFolderError",
    "RunInterruptedError",
    "RunResult",
    "RunStarted",
    "SelectionError",
    "SimulatorError",
    "StepFinished",
    "StepResult",
    "StepStarted",
    "__version__",
    "simulate",
]

_HOMES = {
    "EnvironmentBuildError": "running.environment_building",
    "EnvironmentMade": "events",
    "Event": "events",
    "InterpreterError": "errors",
    "MachineError": "errors",
    "PipelineError": "errors",
    "Problem": "errors",
    "RunFolderError": "errors",
    "RunInterruptedError": "errors",
    "RunResult": "results",
    "RunStarted": "events",
    "SelectionError": "errors",
    "SimulatorError": "errors",
    "StepFinished": "events",
    "StepResult": "results",
    "StepStarted": "events",
    "simulate": "simulation",
}


# Names are loaded when they are first used, so that a command line that only offers the
# simulator does not pay for YAML and rich.
def __getattr__(name: str) -> object:
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
