"""Measure loading a data asset: cold, warm, and again in the same process.

Cold is a whole process whose asset is not on this machine yet: it asks an Azure ML on this machine
and downloads one small file. Warm is the same process when the version is there. The floor is the
nested dataset, which reads the file; the other plugin loads the same asset with its own dataset.
Its further loads are those of a dataset that is kept. Also: how long a load without a network and
without a copy takes until it fails. Needs npm.

    python benchmarks/asset_loads.py
"""

from __future__ import annotations

import json
import shutil
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from recording.environments import PEER, enter, make_ours, make_peer
from recording.loopback import start_azure
from recording.results import Measurement, from_costs, main
from recording.turns import run, run_python, take_turns

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from azure_loopback.loopback import AzureLoopback

AREA = "Loading a data asset"
OURS, FLOOR = "AzureMLAssetDataset", "the nested dataset alone"
NESTED = {"type": "text.TextDataset", "filepath": "p.txt"}
LOADS = 200

WORKSPACE = """
import json, sys
from pathlib import Path

workspace, folder, loads = json.loads(sys.argv[1]), sys.argv[2], int(sys.argv[3])
nested = {"type": "text.TextDataset", "filepath": "p.txt"}
"""

MADE = {
    OURS: """
from kedro.config import OmegaConfigLoader
from kedro_azureml_datasets import AzureMLAssetDataset
from kedro_azureml_datasets.azure_ml.settings import remember_session_settings

remember_session_settings(OmegaConfigLoader("conf", base_env="base", default_run_env="local"))
dataset = AzureMLAssetDataset("penguins", nested, root_dir=folder, azureml_version="1")
""",
    PEER: """
from kedro_azureml_pipeline.config import WorkspaceConfig
from kedro_azureml_pipeline.datasets import AzureMLAssetDataset

dataset = AzureMLAssetDataset("penguins", nested, root_dir=folder, azureml_version="1")
dataset.azure_config = WorkspaceConfig(**workspace)
""",
    FLOOR: """
from kedro_datasets.text import TextDataset

dataset = TextDataset(filepath=folder + "/penguins/1/p.txt")
""",
}

LOAD = """
import time

def load():
    started = time.perf_counter()
    assert dataset.load() == "penguin"
    return time.perf_counter() - started

load()
taken = [load() for _ in range(loads)]
print(sorted(taken)[loads // 2] if loads else 0)
"""

FAIL = """
import logging, time
logging.disable()
started = time.perf_counter()
try:
    dataset.load()
except Exception as error:
    assert type(error).__name__ == "AzureMLDatasetError", error
    print(time.perf_counter() - started)
"""


class Loader:
    """A project whose processes load one asset, in one of the three ways.

    Args:
        folder: Where it is made.
        azure: The workspace.
        way: A name in `MADE`.
    """

    def __init__(self, folder: Path, azure: AzureLoopback, way: str) -> None:
        from azure_loopback.control_plane import WORKSPACE as NAME
        from azure_loopback.loopback import GROUP, SUBSCRIPTION

        self.python = make_peer() if way == PEER else make_ours()
        self.code = WORKSPACE + MADE[way]
        self.project = folder / way.replace(" ", "-")
        self.data = self.project / "data"
        self.environ = azure.environ
        workspace = {"subscription_id": SUBSCRIPTION, "resource_group": GROUP, "name": NAME}
        self.workspace = json.dumps(workspace)
        for name in ("conf/base", "conf/local"):
            (self.project / name).mkdir(parents=True)
        (self.project / "conf/base/azureml.yml").write_text(azure.settings)

    def start(self, *, warm: bool) -> Callable[[], object]:
        """Return what runs a process that loads the asset once."""

        def load() -> object:
            if not warm:
                shutil.rmtree(self.data, ignore_errors=True)
            words = [self.python, "-c", self.code + LOAD, self.workspace, str(self.data), "0"]
            return run(words, self.project, **self.environ)

        return load

    def load_again(self, loads: int) -> float:
        """Return the microseconds of a further load in the same process, a median."""
        code, words = self.code + LOAD, (self.workspace, str(self.data), str(loads))
        said = run_python(self.python, code, *words, cwd=self.project, **self.environ)
        return float(said) * 1e6

    def fail(self) -> float:
        """Return the seconds until an unpinned load without a network fails."""
        code = self.code.replace(', azureml_version="1"', "") + FAIL
        proxy = "http://127.0.0.1:1"
        words = (self.workspace, str(self.data) + "-none", "0")
        environ = {**self.environ, "HTTPS_PROXY": proxy, "HTTP_PROXY": proxy}
        return float(run_python(self.python, code, *words, cwd=self.project, **environ))


def measure(options: argparse.Namespace) -> list[Measurement]:
    """Load in turn, and count what each load asks of Azure ML."""
    with start_azure() as (azure, folder):
        azure.register("penguins", "1", {"p.txt": b"penguin"})
        return compare(folder, azure, options.rounds)


def compare(folder: Path, azure: AzureLoopback, rounds: int) -> list[Measurement]:
    """Return all measurements of loads."""
    ours, peer, floor = (Loader(folder, azure, way) for way in (OURS, PEER, FLOOR))
    measured, asked = [], {}
    for case, warm in (("cold, a whole process", False), ("warm, a whole process", True)):
        ways = {OURS: ours.start(warm=warm), PEER: peer.start(warm=warm)}
        if warm:
            floor.data.symlink_to(ours.data, target_is_directory=True)
            ways[FLOOR] = floor.start(warm=True)
        measured += from_costs(AREA, case, take_turns(ways, rounds))
        counts = {}
        for way in (OURS, PEER):
            azure.control.requests.clear()
            ways[way]()
            counts[way] = [len(azure.control.requests)]
        asked[case] = counts
    measured += [Measurement(AREA, case, "requests", counts) for case, counts in asked.items()]
    again = {way: partial(of.load_again, LOADS) for way, of in ((OURS, ours), (FLOOR, floor))}
    again[PEER] = partial(peer.load_again, 5)
    loads = take_turns(again, rounds, [PEER], warm=False)
    measured.append(Measurement(AREA, "again, in the same process", "µs", loads))
    fails = [ours.fail() for _ in range(min(rounds, 3))]
    case = "no network and no copy: time until the error"
    return [*measured, Measurement(AREA, case, "s", {OURS: fails})]


if __name__ == "__main__":
    enter("trustme>=1.1")
    main(measure, __doc__)
