"""Let the simulator run the steps of a job that the workspace on this machine has taken.

What they write goes into the storage, and their states into the run history: a job then has become
what its code and its data make of it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from kedro_azureml_simulator import simulate

if TYPE_CHECKING:
    from followed_project import FollowedProject

STATES = {"completed": "Completed", "failed": "Failed", "canceled": "Canceled"}


def perform(farm: FollowedProject, name: str, folder: Path, job: str = "all") -> str:
    """Run a job that was just sent, from the bundle that was sent, and return its state.

    Args:
        farm: The project.
        name: The job's name in Azure ML.
        folder: An empty folder for the run and its inputs.
        job: The job's name in `azureml.yml`.
    """
    bundle = farm.folder / "build/azureml" / job
    document = yaml.safe_load((bundle / "pipeline.yml").read_text(encoding="utf-8"))
    assets = {}
    for port, given in document["inputs"].items():
        path = given["path"] if isinstance(given, dict) else "."
        if not path.startswith("."):
            reference = path if "://" in path else path.removeprefix("azureml:")
            assets[reference] = _fetch(farm, reference, folder / "inputs" / port)
    result = simulate(
        bundle / "pipeline.yml",
        run_dir=folder / "run",
        assets=assets,
        python=Path(sys.executable),
        project_dir=farm.folder,
    )
    states = {}
    for step in result.steps:
        states[step.name] = STATES.get(step.status, "Canceled")
        if step.status == "completed":
            declared = document["jobs"][step.name]["outputs"]
            for port, place in step.outputs.items():
                leave_output(farm, name, step.name, port, place, declared[port])
    ended = "Completed" if result.status == "completed" else "Failed"
    farm.jobs.play(name, **states, job=ended)
    return ended


def _fetch(farm: FollowedProject, reference: str, folder: Path) -> Path:
    """Download the folder for which a reference stands."""
    uri = reference
    if "://" not in reference:
        name, _, version = reference.replace("@", ":").partition(":")
        resources = farm.azure.control.resources
        if version == "latest":
            latest = resources[farm.azure.path("data", name).lower()]
            version = latest["properties"]["latestVersion"]
        data = resources[farm.azure.path("data", name, "versions", version).lower()]
        uri = data["properties"]["dataUri"]
    prefix = uri.partition("/paths/")[2].rstrip("/") + "/"
    client = farm.azure.container()
    for blob in client.list_blobs(name_starts_with=prefix):
        target = folder / blob.name.removeprefix(prefix)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(client.download_blob(blob.name).readall())
    return folder


def leave_output(
    farm: FollowedProject, name: str, step: str, port: str, place: Path, declared: dict[str, Any]
) -> None:
    """Put an output into the storage, and register the asset that it is."""
    files = {
        file.relative_to(place).as_posix(): file.read_bytes()
        for file in sorted(place.rglob("*"))
        if file.is_file()
    }
    farm.azure.put_output(name, step, port, files)
    if declared.get("name"):
        run = farm.jobs.run_of(name, step).run_id
        uri = f"azureml://datastores/workspaceblobstore/paths/azureml/{run}/{port}"
        following = len(farm.azure.control.resources) + 1  # no version has that yet
        farm.azure.register(declared["name"], str(following), None, uri=uri)
