"""Find files that should travel and cannot be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_azureml_compiler.checks.snapshot import list_files
from kedro_azureml_compiler.findings import About, Finding, FindingKind, Severity
from kedro_azureml_compiler.planning.plan import Flow

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from kedro_azureml_compiler.planning.plan import Plan

UNREADABLE_FILE = FindingKind(
    code="unreadable-file",
    severity=Severity.ERROR,
    about=About.FILE,
    title="A file or a folder that should travel cannot be read",
    explanation=(
        "It is part of the snapshot, so its content would be uploaded with the job. The content "
        "of a folder without permissions, or of a link that leads back to itself, cannot be "
        "read."
    ),
    hint=(
        "Make it readable, remove it, or list it in `.amlignore` (which replaces `.gitignore`) if "
        "no step reads it."
    ),
    fixed=True,
)


def check_readability(unreadable: Mapping[str, str]) -> list[Finding]:
    """Report what of the snapshot cannot be read.

    Args:
        unreadable: Paths relative to the project, to the reason.
    """
    return [
        UNREADABLE_FILE.found(path, f"cannot be read: {reason}.", file=path)
        for path, reason in unreadable.items()
    ]


def check_readable_inputs(
    root: Path, plan: Plan, is_readable: Callable[[Path], bool]
) -> list[Finding]:
    """Report local files that become inputs of the job and cannot be read.

    Args:
        root: The project's folder.
        plan: What becomes of every dataset.
        is_readable: Checks whether this process may read a file, or list a folder.
    """
    findings = []
    for dataset in plan.datasets:
        if dataset.flow is Flow.UPLOAD and dataset.source is not None:
            folder = [dataset.source] if (root / dataset.source).is_dir() else []
            findings += [
                UNREADABLE_FILE.found(
                    path,
                    f"cannot be read, and is uploaded as the input '{dataset.name}'.",
                    "Make it readable, or correct the entry's path.",
                    file=path,
                )
                for path in [*folder, *list_files(root, dataset.source)]
                if not is_readable(root / path)
            ]
    return findings
