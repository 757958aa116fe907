"""The programs of this machine that steps run with: bash, and what `python` means."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from kedro_azureml_simulator.errors import InterpreterError, MachineError

if TYPE_CHECKING:
    from collections.abc import Sequence

_START_LIMIT_S = 60
_ASK = "import json, sys; print(json.dumps([sys.prefix, sys.base_prefix, sys.exec_prefix]))"


@dataclass(frozen=True)
class Interpreter:
    """A Python, and the folders that it needs to run."""

    path: Path
    folders: tuple[Path, ...]


def find_bash() -> Path:
    """Return the shell that runs commands.

    Raises:
        MachineError: There is none.
    """
    found = shutil.which("bash")
    if found is None:
        raise MachineError("bash is not on PATH", hint="install bash: steps run in it")
    return Path(found).absolute()


def check_python(python: Path) -> Interpreter:
    """Return an interpreter, after it has run once.

    Args:
        python: Its path, or its name on PATH. Links are not followed: a virtual environment
            is recognised by the path that its interpreter is started with.

    Raises:
        InterpreterError: It does not exist, or does not run.
    """
    path = python
    if len(python.parts) == 1 and not python.exists():
        path = Path(shutil.which(str(python)) or python)
    path = path.absolute()
    hint = "give the path of an interpreter, such as .venv/bin/python"
    if not path.is_file():
        raise InterpreterError(f"{path} does not exist", python=python, hint=hint)
    try:
        return Interpreter(path, _folders(path, path.stat().st_mtime_ns))
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise InterpreterError(
            f"the Python at {path} does not run: {error}", python=python, hint=hint
        ) from error


def find_python_on_path() -> Interpreter | None:
    """Return the interpreter that steps find by themselves, None where there is none."""
    for name in ("python", "python3"):
        for entry in os.environ.get("PATH", os.defpath).split(os.pathsep):
            found = Path(entry) / name
            if found.is_absolute() and os.access(found, os.X_OK) and not found.is_dir():
                try:
                    return check_python(found)
                except InterpreterError:
                    continue
    return None


def find_running_python(version: str) -> Path | None:
    """Return an interpreter of a version that is on PATH and runs; None where there is none.

    A shim, such as pyenv's, is on PATH also where the version behind it is not installed, so each
    candidate is started.

    Args:
        version: Such as `3.11` or `3.11.4`.
    """
    wanted = version.split(".")
    names = [f"python{'.'.join(wanted[:2])}", f"python{wanted[0]}", "python"]
    folders = [Path(entry) for entry in os.environ.get("PATH", os.defpath).split(os.pathsep)]
    for name in names:
        for folder in folders:
            candidate = folder / name
            if not (folder.is_absolute() and os.access(candidate, os.X_OK)):
                continue
            try:
                answer = subprocess.run(  # noqa: S603 - what the user's PATH names
                    [str(candidate), "-I", "-c", "import sys; print(*sys.version_info[:3])"],
                    check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL,
                    timeout=_START_LIMIT_S,
                )  # fmt: skip
            except (OSError, subprocess.SubprocessError, ValueError):
                continue
            if answer.stdout.split()[: len(wanted)] == wanted:
                return candidate
    return None


def make_step_path(python: Path | None, shims: Path) -> str:
    """Return PATH for a step, after writing what makes `python` mean one interpreter.

    Args:
        python: The interpreter, None for the one that PATH finds.
        shims: A folder for two small scripts, which is made.
    """
    # A relative entry would mean another folder in each step's working directory.
    entries: Sequence[str] = [
        entry
        for entry in os.environ.get("PATH", os.defpath).split(os.pathsep)
        if Path(entry).is_absolute()
    ]
    if python is None:
        return os.pathsep.join(entries)
    shims.mkdir(parents=True)
    for name in ("python", "python3"):
        shim = shims / name
        shim.write_text(f'#!/bin/sh\nexec {shlex.quote(str(python))} "$@"\n', encoding="utf-8")
        shim.chmod(0o755)
    return os.pathsep.join([str(shims), str(python.parent), *entries])


@lru_cache(maxsize=64)
def _folders(path: Path, _changed_ns: int) -> tuple[Path, ...]:
    answer = subprocess.run(  # noqa: S603 - the caller's own interpreter
        [str(path), "-I", "-c", _ASK],  # not what lies in the working directory
        check=True,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=_START_LIMIT_S,
        env={"PATH": os.defpath},
    )
    known = {Path(text) for text in json.loads(answer.stdout)}
    # The file behind a virtual environment's link is started too, and so is the link itself.
    real = Path(os.path.realpath(path))
    outside = {place.parent for place in (path, real)}
    return tuple(sorted(known | {f for f in outside if not any(map(f.is_relative_to, known))}))
