"""`%load_azureml`: let a notebook's catalog read what a submitted job has read and left.

Kedro registers it with `%reload_kedro`, which `kedro ipython` and `kedro jupyter` run. Everything
is imported when it is called: a notebook that does not call it pays nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kedro_azureml_cli.terminal.options import WorkspaceOptions


def load_azureml(line: str, local_ns: Mapping[str, Any] | None = None) -> None:
    """Let the catalog read what a submitted job has read and left.

    In a notebook, `%load_azureml AZURE_JOB`; a dataset is downloaded when it is loaded, once. The
    options are those of `kedro azureml data get`: -w, --env and --conf-source. `%reload_kedro`
    brings the project's own catalog back.

    Args:
        line: What follows the name of the magic.
        local_ns: The notebook's variables, with Kedro's `catalog` and `context`.

    Raises:
        UsageError: IPython's own, which it shows as one line: the job, or its data, cannot be read.
    """
    from IPython.core.error import UsageError

    variables = local_ns or {}
    if not {"catalog", "context"} <= variables.keys():
        raise UsageError(
            "%load_azureml needs Kedro's catalog and context; run  %reload_kedro  first."
        )
    from kedro_azureml_datasets import KedroAzureMLError

    context = variables["context"]
    try:
        job, asked = _parse(line, context)
        told = _load(job, asked, variables["catalog"], context.project_path)
    except KedroAzureMLError as error:
        raise UsageError(str(error)) from error
    print(told)


def _parse(line: str, context: Any) -> tuple[str, WorkspaceOptions]:
    """Parse the line as the command `data get` parses its arguments."""
    import shlex

    import click
    from IPython.core.error import UsageError

    from kedro_azureml_cli.terminal.options import following_options, submitted_job_argument

    @click.command("%load_azureml", add_help_option=False)
    @submitted_job_argument
    @following_options
    def command(job: str, asked: WorkspaceOptions) -> tuple[str, WorkspaceOptions]:
        return job, asked

    try:
        found: tuple[str, WorkspaceOptions] = command.main(
            shlex.split(line), "%load_azureml", standalone_mode=False
        )
    except (click.ClickException, ValueError) as error:
        message = error.format_message() if isinstance(error, click.ClickException) else error
        raise UsageError(f"{message} Write:  %load_azureml AZURE_JOB") from error
    job, asked = found
    if asked.reading.env is None and context.env is not None:
        asked = asked._replace(reading=asked.reading._replace(env=context.env))
    return job, asked


def _load(job: str, asked: WorkspaceOptions, catalog: Any, project: Path) -> str:
    from kedro.framework.project import PACKAGE_NAME, pipelines

    from kedro_azureml_cli.job_data.job_catalog import bind_job
    from kedro_azureml_cli.job_data.job_datasets import JobDatasets
    from kedro_azureml_cli.jobs.job_lookup import find_submitted

    names = sorted({name for one in pipelines.values() for name in one.datasets()})
    request = asked.reading.request(project)
    found = find_submitted(request, str(PACKAGE_NAME), asked.workspace, job)
    state = found.reader().read()
    there, missing = bind_job(catalog, JobDatasets(found, state, project), names)
    told = [f"The catalog reads the job {state.name} ({state.status}): {', '.join(there) or '-'}"]
    told += [f"{why}." for why in missing]
    return "\n".join(told)
