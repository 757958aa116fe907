"""Gives findings the severity that a job asks for in its `checks`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kedro_azureml_compiler.findings import About, Finding, FindingKind, Severity
from kedro_azureml_compiler.suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

IGNORE = "ignore"
"""The severity of a finding that is not to be shown."""


UNKNOWN_CHECK = FindingKind(
    code="unknown-check",
    severity=Severity.ERROR,
    about=About.SETTING,
    title="`checks` names a finding that does not exist",
    explanation="The line would change nothing.",
    hint="Write one of the codes on this page.",
    fixed=True,
)

FIXED_CHECK = FindingKind(
    code="fixed-check",
    severity=Severity.ERROR,
    about=About.SETTING,
    title="`checks` lowers a finding with which no job can be built",
    explanation=(
        "Some findings are no matter of taste: without the dataset, the node or the setting "
        "that they name there is nothing to write into the job."
    ),
    hint="Take the line out of `checks`, and mend what the finding names.",
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
            message = f"there is no finding '{code}' {did_you_mean(code, kinds)}."
            hint = "The codes stand before each finding, and in the page 'Findings'."
            wrong.append(UNKNOWN_CHECK.found(where, message, hint))
        elif kinds[code].fixed and severity != Severity.ERROR.value:
            message = f"'{code}' cannot be made '{severity}': no job can be built with it."
            hint = "Take this line out of azureml.yml, and mend what the finding names."
            wrong.append(FIXED_CHECK.found(where, message, hint))
    refused = {code for code in checks if code not in kinds or kinds[code].fixed}
    changed = []
    for finding in findings:
        severity = checks.get(finding.code, finding.severity.value)
        if finding.code in refused:
            changed.append(finding)
        elif severity != IGNORE:
            changed.append(replace(finding, severity=Severity(severity)))
    return [*changed, *wrong]
