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
    from kedro_azureml_simulator.mappings import Mappings, read_mappings_for
    from kedro_azureml_simulator.plain_text import make_printable
    from kedro_azureml_simulator.problems import Problem
    from kedro_azureml_simulator.references import find_mapped
    from kedro_azureml_simulator.results import RunResult, StepResult
    from kedro_azureml_simulator.running.earlier_run import LeftRun, LeftStep, read_run
    from kedro_azureml_simulator.running.pythons.environment_building import EnvironmentBuildError
    from kedro_azureml_simulator.running.run_folder import hold_run_folder
    from kedro_azureml_simulator.simulation import simulate
    from kedro_azureml_simulator.terminal.command import leave_terminal_to_step
    from kedro_azureml_simulator.terminal.console import (
        describe_interruption,
        report_run,
        show_result,
        write_left_behind_note,
    )
    from kedro_azureml_simulator.terminal.options import RUN_OPTIONS, RunOption, make_run_arguments
    from kedro_azureml_simulator.terminal.problem_output import make_error_record, show_problems
    from kedro_azureml_simulator.validation import Job, PipelineSource, validate

__all__ = [
    "RUN_OPTIONS",
    "EnvironmentBuildError",
    "EnvironmentMade",
    "Event",
    "InterpreterError",
    "Job",
    "LeftRun",
    "LeftStep",
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
    "describe_interruption",
    "find_mapped",
    "hold_run_folder",
    "leave_terminal_to_step",
    "make_error_record",
    "make_printable",
    "make_run_arguments",
    "read_mappings_for",
    "read_run",
    "report_run",
    "show_problems",
    "show_result",
    "simulate",
    "validate",
    "write_left_behind_note",
]

_MODULES = {
    "RUN_OPTIONS": "terminal.options",
    "EnvironmentBuildError": "running.pythons.environment_building",
    "EnvironmentMade": "events",
    "Event": "events",
    "InterpreterError": "errors",
    "Job": "validation",
    "LeftRun": "running.earlier_run",
    "LeftStep": "running.earlier_run",
    "read_run": "running.earlier_run",
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
    "describe_interruption": "terminal.console",
    "find_mapped": "references",
    "hold_run_folder": "running.run_folder",
    "write_left_behind_note": "terminal.console",
    "read_mappings_for": "mappings",
    "make_printable": "plain_text",
    "make_error_record": "terminal.problem_output",
    "report_run": "terminal.console",
    "make_run_arguments": "terminal.options",
    "show_problems": "terminal.problem_output",
    "show_result": "terminal.console",
    "simulate": "simulation",
    "leave_terminal_to_step": "terminal.command",
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
