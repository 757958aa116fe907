"""Show findings: what is wrong, where, and what to write instead."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import click

from kedro_azureml_cli.terminal.verbosity import is_quiet, is_verbose
from kedro_azureml_cli.terminal.wrapping import escape_unprintable, line_width, wrap_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kedro_azureml_compiler import Finding

_COLOURS = {"error": "red", "warning": "yellow", "info": "cyan"}
_NAMES_SHOWN = 10
_ORDER = ("info", "warning", "error")


def show_findings(
    findings: Iterable[Finding], jobs_of: Mapping[Finding, str] = MappingProxyType({})
) -> None:
    """Print errors and warnings to the standard error, the errors last, nearest to the prompt.

    Notes are counted, since `check` shows them, unless the command is verbose. A quiet one shows
    the errors alone.

    Args:
        findings: The findings of all stages.
        jobs_of: Names of the jobs that a finding is about, if that must be shown.
    """
    findings = sort_errors_last(findings)
    notes = [finding for finding in findings if finding.severity.value == "info"]
    if is_quiet():
        findings = [finding for finding in findings if finding.severity.value == "error"]
        notes = []
    elif is_verbose():
        notes = []
    for finding in findings[len(notes) :]:
        for line in format_finding(finding, jobs_of.get(finding, "")):
            click.echo(line.encode("utf-8", "backslashreplace").decode("utf-8"), err=True)
    if notes:
        count = "1 more note; see it" if len(notes) == 1 else f"{len(notes)} more notes; see them"
        click.echo(f"{count} with: kedro azureml check", err=True)


def show_findings_of_jobs(findings: Mapping[str, Iterable[Finding]]) -> None:
    """Print findings of several jobs, each once and with its jobs if not all of them have it.

    Args:
        findings: Name of each job to its findings.
    """
    having: dict[Finding, list[str]] = {}
    for job, found in findings.items():
        for finding in dict.fromkeys(found):
            having.setdefault(finding, []).append(job)
    some = {one: ", ".join(jobs) for one, jobs in having.items() if len(jobs) < len(findings)}
    show_findings(having, some)


def describe_finding(finding: Finding) -> dict[str, Any]:
    """Return a finding as JSON documents have it.

    Args:
        finding: The finding.
    """
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "where": finding.where,
        "file": finding.file,
        "line": finding.line,
        "message": finding.message,
        "hint": finding.hint or None,
        "fixable": bool(finding.fixes),
        "docs": finding.kind.docs,
    }


def sort_errors_last(findings: Iterable[Finding]) -> list[Finding]:
    """Sort findings by their severity, the errors last."""
    return sorted(findings, key=lambda finding: _ORDER.index(finding.severity.value))


def format_finding(finding: Finding, jobs: str = "") -> list[str]:
    """Return a finding as lines of text: what is wrong, and the hint below it.

    Args:
        finding: The finding.
        jobs: Names of the jobs that it is about, if that must be shown.

    Example:
        >>> from kedro_azureml_compiler import About, FindingKind, Severity
        >>> ODD = FindingKind("odd", Severity.INFO, About.DATASET, "It is odd", "So?", "Mend it.")
        >>> for line in format_finding(ODD.found("x", "is odd.", file="a.yml", line=3)):
        ...     print(click.unstyle(line))
        a.yml:3: info odd: x: is odd.
            Mend it.
    """
    severity = finding.severity.value
    label = click.style(severity, fg=_COLOURS[severity], bold=True)
    place = f"{escape_unprintable(finding.place)}: " if finding.place else ""
    about = f" [{escape_unprintable(jobs)}]" if jobs else ""
    message = "\n    ".join(finding.message.splitlines())
    first = f"{place}{label} {finding.code}: {escape_unprintable(finding.where)}: {message}{about}"
    return [first, *(f"    {line}" for line in finding.hint.splitlines())]


def format_notes(notes: Sequence[Finding], jobs: str = "") -> list[str]:
    """Return notes of one kind as lines of text: their number, what they are about, and the hint.

    The hint stands there if all of them share it; otherwise, the command that explains the kind.

    Args:
        notes: The notes.
        jobs: Names of the jobs that they are about, if that must be shown.

    Example:
        >>> from kedro_azureml_compiler import About, FindingKind, Severity
        >>> ODD = FindingKind("odd", Severity.INFO, About.DATASET, "It is odd", "So?", "Mend it.")
        >>> for line in format_notes([ODD.found(name, "is odd.") for name in ("x", "y")]):
        ...     print(click.unstyle(line))
        info odd: 2 notes: It is odd
            x, y
            Mend it.
    """
    label = click.style("info", fg=_COLOURS["info"], bold=True)
    about = f" [{escape_unprintable(jobs)}]" if jobs else ""
    kind = notes[0].kind
    names = [escape_unprintable(name) for name in dict.fromkeys(note.where for note in notes)]
    shown = wrap_names(names[:_NAMES_SHOWN], line_width() - 4)
    if len(names) > _NAMES_SHOWN:
        shown.append(f"and {len(names) - _NAMES_SHOWN} more")
    hints = {note.hint for note in notes}
    explained = f"Explained by:  kedro azureml check --explain {kind.code}"
    advice = hints.pop() if len(hints) == 1 else explained
    return [
        f"{label} {kind.code}: {len(notes)} notes: {kind.title}{about}",
        *(f"    {line}" for line in (*shown, *advice.splitlines())),
    ]
