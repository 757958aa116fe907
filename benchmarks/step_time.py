"""Measure a trivial step against `kedro run --nodes X` and against another plugin's step.

The projects have 10 and 1,000 nodes and as many catalog entries. The node reads a parameter and
writes a JSON file, and all three run it in the same project (for the other plugin with that
plugin's dataset). A second node has its input and its output mounted. The environments have
bytecode; the project's own code, and the runner in the snapshot, have none, as in a container.

    python benchmarks/step_time.py
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from recording.environments import PEER, make_ours, make_peer, make_plain, make_step
from recording.results import Measurement, from_costs, main
from recording.turns import run, run_python, take_turns

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from recording.turns import Cost

OURS, FLOOR = "our step", "kedro run --nodes"
NODE = "x"
MOUNTED = 5

PYPROJECT = """
[tool.kedro]
package_name = "chain"
project_name = "Chain"
kedro_init_version = "1.2.0"
"""

REGISTRY = """
from kedro.pipeline import Pipeline, node


def start(x):
    return x


def same(x):
    return x


def register_pipelines():
    nodes = [node(start, "params:x", "answer", name="x"), node(start, "params:x", "d0", name="n0")]
    nodes += [node(same, f"d{{i - 1}}", f"d{{i}}", name=f"n{{i}}") for i in range(1, {nodes} - 1)]
    return {{"__default__": Pipeline(nodes)}}
"""

SETTINGS = """
workspace: {__default__: {subscription_id: s, resource_group: r, name: w}}
compute: {__default__: {cluster_name: c}}
execution: {environment: "e@latest", code_directory: "."}
jobs: {all: {pipeline: {pipeline_name: __default__}}}
"""

ENTRY = "{name}: {{type: {kind}, dataset: {{type: json.JSONDataset, filepath: {name}.json}}}}\n"
ANSWER = "answer: {type: json.JSONDataset, filepath: data/answer.json}\n"
OUR_DATASET = "kedro_azureml_datasets.AzureMLPipelineDataset"
PEER_DATASET = "kedro_azureml_pipeline.datasets.AzureMLPipelineDataset"


def make_project(root: Path, nodes: int, kind: str) -> Path:
    """Write a project whose catalog has one entry per dataset."""
    names = [f"d{number}" for number in range(nodes - 1)]
    files = {
        "pyproject.toml": PYPROJECT,
        "src/chain/__init__.py": "",
        "src/chain/settings.py": "",
        "src/chain/pipeline_registry.py": REGISTRY.format(nodes=nodes),
        "conf/base/azureml.yml": SETTINGS,
        "conf/base/parameters.yml": "x: 1\n",
        "conf/base/catalog_answer.yml": ANSWER,
        "conf/local/.gitkeep": "",
        "data/.gitkeep": "",
    }
    for part in range(0, nodes, 500):  # OmegaConf reads at most 10,000 nodes from one file
        lines = [ENTRY.format(name=name, kind=kind) for name in names[part : part + 500]]
        files[f"conf/base/catalog_{part}.yml"] = "".join(lines)
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


READ_COMMANDS = """
import json, sys, yaml
plan = json.load(open("build/azureml/all/plan.json"))
jobs = yaml.load(open("build/azureml/all/pipeline.yml"), Loader=yaml.CSafeLoader)["jobs"]
names = {step["nodes"][0]: step["job_name"] for step in plan["steps"]}
print(json.dumps([jobs[names[node]]["component"]["command"] for node in sys.argv[1:]]))
"""


def step_commands(project: Path, mounts: Path) -> tuple[str, str, Path]:
    """Compile the project; return the commands of two steps with their mounts, and the snapshot."""
    python = make_ours()
    run([python, "-m", "kedro", "azureml", "compile", "-j", "all"], project)
    said = run_python(python, READ_COMMANDS, NODE, f"n{MOUNTED}", cwd=project)
    trivial, mounted = json.loads(said)
    for direction, number in (("inputs", MOUNTED - 1), ("outputs", MOUNTED)):
        mount = mounts / f"d{number}"
        mount.mkdir(parents=True)
        mounted = mounted.replace(f"${{{{{direction}.d{number}}}}}", str(mount))
    (mounts / f"d{MOUNTED - 1}/d{MOUNTED - 1}.json").write_text("1")
    snapshot = project / "snapshot"
    shutil.copytree(project / "build/azureml/all/code", snapshot)
    return trivial, mounted, snapshot


def in_bash(command: str, cwd: Path, python: Path) -> Callable[[], Cost]:
    """Return what runs a command in bash as a container does."""
    environ = {
        "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(cwd),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return partial(run, ["bash", "-c", command], cwd, **environ)


def measure(options: argparse.Namespace) -> list[Measurement]:
    """Run steps and their alternatives in turn, in both projects."""
    measured = []
    with tempfile.TemporaryDirectory() as folder:
        for nodes in (10,) if options.quick else (10, 1000):
            here = Path(folder) / str(nodes)
            project = make_project(here / "ours", nodes, OUR_DATASET)
            trivial, mounted, snapshot = step_commands(project, here / "mounts")
            theirs = f"kedro azureml -e local execute --pipeline=__default__ --node={NODE}"
            plain = make_project(here / "plain", nodes, OUR_DATASET)
            ways = {
                OURS: in_bash(trivial, snapshot, make_step()),
                FLOOR: in_bash(f"kedro run --nodes {NODE}", plain, make_plain()),
                "mounted": in_bash(mounted, snapshot, make_step()),
            }
            if not options.quick:
                peer = make_project(here / "peer", nodes, PEER_DATASET)
                ways[PEER] = in_bash(theirs, peer, make_peer())
            taken = take_turns(ways, options.rounds, [PEER])
            mounts = {"our step, mounted": taken.pop("mounted"), FLOOR: taken[FLOOR]}
            case = f"{nodes:,} nodes"
            measured += from_costs("Running a step", case, taken, memory=True)
            measured += from_costs("Running a step", f"{case}, input and output mounted", mounts)
    return measured


if __name__ == "__main__":
    main(measure, __doc__)
