"""Make the environments that benchmarks measure and run in.

Each is made once, by uv, and made again when what it should hold has changed.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
KEPT = Path(os.environ.get("KEDRO_AZUREML_BENCHMARKS", ROOT / ".nox" / "bench-environments"))

KEDRO = ("kedro==1.7.0", "kedro-datasets==9.6.0", "cloudpickle==3.1.2")
"""The same in every environment, so that no other version makes the difference."""
PEER = "kedro-azureml-pipeline==0.1.0"
ENTERED = "KEDRO_AZUREML_BENCHMARK_ENTERED"


def find_uv() -> str:
    """Return the program uv: the installed one, or one in an environment made for it."""
    if importlib.util.find_spec("uv") is not None:
        import uv

        return uv.find_uv_bin()
    found = shutil.which("uv")
    if found is None:
        folder = KEPT / "uv"
        found = str(folder / "bin" / "uv")
        if not Path(found).exists():
            venv.create(folder, with_pip=True)
            pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
            carry_out("uv, which makes the environments, cannot be installed", *pip, "uv")
    return found


def carry_out(otherwise: str, *command: str) -> None:
    """Run a command that makes something, and end everything with one line if it fails.

    Args:
        otherwise: What cannot be done then.
        command: The program and its arguments.
    """
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        said = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        why = "; ".join(said)[-600:] or f"'{command[0]}' ended with {done.returncode}"
        sys.exit(f"{otherwise}: {why}")


def build_wheels(checkout: Path = ROOT) -> list[str]:
    """Return the wheels of a checkout's packages, which are built when a file has changed."""
    sources = [path for place in ("packages", "starters") for path in (checkout / place).rglob("*")]
    digest = hashlib.sha256()
    for path in sorted(sources):
        if path.is_file() and not {"__pycache__", "tests"} & set(path.parts):
            digest.update(str(path.relative_to(checkout)).encode() + path.read_bytes())
    folder = KEPT / "wheels" / digest.hexdigest()[:16]
    with lock("wheels"):
        if not folder.is_dir():
            unfinished = Path(tempfile.mkdtemp(dir=KEPT))
            for package in sorted((checkout / "packages").glob("*/pyproject.toml")):
                build = [find_uv(), "build", "--quiet", "--wheel", "--out-dir", str(unfinished)]
                carry_out("The wheels cannot be built", *build, str(package.parent))
            folder.parent.mkdir(exist_ok=True)
            unfinished.rename(folder)
    return [str(wheel) for wheel in sorted(folder.glob("*.whl"))]


def make_environment(name: str, *requirements: str) -> Path:
    """Return the interpreter of an environment that holds what is required, with bytecode.

    Args:
        name: Its folder; what another call has put there is replaced.
        requirements: As for `pip install`.
    """
    folder, python = KEPT / name, KEPT / name / "bin" / "python"
    recipe, held = folder / "made-of.json", json.dumps([sys.version, *requirements])
    with lock(name):
        if not recipe.is_file() or recipe.read_text() != held:
            shutil.rmtree(folder, ignore_errors=True)
            quiet = [find_uv(), "venv", "--quiet", "--python", sys.executable, str(folder)]
            failed = f"The environment '{name}' cannot be made"
            carry_out(failed, *quiet)
            install = [find_uv(), "pip", "install", "--quiet", "--compile-bytecode"]
            carry_out(failed, *install, "--python", str(python), *requirements)
            recipe.write_text(held)
    return python


@contextmanager
def lock(name: str) -> Iterator[None]:
    """Let one process at a time make something."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def make_plain() -> Path:
    """Return the interpreter of an environment with Kedro alone: the floor."""
    return make_environment("plain", *KEDRO)


def make_ours() -> Path:
    """Return the interpreter of an environment with all packages of this checkout."""
    return make_environment("ours", *KEDRO, *build_wheels())


def make_step() -> Path:
    """Return the interpreter of an environment with what a step's image needs."""
    (datasets,) = (wheel for wheel in build_wheels() if "azureml_datasets" in wheel)
    return make_environment("step", *KEDRO, datasets)


def make_peer() -> Path:
    """Return the interpreter of an environment with the other plugin."""
    return make_environment("peer", *KEDRO, PEER)


def enter(*requirements: str) -> None:
    """Continue this script in an environment with all packages, and with what it requires.

    Args:
        requirements: What it imports besides; each set of them has an environment.
    """
    if os.environ.get(ENTERED) == sys.argv[0]:
        return
    python = make_ours()
    if requirements:
        name = "-".join(["ours", *(part.partition(">")[0] for part in requirements)])
        python = make_environment(name, *KEDRO, *build_wheels(), *requirements)
    os.environ[ENTERED] = sys.argv[0]
    os.execv(python, [str(python), *sys.argv])  # noqa: S606  (no shell is wanted)


def list_versions(python: Path) -> dict[str, str]:
    """Return the distributions of an environment and their versions."""
    listing = [find_uv(), "pip", "list", "--quiet", "--format", "json", "--python", str(python)]
    done = subprocess.run(listing, check=True, capture_output=True, text=True)
    return {entry["name"]: entry["version"] for entry in json.loads(done.stdout)}
