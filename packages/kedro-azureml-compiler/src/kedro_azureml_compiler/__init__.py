"""Compiles Kedro pipelines to Azure Machine Learning pipeline jobs, without the Azure SDK.

A chain of stages, each a value: `read_project` -> `plan_job` -> `lower` -> `render` ->
`write_bundle`. `compile_job` is all of them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from kedro_azureml_compiler.__about__ import __version__

if TYPE_CHECKING:
    from kedro_azureml_compiler.compilation import CompiledJob as CompiledJob
    from kedro_azureml_compiler.compilation import compile_job as compile_job
    from kedro_azureml_compiler.findings import Finding as Finding
    from kedro_azureml_compiler.findings import FindingsError as FindingsError
    from kedro_azureml_compiler.planning.plan import Plan as Plan
    from kedro_azureml_compiler.settings.parsing import ConfigError as ConfigError

_MODULES = {
    "CompiledJob": "compilation",
    "ConfigError": "settings.parsing",
    "Finding": "findings",
    "FindingsError": "findings",
    "Plan": "planning.plan",
    "compile_job": "compilation",
}

__all__ = [*_MODULES, "__version__"]  # noqa: PLE0604  (names of strings, not strings of names)


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
