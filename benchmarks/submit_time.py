"""Measure submitting a job against the SDK's own way, with an Azure ML on this machine.

The SDK's way is `load_job` and `jobs.create_or_update` with the same bundle. Each answer of the
control plane is delayed by 100 ms, as over a network. A first submission finds nothing of the job
in the workspace, a second one finds it unchanged. Each is a process of its own; the time of its
imports is not counted, which both need. Most of our time of the processor is that of the SDK's own
models, which make the request for the job. Needs npm.

    python benchmarks/submit_time.py
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recording.environments import enter
from recording.loopback import start_azure
from recording.results import Measurement, main
from recording.turns import run, run_python, take_turns

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from azure_loopback.loopback import AzureLoopback

AREA = "Submitting a job"
OURS, SDK = "kedro azureml run", "the SDK"
DELAY_S = 0.1
STEPS = 200
MOST_ROUNDS = 7
"""The SDK waits two minutes in each."""

REGISTRY = """
from kedro.pipeline import Pipeline, node


def start(seed):
    return seed


def register_pipelines():
    nodes = [node(start, "params:seed", "d0", name="step_0")]
    nodes += [node(start, f"d{i}", f"d{i + 1}", name=f"step_{i + 1}") for i in range(STEPS - 1)]
    return {"__default__": Pipeline(nodes)}
"""

PYPROJECT = """
[tool.kedro]
package_name = "chain"
project_name = "Chain"
kedro_init_version = "1.2.0"
"""

AZUREML = """
compute:
  __default__: {cluster_name: cpu}
execution: {environment: "env:1"}
jobs:
  job: {}
"""


BEGIN = """
import json, sys, time
from pathlib import Path

import azure.ai.ml, azure.identity
from azure.ai.ml import load_job
from kedro_azureml_cli.azure_ml.connection import connect
from kedro_azureml_cli.azure_ml.known_components import KnownComponents
from kedro_azureml_cli.azure_ml.submission import make_job_name, submit
from kedro_azureml_compiler.settings.models import Workspace

subscription, group, name, bundle, known = sys.argv[1:]
workspace = Workspace(subscription_id=subscription, resource_group=group, name=name)
started, began = time.perf_counter(), time.process_time()
"""
SUBMIT = {
    OURS: """
known = KnownComponents(Path(known))
submit(connect(workspace), Path(bundle), make_job_name("job"), known)
""",
    SDK: """
connect(workspace).jobs.create_or_update(load_job(bundle + "/pipeline.yml"))
""",
}
END = """
print(json.dumps([time.process_time() - began, time.perf_counter() - started]))
"""


def compile_chain(project: Path, workspace: str, steps: int) -> Path:
    """Write a project with a chain of nodes, compile it, and return its bundle."""
    files = {
        "pyproject.toml": PYPROJECT,
        "src/chain/__init__.py": "",
        "src/chain/settings.py": "",
        "src/chain/pipeline_registry.py": REGISTRY.replace("STEPS", str(steps)),
        "conf/base/catalog.yml": "{}",
        "conf/base/parameters.yml": "seed: 1",
        "conf/base/azureml.yml": workspace + AZUREML,
        "conf/local/.gitkeep": "",
    }
    for name, content in files.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(content)
    run([sys.executable, "-m", "kedro", "azureml", "compile", "-j", "job"], project)
    return project / "build/azureml/job"


def measure(options: argparse.Namespace) -> list[Measurement]:
    """Submit in turn, for the first time and unchanged."""
    with start_azure() as (azure, folder):
        bundle = compile_chain(folder / "chain", azure.settings, STEPS)
        return compare(azure, bundle, min(options.rounds, MOST_ROUNDS))


def compare(azure: AzureLoopback, bundle: Path, rounds: int) -> list[Measurement]:
    """Return the measurements of both occasions; both ways begin with an empty workspace."""
    _, _, subscription, _, group, *_, name = azure.path().split("/")
    known = bundle / "known.json"
    units = ("s of the processor", "s", "requests")
    words = (subscription, group, name, str(bundle), str(known))

    def submit(way: str) -> tuple[float, ...]:
        azure.control.requests.clear()
        said = run_python(sys.executable, BEGIN + SUBMIT[way] + END, *words, **azure.environ)
        return (*json.loads(said), len(azure.control.requests))

    def submit_twice(way: str) -> Callable[[], list[tuple[float, ...]]]:
        def twice() -> list[tuple[float, ...]]:
            azure.reset()
            known.unlink(missing_ok=True)
            azure.control.delay_s = DELAY_S
            return [submit(way), submit(way)]

        return twice

    ways = {OURS: submit_twice(OURS), SDK: submit_twice(SDK)}
    taken: dict[str, Any] = take_turns(ways, rounds, warm=False)
    return [
        Measurement(
            AREA,
            f"{STEPS} steps, 100 ms an answer, {occasion}",
            unit,
            {way: [both[which][place] for both in found] for way, found in taken.items()},
        )
        for which, occasion in enumerate(("first", "unchanged"))
        for place, unit in enumerate(units)
    ]


if __name__ == "__main__":
    enter("trustme>=1.1")
    main(measure, __doc__)
