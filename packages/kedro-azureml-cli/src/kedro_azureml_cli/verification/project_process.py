"""Run a task in a process of a project's copy, with the project's own interpreter and a log."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from kedro_azureml_datasets import SIMULATION_VARIABLE, STEP_VARIABLE
from kedro_azureml_simulator import MachineError, make_printable

if TYPE_CHECKING:
    from collections.abc import Mapping

LOG = "log.txt"
"""Name of the log of a local run, in its folder."""

_PROGRAM = Path(__file__).parent / "in_project"
_LOG_LINES = 40
_LOG_TAIL_BYTES = 64 * 1024


def run_in_project(
    task: str,
    request: Mapping[str, Any],
    copy: Path,
    folder: Path,
    python: Path,
    instead_of: Path,
    variables: Mapping[str, str] = MappingProxyType({}),
) -> tuple[int, Any]:
    """Run a task of `in_project` in the copy of a project; its log goes into the folder.

    Args:
        task: `run` or `compare`.
        request: What the task is to do.
        copy: The copy of the project.
        folder: For the log.
        python: The interpreter.
        instead_of: The project itself; where the environment leads to it, the copy is meant.
        variables: Environment variables besides those of this process.

    Returns:
        The exit code, and the answer; None where there is none.

    Raises:
        MachineError: The process cannot be started.
    """
    asked, answer = folder / f"{task}-request.json", folder / f"{task}-answer.json"
    asked.write_text(json.dumps(request), encoding="utf-8")
    command = [str(python), str(_PROGRAM), task, str(asked), str(answer)]
    log = folder / LOG
    try:
        with log.open("ab") as output:
            process = subprocess.Popen(  # noqa: S603  (the user's interpreter, without a shell)
                command,
                cwd=copy,
                env={**_environ(python, copy, instead_of), **variables},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # so that it can be ended with all that it has started
            )
            try:
                exit_code = process.wait()
            finally:
                _end(process)
    except OSError as error:
        raise MachineError(f"the local run cannot be started: {error}") from error
    return exit_code, read_answer(answer)


def read_answer(file: Path) -> Any:
    """Return what a task has written; None if it has not come to that, or not to its end.

    Args:
        file: The JSON file.
    """
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def read_end_of_log(log: Path) -> list[str]:
    """Return the last lines of a log; none if there is no log."""
    if not log.exists():
        return []
    with log.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _LOG_TAIL_BYTES))
        text = make_printable(file.read().decode("utf-8", errors="replace"), colors=True)
        return text.splitlines()[-_LOG_LINES:]


def _environ(python: Path, copy: Path, project: Path) -> dict[str, str]:
    """Return this process's environment, with the interpreter's programs and the copy's code."""
    environ = dict(os.environ)
    environ.pop(STEP_VARIABLE, None)
    environ[SIMULATION_VARIABLE] = "1"  # as in the simulation, no key vault is asked
    environ["PATH"] = os.pathsep.join([str(python.parent), environ.get("PATH", os.defpath)])
    # Kedro has put the project's source into it, for processes like this one.
    paths = [Path(path) for path in environ.pop("PYTHONPATH", "").split(os.pathsep) if path]
    moved = [copy / p.relative_to(project) if p.is_relative_to(project) else p for p in paths]
    if moved:
        environ["PYTHONPATH"] = os.pathsep.join(map(str, moved))
    return environ


def _end(process: subprocess.Popen[bytes]) -> None:
    with suppress(OSError):  # all gone already
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
