"""Find out why a pipeline is missing: `find_pipelines` leaves out those that it cannot import.

It only warns, and the step fails later because of a pipeline or a node that is not there.
"""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import TYPE_CHECKING

from kedro.framework import project
from kedro_azureml_datasets import KedroAzureMLError

if TYPE_CHECKING:
    from collections.abc import Collection


def explain_missing_pipelines(failure: Exception, names: Collection[str]) -> Exception:
    """Return an error that names the import for which a pipeline or a node is missing.

    Not to be called where `failure` is being handled: the error of the import would be one that
    `failure` has caused.

    Args:
        failure: What Kedro has raised before the first node.
        names: The registered pipelines that are run.

    Returns:
        The error, caused by that of the import; `failure` where no import has failed.
    """
    skipped = _find_failed_import(names)
    if skipped is None:
        return failure
    error = KedroAzureMLError(
        f"A pipeline of the project cannot be imported, so Kedro left it out: {failure}"
    )
    error.__cause__ = skipped
    return error


def _find_failed_import(names: Collection[str]) -> BaseException | None:
    """Import again what `find_pipelines` may have left out; what failed is imported no more."""
    for name in names:
        module = f"{project.PACKAGE_NAME}.pipelines.{name}"
        try:
            import_module(module)
        except ModuleNotFoundError as error:
            # A registered name need not be that of a module.
            if error.name is None or not f"{module}.".startswith(f"{error.name}."):
                return error
        except Exception as error:
            return error
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("error", "An error occurred while importing", UserWarning)
            import_module(f"{project.PACKAGE_NAME}.pipeline_registry").register_pipelines()
    except UserWarning as warning:
        return warning.__context__
    except Exception:
        return None
    return None
