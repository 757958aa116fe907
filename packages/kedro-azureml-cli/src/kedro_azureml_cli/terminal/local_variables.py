"""Options with environment variables for local processes, which are never written down."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from functools import wraps
from io import StringIO
from pathlib import Path

import click

from kedro_azureml_cli.terminal.option_values import NamedPath

Command = Callable[..., object]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MOST_BYTES = 131_072  # MAX_ARG_STRLEN of Linux, with the NUL at the end


def local_variables_options(command: Command) -> Command:
    """Add `--env-file`, `--env-var`, `--notify`; the command gets `variables`, name to value."""

    @wraps(command)
    def with_value(
        *args: object,
        env_file: Path | None,
        env_var: tuple[str, ...],
        notify: bool,
        **others: object,
    ) -> object:
        variables = {**_read_file(env_file), **_read_options(env_var)}
        if notify:
            from kedro_azureml_runner import SEND_VARIABLE

            variables[SEND_VARIABLE] = "1"
        return command(*args, variables=variables, **others)

    file_option = click.option(
        "--env-file",
        type=NamedPath(dir_okay=False, exists=True, readable=True),
        help="File with lines NAME=VALUE (or NAME, for the value here): environment variables for "
        "the processes that run here. The values are never written to disk.",
    )
    variable_option = click.option(
        "--env-var",
        multiple=True,
        metavar="NAME[=VALUE]",
        help="Environment variable for the processes that run here, with the value here if none "
        "is given; repeatable. Never written to disk, unlike 'run --env-var', which writes it "
        "into the job.",
    )
    notify_option = click.option(
        "--notify",
        is_flag=True,
        help="Send the job's notifications, which are otherwise not sent from here.",
    )
    return file_option(variable_option(notify_option(with_value)))


def strip_values(words: Iterable[str]) -> list[str]:
    """Return the words of a command without the values of `--env-var`, to be shown.

    Args:
        words: The words.

    Example:
        >>> strip_values(["--env-var", "KEY=x", "--env-var=TOKEN=y", "--keep"])
        ['--env-var', 'KEY', '--env-var=TOKEN', '--keep']
    """
    shown = []
    follows = False
    for word in words:
        if follows:
            shown.append(word.partition("=")[0])
        elif word.startswith("--env-var="):
            shown.append("=".join(word.split("=")[:2]))
        else:
            shown.append(word)
        follows = word == "--env-var" and not follows
    return shown


def _read_file(file: Path | None) -> dict[str, str]:
    if file is None:
        return {}
    from dotenv.parser import parse_stream

    found: dict[str, str] = {}
    try:
        content = file.read_bytes()
        with StringIO(content.decode("utf-8-sig"), newline=None) as stream:
            for binding in parse_stream(stream):
                line = binding.original.line + _blank_lines(binding.original.string)
                where = f"{file}:{line}"
                if binding.error:
                    raise _refused(
                        "--env-file", f"{where}: expected NAME=VALUE, and both quotes of a value."
                    )
                if binding.key is not None:
                    found[binding.key] = _value(
                        "--env-file", f"{where}: ", binding.key, binding.value
                    )
    except UnicodeDecodeError as error:
        byte, line = error.object[error.start], error.object.count(b"\n", 0, error.start) + 1
        message = f"{file}:{line}: byte 0x{byte:02x} is not UTF-8; save the file as UTF-8."
        raise _refused("--env-file", message) from error
    except OSError as error:
        raise _refused("--env-file", f"{file}: {error.strerror}.") from error
    return found


def _blank_lines(text: str) -> int:
    """Count the lines before the first one that says something."""
    return len(text[: len(text) - len(text.lstrip())].splitlines())


def _read_options(texts: Iterable[str]) -> dict[str, str]:
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        found[name] = _value("--env-var", "", name, value if equals else None)
    return found


def _value(option: str, where: str, name: str, value: str | None) -> str:
    if not _NAME.fullmatch(name):
        raise _refused(option, f"{where}'{name}' is not the name of an environment variable.")
    if value is None and name not in os.environ:
        raise _refused(option, f"{where}{name} is not set here; write {name}=VALUE.")
    text = os.environ[name] if value is None else value
    if "\0" in text:
        raise _refused(option, f"{where}the value of {name} contains a NUL character.")
    if len(os.fsencode(f"{name}={text}")) >= _MOST_BYTES:
        raise _refused(
            option,
            f"{where}the value of {name} has {len(text):,} characters, more than Linux gives to a "
            "process; put it into a file, and its path into the variable.",
        )
    return text


def _refused(option: str, message: str) -> click.BadParameter:
    return click.BadParameter(message, param_hint=f"'{option}'")
