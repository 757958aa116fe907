"""What a check reports: collected over all stages, shown at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from kedro_azureml_datasets import KedroAzureMLError


class Severity(str, Enum):
    """How bad a finding is: an error stops, a warning and an info do not."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or that a user should know.

    Args:
        code: Stable name of the kind of finding.
        severity: How bad it is.
        where: The dataset, the node or the file that it is about.
        message: What is wrong.
        hint: What to write or to do instead.
    """

    code: str
    severity: Severity
    where: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        text = f"{self.severity.value} {self.code}: {self.where}: {self.message}"
        return f"{text}\n{self.hint}" if self.hint else text


class FindingsError(KedroAzureMLError):
    """The findings hold errors, so nothing was written.

    Args:
        findings: All findings, not the errors alone.
    """

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        errors = [f for f in self.findings if f.severity is Severity.ERROR]
        count = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
        super().__init__(f"The job cannot be compiled: {count}.")


def stop_on_errors(findings: Iterable[Finding]) -> None:
    """Raise where at least one finding is an error.

    Raises:
        FindingsError: It carries all findings.
    """
    findings = tuple(findings)
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise FindingsError(findings)
