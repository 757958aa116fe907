"""Measure `kedro azureml compile` against `kedro registry list`, in a layered project.

Each node reads two outputs of the previous layer. The catalog is one catch-all factory, or one
entry per dataset in several files. `kedro registry list` is the floor: it opens the same project
and does nothing with it. The other plugin compiles the same project with its own dataset.

    python benchmarks/compile_time.py
    python benchmarks/compile_time.py --rounds 31
    python benchmarks/compile_time.py --nodes 1000 --before ../before   # an older checkout, in turn
"""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from recording.environments import (
    KEDRO,
    PEER,
    build_wheels,
    make_environment,
    make_ours,
    make_peer,
)
from recording.results import Measurement, from_costs, main
from recording.turns import run, take_turns

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from recording.turns import Cost

AREA = "Compiling"
NODES = (10, 100, 1000, 5000)
PEER_NODES = 300
"""The largest project that the other plugin compiles; it takes over a minute for 1,000 nodes."""

OUR_DATASET = "kedro_azureml_datasets.AzureMLPipelineDataset"
PEER_DATASET = "kedro_azureml_pipeline.datasets.AzureMLPipelineDataset"
OURS, FLOOR = "kedro azureml compile", "kedro registry list"
BEFORE = "the older checkout"

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


def describe(nodes: int, catalog: str) -> str:
    """Return what a project is called in the results."""
    return f"{nodes:,} nodes, {'an entry each' if catalog == 'entries' else 'a factory'}"


def prepare_ways(
    work: Path, nodes: int, catalog: str, before: Path | None
) -> dict[str, Callable[[], Cost]]:
    """Return the commands that are compared in one project."""
    explicit, compiling = catalog == "entries", ("azureml", "compile", "-j", "all")
    python = make_ours()

    def kedro(interpreter: Path, place: Path, *args: str) -> Callable[[], Cost]:
        return partial(run, [interpreter, "-m", "kedro", *args], place)

    def make(name: str, dataset: str) -> Path:
        return make_project(work / f"{name}-{catalog}-{nodes}", nodes, dataset, explicit=explicit)

    project = make("ours", OUR_DATASET)
    ways = {
        OURS: kedro(python, project, *compiling),
        FLOOR: kedro(python, project, "registry", "list"),
    }
    if before is not None:
        old = make_environment("before", *KEDRO, *build_wheels(before.resolve()))
        ways[BEFORE] = kedro(old, make("before", OUR_DATASET), *compiling)
    elif nodes <= PEER_NODES and not explicit:
        theirs = make("peer", PEER_DATASET)
        ways[PEER] = kedro(make_peer(), theirs, *compiling, "-o", "pipeline.yml")
    return ways


def measure(options: argparse.Namespace) -> list[Measurement]:
    """Compile all projects in each round, and compare the largest with that of 1,000 nodes."""
    nodes = options.nodes or ((100,) if options.quick else NODES)
    catalogs = ("factory",) if options.quick else ("factory", "entries")
    commands: dict[tuple[str, str], Callable[[], Cost]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for count in nodes:
            for catalog in catalogs:
                ways = prepare_ways(Path(folder), count, catalog, options.before)
                commands |= {(describe(count, catalog), way): run for way, run in ways.items()}
        taken = take_turns(commands, options.rounds, [key for key in commands if key[1] == PEER])
    measured = []
    for case in dict.fromkeys(case for case, _ in commands):
        costs = {way: taken[of, way] for of, way in commands if of == case}
        measured += from_costs(AREA, case, costs, memory=True)
    for catalog in catalogs:
        costs = {
            f"{count:,} nodes": taken[describe(count, catalog), OURS]
            for count in (5000, 1000)
            if (describe(count, catalog), OURS) in taken
        }
        if len(costs) == 2:
            case = describe(5000, catalog) + ", and 1,000"
            measured += from_costs(AREA, case, costs)
    return measured


if __name__ == "__main__":
    main(measure, __doc__, nodes=True, before=True)
