"""Measure submitting a job against the SDK's own way, with an Azure ML on this machine.

The SDK's way is `load_job` and `jobs.create_or_update` with the same bundle. Each answer of the
control plane is delayed by 100 ms, as over a network. Prints the number of requests and the wall
time, for a first submission (nothing of the job is in the workspace) and for an unchanged second
one, and separately the time of the imports. Needs the packages of the dependency group `judges`,
and npm.

    python benchmarks/submit_time.py
    python benchmarks/submit_time.py --steps 50 --delay 0.02
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[1]

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


def main() -> None:
    """Measure, and print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--steps", type=int, default=200)
    options.add_argument(
        "--delay", type=float, default=0.1, help="delay of each answer, in seconds"
    )
    given = options.parse_args()

    sys.path.insert(0, str(ROOT / "tests/support"))
    os.environ["KEDRO_DISABLE_TELEMETRY"] = "1"
    imported = timed(import_all)
    from azure_loopback.loopback import AzureLoopback

    with tempfile.TemporaryDirectory() as folder:
        azure = AzureLoopback(Path(folder) / "azure")
        try:
            os.environ.update(azure.environ)
            bundle = compiled(Path(folder) / "chain", azure.settings, given.steps)
            measure(azure, bundle, Path(folder), given, imported)
        finally:
            azure.stop()


def import_all() -> None:
    """Import what submitting a job needs."""
    import azure.ai.ml
    import azure.identity  # noqa: F401  (both are imported for the time that they take)


def timed(work: Callable[[], Any]) -> float:
    """Return how long a call takes, in seconds."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def compiled(project: Path, workspace: str, steps: int) -> Path:
    """Write a project with a chain of nodes, compile it, and return its bundle."""
    from kedro_azureml_compiler import compile_job

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
    return compile_job(project, "job").bundle


def measure(
    azure: Any, bundle: Path, folder: Path, given: argparse.Namespace, imported: float
) -> None:
    """Submit the bundle four times, and print what each took."""
    from azure.ai.ml import load_job
    from kedro_azureml_cli.azure_ml.connection import connect
    from kedro_azureml_cli.azure_ml.known_components import KnownComponents
    from kedro_azureml_cli.azure_ml.submission import make_job_name, submit
    from kedro_azureml_compiler.settings.models import Workspace

    _, _, subscription, _, group, *_, name = azure.path().split("/")
    workspace = Workspace(subscription_id=subscription, resource_group=group, name=name)

    def by_the_sdk() -> None:
        job = load_job(bundle / "pipeline.yml")
        connect(workspace).jobs.create_or_update(job)

    def by_us() -> None:
        known = KnownComponents(folder / "known.json")
        submit(connect(workspace), bundle, make_job_name("job"), known)

    print(f"{given.steps} steps, {given.delay * 1000:.0f} ms added to each answer")
    print(f"imports: {imported:.1f} s, not included below\n")
    print(f"{'':10}{'SDK':>20}{'kedro azureml run':>22}{'ratio':>9}")
    for occasion in ("first", "unchanged"):
        figures = []
        for way in (by_the_sdk, by_us):
            if occasion == "first":
                azure.reset()
            azure.control.delay_s = given.delay
            azure.control.requests.clear()
            seconds = timed(way)
            figures.append((len(azure.control.requests), seconds))
        (asked, took), (we_asked, we_took) = figures
        print(
            f"{occasion:10}{asked:8} req.{took:7.1f} s{we_asked:9} req.{we_took:8.2f} s"
            f"{we_took / took:9.3f}"
        )


if __name__ == "__main__":
    main()
