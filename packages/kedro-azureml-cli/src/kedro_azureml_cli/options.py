"""Options that several commands share, each written once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

Command = Callable[..., Any]


def job_options(command: Command) -> Command:
    """Add the options that say which job is compiled, and with which configuration."""
    options = [
        click.option("-j", "--job", required=True, help="Name of a job in azureml.yml."),
        click.option("-e", "--env", help="Kedro environment, as for `kedro run`."),
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
        click.option(
            "-o",
            "--output",
            type=click.Path(path_type=Path, file_okay=False),
            help="Folder of the bundle; build/azureml/JOB by default.",
        ),
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
