"""Find the line of a project's code that fails, and say what to install if a module is missing."""

from __future__ import annotations

import re
import traceback
from pathlib import Path
from typing import NamedTuple

from kedro.framework import project as kedro_project
from omegaconf.errors import OmegaConfBaseException

_OF_KEDRO = {
    "kedro.framework.project": "register_pipelines() in pipeline_registry.py does not return a "
    "mapping of names to pipelines",
    "kedro.framework.hooks.manager": "HOOKS in settings.py is not a tuple of hooks",
}
"""What is wrong if these modules of Kedro fail on what a project gives them."""

_REQUIREMENTS = ("requirements.txt", "src/requirements.txt")


class ImportAdvice(NamedTuple):
    """What to say of an error.

    Args:
        problem: What is wrong; empty if the error itself says it.
        hint: What to do.
    """

    problem: str
    hint: str


def list_causes(error: BaseException) -> list[BaseException]:
    """Return an error and what caused it, the root cause first.

    Args:
        error: The error; `find_pipelines()` wraps that of a pipeline in another one, or in a
            warning.
    """
    causes = [error]
    while not isinstance(error, OmegaConfBaseException):
        # The cause of one of OmegaConf exists only with a tracer or OC_CAUSE=1, and has no key.
        inner = error.__cause__ or (error.__context__ if isinstance(error, UserWarning) else None)
        if inner is None or inner in causes:
            break
        error = inner
        causes.append(error)
    return causes[::-1]


def find_failing_line(error: BaseException, project: Path) -> tuple[str, int | None] | None:
    """Return the file and the line of a project where an error was raised, or where it is.

    Args:
        error: The error.
        project: The project's folder, absolute.

    Returns:
        The file relative to the project, and the line counted from 1; None if the error did not
        pass through a file of the project.
    """
    found = None
    for frame in traceback.extract_tb(error.__traceback__):
        file = Path(frame.filename)
        if file.is_relative_to(project):
            found = file.relative_to(project).as_posix(), frame.lineno
    if type(error).__name__ == "TOMLDecodeError":  # of tomllib or tomli, which Kedro has imported
        line = re.search(r"line (\d+)", str(error))
        return "pyproject.toml", int(line[1]) if line else None
    if isinstance(error, SyntaxError) and error.filename:
        file = Path(error.filename)
        if file.is_relative_to(project):  # it is the module that was to be imported
            found = file.relative_to(project).as_posix(), error.lineno
    return found


def explain_missing_module(error: BaseException, project: Path) -> ImportAdvice | None:
    """Say what to do if a module is missing; None if the error is another one.

    Args:
        error: The error.
        project: The project's folder, absolute.
    """
    if not isinstance(error, ModuleNotFoundError) or not error.name:
        return None
    package = kedro_project.PACKAGE_NAME or ""
    if error.name == package:
        hint = "Name the package in pyproject.toml, in [tool.kedro]:  package_name = ..."
        return ImportAdvice(f"the package '{package}' was not found in the project's source.", hint)
    if package and error.name == f"{package}.pipeline_registry":
        hint = "Write a function register_pipelines() in it that returns the pipelines by name."
        return ImportAdvice(f"{package}/pipeline_registry.py was not found.", hint)
    if package and error.name.startswith(f"{package}."):
        return ImportAdvice("", "Correct the import, or add the module to the project.")
    module = error.name.partition(".")[0]
    for name in _REQUIREMENTS:
        if (project / name).is_file():
            return ImportAdvice("", f"Install what the project needs:  pip install -r {name}")
    return ImportAdvice("", f"Install the package that contains the module '{module}'.")


def explain_wrong_values(error: BaseException) -> str:
    """Say which value of the project Kedro cannot use; empty if the error is another one.

    Args:
        error: The error, which passed through no file of the project.
    """
    if not isinstance(error, (AttributeError, TypeError)):
        return ""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    return _OF_KEDRO.get(str(frames[-1].f_globals.get("__name__")), "") if frames else ""
