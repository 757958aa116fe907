"""Apply the severities from a job's `checks` to findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_azureml_compiler.findings import About, Finding, FindingKind, Severity
from kedro_azureml_compiler.suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

IGNORE = "ignore"
"""The severity of a finding that is hidden."""


UNKNOWN_CHECK = FindingKind(
    code="unknown-check",
    severity=Severity.ERROR,
    about=About.SETTING,
    title="`checks` names a finding that does not exist",
    explanation="The line would have no effect.",
    hint=("Write one of the codes that `check` prints."),
    fixed=True,
)

FIXED_CHECK = FindingKind(
    code="fixed-check",
    severity=Severity.ERROR,
    about=About.SETTING,
    title="`checks` lowers a finding that is always an error",
    explanation=(
        "Without the dataset, node or setting that such a finding names, no job can be built."
    ),
    hint="Remove the line from `checks`, and fix what the finding names.",
    fixed=True,
)


def apply_severities(
    findings: Iterable[Finding],
    checks: Mapping[str, str],
    kinds: Mapping[str, FindingKind],
    job: str,
) -> list[Finding]:
    """Change the severity of the findings that a job's `checks` name.

    Args:
        findings: What was found.
        checks: Code of a finding to `error`, `warning`, `info` or `ignore`.
        kinds: Every kind of finding by its code.
        job: Name of the job.

    Returns:
        The findings without the ignored ones, and errors for codes that do not exist or whose
        severity cannot be changed.

    Example:
        >>> odd = FindingKind("odd", Severity.INFO, About.DATASET, "It is odd", "So?", "Mend it.")
        >>> found, kinds = [odd.found("features", "is odd.")], {"odd": odd}
        >>> [f.severity.value for f in apply_severities(found, {"odd": "error"}, kinds, "training")]
        ['error']
        >>> apply_severities(found, {"odd": "ignore"}, kinds, "training")
        []
    """
    wrong = []
    for code, severity in checks.items():
        where = f"jobs.{job}.checks.{code}"
        if code not in kinds:
            message = f"unknown finding '{code}' {did_you_mean(code, kinds)}."
            hint = "Write a code as 'check' prints it before each finding."
            wrong.append(UNKNOWN_CHECK.found(where, message, hint))
        elif kinds[code].fixed and severity != Severity.ERROR.value:
            message = f"'{code}' cannot be made '{severity}': no job can be built with it."
            hint = "Remove this line from azureml.yml, and fix what the finding names."
            wrong.append(FIXED_CHECK.found(where, message, hint))
    refused = {code for code in checks if code not in kinds or kinds[code].fixed}
    changed = []
    for finding in findings:
        severity = checks.get(finding.code, finding.severity.value)
        if finding.code in refused:
            changed.append(finding)
        elif severity != IGNORE:
            changed.append(finding._replace(severity=Severity(severity)))
    return [*changed, *wrong]
