"""The values of options: each function is the callback of one, and refuses what it cannot take."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click


class NamedPath(click.Path):
    """A path as the type of an option; an empty one, which would be the working directory, is not.

    Example:
        >>> NamedPath().convert("out", None, None)
        PosixPath('out')
    """

    def __init__(
        self,
        *,
        exists: bool = False,
        file_okay: bool = True,
        dir_okay: bool = True,
        readable: bool = True,
        writable: bool = False,
    ) -> None:
        super().__init__(
            exists=exists, file_okay=file_okay, dir_okay=dir_okay, readable=readable,
            writable=writable, path_type=Path,
        )  # fmt: skip

    def convert(
        self,
        value: str | os.PathLike[str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Any:
        """Return the path, unless it is empty."""
        if value == "":
            self.fail("the path is empty; write . for the working directory.", param, ctx)
        return super().convert(value, param, ctx)


def parse_pairs(
    ctx: click.Context, option: click.Parameter, values: tuple[str, ...]
) -> dict[str, str]:
    """Parse repeated `NAME=VALUE` arguments, as the callback of an option."""
    found = {}
    for text in values:
        name, equals, value = text.partition("=")
        if not name or not equals:
            raise click.BadParameter(f"'{text}' is not NAME=VALUE.", ctx, option)
        found[name] = value
    return found


def parse_params(ctx: click.Context, option: click.Parameter, value: str | None) -> dict[str, Any]:
    """Read `key=value,group.key=value` with the library with which Kedro reads it."""
    if not value:
        return {}
    if value.lstrip().startswith("{"):
        return _parse_json(ctx, option, value)
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
        problem = getattr(error, "problem", None) or str(error).partition("\n")[0].rstrip(".")
        message = f"'{value}' cannot be read: {problem}."
        raise click.BadParameter(message, ctx, option) from error
    return dict(params)


def _parse_json(ctx: click.Context, option: click.Parameter, value: str) -> dict[str, Any]:
    """Read a JSON object, as the earlier plugins took it."""
    import json

    try:
        params: dict[str, Any] = json.loads(value)
    except ValueError as error:
        raise click.BadParameter(f"is not JSON: {error}.", ctx, option) from error
    return params


def parse_load_versions(
    ctx: click.Context, option: click.Parameter, value: str | None
) -> dict[str, str]:
    """Parse `dataset:version,...`; a dataset's name may hold colons, a version none."""
    versions = {}
    for item in (value or "").split(","):
        if not item.strip():
            continue
        dataset, colon, version = item.strip().rpartition(":")
        if not colon or not dataset or not version:
            raise click.BadParameter(f"'{item.strip()}' is not dataset:version.", ctx, option)
        versions[dataset] = version
    return versions


def find_conf_source(ctx: click.Context, option: click.Parameter, value: str | None) -> str | None:
    """Find the configuration from the working directory, as `kedro run` does."""
    if not value or ("://" in value and not value.startswith("file://")):
        return value or None  # an address is refused where the project is known
    path = Path(value.removeprefix("file://")).expanduser()
    if not path.exists():
        raise click.BadParameter(f"'{value}' does not exist.", ctx, option)
    return str(path.resolve())


def bundle_folder(ctx: click.Context, option: click.Parameter, value: Path | None) -> Path | None:
    """Refuse the name of a file, which earlier plugins took, as the callback of an option."""
    if value is not None and value.suffix in {".yaml", ".yml"} and not value.is_dir():
        message = f"'{value}' would be a folder that holds pipeline.yml; write:  -o {value.stem}"
        raise click.BadParameter(message, ctx, option)
    return value


def require_folder(ctx: click.Context, option: click.Parameter, value: Path | None) -> Path | None:
    """Refuse a file whose folder is missing before the work whose result it is to hold."""
    if value is not None and not value.parent.is_dir():
        message = f"the folder '{value.parent}' does not exist; create it first."
        raise click.BadParameter(message, ctx, option)
    return value
