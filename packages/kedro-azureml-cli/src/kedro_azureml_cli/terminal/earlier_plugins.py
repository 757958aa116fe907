"""Answer command lines of kedro-azureml and kedro-azureml-pipeline with those of today."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

_COMMANDS = {
    "execute": "the command of a step is in the bundle:  kedro azureml compile -j JOB",
    "list-patterns": "see which jobs a factory makes with:  kedro azureml jobs --defined",
    "resolve-patterns": "see which jobs a factory makes with:  kedro azureml jobs --defined",
    "submit": "write:  kedro azureml run -j JOB",
}
_OPTIONS = {
    "--all": "write each job with -j; compile and verify also take --all-jobs",
    "--azureml-environment": "write:  --aml-env my-env@latest",
    "--check": "write:  kedro azureml check",
    "--docker-image": "write the image in azureml.yml:  execution: {environment: {image: ...}}",
    "--image": "write the image in azureml.yml:  execution: {environment: {image: ...}}",
    "--pipeline": "name the pipeline in a job of azureml.yml, and the job with:  -j JOB",
    "--storage-account-name": "it is not needed: Azure ML stores the data between steps",
    "--storage-container": "it is not needed: Azure ML stores the data between steps",
    "--subscription-id": "write it in azureml.yml:  workspace: {__default__: ...}",
    "--use-pipeline-data-passing": "it is not needed: Azure ML always passes the data",
    "-i": "write the image in azureml.yml:  execution: {environment: {image: ...}}",
    "-l": "write:  --load-versions dataset:version",
    "-p": "name the pipeline in a job of azureml.yml, and the job with:  -j JOB",
    "-s": "write the subscription in azureml.yml:  workspace: {__default__: ...}",
}


def answer_command(name: str) -> str:
    """Return what is written today instead of a command; empty if it was none.

    Args:
        name: The command.

    Example:
        >>> answer_command("submit")
        'write:  kedro azureml run -j JOB'
    """
    return _COMMANDS.get(name, "")


_INIT = (
    "kedro azureml init --subscription-id ID --resource-group NAME --workspace NAME --cluster NAME"
)


_TOO_MANY = "Got unexpected extra argument"
"""How click begins its message about them; an error of our own options says what to write."""


def answer_usage_error(error: click.UsageError) -> click.UsageError:
    """Return an error with what is written today, if earlier plugins took that command line.

    Args:
        error: The error of the command.
    """
    if not isinstance(error, click.NoSuchOption):
        command = error.ctx.info_name if error.ctx is not None else ""
        if command != "init" or not error.message.startswith(_TOO_MANY):
            return error
        return click.UsageError(f"{error.message}; write:  {_INIT}", error.ctx)
    answer = _OPTIONS.get(error.option_name, "")
    if not answer:
        return error
    return click.UsageError(f"No such option '{error.option_name}'; {answer}", error.ctx)


def answer_group_options(args: Sequence[str], commands: Sequence[str]) -> str:
    """Return what is written today instead of the option `--env` before a command; or nothing.

    Args:
        args: What follows `kedro azureml`.
        commands: The names of its commands.

    Example:
        >>> answer_group_options(["-e", "prod", "run"], ["run"])
        'write the environment after the command:  kedro azureml run --env prod'
    """
    first = args[0] if args else ""
    if first.partition("=")[0] not in {"-e", "--env"}:
        return ""
    rest = list(args[1:])
    value = first.partition("=")[2] or (rest.pop(0) if rest else "ENV")
    command = next((arg for arg in rest if arg in commands), "COMMAND")
    return f"write the environment after the command:  kedro azureml {command} --env {value}"
