"""Show findings: what is wrong, where, and what to write instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kedro_azureml_compiler import Finding

_COLOURS = {"error": "red", "warning": "yellow", "info": "cyan"}
_ORDER = ("info", "warning", "error")


def show_findings(findings: Iterable[Finding]) -> None:
    """Print errors and warnings to the standard error, the errors last, nearest to the prompt.

    Notes are counted: `check` shows them.

    Args:
        findings: The findings of all stages.
    """
    findings = sort_errors_last(findings)
    notes = [finding for finding in findings if finding.severity.value == "info"]
    for finding in findings[len(notes) :]:
        for line in format_finding(finding):
            click.echo(line.encode("utf-8", "backslashreplace").decode("utf-8"), err=True)
    if notes:
        count = "1 more note; see it" if len(notes) == 1 else f"{len(notes)} more notes; see them"
        click.echo(f"{count} with: kedro azureml check", err=True)


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
    place = f"{_on_a_line(finding.place)}: " if finding.place else ""
    about = f" [{_on_a_line(jobs)}]" if jobs else ""
    message = "\n    ".join(finding.message.splitlines())
    first = f"{place}{label} {finding.code}: {_on_a_line(finding.where)}: {message}{about}"
    return [first, *(f"    {line}" for line in finding.hint.splitlines())]


def _on_a_line(name: str) -> str:
    """Escape what would end the line or change the terminal: names may hold anything."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in name)
