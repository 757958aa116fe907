"""Run an Azure ML pipeline on this machine, without Azure and without containers.

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
    from kedro_azureml_simulator.mappings import Mappings, mappings_for
    from kedro_azureml_simulator.plain_text import printable
    from kedro_azureml_simulator.problems import Problem
    from kedro_azureml_simulator.results import RunResult, StepResult
    from kedro_azureml_simulator.running.pythons.environment_building import EnvironmentBuildError
    from kedro_azureml_simulator.simulation import simulate
    from kedro_azureml_simulator.terminal.command import terminal_for_step
    from kedro_azureml_simulator.terminal.console import (
        interruption,
        left_behind_note,
        reporting,
        show_result,
    )
    from kedro_azureml_simulator.terminal.options import RUN_OPTIONS, RunOption, run_arguments
    from kedro_azureml_simulator.terminal.problem_output import record_of, show_problems
    from kedro_azureml_simulator.validation import Job, PipelineSource, validate

__all__ = [
    "RUN_OPTIONS",
    "EnvironmentBuildError",
    "EnvironmentMade",
    "Event",
    "InterpreterError",
    "Job",
    "MachineError",
    "Mappings",
    "PipelineError",
    "PipelineSource",
    "Problem",
    "RunFolderError",
    "RunInterruptedError",
    "RunOption",
    "RunResult",
    "RunStarted",
    "SelectionError",
    "SimulatorError",
    "StepFinished",
    "StepResult",
    "StepStarted",
    "__version__",
    "interruption",
    "left_behind_note",
    "mappings_for",
    "printable",
    "record_of",
    "reporting",
    "run_arguments",
    "show_problems",
    "show_result",
    "simulate",
    "terminal_for_step",
    "validate",
]

_MODULES = {
    "RUN_OPTIONS": "terminal.options",
    "EnvironmentBuildError": "running.pythons.environment_building",
    "EnvironmentMade": "events",
    "Event": "events",
    "InterpreterError": "errors",
    "Job": "validation",
    "MachineError": "errors",
    "Mappings": "mappings",
    "PipelineError": "errors",
    "PipelineSource": "validation",
    "Problem": "problems",
    "RunFolderError": "errors",
    "RunInterruptedError": "errors",
    "RunOption": "terminal.options",
    "RunResult": "results",
    "RunStarted": "events",
    "SelectionError": "errors",
    "SimulatorError": "errors",
    "StepFinished": "events",
    "StepResult": "results",
    "StepStarted": "events",
    "interruption": "terminal.console",
    "left_behind_note": "terminal.console",
    "mappings_for": "mappings",
    "printable": "plain_text",
    "record_of": "terminal.problem_output",
    "reporting": "terminal.console",
    "run_arguments": "terminal.options",
    "show_problems": "terminal.problem_output",
    "show_result": "terminal.console",
    "simulate": "simulation",
    "terminal_for_step": "terminal.command",
    "validate": "validation",
}


# Names are loaded when they are first used, so that a command line that only offers the
# simulator does not pay for YAML and rich.
if not TYPE_CHECKING:  # so that a type checker knows the names above, and no others

    def __getattr__(name):
        if name not in _MODULES:
            message = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(message)
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
