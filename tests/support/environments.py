"""Virtual environments made from built wheels, and the commands that run in them."""

import atexit
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

import pytest
from warm_python import WarmPython

ROOT = Path(__file__).parents[2]

# No test opens a connection off this machine, however it is started.
os.environ["KEDRO_DISABLE_TELEMETRY"] = "1"
JUDGE = ROOT / "tests/support/judge.py"
MEASURING = {name: text for name, text in os.environ.items() if name.startswith("COVERAGE_")}
"""What `nox -s coverage` tells the processes that it measures."""
SHUTTLES = ROOT / "tests" / "projects" / "shuttles"


def needed(variable: str) -> str:
    value = os.environ.get(variable)
    if not value:
        pytest.fail(f"{variable} is not set: run these tests with 'nox -s tests'.")
    return value


class Environment:
    """A virtual environment, and the commands that run in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.programs = folder / "bin"
        self.python = self.programs / "python"

    def install(self, *requirements: str) -> None:
        run_checked(
            needed("UV"), "pip", "install", "--quiet", "--python", str(self.python), *requirements
        )
        link_bytecode(Path(sysconfig.get_path("purelib")), self.packages)

    @property
    def packages(self) -> Path:
        """The folder of what is installed."""
        return Path(sysconfig.get_path("purelib", vars={"base": str(self.folder)}))

    def frozen(self) -> list[str]:
        """Return what is installed with its versions, without what measures coverage."""
        freeze = ("pip", "freeze", "--quiet", "--python", str(self.python))
        lines = run_checked(needed("UV"), *freeze).splitlines()
        return [line for line in lines if not (MEASURING and line.startswith("coverage=="))]

    def run(self, *command: str, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment, as a user would in a shell of their own."""
        env = {
            "PATH": f"{self.programs}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.folder),
            "KEDRO_DISABLE_TELEMETRY": "1",
            "COLUMNS": "200",
            **MEASURING,
            **environ,
        }
        program = str(self.programs / command[0])
        return subprocess.run(
            [program, *command[1:]],
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def kedro(self, *args: str, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
        return self.run("kedro", *args, cwd=cwd, **environ)

    def warmed(self, preload: Iterable[str]) -> WarmPython:
        """Start a Python that has imported modules; it ends with this process."""
        folder = Path(tempfile.mkdtemp(prefix="warm-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        warm = WarmPython(folder, preload, self.python)
        atexit.register(warm.__exit__, None, None, None)
        return warm


class WarmEnvironment(Environment):
    """An environment whose `kedro` has its imports behind it.

    Args:
        folder: The environment's folder.
        preload: What `kedro` imports before.
    """

    def __init__(self, folder: Path, preload: Iterable[str]) -> None:
        super().__init__(folder)
        self._warm = self.warmed(preload)

    def kedro(self, *args: str, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
        return self.run(str(self._warm.path), "-m", "kedro", *args, cwd=cwd, **environ)


def run_checked(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def make_once(folder: Path, make: Callable[[], object]) -> Path:
    """Make a folder in one of the processes that share it; the others wait for it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    whole = folder.with_name(f"{folder.name}.whole")
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not whole.exists():
            make()
            whole.touch()
    return folder


def new_environment(folder: Path, *requirements: str) -> Environment:
    run_checked(needed("UV"), "venv", "--quiet", "--python", sys.executable, str(folder))
    environment = Environment(folder)
    requirements += ("coverage",) if MEASURING else ()
    if requirements:
        environment.install(*requirements)
    return environment


def link_bytecode(compiled: Path, installed: Path) -> None:
    """Link the bytecode of one environment into another, which would compile the same again.

    Python takes it only for a source of the same size and time, which both have from uv's cache. It
    replaces bytecode as a whole, so neither environment changes that of the other.

    Args:
        compiled: Folder of the packages that have been imported.
        installed: That of the packages that have just been installed.
    """
    for source in compiled.rglob("__pycache__/*.pyc"):
        target = installed / source.relative_to(compiled)
        module = target.parents[1] / f"{target.name.partition('.')[0]}.py"
        if module.exists() and not target.exists():
            target.parent.mkdir(exist_ok=True)
            with suppress(OSError):  # another file system: it is compiled there
                os.link(source, target)


def tree_digest(folder: Path, *left_out: str) -> dict[str, str]:
    """Say what a folder holds, so that two moments can be compared."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not set(path.relative_to(folder).parts) & {"__pycache__", *left_out}
    }


def judged(*files: Path | str, python: Path | str = sys.executable) -> dict[str, object]:
    """Ask the SDK of Azure ML, in a process of its own, for the problems of each file."""
    done = subprocess.run(
        [str(python), str(JUDGE), *map(str, files)], capture_output=True, text=True, check=False
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("JUDGED ")]
    entries = [json.loads(line.removeprefix("JUDGED ")) for line in lines]
    assert len(entries) == len(files), done.stderr
    return {entry["file"]: entry["problems"] for entry in entries if entry["problems"]}
