"""Say which distribution answers `kedro azureml` where several are installed.

Kedro takes the first one that it finds on the disk, and says nothing. This module is imported for
every Kedro command, so it imports nothing that such a command has not imported.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from typing import TYPE_CHECKING

import click
from kedro.framework.cli.hooks import cli_hook_impl

from kedro_azureml_cli.terminal.start_up import starting

if TYPE_CHECKING:
    from kedro.framework.startup import ProjectMetadata

_OURS = "kedro-azureml-cli"
_COMMAND = "azureml"
_EARLIER_PLUGINS = ("kedro_azureml", "kedro_azureml_pipeline")
"""The modules of the plugins that have this command too."""


class OtherPluginsHook:
    """Warns before `kedro azureml` if another distribution has a command of that name."""

    @cli_hook_impl
    def before_command_run(
        self, project_metadata: ProjectMetadata | None, command_args: list[str]
    ) -> None:
        """Warn on the standard error.

        Args:
            project_metadata: None outside of projects, where no other plugin has the command.
            command_args: What follows `kedro`.
        """
        starting.give_back_output()  # another plugin may answer, which does not do so
        if project_metadata is None:
            return
        called = next((arg for arg in command_args if not arg.startswith("-")), None)
        # First whether there is one: reading all entry points takes a hundredth of compiling.
        if called == _COMMAND and any(map(find_spec, _EARLIER_PLUGINS)):
            message = describe_conflict(
                _find_answering(entry_points(group="kedro.project_commands"))
            )
            if message:
                click.echo(message, err=True)


def describe_conflict(distributions: Sequence[tuple[str, str]]) -> str:
    """Return the warning about several distributions with one command, or an empty string.

    Args:
        distributions: Name and version of each, the one that answers first.

    Example:
        >>> print(describe_conflict([("kedro-azureml-cli", "0.1.0"), ("kedro-azureml", "1")]))
        Warning: kedro-azureml-cli 0.1.0 answers 'kedro azureml'; kedro-azureml 1 is installed too.
        Remove kedro-azureml with:  pip uninstall kedro-azureml
    """
    others = [name for name, _ in distributions if name != _OURS]
    if not others or len(distributions) < 2:
        return ""
    answering, *silent = (f"{name} {version}" for name, version in distributions)
    verb = "is" if len(silent) == 1 else "are"
    return (
        f"Warning: {answering} answers 'kedro azureml'; {' and '.join(silent)} {verb} installed "
        f"too.\nRemove {' and '.join(others)} with:  pip uninstall {' '.join(others)}"
    )


def _find_answering(points: Iterable[EntryPoint]) -> list[tuple[str, str]]:
    """Return the distributions with the command, in the order in which Kedro asks them."""
    by_group: dict[str, list[tuple[str, str]]] = {}
    for point in points:
        try:
            group = point.load()
        except Exception:  # noqa: S112  (Kedro itself warns of these)
            continue
        found = by_group.setdefault(getattr(group, "name", ""), [])  # Kedro asks those together
        if point.dist is not None and _COMMAND in getattr(group, "commands", {}):
            found.append((point.dist.name.lower().replace("_", "-"), point.dist.version))
    return [found for group in by_group.values() for found in dict.fromkeys(group)]


other_plugins_hook = OtherPluginsHook()
