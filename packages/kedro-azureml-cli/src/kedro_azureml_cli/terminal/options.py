"""Options that several commands share, each written once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

Command = Callable[..., Any]


job_option = click.option("-j", "--job", required=True, help="Name of a job in azureml.yml.")


result_option = click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="File for the result, in place of the standard output.",
)


def job_options(command: Command) -> Command:
    """Add the options that say which job is compiled, with which configuration, and to where."""
    output = click.option(
        "-o",
        "--output",
        type=click.Path(path_type=Path, file_okay=False),
        help="Folder of the bundle; build/azureml/JOB by default.",
    )
    return job_option(reading_options(output(command)))


_env = click.option("-e", "--env", help="Kedro environment, as for `kedro run`.")


def reading_options(command: Command) -> Command:
    """Add the options that say how the project is read, as `kedro run` has them."""
    options: list[Callable[[Command], Command]] = [
        _env,
        click.option(
            "--params",
            callback=_params,
            help="Runtime parameters, as for `kedro run`: key=value,group.key=value",
        ),
        click.option(
            "--load-versions",
            callback=_load_versions,
            help="Versions to read, as for `kedro run`: dataset:version,...",
        ),
        _conf_source_option(),
        hooks_option,
    ]
    return _all(options, command)


def following_options(command: Command) -> Command:
    """Add the options of a command that asks a workspace about jobs: where azureml.yml is."""
    workspace = click.option(
        "-w", "--workspace", help="Entry of 'workspace' in azureml.yml; the job's by default."
    )
    return _all([workspace, _env, _conf_source_option()], command)


def asset_options(command: Command) -> Command:
    """Add the options of a command about data assets: which catalog is read, and who has them."""
    workspace = click.option(
        "-w", "--workspace", help="Entry of 'workspace' in azureml.yml; the asset's by default."
    )
    return _all([workspace, _env, _conf_source_option(), hooks_option, form_option], command)


hooks_option = click.option(
    "--hooks/--no-hooks",
    "use_hooks",
    default=True,
    help="Read the project with its hooks, as every Kedro command does, or without them.",
)

submitted_job_argument = click.argument("job", metavar="JOB")

form_option = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Text to read, or JSON for programs.",
)


def _conf_source_option() -> Callable[[Command], Command]:
    return click.option(
        "--conf-source",
        callback=_conf_source,
        help="Folder, zip or tar file of the configuration in the project, as for `kedro run`.",
    )


def _all(options: list[Callable[[Command], Command]], command: Command) -> Command:
    for option in reversed(options):
        command = option(command)
    return command


def pairs(ctx: click.Context, option: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """Read `NAME=VALUE`, given several times: the callback of such an option."""
    found = {}
    for text in values:
        name, equals, value = text.partition("=")
        if not name or not equals:
            raise click.BadParameter(f"'{text}' is not NAME=VALUE.", ctx, option)
        found[name] = value
    return found


def pairs_option(name: str, target: str, text: str) -> Callable[[Command], Command]:
    """Make an option that takes `NAME=VALUE` and may be given several times.

    Args:
        name: The option, as in `--tag`.
        target: The command's argument.
        text: What its help says.
    """
    return click.option(
        name,
        target,
        multiple=True,
        callback=pairs,
        metavar="NAME=VALUE",
        help=f"{text} Repeatable.",
    )


def changing_options(command: Command) -> Command:
    """Add the options that change a job for one occasion: the fields of `JobChanges`."""
    options: list[Callable[[Command], Command]] = [
        click.option(
            "-w", "--workspace", help="Entry of 'workspace' in azureml.yml; the job's by default."
        ),
        pairs_option("--input", "inputs", "Value for an input of the job (a promoted parameter)."),
        pairs_option("--env-var", "environment_variables", "Environment variable of every step."),
        click.option(
            "--aml-env", "environment", help="Azure ML environment of the steps: my-env@latest."
        ),
        click.option("--display-name", help="The job's name in Studio."),
        click.option("--experiment-name", help="The experiment in Azure ML."),
        pairs_option("--tag", "tags", "Tag of the job."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def _params(ctx: click.Context, option: click.Parameter, value: str | None) -> dict[str, Any]:
    """Read `key=value,group.key=value` with the library with which Kedro reads it."""
    if not value:
        return {}
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException
    from yaml import YAMLError

    items = [item.strip() for item in value.split(",") if item.strip()]
    for item in items:
        if not item.partition("=")[1] or not item.partition("=")[0].strip():
            raise click.BadParameter(f"'{item}' is not key=value.", ctx, option)
    try:
        params: Any = OmegaConf.to_container(OmegaConf.from_dotlist(items))
    except (OmegaConfBaseException, YAMLError, ValueError) as error:
        raise click.BadParameter(f"cannot be read: {error}", ctx, option) from error
    return dict(params)


def _conf_source(ctx: click.Context, option: click.Parameter, value: str | None) -> str | None:
    """Find the configuration from the working directory, as `kedro run` does."""
    if not value or ("://" in value and not value.startswith("file://")):
        return value or None  # an address is refused where the project is known
    path = Path(value.removeprefix("file://")).expanduser()
    if not path.exists():
        raise click.BadParameter(f"'{value}' does not exist.", ctx, option)
    return str(path.resolve())


def _load_versions(
    ctx: click.Context, option: click.Parameter, value: str | None
) -> dict[str, str]:
    versions = {}
    for item in (value or "").split(","):
        if not item.strip():
            continue
        dataset, colon, version = item.strip().rpartition(":")
        if not colon or not dataset or not version:
            raise click.BadParameter(f"'{item.strip()}' is not dataset:version.", ctx, option)
        versions[dataset] = version
    return versions
