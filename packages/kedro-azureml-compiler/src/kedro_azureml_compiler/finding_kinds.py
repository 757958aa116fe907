"""The registry of findings: what each code means, why it matters, and what to write instead.

The reference pages `docs/findings.md` and `docs/findings/` are written from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kedro_azureml_compiler.findings import Severity


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


def finding_kinds() -> dict[str, FindingKind]:
    """Give every kind of finding by its code, sorted.

    Example:
        >>> finding_kinds()["nothing-produces"].severity.value
        'error'
    """
    from kedro_azureml_compiler.kinds_of_data_findings import DATA_KINDS
    from kedro_azureml_compiler.kinds_of_settings_findings import SETTINGS_KINDS
    from kedro_azureml_compiler.kinds_of_snapshot_findings import SNAPSHOT_KINDS
    from kedro_azureml_compiler.kinds_of_step_findings import STEP_KINDS

    kinds = (*DATA_KINDS, *SETTINGS_KINDS, *SNAPSHOT_KINDS, *STEP_KINDS)
    return {kind.code: kind for kind in sorted(kinds, key=lambda kind: kind.code)}


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
