"""Show the jobs that `azureml.yml` defines, as text or as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_azureml_cli.terminal.tables import format_json, format_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kedro_azureml_compiler import Job


def as_text(jobs: Mapping[str, Job]) -> str:
    """Return a table of jobs.

    Args:
        jobs: The jobs by name.
    """
    if not jobs:
        return "azureml.yml has no jobs; add one below 'jobs:'.\n"
    rows = [
        (name, ", ".join(job.pipeline.registered), job.workspace, job.compute)
        for name, job in jobs.items()
    ]
    return format_table(("job", "pipelines", "workspace", "compute"), rows)


def as_json(jobs: Mapping[str, Job]) -> str:
    """Return jobs as JSON.

    Args:
        jobs: The jobs by name.
    """
    return format_json(
        {
            "jobs": [
                {
                    "job": name,
                    "pipelines": list(job.pipeline.registered),
                    "workspace": job.workspace,
                    "compute": job.compute,
                }
                for name, job in jobs.items()
            ]
        }
    )
