"""Have Ctrl-C end a command in one line while Kedro loads, before any code of ours can catch it.

Kedro opens the project outside of what handles errors, and click ends with the exit code 1.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

_COMMAND = "azureml"
_MESSAGE = b"Error: Stopped by Ctrl-C.\n"
_INTERRUPTED = 130

_pressed: list[int] = []
"""Signals of Ctrl-C since the command of this process began."""


def begin() -> None:
    """Let Ctrl-C end the process, if it is to run a command of ours."""
    if not runs_command_of_ours():
        return
    # Whoever has set another handler, or ignores Ctrl-C, is right.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        with suppress(ValueError):  # not in the main thread
            signal.signal(signal.SIGINT, _end_process)


def runs_command_of_ours() -> bool:
    """Check whether this process is to run a command of `kedro azureml`."""
    return next((word for word in sys.argv[1:] if not word.startswith("-")), "") == _COMMAND


def end() -> None:
    """Let Ctrl-C raise `KeyboardInterrupt` again, which commands handle, and note it."""
    if signal.getsignal(signal.SIGINT) is _end_process:
        _pressed.clear()
        signal.signal(signal.SIGINT, _note)


def was_pressed() -> bool:
    """Check whether Ctrl-C has been pressed since the command began.

    Not every library lets the exception through: pydantic puts it into an error of its own.
    """
    return bool(_pressed)


def _note(number: int, frame: FrameType | None) -> None:
    _pressed.append(number)
    signal.default_int_handler(number, frame)


def _end_process(_number: int, _frame: FrameType | None) -> None:
    # Nothing has been begun that wants an end; an exception could be caught on its way.
    with suppress(OSError):
        os.write(sys.__stderr__.fileno() if sys.__stderr__ is not None else 2, _MESSAGE)
    os._exit(_INTERRUPTED)
