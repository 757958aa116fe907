"""Problems of a pipeline as text, as JSON, and as annotations of a GitHub workflow."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro_azureml_simulator.errors import MachineError, PipelineError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kedro_azureml_simulator.errors import SimulatorError
    from kedro_azureml_simulator.problems import Problem

_GITHUB = {"error": "error", "warning": "warning", "note": "notice"}


def show_problems(problems: Sequence[Problem], form: str, *, strict: bool) -> bool:
    """Write what was found to standard output.

    Args:
        problems: What was found.
        form: text, json or github.
        strict: Whether a warning is an error.

    Returns:
        Whether anything is an error.
    """
    wrong = [p for p in problems if p.severity == "error" or (strict and p.severity == "warning")]
    if form == "json":
        record = {
            "format": 1,
            "status": "invalid" if wrong else "valid",
            "problems": [make_problem_record(problem) for problem in problems],
        }
        sys.stdout.write(json.dumps(record, indent=2) + "\n")
    elif form == "github":
        sys.stdout.writelines(f"{_annotation(problem)}\n" for problem in problems)
    else:
        sys.stdout.writelines(f"{problem}\n" for problem in problems)
        sys.stdout.write(f"{_counted(problems)}\n")
    return bool(wrong)


def make_problem_record(problem: Problem) -> dict[str, Any]:
    """Return one problem as it stands in JSON."""
    return {
        "severity": problem.severity,
        "where": problem.where,
        "text": problem.text,
        "hint": problem.hint,
        "rule": problem.rule,
        "file": None if problem.file is None else _relative(problem.file),
        "line": problem.line,
    }


def make_error_record(error: SimulatorError) -> str:
    """Return why nothing ran, as the JSON that `--format json` writes in place of `run.json`."""
    is_failure = isinstance(error, MachineError) or hasattr(error, "log")
    record: dict[str, Any] = {
        "format": 1,
        "status": "failed" if is_failure else "invalid",
        "message": error.message,
        "hint": error.hint,
    }
    if isinstance(error, PipelineError):
        record["problems"] = [make_problem_record(problem) for problem in error.problems]
    return json.dumps(record, indent=2) + "\n"


def _annotation(problem: Problem) -> str:
    """Return a workflow command of GitHub: https://docs.github.com/actions, workflow commands."""
    place = ""
    if problem.file is not None:
        place = f" file={_escaped(_relative(problem.file), name=True)}"
        if problem.line:
            place += f",line={problem.line}"
    where = f"{problem.where}: " if problem.where else ""
    hint = f"; {problem.hint}" if problem.hint else ""
    return f"::{_GITHUB[problem.severity]}{place}::{_escaped(where + problem.text + hint)}"


def _escaped(text: str, *, name: bool = False) -> str:
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if name else text


def _relative(path: Path) -> str:
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)


def _counted(problems: Sequence[Problem]) -> str:
    counts = []
    for severity in ("error", "warning", "note"):
        count = sum(problem.severity == severity for problem in problems)
        if count:
            counts.append(f"{count} {severity}{'s' if count > 1 else ''}")
    return ", ".join(counts) or "no problems"
