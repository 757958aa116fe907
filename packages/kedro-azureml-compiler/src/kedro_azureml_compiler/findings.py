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
        where: What it is about: a dataset, a step, a file, or a setting of `azureml.yml` as its
            keys with dots between them.
        message: What is wrong.
        hint: What to write or to do instead.
        file: The file in which to change something, relative to the project, where it is known.
        line: The line in it, counted from 1.

    Example:
        >>> print(Finding("odd", Severity.INFO, "x", "is odd.", file="conf/a.yml", line=3))
        conf/a.yml:3: info odd: x: is odd.
    """

    code: str
    severity: Severity
    where: str
    message: str
    hint: str = ""
    file: str | None = None
    line: int | None = None

    @property
    def place(self) -> str:
        """The file and the line, as compilers write them; empty where nothing is added by that."""
        if self.file is None or (self.line is None and self.file == self.where):
            return ""
        return self.file if self.line is None else f"{self.file}:{self.line}"

    def __str__(self) -> str:
        text = f"{self.severity.value} {self.code}: {self.where}: {self.message}"
        text = f"{self.place}: {text}" if self.place else text
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
