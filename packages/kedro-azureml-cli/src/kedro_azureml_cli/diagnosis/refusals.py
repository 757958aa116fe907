"""Say which right is missing where Azure refuses a request."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kedro_azureml_datasets.azure_ml.errors import ForbiddenError

from kedro_azureml_cli.diagnosis.rows import Row, failed, failed_with

if TYPE_CHECKING:
    from kedro_azureml_datasets import KedroAzureMLError

_ACTION = re.compile(r"perform action '([^']+)'")
_SCOPE = re.compile(r"over scope '([^']+)'")
_ML_ROLE = "AzureML Data Scientist"


def judge_failure(label: str, error: KedroAzureMLError, action: str, role: str = _ML_ROLE) -> Row:
    """Return the row about a request that failed; a refused one names the missing action.

    Args:
        label: What it is about.
        error: The error.
        action: The action that the request needs, where the service does not name one.
        role: A built-in role that holds it.
    """
    if not isinstance(error, ForbiddenError):
        return failed_with(label, error)
    named = _ACTION.search(error.reason)
    scope = _SCOPE.search(error.reason)
    missing = named[1] if named else action
    where = f"\n  on {scope[1]}" if scope else ""
    fix = f"Ask for the role '{role}', which allows the action\n  {missing}{where}"
    found = f"not allowed: {error.reason}"
    return failed(label, found, fix)
