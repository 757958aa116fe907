"""Measure a job of 200 steps: submitting it, its status, and downloading an output of each step.

An Azure ML on this machine answers. For each command: the number of requests to Azure Resource
Manager and to the run history, the wall time of the process and the peak of its resident memory.
Needs npm.

    python benchmarks/large_job.py
    python benchmarks/large_job.py --nodes 2000
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from recording.environments import enter
from recording.loopback import start_azure
from recording.results import Measurement, main

if TYPE_CHECKING:
    import argparse

    from azure_loopback.loopback import AzureLoopback

AREA = "A large job, from run to download"
STEPS = 200
UNITS = ("requests", "s", "MB at the peak")

COMMAND = """
import atexit, sys

def tell():
    # Not getrusage: that counts the memory of the process from which this one was started.
    lines = open("/proc/self/status").read().splitlines()
    peak = next(line for line in lines if line.startswith("VmHWM")).split()[1]
    print("PEAK", int(peak) // 1024)

atexit.register(tell)
from kedro.framework.startup import bootstrap_project
from kedro_azureml_cli.commands import project_commands

project_commands(["azureml", *sys.argv[2:]], obj=bootstrap_project(sys.argv[1]))
"""

FILES = {
    "pyproject.toml": """
[tool.kedro]
package_name = "wide"
project_name = "Wide"
kedro_init_version = "1.2.0"
""",
    "src/wide/__init__.py": "",
    "src/wide/settings.py": "",
    "src/wide/pipeline_registry.py": """
from kedro.pipeline import Pipeline, node


def make(seed):
    return "x"


def register_pipelines():
    nodes = [node(make, "params:seed", f"d_{n}", name=f"s{n}") for n in range(STEPS)]
    return {"__default__": Pipeline(nodes)}
""",
    "conf/base/catalog.yml": """
"d_{n}":
  type: kedro_azureml_datasets.AzureMLPipelineDataset
  root_dir: data
  dataset: {type: text.TextDataset, filepath: "{n}.txt"}
""",
    "conf/base/parameters.yml": "seed: 1\n",
    "conf/local/.gitkeep": "",
}

SETTINGS = """
compute:
  __default__: {cluster_name: cpu}
execution: {environment: "env@latest"}
jobs:
  all: {}
"""


class Commands:
    """Runs commands in a project, and keeps what each took.

    Args:
        azure: The workspace.
        project: The project.
    """

    def __init__(self, azure: AzureLoopback, project: Path) -> None:
        self.azure = azure
        self.project = project
        self.measured: list[Measurement] = []

    def call(self, case: str, *words: str) -> str:
        """Run a command, keep what it took, and return what it said."""
        self.azure.control.requests.clear()
        started = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", COMMAND, str(self.project), *words],
            cwd=self.project,
            env={**os.environ, **self.azure.environ, "KEDRO_DISABLE_TELEMETRY": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        took = time.perf_counter() - started
        said, _, peak = done.stdout.rpartition("PEAK ")
        if done.returncode or not peak:
            raise SystemExit(done.stdout + done.stderr)
        figures = (len(self.azure.control.requests), took, int(peak))
        for unit, figure in zip(UNITS, figures, strict=True):
            self.measured.append(Measurement(AREA, case, unit, {"kedro azureml": [figure]}))
        return said


def measure(options: argparse.Namespace) -> list[Measurement]:
    """Write the project, and run the commands in it, once."""
    (steps,) = options.nodes or (STEPS,)
    with start_azure() as (azure, folder):
        project = folder / "wide"
        contents = {**FILES, "conf/base/azureml.yml": azure.settings + SETTINGS}
        for name, content in contents.items():
            (project / name).parent.mkdir(parents=True, exist_ok=True)
            (project / name).write_text(content.replace("STEPS", str(steps)))
        azure.add_environment("env", "3")
        return run_commands(azure, project, steps)


def run_commands(azure: AzureLoopback, project: Path, steps: int) -> list[Measurement]:
    """Submit the job, let it end, look at it, and download what it has left."""
    commands, run = Commands(azure, project), ("run", "-j", "all", "--format", "json")
    said = commands.call(f"{steps} steps, run", *run)
    name = json.loads(said[said.index("{") :])["jobs"][0]["name"]
    commands.call(f"{steps} steps, run unchanged", *run)
    for step in azure.control.jobs.steps(name):
        step.move("Completed")
    azure.control.jobs.play(name, job="Completed")
    commands.call(f"{steps} steps, status", "status", name)

    def leave(number: int) -> None:
        azure.put_output(name, f"s{number}", f"d_{number}", {f"{number}.txt": b"x"})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(leave, range(steps)))
    commands.call(f"{steps} steps, download", "download", name)
    return commands.measured


if __name__ == "__main__":
    enter("trustme>=1.1")
    main(measure, __doc__, nodes=True)
