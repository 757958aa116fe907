"""Environments made from the built wheels, and projects in them, for tests across the packages."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# No test opens a connection off this machine, however it is started.
os.environ["KEDRO_DISABLE_TELEMETRY"] = "1"
COMPARE = ROOT / "tools" / "compare_runs.py"
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

    def frozen(self) -> list[str]:
        return run_checked(
            needed("UV"), "pip", "freeze", "--quiet", "--python", str(self.python)
        ).splitlines()

    def run(self, *command: str, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment, as a user would in a shell of their own."""
        env = {
            "PATH": f"{self.programs}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.folder),
            "KEDRO_DISABLE_TELEMETRY": "1",
            "COLUMNS": "200",
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


def run_checked(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def new_environment(folder: Path, *requirements: str) -> Environment:
    run_checked(needed("UV"), "venv", "--quiet", "--python", sys.executable, str(folder))
    environment = Environment(folder)
    if requirements:
        environment.install(*requirements)
    return environment


def tree_digest(folder: Path, *left_out: str) -> dict[str, str]:
    """Say what a folder holds, so that two moments can be compared."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not set(path.relative_to(folder).parts) & {"__pycache__", *left_out}
    }


@pytest.fixture(scope="session")
def wheels() -> dict[str, str]:
    """Paths of the built wheels by the name of their package."""
    folder = Path(needed("KEDRO_AZUREML_WHEELS"))
    return {wheel.name.split("-")[0]: str(wheel) for wheel in folder.glob("*.whl")}


@pytest.fixture(scope="session")
def template(tmp_path_factory, wheels) -> Path:
    """A project as `kedro new` makes it from the starter in the wheel; copied, never changed."""
    folder = tmp_path_factory.mktemp("starter")
    environment = new_environment(folder / "venv", *wheels.values())
    done = environment.kedro("new", "--starter", "azureml", "--name", "Penguins", cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "penguins"


@pytest.fixture(scope="session")
def local(tmp_path_factory, template, wheels) -> Environment:
    """Where a user works: the command line and what the projects need."""
    return new_environment(
        tmp_path_factory.mktemp("local") / "venv",
        "-r", str(template / "requirements.txt"),
        "-r", str(SHUTTLES / "requirements.txt"),
        *wheels.values(),
    )  # fmt: skip


@pytest.fixture(scope="session")
def image(tmp_path_factory, template, wheels, local) -> Environment:
    """Like a step's image: what the projects need and the datasets, in the same versions."""
    folder = tmp_path_factory.mktemp("image")
    pinned = [line for line in local.frozen() if "==" in line]
    (folder / "constraints.txt").write_text("\n".join(pinned))
    return new_environment(
        folder / "venv",
        "-c", str(folder / "constraints.txt"),
        "-r", str(template / "requirements.txt"),
        "-r", str(SHUTTLES / "requirements.txt"),
        wheels["kedro_azureml_datasets"],
    )  # fmt: skip


@pytest.fixture
def penguins(tmp_path, template) -> Path:
    """A fresh copy of the starter's project."""
    return Path(shutil.copytree(template, tmp_path / "penguins"))


@pytest.fixture
def shuttles(tmp_path) -> Path:
    """A fresh copy of the project that is not the starter's."""
    return Path(shutil.copytree(SHUTTLES, tmp_path / "shuttles"))


@pytest.fixture
def both_ways(local, image):
    """Run a project with `kedro run` and as a simulated job, and compare what both left."""

    def run(project: Path, job: str, *kedro_run: str, **environ: str) -> str:
        done = local.kedro("run", *kedro_run, cwd=project, **environ)
        assert done.returncode == 0, done.stdout + done.stderr
        done = local.kedro(
            "azureml", "simulate", "-j", job, "--python", str(image.python), cwd=project, **environ
        )
        assert done.returncode == 0, done.stdout + done.stderr
        done = local.run("python", str(COMPARE), job, cwd=project)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run
