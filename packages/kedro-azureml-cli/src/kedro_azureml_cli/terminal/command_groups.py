"""Groups of commands that suggest the command that was probably meant."""

import os
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import click
from kedro.framework.cli.utils import LazyGroup

from kedro_azureml_cli.terminal.start_up import early_interruption, starting


class CommandGroup(click.Group):
    """A group of commands, each with the options that all have.

    Attributes:
        prepared_by: Called with each command before it is used.
    """

    prepared_by: ClassVar[list[Callable[[click.Command], None]]] = []

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, prepared; None if there is none of that name."""
        command = super().get_command(ctx, cmd_name)
        if command is not None:
            from kedro_azureml_cli.terminal.verbosity import add_verbosity

            add_verbosity(command)
            for prepare in self.prepared_by:
                prepare(command)
        return command

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

            from kedro_azureml_cli.terminal.earlier_plugins import answer_command

            answer = answer_command(args[0])
            if answer:
                message = f"No such command '{args[0]}'; {answer}"
                raise click.UsageError(message, ctx) from error
            near = get_close_matches(args[0], self.list_commands(ctx), n=1)
            if not near:
                raise
            message = f"No such command '{args[0]}'; did you mean '{near[0]}'?"
            raise click.UsageError(message, ctx) from error


class LazyCommandGroup(CommandGroup, LazyGroup):
    """A group of commands whose modules are imported when a command is called."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the options before the command, `--help` and `--version`.

        Raises:
            UsageError: There are others; those of earlier plugins are answered.
        """
        starting.give_back_output()  # for --help
        given = list(args)
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            from kedro_azureml_cli.terminal.earlier_plugins import answer_group_options
            from kedro_azureml_cli.terminal.verbosity import answer_misplaced_option

            answer = answer_group_options(
                given, self.list_commands(ctx)
            ) or answer_misplaced_option(error.option_name)
            if not answer:
                raise
            message = f"No such option '{error.option_name}'; {answer}"
            raise click.UsageError(message, ctx) from error

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; Ctrl-C has its exit code also while the module is being imported.

        Raises:
            StoppedError: Somebody has pressed Ctrl-C.
            UsageError: The command line is wrong; one of an earlier plugin is answered.
        """
        starting.end()
        ctx.color = choose_color(os.environ)
        try:
            result = super().invoke(ctx)
        except click.UsageError as error:
            from kedro_azureml_cli.terminal.earlier_plugins import answer_usage_error

            answered = answer_usage_error(error)
            if answered is error:
                raise
            raise answered from error
        except click.exceptions.Exit:
            raise
        except (KeyboardInterrupt, Exception) as error:
            from kedro_azureml_cli.terminal.exit_codes import INTERRUPTION, StoppedError, leave

            is_told = isinstance(error, click.ClickException)
            hides_ctrl_c = early_interruption.was_pressed() and not is_told
            if not (isinstance(error, (KeyboardInterrupt, StoppedError)) or hides_ctrl_c):
                raise
            from kedro_azureml_datasets.azure_ml.thread_pools import has_left_threads

            stopped = error if isinstance(error, StoppedError) else StoppedError(INTERRUPTION)
            if has_left_threads():
                stopped.show()
                leave()
            raise stopped from error.__cause__
        except SystemExit:
            starting.take_output()
            raise
        starting.take_output()
        return result


def choose_color(environ: Mapping[str, str]) -> bool | None:
    """Return whether text is coloured; None leaves it to the terminal.

    `NO_COLOR` wins over `FORCE_COLOR`; an empty variable does not count.

    Args:
        environ: Environment variables.

    Example:
        >>> choose_color({"FORCE_COLOR": "1"}), choose_color({"NO_COLOR": "1", "FORCE_COLOR": "1"})
        (True, False)
        >>> choose_color({"NO_COLOR": ""}) is None
        True
    """
    if environ.get("NO_COLOR"):
        return False
    return True if environ.get("FORCE_COLOR") else None
