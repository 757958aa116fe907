"""Compile several jobs to their bundles, all of them before anything is sent."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from kedro_azureml_compiler import (
    CompiledJob,
    FindingsError,
    Severity,
    stop_on_errors,
)
from kedro_azureml_compiler import compile_jobs as compile_bundles

from kedro_azureml_cli.bundles.failed_jobs import stop_on_failures
from kedro_azureml_cli.terminal.findings import show_findings_of_jobs

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from kedro_azureml_compiler import JobChanges, ProjectRequest

_NEVER_SENT = frozenset({"placeholder"})
"""Findings that are errors for every command that sends a job, with `--dry-run` too."""


def compile_jobs(
    request: ProjectRequest,
    jobs: Sequence[str],
    changes: JobChanges,
    *,
    stopping: Collection[str] = (),
) -> dict[str, CompiledJob]:
    """Compile jobs to their bundles, all of them before any is sent.

    Args:
        request: Which project, and how to read it.
        jobs: Their names in `azureml.yml`.
        changes: What is different from there.
        stopping: Codes of findings that are errors here, whatever their severity for `compile`.

    Raises:
        FindingsError: The only job cannot be compiled.
        UserError: One of several cannot be; the findings of all are printed, with their jobs.
        OverridesRefusedError: The SDK does not take what a job overrides.
        KedroAzureMLError: `azureml.yml`, the project or a job is missing or has mistakes.
    """
    gc.freeze()  # imported modules are not garbage; collection stays on, since this process goes on
    compiled: dict[str, CompiledJob] = {}
    failed: dict[str, FindingsError] = {}
    made_jobs = compile_bundles(request, dict.fromkeys(jobs), changes=changes)
    for job, made in made_jobs.items():
        try:
            if isinstance(made, Exception):
                raise made
            refuse_unsendable(job, made, stopping)
            compiled[job] = made
        except FindingsError as error:
            failed[job] = error
    if failed and len(made_jobs) == 1:
        raise next(iter(failed.values()))
    findings = {job: one.findings for job, one in (failed or compiled).items()}
    show_findings_of_jobs({job: findings.get(job, ()) for job in made_jobs})
    stop_on_failures(failed, len(made_jobs), "compiled")
    return compiled


def refuse_unsendable(job: str, compiled: CompiledJob, stopping: Collection[str] = ()) -> None:
    """Refuse a bundle that can be compiled and must not be sent.

    Args:
        job: Its name in `azureml.yml`.
        compiled: What was compiled.
        stopping: Codes of findings that are errors here, whatever their severity for `compile`.

    Raises:
        FindingsError: A finding is an error for every command that sends a job.
        OverridesRefusedError: The SDK does not take what the job overrides.
    """
    stop_on_errors(
        finding._replace(severity=Severity.ERROR)
        if finding.code in {*stopping, *_NEVER_SENT}
        else finding
        for finding in compiled.findings
    )
    if compiled.plan.overrides:
        # Here alone, since the SDK takes a second to import.
        from kedro_azureml_cli.azure_ml.override_validation import validate_overrides

        validate_overrides(job, compiled.bundle, compiled.plan.overrides)
