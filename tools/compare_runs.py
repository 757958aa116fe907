"""Compares what a local run and a simulation of the same job have left, dataset by dataset.

Run with the interpreter that runs the project, in the project's folder:

    python compare_runs.py JOB

Exits with 1 when a dataset differs, or when there is nothing to compare.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro_azureml_datasets import AzureMLAssetDataset, MountableDataset
from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Comparison:
    """One dataset in both runs."""

    dataset: str
    kind: str
    result: str
    same: bool


def compare(project: Path, job: str) -> list[Comparison]:
    """Compare each dataset that both runs left.

    Args:
        project: The project's folder.
        job: The job that was simulated.
    """
    bundle, run = project / "build/azureml" / job, project / "build/azureml-runs" / job
    plan = json.loads((bundle / "plan.json").read_text(encoding="utf-8"))
    result = json.loads((run / "run.json").read_text(encoding="utf-8"))
    steps = {step["name"]: step for step in result["steps"]}
    mounts = {}
    for step in plan["steps"]:
        outputs = steps[step["job_name"]]["outputs"]
        mounts |= {name: run / outputs[step["port_names"][name]] for name in step["writes"]}

    bootstrap_project(project)
    with KedroSession.create(project_path=project) as session:
        catalog = session.load_context().catalog
    compared = []
    for name, mount in sorted(mounts.items()):
        dataset = catalog.get(name)
        if not isinstance(dataset, MountableDataset):
            continue  # in memory locally: the local run has left nothing
        if isinstance(dataset, AzureMLAssetDataset):
            dataset = dataset.as_local_intermediate()
        simulated = dataset.at(mount)
        if not dataset.path.exists():
            continue
        answer, same = _compare(dataset, simulated)
        compared.append(Comparison(name, type(dataset).__name__, answer, same))
    return compared


def _compare(local: MountableDataset, simulated: MountableDataset) -> tuple[str, bool]:
    if list(_contents(local.path)) == list(_contents(simulated.path)):
        return "same bytes", True
    if _equal(local.load(), simulated.load()):
        return "same, loaded", True
    return "different", False


def _contents(path: Path) -> Iterator[tuple[str, bytes]]:
    files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
    for file in files:
        name = "" if file == path else file.relative_to(path).as_posix()
        yield name, file.read_bytes()


def _equal(one: Any, other: Any) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_equal(one[key], other[key]) for key in one)
    if callable(one):  # a partition, which is loaded when it is called
        return _equal(one(), other())
    if hasattr(one, "equals"):  # a frame or a series of pandas
        return bool(one.equals(other))
    if hasattr(one, "to_json"):  # a figure of plotly
        return bool(one.to_json() == other.to_json())
    return bool(one == other)


def main() -> int:
    """Print the table; the exit code tells whether all is the same."""
    compared = compare(Path.cwd(), sys.argv[1])
    table = Table("Dataset", "Kind", "Local run and simulation")
    for row in compared:
        table.add_row(row.dataset, row.kind, f"[{'green' if row.same else 'red'}]{row.result}")
    Console().print(table)
    different = sum(not row.same for row in compared)
    print(f"{len(compared) - different} of {len(compared)} datasets are the same.")
    return 0 if compared and not different else 1


if __name__ == "__main__":
    sys.exit(main())
