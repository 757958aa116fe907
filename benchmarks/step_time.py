"""Measure a trivial step against `kedro run --nodes X` and against another plugin's step.

Prints CPU time in seconds (user and system, whole process) and ratios, for projects with 10 and
1,000 nodes and as many catalog entries; medians of 15 runs in turn. The node reads a parameter and
writes a JSON file, and all three run it in the same project (for the other plugin with that
plugin's dataset). The last column is another node of that project, whose input and output are
mounted. The three environments are created with the same Kedro and with bytecode; the project's
own code, and the runner in the snapshot, have none, as in a container. Takes minutes.
"""

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
ROUNDS = 15
UV = os.environ.get("UV", "uv")
KEDRO = ("kedro==1.7.0", "kedro-datasets==9.6.0", "cloudpickle")
PEER = "kedro-azureml-pipeline==0.1.0"
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
OURS = "kedro_azureml_datasets.AzureMLPipelineDataset"
THEIRS = "kedro_azureml_pipeline.datasets.AzureMLPipelineDataset"


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


def make_environment(folder: Path, *requirements: str) -> Path:
    """Create a virtual environment and return its folder of programs."""
    subprocess.run([UV, "venv", "-q", "--python", sys.executable, str(folder)], check=True)
    python = str(folder / "bin/python")
    install = [UV, "pip", "install", "-q", "--compile-bytecode", "--python", python]
    subprocess.run([*install, *requirements], check=True)
    return folder / "bin"


def processor_seconds(command: str, cwd: Path, programs: Path) -> float:
    """Run a command in bash and return the CPU time of all its processes."""
    environ = {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(cwd),
        "KEDRO_DISABLE_TELEMETRY": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        ["bash", "-c", command], cwd=cwd, env=environ, capture_output=True, text=True, check=False
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{command}\n{done.stdout}\n{done.stderr}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def step_commands(project: Path, mounts: Path) -> tuple[str, str, Path]:
    """Compile the project; return the commands of two steps with their mounts, and the snapshot."""
    compile_job = [sys.executable, "-m", "kedro", "azureml", "compile", "-j", "all"]
    environ = {**os.environ, "KEDRO_DISABLE_TELEMETRY": "1"}
    subprocess.run(compile_job, cwd=project, env=environ, check=True, capture_output=True)
    bundle = project / "build/azureml/all"
    plan = json.loads((bundle / "plan.json").read_text())
    names = {tuple(step["nodes"]): step["job_name"] for step in plan["steps"]}
    jobs = yaml.load((bundle / "pipeline.yml").read_text(), Loader=yaml.CSafeLoader)["jobs"]
    trivial = jobs[names[NODE,]]["component"]["command"]
    mounted = jobs[names[f"n{MOUNTED}",]]["component"]["command"]
    for direction, number in (("inputs", MOUNTED - 1), ("outputs", MOUNTED)):
        mount = mounts / f"d{number}"
        mount.mkdir(parents=True)
        mounted = mounted.replace(f"${{{{{direction}.d{number}}}}}", str(mount))
    (mounts / f"d{MOUNTED - 1}/d{MOUNTED - 1}.json").write_text("1")
    snapshot = project / "snapshot"
    shutil.copytree(bundle / "code", snapshot)
    return trivial, mounted, snapshot


def main() -> None:
    """Measure and print."""
    folder = Path(tempfile.mkdtemp(prefix="step-time-"))
    try:
        measure(folder)
    finally:
        shutil.rmtree(folder)


def measure(folder: Path) -> None:
    """Create the environments and projects, run them in turn, and print."""
    plain = make_environment(folder / "plain", *KEDRO)
    ours = make_environment(folder / "ours", *KEDRO, str(ROOT / "packages/kedro-azureml-datasets"))
    peer = make_environment(folder / "peer", *KEDRO, PEER)
    print(
        "nodes  kedro run  our step  other's step  ours/kedro run  ours/other's  mounted/kedro run"
    )
    for nodes in (10, 1000):
        here = folder / str(nodes)
        project = make_project(here / "ours", nodes, OURS)
        trivial, mounted, snapshot = step_commands(project, here / "mounts")
        theirs = f"kedro azureml -e local execute --pipeline=__default__ --node={NODE}"
        runs = (
            (f"kedro run --nodes {NODE}", make_project(here / "plain", nodes, OURS), plain),
            (trivial, snapshot, ours),
            (theirs, make_project(here / "peer", nodes, THEIRS), peer),
            (mounted, snapshot, ours),
        )
        for run in runs:
            processor_seconds(*run)  # fills disk caches
        rounds = [[processor_seconds(*run) for run in runs] for _ in range(ROUNDS)]
        one, two, three, four = (statistics.median(column) for column in zip(*rounds, strict=True))
        print(
            f"{nodes:5}  {one:7.2f} s  {two:6.2f} s  {three:10.2f} s  {two / one:14.2f}  "
            f"{two / three:12.2f}  {four / one:17.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
