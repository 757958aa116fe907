"""`kedro azureml` where there is no Kedro project: its help, and what it needs.

Kedro has the commands of a project only inside it. This module is imported for every Kedro command,
so it imports nothing that such a command has not imported.
"""

from __future__ import annotations

from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from kedro.utils import find_kedro_project

if TYPE_CHECKING:
    from collections.abc import Mapping

_COMMAND = "azureml"
_NEEDED = (
    "needs a Kedro project: a folder, here or above, with a pyproject.toml that has [tool.kedro]. "
    "Create one with:  kedro new --starter azureml"
)


_WITHOUT_PROJECT = frozenset({"completion"})
"""Commands that need none: the one that a shell runs when it starts, wherever that is."""


class CommandsOutsideProject(click.Group):
    """Has `azureml` outside of projects, and nothing inside one: there it would hide the command.

    Kedro asks the groups for all of its commands before those of a project.
    """

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Return the name of the command, outside of projects."""
        return [] if self._has_project() else [_COMMAND]

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command that says what it needs, outside of projects."""
        if cmd_name != _COMMAND or self._has_project():
            return None
        from kedro_azureml_cli.commands import azureml

        outside = _explain(azureml)
        outside.epilog = f"Every command but 'completion' {_NEEDED}"
        return outside

    @staticmethod
    def _has_project() -> bool:
        return find_kedro_project(Path.cwd()) is not None


class _ExplainingGroup(click.Group):
    """A group of commands that say what they need, whatever their options are."""

    def __init__(self, group: click.Group) -> None:
        super().__init__(
            group.name, callback=group.callback, params=group.params, help=group.help,
            short_help=group.short_help,
        )  # fmt: skip
        self._group = group

    def list_commands(self, ctx: click.Context) -> list[str]:
        return self._group.list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        command = self._group.get_command(ctx, cmd_name)
        if command is None or cmd_name in _WITHOUT_PROJECT:
            return command
        return _explain(command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in _WITHOUT_PROJECT and not {"-h", "--help"}.intersection(args):
            raise click.UsageError(f"'{_path(ctx)} {args[0]}' {_NEEDED}{_find_unreadable_file()}")
        return super().resolve_command(ctx, args)


def _explain(command: click.Command) -> click.Command:
    """Return a command with the same help that says what it needs instead of being run."""
    if isinstance(command, click.Group):
        return _ExplainingGroup(command)
    explaining = copy(command)
    explaining.callback = _refuse
    return explaining


def _refuse(**_options: Mapping[str, Any]) -> None:
    command = _path(click.get_current_context())
    raise click.UsageError(f"'{command}' {_NEEDED}{_find_unreadable_file()}")


def _find_unreadable_file() -> str:
    """Return a line about a pyproject.toml that Kedro passes over in silence; empty without one."""
    here = Path.cwd()
    for file in (folder / "pyproject.toml" for folder in (here, *here.parents)):
        try:
            file.read_text(encoding="utf-8")
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            continue
        except UnicodeDecodeError:
            return f"\n'{file}' is not UTF-8; save it in that encoding."
        except OSError as error:
            return f"\n'{file}' cannot be read: {error.strerror}."
    return ""


def _path(ctx: click.Context) -> str:
    """Return the command as a user writes it, however Python was started."""
    names = []
    while ctx.parent is not None:
        names.append(ctx.info_name or "")
        ctx = ctx.parent
    return " ".join(["kedro", *reversed(names)])


commands_outside_project = CommandsOutsideProject(name="kedro")
