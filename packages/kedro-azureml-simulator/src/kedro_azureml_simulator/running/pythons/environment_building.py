"""Virtual environments made from what a pipeline describes, kept for the next run.

The image of an environment is not used. What conda would install is asked of pip under the same
name, which is right for most packages and fails loudly for the others.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kedro_azureml_simulator.errors import SimulatorError
from kedro_azureml_simulator.processes.processes import Start
from kedro_azureml_simulator.running.data import hash_file, remove_tree
from kedro_azureml_simulator.running.pythons.interpreters import find_running_python

if TYPE_CHECKING:
    from kedro_azureml_simulator.pipeline.model import InlineEnvironment
    from kedro_azureml_simulator.processes.processes import Supervisor

_DONE = "made-by-azureml-simulate"
_OPTIONS = re.compile(r"^(-r|--requirement|-c|--constraint|-e|--editable)[\s=]+")


class EnvironmentBuildError(SimulatorError):
    """An environment could not be made.

    Args:
        message: What went wrong.
        log: The file with all output.
        hint: What to do about it.
    """

    blame = "user"

    def __init__(self, message: str, *, log: Path, hint: str) -> None:
        super().__init__(message, hint=hint)
        self.log = log


def locate_cache() -> Path:
    """Return the folder in which environments are kept."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "azureml-simulate" / "environments"


@dataclass(frozen=True)
class BuiltEnvironment:
    """An environment's interpreter; `note` says what is not as it was asked for."""

    python: Path
    note: str = ""


def build_environment(
    environment: InlineEnvironment, *, supervisor: Supervisor, cache: Path, log: Path
) -> BuiltEnvironment:
    """Make a virtual environment, or find the one that was made before.

    Args:
        environment: What it holds.
        supervisor: Starts the programs that make it.
        cache: The folder in which environments are kept, by their content.
        log: The file that these programs write to.

    Returns:
        The environment, with another Python and a note where the version that it asks for cannot
        be found or does not run.

    Raises:
        EnvironmentBuildError: A program failed.
    """
    import fcntl  # not on Windows, where the command says so in words

    uv = shutil.which("uv")
    folder = locate_environment(environment, cache)
    python = folder / "bin" / "python"
    cache.mkdir(parents=True, exist_ok=True)
    # Two runs that want the same environment: the second one waits, and finds it.
    with (cache / f".{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (folder / _DONE).is_file() and python.exists():
            return BuiltEnvironment(python, (folder / _DONE).read_text("utf-8", "replace"))
        # What a killed run left half made.
        remove_tree(folder)
        log.parent.mkdir(parents=True, exist_ok=True)
        requirements = log.with_suffix(".requirements.txt")
        lines = [_absolute(line, environment.folder) for line in environment.requirements]
        requirements.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")

        def run(argv: list[str]) -> int:
            start = Start([str(Path(argv[0]).absolute()), *argv[1:]], cache, dict(os.environ), log)
            return supervisor.start(start).wait()

        note = ""
        make: list[str] = []
        code = 1
        for base, about in _bases(environment.python_version, uv):
            note = about
            make = [uv, "venv", "--quiet", "--python", base, str(folder)] if uv else [
                base, "-m", "venv", str(folder),
            ]  # fmt: skip
            code = run(make)
            if code == 0:
                break
            remove_tree(folder)
        if code == 0 and environment.requirements:
            installer = [uv, "pip", "install", "--python", str(python)] if uv else [
                str(python), "-m", "pip", "install",
            ]  # fmt: skip
            make = [*installer, "--quiet", "-r", str(requirements)]
            code = run(make)
        if code != 0:
            remove_tree(folder)
            raise EnvironmentBuildError(
                f"an environment could not be made: `{' '.join(make)}` ended with exit code"
                f" {code}\n{_end_of(log)}",
                log=log,
                hint=_hint(environment),
            )
        (folder / _DONE).write_text(note, encoding="utf-8")
    return BuiltEnvironment(python, note)


def _bases(wanted: str | None, uv: str | None) -> list[tuple[str, str]]:
    """Return what an environment can be made from, best first, each with a note about it."""
    own = (sys.executable, "")
    if wanted is None or _is_own(wanted):
        return [own]
    found = find_running_python(wanted)
    if found is not None:
        return [(str(found), "")]
    note = (
        f"Python {wanted} is not on this machine, so"
        f" {sys.version_info.major}.{sys.version_info.minor} is used; to change that, install"
        f" it or pass --python PATH"
    )
    # uv knows more places, and fetches interpreters where it may.
    return [*([(wanted, "")] if uv else []), (sys.executable, note)]


def _is_own(version: str) -> bool:
    """Check whether this interpreter has a version, as precisely as the version is given."""
    wanted = version.split(".")
    return wanted == [str(part) for part in sys.version_info[: len(wanted)]]


def _absolute(line: str, folder: Path) -> str:
    """Return a line of requirements whose local path no longer depends on a working directory."""
    option = _OPTIONS.match(line)
    path = _OPTIONS.sub("", line).removeprefix("file:").strip()
    is_local = option is not None or path.startswith(("./", "../")) or path.endswith(".whl")
    if "://" in path or not is_local or not (folder / path).exists():
        return line
    return f"{option[0].strip() + ' ' if option else ''}{(folder / path).absolute()}"


def locate_environment(environment: InlineEnvironment, cache: Path) -> Path:
    """Return where an environment is kept: equal content, the files that it names included.

    Args:
        environment: What it holds.
        cache: The folder in which environments are kept.
    """
    content = hashlib.blake2b(digest_size=12)
    own = f"{sys.version_info.major}.{sys.version_info.minor}"
    content.update(f"{environment.python_version or own}\n".encode())
    for line in environment.requirements:
        content.update(f"{line}\n".encode())
        # A file that a line names counts with what is in it.
        path = environment.folder / _OPTIONS.sub("", line).removeprefix("file:").strip()
        if path.is_file():
            content.update(hash_file(path).encode())
        elif path.is_dir():
            content.update(str(path.absolute()).encode())
    return cache / content.hexdigest()


def _end_of(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
    return "\n".join(f"    {line}" for line in lines)


def _hint(environment: InlineEnvironment) -> str:
    if environment.from_conda:
        return (
            f"{', '.join(environment.from_conda)} come from conda, and were asked of pip; give"
            " --python PATH, or an interpreter for this environment"
        )
    return "check its requirements, or give --python PATH"
