"""Run one step of a Kedro pipeline inside an Azure Machine Learning job.

The public names are loaded when they are first used: `StepInvocation` and
`read_step_times` need the standard library only, `AzurePipelinesRunner` needs Kedro.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from kedro_azureml_runner.__about__ import __version__

if TYPE_CHECKING:
    from kedro_azureml_runner.exact_text import keep_exact as keep_exact
    from kedro_azureml_runner.protocol.invocation import PROTOCOL as PROTOCOL
    from kedro_azureml_runner.protocol.invocation import StepInvocation as StepInvocation
    from kedro_azureml_runner.protocol.notification import SEND_VARIABLE as SEND_VARIABLE
    from kedro_azureml_runner.protocol.notification import WITHOUT_NODES as WITHOUT_NODES
    from kedro_azureml_runner.protocol.promoted import InvocationError as InvocationError
    from kedro_azureml_runner.protocol.promoted import Promoted as Promoted
    from kedro_azureml_runner.protocol.promoted import PromotedValueError as PromotedValueError
    from kedro_azureml_runner.protocol.step_times import StepTimes as StepTimes
    from kedro_azureml_runner.protocol.step_times import read_step_times as read_step_times
    from kedro_azureml_runner.runner import MEMORY_FILE as MEMORY_FILE
    from kedro_azureml_runner.runner import AzurePipelinesRunner as AzurePipelinesRunner
    from kedro_azureml_runner.runner import make_memory_dataset as make_memory_dataset

_MODULES = {
    "AzurePipelinesRunner": "runner",
    "InvocationError": "protocol.promoted",
    "MEMORY_FILE": "runner",
    "PROTOCOL": "protocol.invocation",
    "Promoted": "protocol.promoted",
    "PromotedValueError": "protocol.promoted",
    "SEND_VARIABLE": "protocol.notification",
    "StepInvocation": "protocol.invocation",
    "StepTimes": "protocol.step_times",
    "WITHOUT_NODES": "protocol.notification",
    "keep_exact": "exact_text",
    "make_memory_dataset": "runner",
    "read_step_times": "protocol.step_times",
}

__all__ = [*_MODULES, "__version__"]  # noqa: PLE0604  (names of strings, not strings of names)


if not TYPE_CHECKING:  # so that a type checker knows the names above, and no others

    def __getattr__(name):
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted(__all__)
