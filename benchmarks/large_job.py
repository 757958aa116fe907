"""Measure a job of 2,000 steps: submitting it, its status, and downloading an output of each step.

An Azure ML on this machine answers. Prints for each command the number of requests to Azure
Resource Manager and to the run history, the wall time of the process and the peak of its resident
memory. Needs the packages of the dependency group `judges`, and npm.

    python benchmarks/large_job.py
    python benchmarks/large_job.py --steps 200
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/support"))

from azure_loopback.loopback import AzureLoopback

if TYPE_CHECKING:
    from collections.abc import Mapping

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


def call(azure: AzureLoopback, project: Path, environ: Mapping[str, str], *words: str) -> str:
    """Run a command, print what it took, and return what it said."""
    azure.control.requests.clear()
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, str(project), *words],
        cwd=project,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    took = time.perf_counter() - started
    said, _, peak = done.stdout.rpartition("PEAK ")
    if done.returncode or not peak:
        raise SystemExit(done.stdout + done.stderr)
    requests = len(azure.control.requests)
    print(f"{words[0]:10}{requests:8} req.{took:8.1f} s{int(peak):7} MB", flush=True)
    return said


def main() -> None:
    """Measure, and print a line for each command."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--steps", type=int, default=2000)
    steps = options.parse_args().steps
    with tempfile.TemporaryDirectory() as folder:
        azure = AzureLoopback(Path(folder) / "azure")
        try:
            project = Path(folder) / "wide"
            contents = {**FILES, "conf/base/azureml.yml": azure.settings + SETTINGS}
            for name, content in contents.items():
                (project / name).parent.mkdir(parents=True, exist_ok=True)
                (project / name).write_text(content.replace("STEPS", str(steps)))
            azure.add_environment("env", "3")
            measure(azure, project, steps)
        finally:
            azure.stop()


def measure(azure: AzureLoopback, project: Path, steps: int) -> None:
    """Submit the job, let it end, look at it, and download what it has left."""
    environ = {**azure.environ, "KEDRO_DISABLE_TELEMETRY": "1"}
    print(f"{steps} steps")
    said = call(azure, project, environ, "run", "-j", "all", "--format", "json")
    name = json.loads(said[said.index("{") :])["jobs"][0]["name"]
    call(azure, project, environ, "run", "-j", "all", "--format", "json")
    for run in azure.control.jobs.steps(name):
        run.move("Completed")
    azure.control.jobs.play(name, job="Completed")
    call(azure, project, environ, "status", name)

    def leave(number: int) -> None:
        azure.put_output(name, f"s{number}", f"d_{number}", {f"{number}.txt": b"x"})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(leave, range(steps)))
    call(azure, project, environ, "download", name)


if __name__ == "__main__":
    main()
