"""What a check reports: collected over all stages, shown at once."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from kedro_azureml_datasets import KedroAzureMLError

if TYPE_CHECKING:
    from collections.abc import Iterable


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

    blame = "user"

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


class About(Enum):
    """What `Finding.where` names."""

    DATASET = "dataset"
    STEP = "step"
    SETTING = "setting"  # of azureml.yml, its keys with dots between them
    FILE = "file"  # relative to the project
    PROJECT = "project"  # anything else in it


@dataclass(frozen=True)
class FindingKind:
    """One kind of finding.

    Args:
        code: Its stable name.
        severity: How bad it is, unless the job's `checks` say otherwise.
        about: What such a finding names as its place.
        meaning: What was found, in a line.
        why: Why it matters: what Azure ML does, and what would happen.
        instead: What to write, in Markdown, with an example.
        fixed: Whether its severity cannot be changed, since no job can be built with it.
    """

    code: str
    severity: Severity
    about: About
    meaning: str
    why: str
    instead: str
    fixed: bool = False

    @property
    def docs(self) -> str:
        """The place of its explanation in the pages of the documentation."""
        return f"findings/{self.code}.md"


def explain(kind: FindingKind) -> str:
    """Give the explanation of a kind of finding, as Markdown.

    Args:
        kind: The kind.
    """
    changeable = (
        "Always an error: without it there is no job to build."
        if kind.fixed
        else f"Change it for one job with `checks: {{{kind.code}: ...}}`."
    )
    return (
        f"{_sentence(kind.meaning)} ({kind.severity.value})\n\n{kind.why}\n\n{kind.instead}\n\n"
        f"{changeable}\n"
    )


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
