"""Why a command failed, from its exit code and the end of its log."""

from __future__ import annotations

import errno
import os
import re
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_END_BYTES = 16 * 1024
_MISSING_MODULE = re.compile(r"^ModuleNotFoundError: No module named ('[^']+')", re.MULTILINE)
_MISSING_PROGRAM = re.compile(r"^\S*bash: (?:line \d+: )?(\S+): command not found", re.MULTILINE)


def explain_failure(
    exit_code: int,
    *,
    log: Path,
    rank: str = "",
    is_read_only: bool = False,
    python: Path | str | None = None,
    environment: str | None = None,
) -> str:
    """Return why a command failed, in one sentence.

    Args:
        exit_code: Its exit code; above 128 a signal's number is added.
        log: Its log; what the log says of the cause is named.
        rank: Which of several processes it was; empty for the only one.
        is_read_only: Whether an input is mounted read-only.
        python: The interpreter that ran the step; None in a container.
        environment: The name of its environment, without `azureml:`.

    Example:
        >>> from pathlib import Path
        >>> explain_failure(137, log=Path("/no/log"))
        'the command ended with exit code 137 (SIGKILL)'
    """
    end = _end_of(log)
    words = _exit_words(exit_code, rank or "the command")
    if is_read_only and os.strerror(errno.EROFS) in end:
        words += f"; {os.strerror(errno.EROFS)}: an input is mounted read-only"
    modules, programs = _MISSING_MODULE.findall(end), _MISSING_PROGRAM.findall(end)
    name = environment.partition(":")[0].partition("@")[0] if environment else ""
    if modules and python is None:
        words += f"; no module named {modules[-1]} in its image"
    elif modules:
        option = f"--step-env {name}=requirements.txt or " if name else ""
        words += (
            f"; no module named {modules[-1]} in {python}, which runs the step: its image is not"
            f" used; pass {option}--python PATH"
        )
    if programs and python is None:
        words += f"; its image has no program `{programs[-1]}`"
    elif programs:
        words += (
            f"; this machine has no program `{programs[-1]}`, and the step's image is not used;"
            " install it, or pass --docker or --podman"
        )
    return words


def _exit_words(exit_code: int, subject: str) -> str:
    try:
        name = signal.Signals(exit_code - 128).name
    except ValueError:
        return f"{subject} ended with exit code {exit_code}"
    return f"{subject} ended with exit code {exit_code} ({name})"


def _end_of(log: Path) -> str:
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _END_BYTES))
        return file.read().decode(errors="replace")
