"""What `kedro azureml compile` takes beside `kedro registry list`, in a layered project.

Prints seconds of processor time (user and system, whole process) and their ratio, for projects of
10, 100 and 1000 nodes; medians of five runs in turn.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROUNDS = 5
KEDRO = (sys.executable, "-m", "kedro")

PYPROJECT = """
[tool.kedro]
package_name = "layers"
project_name = "Layers"
kedro_init_version = "1.2.0"
"""

REGISTRY = """
from kedro.pipeline import Pipeline, node

WIDTH = 10


def same(*values):
    return values


def register_pipelines():
    nodes = []
    for number in range({nodes}):
        layer, place = divmod(number, WIDTH)
        inputs = [f"d{{layer - 1}}_{{p % WIDTH}}" for p in (place, place + 1)] if layer else None
        nodes.append(node(same, inputs, f"d{{layer}}_{{place}}", name=f"n{{layer}}_{{place}}"))
    return {{"__default__": Pipeline(nodes)}}
"""

CATALOG = """
"{name}":
  type: kedro_azureml_datasets.AzureMLPipelineDataset
  dataset: {type: pickle.PickleDataset, filepath: "{name}.pkl"}
"""

SETTINGS = """
workspace: {__default__: {subscription_id: s, resource_group: r, name: w}}
compute: {__default__: {cluster_name: c}}
execution: {environment: "e:1"}
jobs: {all: {}}
"""


def make_project(nodes: int) -> Path:
    """Write a project in which each node reads two outputs of the layer before."""
    root = Path(tempfile.mkdtemp())
    files = {
        "pyproject.toml": PYPROJECT,
        "src/layers/__init__.py": "",
        "src/layers/settings.py": "",
        "src/layers/pipeline_registry.py": REGISTRY.format(nodes=nodes),
        "conf/base/catalog.yml": CATALOG,
        "conf/base/azureml.yml": SETTINGS,
        "conf/base/parameters.yml": "x: 1\n",
        "conf/local/.gitkeep": "",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def processor_seconds(project: Path, *args: str) -> float:
    """Run a kedro command and give the processor time of its process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environ = {**os.environ, "KEDRO_DISABLE_TELEMETRY": "1"}
    subprocess.run([*KEDRO, *args], cwd=project, env=environ, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Measure and print."""
    print("nodes   registry list        compile    ratio")
    for nodes in (10, 100, 1000):
        project = make_project(nodes)
        commands = (["registry", "list"], ["azureml", "compile", "-j", "all"])
        for command in commands:
            processor_seconds(project, *command)  # bytecode and caches of the disk
        rounds = [[processor_seconds(project, *c) for c in commands] for _ in range(ROUNDS)]
        listed, compiled = (statistics.median(column) for column in zip(*rounds, strict=True))
        print(f"{nodes:5}   {listed:11.2f} s   {compiled:10.2f} s   {compiled / listed:6.2f}")


if __name__ == "__main__":
    main()
