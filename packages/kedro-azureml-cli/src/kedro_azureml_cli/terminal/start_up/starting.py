"""Make a command ready before Kedro opens the project, which happens outside of any command.

Kedro calls `begin` first. Until the command begins, its standard output is kept for its result,
Ctrl-C ends it in one line, and an error of the project's settings is a message.
"""

from __future__ import annotations

import atexit
import sys
from contextlib import ExitStack

from kedro_azureml_cli.terminal.start_up import early_interruption


class _Start:
    """What has been begun in this process."""

    def __init__(self) -> None:
        self.begun = False
        self.opening = ExitStack()


_start = _Start()


def begin() -> None:
    """Prepare the process, if it is to run a command of ours; Kedro calls this first."""
    if not early_interruption.runs_command_of_ours():
        return
    from kedro_azureml_cli.terminal import verbosity
    from kedro_azureml_cli.terminal.result_stream import divert_output
    from kedro_azureml_cli.terminal.start_up import slow_project
    from kedro_azureml_cli.terminal.start_up.garbage import start_collecting_rarely
    from kedro_azureml_cli.terminal.start_up.opening_errors import show_opening_errors

    _start.begun = True
    atexit.register(_start.opening.close)  # where Kedro cannot open the project
    verbosity.choose_for_process(sys.argv[1:])
    early_interruption.begin()
    slow_project.start()
    _start.opening.callback(start_collecting_rarely())
    _start.opening.enter_context(divert_output())
    _start.opening.enter_context(show_opening_errors())


def give_back_output() -> None:
    """Let the command print to the standard output, and its defects show their traceback."""
    _start.opening.close()


def end() -> None:
    """Leave Ctrl-C, too, to the command that begins."""
    give_back_output()
    early_interruption.end()


def take_output() -> None:
    """Send what others print after the command to the standard error, until the process ends."""
    if _start.begun:
        from kedro_azureml_cli.terminal.result_stream import divert_output_for_good

        divert_output_for_good()
