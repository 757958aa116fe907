"""All stages in a row: read, plan, lower, render, write."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from kedro_azureml_compiler.bundle import check_target, write_bundle
from kedro_azureml_compiler.facts import DatasetKind, ProjectFacts
from kedro_azureml_compiler.findings import Finding, Severity, stop_on_errors
from kedro_azureml_compiler.lowering import lower
from kedro_azureml_compiler.planning import plan_job
from kedro_azureml_compiler.project_reading import (
    ProjectRequest,
    find_job,
    read_project,
    read_settings,
)
from kedro_azureml_compiler.rendering import render
from kedro_azureml_compiler.snapshot import credential_findings, snapshot_files

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kedro_azureml_compiler.plan import Plan

BUNDLES_FOLDER = PurePosixPath("build/azureml")
"""Where bundles are written, relative to the project."""

LARGE_SNAPSHOT_MB = 100
"""From this size on, in megabytes, a snapshot is worth a warning."""

RUNS_FOLDER = PurePosixPath("build/azureml-runs")
"""Where simulations of bundles run, relative to the project."""


@dataclass(frozen=True)
class CompiledJob:
    """A bundle and what it was made from.

    Args:
        bundle: Folder of the bundle, absolute.
        plan: What becomes of every node and dataset.
        findings: Warnings and notes; an error among them would have raised.
    """

    bundle: Path
    plan: Plan
    findings: tuple[Finding, ...]


def compile_job(
    project: Path,
    job: str,
    *,
    env: str | None = None,
    params: Mapping[str, object] | None = None,
    load_versions: Mapping[str, str] | None = None,
    output: Path | None = None,
) -> CompiledJob:
    """Compile a job of a Kedro project to a bundle.

    Args:
        project: The project's folder.
        job: Name of the job in `azureml.yml`.
        env: Kedro environment; None leaves it to the project.
        params: Runtime parameters; they win over those of the job.
        load_versions: Dataset name to version.
        output: Folder of the bundle; `build/azureml/<job>` in the project by default.

    Returns:
        Where the bundle is, and the plan.

    Raises:
        ConfigError: `azureml.yml` is missing or has mistakes.
        ProjectError: The project, the job, a pipeline or a node does not exist.
        FindingsError: Something in the pipeline cannot be reconnected; nothing was written.
        OccupiedError: There is something else in the place of the bundle.
        BundleError: The bundle cannot be written.
    """
    request = ProjectRequest(project, env, dict(params or {}), dict(load_versions or {}))
    config = read_settings(request)
    settings = find_job(config, job)
    facts = read_project(request, settings)
    root = facts.root

    plan, found = plan_job(job, facts, exists=lambda path: (root / path).exists())
    pipeline_job, lowered = lower(plan, config, settings)
    target = (output or root / BUNDLES_FOLDER / job).resolve()
    check_target(target, root)
    code = None
    findings = [*found, *lowered]
    if config.execution.code_directory is not None:
        code = snapshot_files(root, _left_out(facts, target))
        findings += credential_findings(root, code, facts.conf_source)
        findings += _travel_findings(facts, code)
    stop_on_errors(findings)

    kept = [f"{facts.conf_source}/{facts.run_env}"] if facts.run_env else []
    write_bundle(
        target,
        pipeline_yml=render(pipeline_job),
        plan=plan,
        project=root,
        code=code,
        kept_folders=kept,
    )
    return CompiledJob(target, plan, tuple(findings))


def _left_out(facts: ProjectFacts, target: Path) -> list[str]:
    """Name what reaches no step through the snapshot: bundles, local secrets, mounted data."""
    left_out = [BUNDLES_FOLDER.as_posix(), RUNS_FOLDER.as_posix(), f"{facts.conf_source}/local"]
    if target.is_relative_to(facts.root):
        left_out.append(target.relative_to(facts.root).as_posix())
    read_as_files = {
        dataset.local_path
        for dataset in facts.datasets.values()
        if dataset.kind is DatasetKind.STANDARD
    }
    return [*left_out, *(copy for copy in facts.local_copies if copy not in read_as_files)]


def _travel_findings(facts: ProjectFacts, code: list[str]) -> list[Finding]:
    """Find local files that nodes read and that do not travel."""
    written = {name for node in facts.nodes for name in node.outputs}
    travelling = set(code)
    findings = _code_findings(facts, code)
    for name, dataset in facts.datasets.items():
        path = dataset.local_path
        if dataset.kind is not DatasetKind.STANDARD or path is None or name in written:
            continue
        if path in travelling or any(file.startswith(f"{path}/") for file in code):
            continue
        if PurePosixPath(path).is_absolute():
            continue  # the plan says so already
        carried = [copy for copy in facts.local_copies if path.startswith(f"{copy}/")]
        if carried:
            message = f"'{path}' lies in '{carried[0]}', whose data a step gets through a mount."
            hint = "Move it to a folder of its own; what lies there does not travel with the code."
            findings.append(Finding("input-ignored", Severity.ERROR, name, message, hint))
        elif (facts.root / path).exists():
            message = f"'{path}' is read, but the ignore file keeps it from being uploaded."
            hint = (
                f"Write '!{path}' at the end of .amlignore (or of .gitignore, without the other)."
            )
            findings.append(Finding("input-ignored", Severity.ERROR, name, message, hint))
        else:
            message = f"'{path}' is read, and it does not exist."
            hint = "Put the file there, or correct the entry's path."
            findings.append(Finding("input-missing", Severity.ERROR, name, message, hint))
    return findings


def _code_findings(facts: ProjectFacts, code: list[str]) -> list[Finding]:
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
