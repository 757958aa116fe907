"""Finds what is missing in the snapshot, and what should not be in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from kedro_azureml_compiler.facts import DatasetFacts, DatasetKind, ProjectFacts
from kedro_azureml_compiler.findings import Finding, Severity
from kedro_azureml_compiler.snapshot import credential_findings

LARGE_SNAPSHOT_MB = 100
"""From this size on, in megabytes, a snapshot is worth a warning."""


def travel_findings(facts: ProjectFacts, code: Sequence[str]) -> list[Finding]:
    """Find local files that nodes read and that do not travel, and secrets that do.

    Args:
        facts: What is known of the project.
        code: Files of the snapshot, relative to the project.
    """
    findings = credential_findings(facts.root, code, facts.conf_source)
    findings += _code_findings(facts, code)
    written = {name for node in facts.nodes for name in node.outputs}
    travelling = set(code)
    for name, dataset in facts.datasets.items():
        path = dataset.local_path
        if dataset.kind is not DatasetKind.STANDARD or path is None or name in written:
            continue
        if path in travelling or any(file.startswith(f"{path}/") for file in code):
            continue
        if not PurePosixPath(path).is_absolute():  # of those outside, the plan says so
            findings.append(_stays_behind(dataset, path, facts))
    return findings


def _stays_behind(dataset: DatasetFacts, path: str, facts: ProjectFacts) -> Finding:
    name = dataset.name
    carried = [copy for copy in facts.local_copies if path.startswith(f"{copy}/")]
    if carried:
        message = f"'{path}' lies in '{carried[0]}', whose data a step gets through a mount."
        hint = "Move it to a folder of its own; what lies there does not travel with the code."
        return Finding("input-ignored", Severity.ERROR, name, message, hint)
    if (facts.root / path).exists():
        message = f"'{path}' is read, but the ignore file keeps it from being uploaded."
        hint = f"Write '!{path}' at the end of .amlignore (or of .gitignore, without the other)."
        return Finding("input-ignored", Severity.ERROR, name, message, hint)
    message = f"'{path}' is read, and it does not exist."
    hint = "Put the file there, or correct the entry's path."
    return Finding("input-missing", Severity.ERROR, name, message, hint)


def _code_findings(facts: ProjectFacts, code: Sequence[str]) -> list[Finding]:
    """Find that the project itself does not travel, or far too much does."""
    findings = []
    for path in (f"{facts.source}/__init__.py", "pyproject.toml"):
        if path not in code and (facts.root / path).exists():
            message = "the ignore file keeps it from being uploaded, and no step can start without."
            hint = f"Write '!{path}' at the end of .amlignore, or take the line that names it out."
            findings.append(Finding("code-ignored", Severity.ERROR, path, message, hint))
    size_mb = sum((facts.root / name).stat().st_size for name in code) / 1e6
    if size_mb > LARGE_SNAPSHOT_MB:
        message = f"{size_mb:,.0f} MB in {len(code)} files would be uploaded with every change."
        hint = "List in .amlignore what no step reads."
        findings.append(Finding("large-snapshot", Severity.WARNING, "the snapshot", message, hint))
    return findings
