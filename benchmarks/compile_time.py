"""Measure `kedro azureml compile` against `kedro registry list`, in a layered project.

Each node reads two outputs of the previous layer. The catalog is one catch-all factory, or one
entry per dataset in several files. The commands take turns; prints medians of CPU time (user and
system, whole process) and its ratio, the ratio of wall time, peak memory and its ratio. CPU time
is the figure to read: other load on the machine changes it least.

    python benchmarks/compile_time.py
    python benchmarks/compile_time.py --nodes 1000 --rounds 9
    python benchmarks/compile_time.py --peer     # kedro-azureml-pipeline 0.1.0 too; minutes
    python benchmarks/compile_time.py --start    # kedro --version with our packages and without
    python benchmarks/compile_time.py --before ../before --rounds 15   # an older checkout, in turn

The last three create virtual environments with uv.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[1]
NODES = (10, 100, 1000, 5000)
START_ROUNDS = 31

PEER = "kedro-azureml-pipeline==0.1.0"
OUR_DATASET = "kedro_azureml_datasets.AzureMLPipelineDataset"
PEER_DATASET = "kedro_azureml_pipeline.datasets.AzureMLPipelineDataset"

ENTRIES_OF_A_FILE = 900
"""OmegaConf reads files of at most 10,000 YAML nodes; an entry has ten."""

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

ENTRY = """
"{name}":
  type: {type}
  dataset: {{type: pickle.PickleDataset, filepath: "{name}.pkl"}}
"""

SETTINGS = """
workspace: {__default__: {subscription_id: s, resource_group: r, name: w}}
compute: {__default__: {cluster_name: c}}
execution: {environment: "e:1"}
jobs: {all: {pipeline: {pipeline_name: __default__}}}
"""


@dataclass(frozen=True)
class Cost:
    """Cost of one process.

    Args:
        processor_s: CPU time in seconds, user and system.
        wall_s: Wall time in seconds.
        peak_mb: Peak resident memory in MB.
    """

    processor_s: float
    wall_s: float
    peak_mb: float


def make_project(folder: Path, nodes: int, dataset: str, *, explicit: bool) -> Path:
    """Write a project in which each node reads two outputs of the previous layer."""
    files = {
        "pyproject.toml": PYPROJECT,
        "src/layers/__init__.py": "",
        "src/layers/settings.py": "",
        "src/layers/pipeline_registry.py": REGISTRY.format(nodes=nodes),
        "conf/base/azureml.yml": SETTINGS,
        "conf/base/parameters.yml": "x: 1\n",
        "conf/local/.gitkeep": "",
        "conf/base/catalog.yml": ENTRY.format(name="{name}", type=dataset),
    }
    if explicit:
        del files["conf/base/catalog.yml"]
        names = [f"d{number // 10}_{number % 10}" for number in range(nodes)]
        for start in range(0, nodes, ENTRIES_OF_A_FILE):
            part = names[start : start + ENTRIES_OF_A_FILE]
            text = "".join(ENTRY.format(name=name, type=dataset) for name in part)
            files[f"conf/base/catalog_{start}.yml"] = text
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def run(python: Path, project: Path, *args: str) -> Cost:
    """Run a kedro command and return the cost of its process."""
    environ = {**os.environ, "KEDRO_DISABLE_TELEMETRY": "1"}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)  # users start with bytecode
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            [python, "-m", "kedro", *args], cwd=project, env=environ, stdout=output, stderr=output
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            output.seek(0)
            sys.exit(output.read().decode(errors="replace"))
    return Cost(usage.ru_utime + usage.ru_stime, wall_s, usage.ru_maxrss / 1024)


Command = tuple[Path, Path, "Sequence[str]"]
"""An interpreter, a project, and the arguments of `kedro`."""


def run_in_turn(commands: Sequence[Command], rounds: int) -> list[Cost]:
    """Run commands in turn, after one warm-up of each, and return the medians."""
    return [
        Cost(
            median(cost.processor_s for cost in costs),
            median(cost.wall_s for cost in costs),
            median(cost.peak_mb for cost in costs),
        )
        for costs in measure_in_turn(commands, rounds)
    ]


def measure_in_turn(commands: Sequence[Command], rounds: int) -> list[tuple[Cost, ...]]:
    """Run commands in turn, after one warm-up of each, and return all costs of each command."""
    for python, project, args in commands:
        run(python, project, *args)  # writes bytecode and fills disk caches
    taken = [
        [run(python, project, *args) for python, project, args in commands] for _ in range(rounds)
    ]
    return list(zip(*taken, strict=True))


def create_venv(folder: Path, *requirements: str) -> Path:
    """Create a virtual environment with uv and return its interpreter."""
    uv = shutil.which("uv") or sys.exit("This needs uv on the PATH:  pip install uv")
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, folder], check=True)
    python = folder / "bin/python"
    install = [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", python]
    subprocess.run([*install, *requirements], check=True)
    return python


def compare_with_registry_list(
    work: Path, nodes: Sequence[int], catalogs: Sequence[str], rounds: int
) -> None:
    """Print the cost of compiling against `kedro registry list` in the same project."""
    print("                 registry list       compile        ratio of      ratio of  ratio of")
    print("nodes  catalog   s        MB         s        MB     processor s   clock     MB")
    compiled: dict[tuple[str, int], float] = {}
    for count in nodes:
        for catalog in catalogs:
            explicit = catalog == "entries"
            folder = work / f"{catalog}-{count}"
            project = make_project(folder, count, OUR_DATASET, explicit=explicit)
            python = Path(sys.executable)
            commands = [("registry", "list"), ("azureml", "compile", "-j", "all")]
            listed, ours = run_in_turn([(python, project, c) for c in commands], rounds)
            compiled[catalog, count] = ours.processor_s
            print(
                f"{count:5}  {catalog:8}"
                f"{listed.processor_s:6.2f}  {listed.peak_mb:7.1f}   "
                f"{ours.processor_s:8.2f}  {ours.peak_mb:7.1f}   "
                f"{ours.processor_s / listed.processor_s:8.2f}   "
                f"{ours.wall_s / listed.wall_s:9.2f}  {ours.peak_mb / listed.peak_mb:8.2f}",
                flush=True,
            )
    for catalog in catalogs:
        if {(catalog, 1000), (catalog, 5000)} <= compiled.keys():
            ratio = compiled[catalog, 5000] / compiled[catalog, 1000]
            print(f"5000 nodes / 1000 nodes, {catalog}: {ratio:.2f}")


def compare_with_peer(work: Path, nodes: Sequence[int], rounds: int) -> None:
    """Print the cost of compiling against that of another plugin."""
    kedro = [f"{name}=={version(name)}" for name in ("kedro", "kedro-datasets")]
    theirs = create_venv(work / "peer", PEER, *kedro)
    print(f"nodes  {PEER}      compile        ratio of      ratio of  ratio of")
    print("       s         MB                   s        MB     processor s   clock     MB")
    for count in nodes:
        project = make_project(work / f"peer-{count}", count, PEER_DATASET, explicit=False)
        own = make_project(work / f"own-{count}", count, OUR_DATASET, explicit=False)
        peer, ours = run_in_turn(
            [
                (theirs, project, ("azureml", "compile", "-j", "all", "-o", "pipeline.yml")),
                (Path(sys.executable), own, ("azureml", "compile", "-j", "all")),
            ],
            rounds,
        )
        print(
            f"{count:5}  {peer.processor_s:6.2f}   {peer.peak_mb:7.1f}           "
            f"{ours.processor_s:8.2f}  {ours.peak_mb:7.1f}   "
            f"{ours.processor_s / peer.processor_s:8.3f}   "
            f"{ours.wall_s / peer.wall_s:9.3f}  {ours.peak_mb / peer.peak_mb:8.2f}",
            flush=True,
        )


def compare_with_checkout(
    work: Path, before: Path, nodes: Sequence[int], catalogs: Sequence[str], rounds: int
) -> None:
    """Print the cost of compiling with this checkout against that with another.

    Both are installed, with the same Kedro, into environments of their own. The ratio of the two
    runs of a round changes less with the machine's load than either does; its median is the figure
    to read, and the ratio of the least costs says the same on a quiet machine.
    """
    kedro = [f"{name}=={version(name)}" for name in ("kedro", "kedro-datasets")]
    pythons = [
        create_venv(work / name, *kedro, *packages_of(checkout))
        for name, checkout in (("before", before), ("now", ROOT))
    ]
    print("                 before     now      ratio of processor s          ratio of")
    print("nodes  catalog   s          s        of medians  rounds  minima    MB")
    args = ("azureml", "compile", "-j", "all")
    for count in nodes:
        for catalog in catalogs:
            commands: list[Command] = []
            for number, python in enumerate(pythons):
                folder = work / f"{catalog}-{count}-{number}"
                explicit = catalog == "entries"
                project = make_project(folder, count, OUR_DATASET, explicit=explicit)
                commands.append((python, project, args))
            old, new = measure_in_turn(commands, rounds)
            old_s, new_s = ([cost.processor_s for cost in costs] for costs in (old, new))
            by_round = median(after / was for was, after in zip(old_s, new_s, strict=True))
            memory = median(c.peak_mb for c in new) / median(c.peak_mb for c in old)
            print(
                f"{count:5}  {catalog:8}{median(old_s):6.2f}  {median(new_s):8.2f}     "
                f"{median(new_s) / median(old_s):10.3f}  {by_round:6.3f}  "
                f"{min(new_s) / min(old_s):6.3f}  {memory:6.2f}",
                flush=True,
            )


def packages_of(checkout: Path) -> list[str]:
    """Return the folders of the packages of a checkout."""
    found = [str(path.parent) for path in sorted(checkout.glob("packages/*/pyproject.toml"))]
    return found or sys.exit(f"There are no packages in '{checkout}'.")


def measure_start(work: Path) -> None:
    """Print the cost of `kedro --version` with all of these packages, and without."""
    kedro = [f"{name}=={version(name)}" for name in ("kedro", "kedro-datasets")]
    without = create_venv(work / "without", *kedro)
    with_ours = create_venv(work / "with", *kedro, *packages_of(ROOT))
    print("kedro --version          s        MB")
    project = make_project(work / "project", 10, OUR_DATASET, explicit=False)
    for place, folder in (("outside a project", work), ("in a project", project)):
        plain, full = run_in_turn(
            [(python, folder, ("--version",)) for python in (without, with_ours)], START_ROUNDS
        )
        for name, cost in (("without", plain), ("with", full)):
            print(f"{name:8} {place:18} {cost.processor_s:.3f}   {cost.peak_mb:.1f}")
        print(f"ratio    {place:18} {full.processor_s / plain.processor_s:.3f}", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--nodes", type=int, nargs="+", default=list(NODES))
    parser.add_argument("--catalog", choices=("factory", "entries"), nargs="+")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peer", action="store_true", help="compare with kedro-azureml-pipeline")
    parser.add_argument("--start", action="store_true", help="measure kedro --version")
    parser.add_argument("--before", type=Path, help="compare with this older checkout")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        catalogs = options.catalog or ("factory", "entries")
        if options.start:
            measure_start(work)
        elif options.peer:
            compare_with_peer(work, options.nodes, options.rounds)
        elif options.before:
            before = options.before.resolve()
            compare_with_checkout(work, before, options.nodes, catalogs, options.rounds)
        else:
            compare_with_registry_list(work, options.nodes, catalogs, options.rounds)


if __name__ == "__main__":
    main()
