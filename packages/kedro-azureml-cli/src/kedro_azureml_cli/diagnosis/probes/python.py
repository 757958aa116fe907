"""Is this a Python that the packages support?"""

from __future__ import annotations

import platform
import sys
from importlib.metadata import metadata
from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet

from kedro_azureml_cli.diagnosis.probe import Probe
from kedro_azureml_cli.diagnosis.rows import Row, failed, ok, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kedro_azureml_cli.diagnosis.subject import Subject

_LABEL = "python"
_CLASSIFIER = "Programming Language :: Python :: "


def judge_python(version: str, required: str, tested: list[str]) -> Row:
    """Return the row about a version of Python.

    Args:
        version: The version, as in `3.11.9`.
        required: What the packages require, as in `>=3.10`.
        tested: The versions with which they are tested, as in `3.11`.

    Example:
        >>> judge_python("3.14.0", ">=3.10", ["3.12", "3.13"]).found
        'Python 3.14.0; these packages are tested with 3.12 to 3.13'
    """
    if not SpecifierSet(required).contains(version, prereleases=True):
        fix = f"Make an environment with Python {tested[-1] if tested else required}."
        return failed(_LABEL, f"Python {version}; these packages need {required}", fix)
    if tested and ".".join(version.split(".")[:2]) not in tested:
        found = f"Python {version}; these packages are tested with {tested[0]} to {tested[-1]}"
        return warning(_LABEL, found, f"If anything fails, use Python {tested[-1]}.")
    return ok(_LABEL, f"Python {version} ({sys.executable})")


def _examine(_: Subject) -> Iterator[Row]:
    declared = metadata("kedro-azureml-cli")
    versions = [line.removeprefix(_CLASSIFIER) for line in declared.get_all("Classifier") or ()]
    tested = [one for one in versions if one.startswith("3.")]
    required = ",".join(declared.get_all("Requires-Python") or ())
    yield judge_python(platform.python_version(), required, tested)


PYTHON = Probe("python", "Is this a Python that the packages support?", _examine)
