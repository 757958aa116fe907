"""Gives findings the severity that a job asks for in its `checks`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kedro_azureml_compiler.finding_registry import finding_kinds
from kedro_azureml_compiler.findings import Finding, Severity
from kedro_azureml_compiler.suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

IGNORE = "ignore"
"""The severity of a finding that is not to be shown."""


def with_severities(
    findings: Iterable[Finding], checks: Mapping[str, str], job: str
) -> list[Finding]:
    """Change the severity of the findings that a job's `checks` name.

    Args:
        findings: What was found.
        checks: Code of a finding to `error`, `warning`, `info` or `ignore`.
        job: Name of the job.

    Returns:
        The findings without the ignored ones, and errors for codes that do not exist or whose
        severity cannot be changed.

    Example:
        >>> found = [Finding("large-snapshot", Severity.WARNING, "the snapshot", "is large.")]
        >>> [finding.severity.value for finding in with_severities(found, {}, "j")]
        ['warning']
        >>> [f.severity.value for f in with_severities(found, {"large-snapshot": "error"}, "j")]
        ['error']
        >>> with_severities(found, {"large-snapshot": "ignore"}, "j")
        []
    """
    if not checks:
        return list(findings)
    kinds = finding_kinds()
    wrong = []
    for code, severity in checks.items():
        where = f"jobs.{job}.checks.{code}"
        if code not in kinds:
            message = f"there is no finding '{code}' {did_you_mean(code, kinds)}."
            hint = "The codes stand before each finding, and in the page 'Findings'."
            wrong.append(Finding("unknown-check", Severity.ERROR, where, message, hint))
        elif kinds[code].fixed and severity != Severity.ERROR.value:
            message = f"'{code}' cannot be made '{severity}': no job can be built with it."
            hint = "Take this line out of azureml.yml, and mend what the finding names."
            wrong.append(Finding("fixed-check", Severity.ERROR, where, message, hint))
    refused = {code for code in checks if code not in kinds or kinds[code].fixed}
    changed = []
    for finding in findings:
        severity = checks.get(finding.code, finding.severity.value)
        if finding.code in refused:
            changed.append(finding)
        elif severity != IGNORE:
            changed.append(replace(finding, severity=Severity(severity)))
    return [*changed, *wrong]
