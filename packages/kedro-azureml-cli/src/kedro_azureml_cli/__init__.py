"""The commands `kedro azureml ...` and the starter `azureml`; from Python: `verify_job`.

- `verify_job` runs a job both ways and returns a `Verification`, which has for each dataset a
  `ComparedDataset` with its `Outcome`
"""

from importlib import import_module
from typing import TYPE_CHECKING

from kedro_azureml_cli.__about__ import __version__

if TYPE_CHECKING:
    from kedro_azureml_cli.verification.run_comparison import ComparedDataset as ComparedDataset
    from kedro_azureml_cli.verification.run_comparison import Outcome as Outcome
    from kedro_azureml_cli.verification.verify import Verification as Verification
    from kedro_azureml_cli.verification.verify import verify_job as verify_job

__all__ = ["ComparedDataset", "Outcome", "Verification", "__version__", "verify_job"]

_MODULES = {
    "ComparedDataset": "verification.run_comparison",
    "Outcome": "verification.run_comparison",
    "Verification": "verification.verify",
    "verify_job": "verification.verify",
}
"""Imported when they are asked for: every start of `kedro` imports this package."""

if not TYPE_CHECKING:  # so that a type checker knows the names above, and no others

    def __getattr__(name):
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
