"""What a check reports: kinds of findings, each declared beside its rule, and the findings."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from kedro_azureml_datasets import KedroAzureMLError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kedro_azureml_compiler.entry_fixes import EntryFix


class Severity(str, Enum):
    """How bad a finding is: only an error stops `compile`."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class About(Enum):
    """What `Finding.where` names."""

    DATASET = "dataset"
    STEP = "step"
    SETTING = "setting"  # of azureml.yml, its keys with dots between them
    FILE = "file"  # relative to the project
    PROJECT = "project"  # anything else in it


class FindingKind(NamedTuple):
    """One kind of finding, declared as a constant of the module whose rule reports it.

    Args:
        code: Its stable name.
        severity: How bad it is, unless the job's `checks` say otherwise.
        about: What the finding names as its place.
        title: What is wrong, in one line of Markdown without a full stop.
        explanation: Why it matters: what Azure ML does and what would happen, in Markdown.
        hint: What to do, in Markdown; also the hint of every finding that brings no other.
        example: What to write, in YAML; empty if the hint says it all.
        fixed: Whether its severity cannot be changed, because no job can be built with it.

    Example:
        >>> ODD = FindingKind("odd", Severity.INFO, About.DATASET, "It is odd", "So?", "Use `x`.")
        >>> print(ODD.found("features", "is odd.", file="conf/a.yml", line=3))
        conf/a.yml:3: info odd: features: is odd.
        Use 'x'.
    """

    code: str
    severity: Severity
    about: About
    title: str
    explanation: str
    hint: str
    example: str = ""
    fixed: bool = False

    @property
    def docs(self) -> str:
        """Path of its page in the documentation."""
        return f"findings/{self.code}.md"

    def found(
        self,
        where: str,
        message: str,
        hint: str | None = None,
        *,
        file: str | None = None,
        line: int | None = None,
        fixes: tuple[EntryFix, ...] = (),
    ) -> Finding:
        """Return a finding of this kind.

        Args:
            where: The dataset, step, file or setting that it is about.
            message: What is wrong.
            hint: What to do instead, as plain text; the hint of the kind by default.
            file: The file to change, relative to the project, where it is known.
            line: The line in it, counted from 1.
            fixes: The changes of catalog entries that `check --fix` makes, all of them or none.
        """
        advice = self.hint.replace("`", "'") if hint is None else hint
        return Finding(self, self.severity, where, message, advice, file, line, fixes)


class Finding(NamedTuple):
    """One thing that is wrong, or that a user should know; made by `FindingKind.found`.

    Args:
        kind: Its kind.
        severity: How bad it is: as the kind says, or the job's `checks`.
        where: What it is about: a dataset, a step, a file, or a setting of `azureml.yml` as its
            keys with dots between them.
        message: What is wrong.
        hint: What to write or to do instead, as plain text.
        file: The file to change, relative to the project, where it is known.
        line: The line in it, counted from 1.
        fixes: The changes of catalog entries that the hint shows, for `check --fix`.
    """

    kind: FindingKind
    severity: Severity
    where: str
    message: str
    hint: str = ""
    file: str | None = None
    line: int | None = None
    fixes: tuple[EntryFix, ...] = ()

    @property
    def code(self) -> str:
        """Stable name of its kind."""
        return self.kind.code

    @property
    def place(self) -> str:
        """The file and the line, as compilers write them; empty if nothing is added by that."""
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
    """Raise an error if at least one finding is an error.

    Raises:
        FindingsError: It carries all findings.
    """
    findings = tuple(findings)
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise FindingsError(findings)


def explain(kind: FindingKind) -> str:
    """Return the explanation of a kind of finding, as Markdown.

    Args:
        kind: The kind.
    """
    changeable = (
        "Always an error: no job can be built with it."
        if kind.fixed
        else f"Change its severity for one job with `checks: {{{kind.code}: ...}}`."
    )
    example = f"```yaml\n{kind.example}\n```" if kind.example else ""
    parts = (f"{kind.title}. ({kind.severity.value})", kind.explanation, kind.hint, example)
    return "\n\n".join([*filter(None, parts), changeable]) + "\n"
