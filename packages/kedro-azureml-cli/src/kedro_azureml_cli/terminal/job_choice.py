"""Choose the job of a command that names none, the only one; or list all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kedro_azureml_cli.terminal.wrapping import escape_unprintable

if TYPE_CHECKING:
    from kedro_azureml_compiler import ProjectRequest


def choose_job(request: ProjectRequest, named: str | None) -> str:
    """Return the job that is named, or else the only job of the project.

    Args:
        request: Which project, and how to read it.
        named: Name of the job; None if the command names none.

    Raises:
        UsageError: None is named, and there is not exactly one; the message lists them.
        ConfigError: `azureml.yml` is missing or has mistakes.
        ProjectError: The project cannot be read.
    """
    if named is not None:  # it is looked for where it is used
        return named
    names = list_jobs(request)
    if len(names) == 1:
        return names[0]
    listed = "".join(f"\n  -j {escape_unprintable(name)}" for name in names)
    raise click.UsageError(f"azureml.yml defines {len(names)} jobs; name one of them:{listed}")


def list_jobs(request: ProjectRequest) -> list[str]:
    """Return the names of all jobs of the project, of which there is at least one.

    Args:
        request: Which project, and how to read it.

    Raises:
        UsageError: There is none.
        KedroAzureMLError: `azureml.yml` or the project cannot be read.
    """
    from kedro_azureml_compiler import list_defined_jobs

    names = [*list_defined_jobs(request)]
    if not names:
        raise click.UsageError("azureml.yml has no jobs; add one below 'jobs:'.")
    return names
