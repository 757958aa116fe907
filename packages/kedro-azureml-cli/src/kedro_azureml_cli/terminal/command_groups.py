"""Groups of commands that suggest the command that was probably meant."""

from typing import Any

import click
from kedro.framework.cli.utils import LazyGroup

from kedro_azureml_cli.terminal import early_interruption


class CommandGroup(click.Group):
    """A group of commands."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the first argument names.

        Raises:
            UsageError: There is none; near names are suggested.
        """
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from difflib import get_close_matches

            near = get_close_matches(args[0], self.list_commands(ctx), n=1)
            if not near:
                raise
            message = f"No such command '{args[0]}'; did you mean '{near[0]}'?"
            raise click.UsageError(message, ctx) from error


class LazyCommandGroup(CommandGroup, LazyGroup):
    """A group of commands whose modules are imported when a command is called."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; Ctrl-C has its exit code also while the module is being imported.

        Raises:
            StoppedError: Somebody has pressed Ctrl-C.
        """
        early_interruption.end()
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            from kedro_azureml_cli.terminal.exit_codes import StoppedError

            raise StoppedError("Stopped by Ctrl-C.") from error
