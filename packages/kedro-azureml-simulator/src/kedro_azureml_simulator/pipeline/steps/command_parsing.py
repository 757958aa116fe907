"""What a command needs: its line, its code, its variables and its time limit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from kedro_azureml_simulator.pipeline.section import Section

_UNDOCUMENTED = re.compile(r"AZURE_ML_(?:INPUT|OUTPUT)_\w+")


def read_command(section: Section) -> str:
    """Read `command:` of a step or a component."""
    command = section.string("command")
    if command is None or not command.strip():
        section.problem(
            "command", "is empty", "write the command that the step runs", rule="command-empty"
        )
        return ""
    if "\0" in command:
        section.problem("command", "contains a NUL character, which no shell takes", rule="process")
    for name in dict.fromkeys(_UNDOCUMENTED.findall(command)):
        section.warn(
            "command",
            f"{name} is undocumented, and may change",
            "write ${{inputs.<name>}} or ${{outputs.<name>}}",
        )
    return command


def read_code_folder(section: Section, folder: Path) -> Path | None:
    """Read `code:` of a step, a component or a task; the path is relative to `folder`."""
    code = section.string("code")
    if code is None:
        return None
    # The SDK writes the code of a parallel task so, when it dumps a job that was made in Python.
    for place in (folder, section.reading.working_dir):
        dumped = place / code.removeprefix("azureml:")
        if code.startswith("azureml:") and dumped.exists():
            return dumped
    if code.startswith(("azureml:", "git+")) or "://" in code:
        section.problem(
            "code", f"`{code}` is remote, and is not fetched", "use a local folder",
            rule="remote-code",
        )  # fmt: skip
        return None
    return folder / code


def read_variables(section: Section, *, are_strings: bool = False) -> dict[str, str]:
    """Read `environment_variables:` of a step or a component.

    Args:
        section: The step or the component.
        are_strings: Whether the SDK refuses values that are not.
    """
    mapping = section.section("environment_variables")
    texts: dict[str, str] = {}
    for name, value in mapping.values.items():
        if value is None:
            mapping.warn(name, "has no value, and is not set", 'write "" for an empty string')
            continue
        if not isinstance(value, str | bool | int | float):
            mapping.warn(name, "is not a string; it is sent as one", "quote the value")
        elif are_strings and not isinstance(value, str):
            mapping.problem(name, f"{value!r} is not a string", "quote the value")
        texts[name] = str(value)
        if not name or "=" in name or "\0" in name + texts[name]:
            mapping.problem(name, "cannot be an environment variable", rule="process")
    return texts


def read_timeout_s(section: Section, key: str = "timeout") -> float | None:
    """Read a limit of `limits:`, in seconds; None where there is none."""
    limits = section.section("limits")
    if limits.values.get(key) is None:
        return None
    if isinstance(limits.values[key], float):
        return float(limits.values[key]) if limits.values[key] > 0 else None
    seconds = limits.whole_number(key, 0)
    if seconds <= 0 and isinstance(limits.values[key], int):
        limits.warn(key, f"{seconds} is not a time limit; there is none here", "write 1 or more")
    return seconds if seconds > 0 else None
