"""Read the command of a submitted step back into what the compiler put into it."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

from kedro_azureml_runner import WITHOUT_NODES, InvocationError, StepInvocation

if TYPE_CHECKING:
    from collections.abc import Mapping

_FIRST_ARGUMENT = "--protocol"
_CONTINUED = re.compile(r"[ \t]*\\\n[ \t]*")
_DOCUMENT = re.compile(r" <<'(\w+)'\n(.*?)^\1$", re.DOTALL | re.MULTILINE)
_PART = re.compile(
    r"""\$'(?P<escaped>(?:[^'\\]|\\.)*)'|'(?P<exact>[^']*)'|"(?P<quoted>[^"]*)"|(?P<plain>[^\s'"]+)"""
)
_ESCAPE = re.compile(r"\\([0-7]{3}|.)")
_NAMED = {"n": "\n", "t": "\t"}
_INPUT = re.compile(r"\$\{\{inputs\.(\w+)\}\}")


def read_command(command: str, values: Mapping[str, str]) -> StepInvocation:
    r"""Read the command of a step: the reverse of `StepInvocation.to_command`.

    Bindings of data stay as they are; those of promoted parameters become what the job gives them.

    Args:
        command: The command of the step's component.
        values: Input port to the text that the job gives it.

    Raises:
        InvocationError: It is not a command of this plugin, or one of another protocol.

    Example:
        >>> step = StepInvocation(nodes=("fit",), inputs={"x": "${{inputs.x}}"})
        >>> read_command(step.to_command(), {}) == step
        True
    """
    document = _DOCUMENT.search(command)
    words = _split(_CONTINUED.sub(" ", command[: document.start()] if document else command))
    if _FIRST_ARGUMENT not in words:
        if not runs_nodes(command):
            raise InvocationError("The step announces the end of the job and runs no node.")
        raise InvocationError("The step's command does not start the runner of this plugin.")
    text = document.group(2) if document else ""
    filled = _INPUT.sub(lambda found: values.get(found.group(1), found.group()), text)
    arguments = words[words.index(_FIRST_ARGUMENT) :]
    if "--shell-text" in arguments:  # shows a step what its own shell was given
        place = arguments.index("--shell-text")
        del arguments[place : place + 2]
    return StepInvocation.from_argv(arguments, io.BytesIO(filled.encode()))


def runs_nodes(command: str) -> bool:
    """Check whether a step runs nodes, and does not only announce the end of its job.

    Args:
        command: The command of the step's component.

    Example:
        >>> runs_nodes("python .kedro-azureml --notify-success")
        False
        >>> runs_nodes(StepInvocation(nodes=("--notify-success",)).to_command())
        True
    """
    words = _split(_CONTINUED.sub(" ", command))
    return _FIRST_ARGUMENT in words or not any(word in WITHOUT_NODES for word in words)


def _split(line: str) -> list[str]:
    """Split a line into words as bash does, for the quotes that the compiler writes."""
    words: list[str] = []
    end = -1
    for part in _PART.finditer(line):
        text = _read_part(part)
        if part.start() == end:
            words[-1] += text
        else:
            words.append(text)
        end = part.end()
    return words


def _read_part(part: re.Match[str]) -> str:
    escaped = part["escaped"]
    if escaped is None:
        return part["exact"] or part["quoted"] or part["plain"] or ""
    data = b""
    place = 0
    for found in _ESCAPE.finditer(escaped):
        data += escaped[place : found.start()].encode()
        code = found.group(1)
        character = _NAMED.get(code, code).encode()
        data += bytes([int(code, 8)]) if len(code) == 3 else character
        place = found.end()
    return (data + escaped[place:].encode()).decode()
