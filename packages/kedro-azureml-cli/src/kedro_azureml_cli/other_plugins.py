"""Warn where several distributions have a command `kedro azureml`.

This module is imported for every Kedro command, so it imports nothing that such a command has not
imported.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import click
from kedro.framework.cli.hooks import cli_hook_impl

from kedro_azureml_cli.terminal.start_up import starting

if TYPE_CHECKING:
    from kedro.framework.startup import ProjectMetadata

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
            from kedro_azureml_cli.terminal.answering_plugins import (
                describe_conflict,
                find_answering_plugins,
            )

            message = describe_conflict(find_answering_plugins())
            if message:
                click.echo(message, err=True)


other_plugins_hook = OtherPluginsHook()
