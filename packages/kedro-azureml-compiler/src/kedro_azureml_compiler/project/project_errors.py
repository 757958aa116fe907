"""Say which line of a project fails, instead of a traceback."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from kedro_azureml_datasets import KedroAzureMLError

from kedro_azureml_compiler.findings import About, FindingKind, Severity
from kedro_azureml_compiler.project.configuration_errors import find_unreadable_place
from kedro_azureml_compiler.project.failing_code import (
    ImportAdvice,
    explain_missing_module,
    explain_wrong_values,
    find_failing_line,
    list_causes,
)
from kedro_azureml_compiler.secrets.values import mask_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

_WHOLE_TRACEBACK = "Whole traceback:  kedro registry list  or  kedro catalog describe-datasets"

PROJECT_ERROR = FindingKind(
    code="project-error",
    severity=Severity.ERROR,
    about=About.PROJECT,
    title="The project, or a job, pipeline or node in it, cannot be read",
    explanation=(
        "Every other command stops with the same message. `check` continues with the other jobs."
    ),
    hint=(
        "Follow the message. `kedro registry list` shows the whole traceback of an error in the "
        "pipelines, `kedro catalog describe-datasets` that of an error in the catalog."
    ),
    fixed=True,
)


class ProjectError(KedroAzureMLError):
    """The project, or something that was requested in it, does not exist or cannot be read.

    Args:
        message: What is wrong.
        hint: What to do instead.
        file: The file that cannot be read, relative to the project, where it is known.
        line: The line in it, counted from 1.
    """

    blame = "user"

    def __init__(
        self, message: str, *, hint: str = "", file: str | None = None, line: int | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.file, self.line = file, line


@contextmanager
def translate_project_errors(
    project: Path,
    folders: Sequence[Path],
    params: Mapping[str, Any],
    places: Mapping[str, str] | None = None,
    behind: Sequence[str] = (),
) -> Iterator[None]:
    """Raise an error that names the line of the project that fails, instead of a traceback.

    Args:
        project: The project's folder, absolute.
        folders: Folders of the configuration that are read, absolute.
        params: Runtime parameters.
        places: Paths that messages may name, to those that they shall name instead.
        behind: Files of the configuration that stay behind, relative to the project.

    Raises:
        ProjectError: Instead of any error of the project's code or configuration.
    """
    try:
        with warnings.catch_warnings():
            # find_pipelines() skips the pipelines that it cannot import: half a job.
            warnings.filterwarnings("error", "An error occurred while importing", UserWarning)
            yield
    except KedroAzureMLError:
        raise
    except (Exception, SystemExit) as error:
        cause = list_causes(error)[0]
        unreadable = find_unreadable_place(cause, project, folders, params)
        if unreadable is None:
            raise describe_project_error(error, project, places) from error
        raise ProjectError(
            mask_secrets(_renamed(unreadable.message, places)),
            hint=_naming_what_stays(unreadable.hint, behind),
            file=unreadable.file,
            line=unreadable.line,
        ) from error


def describe_project_error(
    error: BaseException, project: Path, places: Mapping[str, str] | None = None
) -> ProjectError:
    """Return an error that names the line of the project that raised another one.

    Args:
        error: The error of the project's code.
        project: The project's folder, absolute.
        places: Paths that messages may name, to those that they shall name instead.
    """
    causes = list_causes(error)
    found = ((cause, find_failing_line(cause, project)) for cause in causes)
    cause, place = next(((cause, place) for cause, place in found if place), (causes[0], None))
    advice = explain_missing_module(cause, project)
    if advice is not None and not advice.problem:
        advice = advice._replace(problem=f"{type(cause).__name__}: {cause}")
    elif advice is None:
        said = cause.msg if isinstance(cause, SyntaxError) else cause
        problem = f"{type(cause).__name__}: {said}"
        value = "" if place else explain_wrong_values(cause)
        advice = ImportAdvice(f"{value}. {problem}" if value else problem, _WHOLE_TRACEBACK)
    file, line = place or (None, None)
    where = f"{file}:{line}: " if place else ""
    problem = mask_secrets(_renamed(advice.problem, places))
    message = f"The project cannot be read: {where}{problem}"
    return ProjectError(message, hint=advice.hint, file=file, line=line)


def _naming_what_stays(hint: str, behind: Sequence[str]) -> str:
    """Add to a hint that a value may be missing because its file stays behind."""
    if not behind:
        return hint
    listed = ", ".join(behind[:3]) + (f" and {len(behind) - 3} more" if len(behind) > 3 else "")
    return f"{hint}\nNot read, since the ignore file or conf/local keeps them here: {listed}"


def _renamed(text: str, places: Mapping[str, str] | None) -> str:
    for place, original in (places or {}).items():
        text = text.replace(place, original)
    return text
