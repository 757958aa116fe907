"""Show the findings of jobs: as text, as JSON for programs, as annotations for GitHub."""

from __future__ import annotations

import json
import os
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from kedro_azureml_cli.terminal.findings import (
    describe_finding,
    format_finding,
    format_notes,
    sort_errors_last,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from kedro_azureml_compiler import CheckedJob, Finding

FORMAT = 1
"""Version of the JSON document; it changes when a field is removed or changes its meaning."""

_FEW_NOTES = 3
"""Up to this number, the notes of one kind are shown in full."""

_GITHUB_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}


def as_text(
    checked: Sequence[CheckedJob],
    *,
    offers_fixes: bool = True,
    every_note: bool = False,
    errors_alone: bool = False,
) -> str:
    """Return the findings as text, each once, and a summary in the last line.

    Findings of one kind stand together; a hint that several of them share stands below the last.
    More than a few notes of one kind are counted, with the names of what they are about.

    Args:
        checked: The jobs with their findings.
        offers_fixes: Whether to name the option that writes what hints show, if there is any.
        every_note: Whether every note is shown in full, however many there are of its kind.
        errors_alone: Whether warnings and notes are only counted.
    """
    jobs_of = _merged(checked)
    merged = sort_errors_last(sorted(jobs_of, key=lambda finding: finding.code))
    if errors_alone:
        merged = [finding for finding in merged if finding.severity.value == "error"]
    many = {} if every_note or errors_alone else _many_notes(jobs_of, checked)
    in_full = [finding for finding in merged if _group(finding, jobs_of, checked) not in many]
    lines = []
    for (_, jobs), notes in many.items():
        lines += format_notes(notes, jobs)
    for finding, following in zip_longest(in_full, in_full[1:]):
        jobs = _only_in(jobs_of[finding], checked)
        shared = following is not None and _advice(following) == _advice(finding)
        lines += format_finding(finding._replace(hint="") if shared else finding, jobs)
    if many:
        lines.append("To see each note:  kedro azureml check --verbose")
    if offers_fixes and any(finding.fixes for finding in merged):
        lines.append("To write the entries that the hints show:  kedro azureml check --fix")
    return "\n".join([*lines, _summary(checked)]) + "\n"


def as_json(checked: Sequence[CheckedJob]) -> str:
    """Return the findings as a JSON document.

    Args:
        checked: The jobs with their findings.

    Returns:
        `format`, `errors`, `warnings`, `infos` (counts over all jobs), and `jobs`: each with its
        name (null for what is wrong before there are jobs) and its `findings`.
    """
    document: dict[str, Any] = {"format": FORMAT}
    for severity, count in _counts(checked).items():
        document[f"{severity}s"] = count
    document["jobs"] = [
        {
            "job": job.job,
            "findings": [describe_finding(finding) for finding in job.findings],
        }
        for job in checked
    ]
    return json.dumps(document, indent=2) + "\n"


def as_github(
    checked: Sequence[CheckedJob], project: Path, environ: Mapping[str, str] = os.environ
) -> str:
    """Return the findings as workflow commands, which GitHub shows beside the lines of the files.

    Args:
        checked: The jobs with their findings.
        project: The project's folder.
        environ: Environment variables; file names are relative to `GITHUB_WORKSPACE`, the checkout.
    """
    lines = []
    merged = _merged(checked)
    for finding in sort_errors_last(merged):
        command = _GITHUB_COMMANDS[finding.severity.value]
        jobs = _only_in(merged[finding], checked)
        properties = {"title": f"{finding.code} [{jobs}]" if jobs else finding.code}
        if finding.file is not None:
            properties["file"] = _in_checkout(finding.file, project, environ)
            if finding.line is not None:
                properties["line"] = str(finding.line)
        given = ",".join(f"{key}={_property(value)}" for key, value in sorted(properties.items()))
        message = f"{finding.where}: {finding.message}"
        message = f"{message}\n{finding.hint}" if finding.hint else message
        lines.append(f"::{command} {given}::{_data(message)}\n")
    return "".join(lines)


def _merged(checked: Sequence[CheckedJob]) -> dict[Finding, list[str]]:
    """Return each finding once, with the jobs that have it."""
    jobs: dict[Finding, list[str]] = {}
    for job in checked:
        for finding in dict.fromkeys(job.findings):
            jobs.setdefault(finding, []).append(job.job or "")
    return jobs


def _group(
    finding: Finding, jobs_of: Mapping[Finding, list[str]], checked: Sequence[CheckedJob]
) -> tuple[str, str]:
    """Return what notes share that are counted together: the kind, and the jobs that have them."""
    return finding.code, _only_in(jobs_of[finding], checked)


def _many_notes(
    jobs_of: Mapping[Finding, list[str]], checked: Sequence[CheckedJob]
) -> dict[tuple[str, str], list[Finding]]:
    """Return the notes that are too many of one kind to be shown in full."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in jobs_of:
        if finding.severity.value == "info":
            groups.setdefault(_group(finding, jobs_of, checked), []).append(finding)
    return {group: groups[group] for group in sorted(groups) if len(groups[group]) > _FEW_NOTES}


def _only_in(jobs: Sequence[str], checked: Sequence[CheckedJob]) -> str:
    """Return the names of the jobs with a finding; empty if all jobs have it."""
    return "" if len(jobs) == len(checked) else ", ".join(filter(None, jobs))


def _advice(finding: Finding) -> tuple[str, str, str]:
    return finding.severity.value, finding.code, finding.hint


def _counts(checked: Sequence[CheckedJob]) -> dict[str, int]:
    counts = {"error": 0, "warning": 0, "info": 0}
    for job in checked:
        for finding in job.findings:
            counts[finding.severity.value] += 1
    return counts


def _summary(checked: Sequence[CheckedJob]) -> str:
    counts = {"error": 0, "warning": 0, "info": 0}
    for finding in _merged(checked):
        counts[finding.severity.value] += 1
    words = [
        f"{count} {'note' if severity == 'info' else severity}{'s' * (count != 1)}"
        for severity, count in counts.items()
    ]
    names = [job.job for job in checked if job.job is not None]
    if not names:
        what = "No job could be checked"
    elif len(names) == 1:
        what = f"Checked the job '{names[0]}'"
    else:
        what = f"Checked {len(names)} jobs"
    return f"{what}: {', '.join(words)}."


def _in_checkout(file: str, project: Path, environ: Mapping[str, str]) -> str:
    workspace = environ.get("GITHUB_WORKSPACE")
    path = project / file
    if workspace and path.is_relative_to(workspace):
        return path.relative_to(workspace).as_posix()
    return file


def _data(text: str) -> str:
    """Escape what would end a workflow command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Escape what would end a property of a workflow command."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
