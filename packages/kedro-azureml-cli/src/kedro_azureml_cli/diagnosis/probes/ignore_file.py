"""Which file decides what travels with a job?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_azureml_cli.diagnosis.probe import Probe
from kedro_azureml_cli.diagnosis.rows import Row, SkippedError, ok, skipped, warning
from kedro_azureml_cli.terminal.sizes import format_size

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kedro_azureml_cli.diagnosis.subject import Subject

_LABEL = "ignore-file"
_OWN, _GITS = ".amlignore", ".gitignore"
_INIT = "Write one for Kedro projects:  kedro azureml init"


def judge_ignore_file(root: Path, code: tuple[str, ...] | None) -> Row:
    """Return the row about the ignore file of a project.

    Args:
        root: The project's folder.
        code: The files that travel, relative to it; None if that is not known.
    """
    travels = ""
    if code is not None:
        sizes = [(root / path).stat().st_size for path in code if (root / path).is_file()]
        travels = f"; {format_size({'files': len(sizes), 'bytes': sum(sizes)})} of code"
    own = root / _OWN
    if own.is_file():
        if _has_patterns(own):
            return ok(_LABEL, f"{_OWN}{travels}")
        found = f"{_OWN} is empty, so everything travels, and {_GITS} does not count{travels}"
        return warning(_LABEL, found, f"Delete it. {_INIT}")
    if (root / _GITS).is_file():
        return ok(_LABEL, f"{_GITS}, since there is no {_OWN}{travels}")
    return warning(_LABEL, f"there is none, so the whole project travels{travels}", _INIT)


def _has_patterns(file: Path) -> bool:
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    return any(line.strip() and not line.startswith("#") for line in lines)


def _examine(subject: Subject) -> Iterator[Row]:
    try:
        jobs = list(subject.jobs.take().values())
    except SkippedError:
        yield judge_ignore_file(subject.request.path, None)
        return
    job = jobs[0]  # the snapshot is the project's, the same for all jobs
    if job.code is None:
        yield skipped(_LABEL, "the code is in the image, so no file travels")
        return
    yield judge_ignore_file(job.facts.root, job.code)


IGNORE_FILE = Probe(
    "ignore-file",
    "Which ignore file decides what travels with a job, and how much does?",
    _examine,
    after=("project",),
)
