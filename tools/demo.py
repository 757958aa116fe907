"""Demonstrate the packages: from built wheels to two equal runs of a new project.

1. an environment with the command line, and one like a step's image: the project's requirements and
   `kedro-azureml-datasets`
2. `kedro new --starter azureml`
3. `kedro run`
4. `kedro azureml compile`
5. `kedro azureml verify`: the job, step by step, and the same nodes as `kedro run` runs them, both
   with the image's interpreter, and a comparison of every dataset
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from rich.console import Console

JOB = "training"
console = Console(highlight=False)


class Demo:
    """Commands of the demonstration, each printed before it runs."""

    def __init__(self, uv: str, folder: Path, wheels: list[Path]) -> None:
        self.uv = uv
        self.folder = folder
        self.wheels = {wheel.name.split("-")[0]: str(wheel.resolve()) for wheel in wheels}
        self.environ = {
            **os.environ,
            "KEDRO_DISABLE_TELEMETRY": "1",
            "UV_PYTHON_DOWNLOADS": "never",
            # Kedro's log would hide the demonstration.
            "KEDRO_LOGGING_CONFIG": str(Path(__file__).with_name("demo_logging.yml").resolve()),
            "PYTHONWARNINGS": "ignore:register_new_resolver:UserWarning",
        }
        for variable in ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "VIRTUAL_ENV"):
            self.environ.pop(variable, None)
        self.started = time.monotonic()

    def say(self, text: str) -> None:
        """Print a heading with the time that has passed."""
        console.print(f"\n[bold]{time.monotonic() - self.started:5.1f} s  {text}[/bold]")

    def run(self, *command: str, cwd: Path | None = None, quiet: bool = False) -> str:
        """Run a command; with `quiet`, show its output only if it fails."""
        shown = " ".join(Path(command[0]).name if i == 0 else c for i, c in enumerate(command))
        console.print(f"  $ {shown.replace(str(self.folder), '.')}", style="dim", soft_wrap=True)
        done = subprocess.run(
            command,
            cwd=cwd or self.folder,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if quiet else None,
            stderr=subprocess.STDOUT if quiet else None,
            text=True,
            check=False,
        )
        if done.returncode:
            if quiet:
                print(done.stdout)
            sys.exit(f"Exit code {done.returncode} of: {shown}")
        return done.stdout or ""

    def environment(self, name: str, *requirements: str) -> Path:
        """Create an environment and return its folder of programs."""
        folder = self.folder / name
        self.run(self.uv, "venv", "--quiet", "--python", sys.executable, str(folder), quiet=True)
        programs = folder / ("Scripts" if os.name == "nt" else "bin")
        self.install(programs, *requirements)
        return programs

    def install(self, programs: Path, *requirements: str) -> None:
        """Install into an environment."""
        python = str(programs / "python")
        self.run(
            self.uv, "pip", "install", "--quiet", "--python", python, *requirements, quiet=True
        )


def main() -> None:
    """Run the demonstration; a failure ends it with a message and exit code 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--uv", required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("wheels", type=Path, nargs="+")
    options = parser.parse_args()
    folder = options.folder.resolve()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    demo = Demo(options.uv, folder, options.wheels)

    demo.say("An environment with kedro-azureml-cli")
    programs = demo.environment("local", *demo.wheels.values())
    kedro = str(programs / "kedro")

    demo.say("A new project from the starter")
    demo.run(kedro, "new", "--starter", "azureml", "--name", "Penguins", quiet=True)
    project = folder / "penguins"
    requirements = str(project / "requirements.txt")
    demo.install(programs, "-r", requirements, *demo.wheels.values())

    demo.say("An environment like a step's image: no runner, no compiler, no command line")
    freeze = (demo.uv, "pip", "freeze", "--quiet", "--python")
    pinned = demo.run(*freeze, str(programs / "python"), quiet=True)
    # The same versions in both, so that a difference can only come from how the nodes are run.
    constraints = folder / "constraints.txt"
    constraints.write_text(
        "".join(f"{line}\n" for line in pinned.splitlines() if "==" in line), encoding="utf-8"
    )
    image = demo.environment(
        "image", "-c", str(constraints), "-r", requirements, demo.wheels["kedro_azureml_datasets"]
    )
    print(*(f"    {line}" for line in _ours(demo.run(*freeze, str(image / "python"), quiet=True))))

    demo.say("The pipeline on this machine, as ever")
    demo.run(kedro, "run", cwd=project, quiet=True)

    demo.say("The same pipeline as an Azure ML job")
    demo.run(kedro, "azureml", "compile", "-j", JOB, cwd=project)

    demo.say("The job, step by step, and 'kedro run' again; every dataset compared")
    python = str(image / "python")
    demo.run(kedro, "azureml", "verify", "-j", JOB, "--strict", "--python", python, cwd=project)
    demo.say(f"Done. The project is in {project}")


def _ours(frozen: str) -> list[str]:
    return [line.split(" @ ")[0] for line in frozen.splitlines() if "kedro" in line.lower()]


if __name__ == "__main__":
    main()
