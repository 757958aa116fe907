"""A project whose runs differ on purpose, in which a user has already made data."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from written_project import WrittenProject

if TYPE_CHECKING:
    from kedro_azureml_cli.verification.verify import Verification

NODES = """
import os, time, uuid
from pathlib import Path

from kedro.io import AbstractDataset, DatasetError

IN_STEP = "KEDRO_AZUREML_STEP" in os.environ

class Sealed(AbstractDataset):
    '''Can be saved, and not loaded.'''

    def __init__(self, filepath):
        self._file = Path(filepath)

    def save(self, data):
        self._file.write_text(str(data))

    def load(self):
        raise DatasetError("sealed")

    def _describe(self):
        return {}

class Suffixed(Sealed):
    '''Adds a suffix to its path, as some libraries do.'''

    def __init__(self, filepath):
        self._file = Path(f"{filepath}.more")

    def load(self):
        return self._file.read_text()

class Puzzle:
    '''Can be pickled once, and not be taken apart again.'''

    def __init__(self, text, fresh=False):
        self.text, self.fresh = text, fresh

    def __deepcopy__(self, memo):
        return Puzzle(self.text, self.fresh)

    def __reduce__(self):
        if not self.fresh:
            raise TypeError("not twice")
        return Puzzle, (self.text,)

def one_way(first, second):
    '''Give the same dict, its keys in another order in a step.'''
    items = [("first", first), ("second", second)]
    return dict(reversed(items) if IN_STEP else items)

def chunks():
    yield {"part": 1}
    yield {"part": 2}

def wait_where(in_step):
    if IN_STEP == in_step:
        print("waiting as", os.getpid(), flush=True)
        time.sleep(3600)
    return 1

def fail_where(in_step):
    if IN_STEP == in_step:
        raise ValueError("not here")
    return 1

def register_pipelines():
    make = [
        node(lambda: {"value": float("nan")}, None, "equal", name="make_equal"),
        node(lambda: one_way(1, float("nan")), None, "reordered", name="make_reordered"),
        node(lambda: IN_STEP, None, "placed", name="make_placed"),
        node(lambda: uuid.uuid4().hex, None, "drawn", name="make_drawn"),
        node(lambda: {"a", "b", "c", "d"}, None, "words", name="make_words"),
        node(chunks, None, "chunked", name="make_chunks"),
        node(lambda: {"x": one_way(1, 2), "y": {}}, None, "parts", name="make_parts"),
        node(lambda: {"x": one_way(1, IN_STEP)}, None, "odd_parts", name="make_odd_parts"),
        node(lambda: IN_STEP, None, "sealed_placed", name="make_sealed"),
        node(lambda: uuid.uuid4().hex, None, "sealed_drawn", name="make_sealed_drawn"),
        node(lambda: "text", None, "suffixed", name="make_suffixed"),
        node(lambda: Puzzle(uuid.uuid4().hex, True), None, "puzzle", name="make_puzzle"),
        node(lambda: ["x"], None, "both@json", name="make_both"),
        node(lambda seed: seed, "params:seed", "seeded", name="make_seeded"),
        node(lambda: "model", None, "model", name="make_model"),
        node(lambda: "file", None, "elsewhere", name="make_elsewhere"),
        node(lambda: "note", None, "own_place", name="make_own_place"),
    ]
    use = [
        node(lambda words: sorted(words), "words", "sorted_words", name="sort"),
        node(lambda words: print("seen", len(words)), "words", None, name="say"),
        node(lambda puzzle: None, "puzzle", None, name="look"),
        node(lambda text: text.split(), "both@text", "split", name="split"),
    ]
    return {
        "__default__": Pipeline(make + use),
        "breaks_here": Pipeline([node(lambda: fail_where(False), None, "equal", name="b")]),
        "breaks_there": Pipeline([node(lambda: fail_where(True), None, "equal", name="b")]),
        "empty": Pipeline([node(lambda: {}, None, "parts", name="make_no_parts")]),
        "waits": Pipeline([node(lambda: wait_where(False), None, "equal", name="w")]),
        "waits_there": Pipeline([node(lambda: wait_where(True), None, "equal", name="w")]),
        "assets": Pipeline([
            node(lambda birds, more: birds + more, ["birds", "more"], "model", name="read"),
        ]),
    }
"""

CATALOG = """
"{name}":
  type: kedro_azureml_datasets.AzureMLPipelineDataset
  root_dir: data/made
  dataset: {type: json.JSONDataset, filepath: "{name}.json"}
words: {type: MemoryDataset}
puzzle: {type: MemoryDataset}
"sealed_{which}":
  type: kedro_azureml_datasets.AzureMLPipelineDataset
  root_dir: data/made
  dataset: {type: PACKAGE.pipeline_registry.Sealed, filepath: "sealed_{which}.txt"}
suffixed:
  type: kedro_azureml_datasets.AzureMLPipelineDataset
  root_dir: data/made
  dataset: {type: PACKAGE.pipeline_registry.Suffixed, filepath: suffixed}
parts: &parts
  type: kedro_azureml_datasets.AzureMLPipelineDataset
  root_dir: data/made
  dataset:
    type: partitions.PartitionedDataset
    path: parts
    dataset: {type: json.JSONDataset}
odd_parts:
  <<: *parts
  dataset:
    type: partitions.PartitionedDataset
    path: odd_parts
    dataset: {type: json.JSONDataset}
model:
  type: kedro_azureml_datasets.AzureMLAssetDataset
  azureml_dataset: model
  azureml_type: uri_file
  dataset: {type: json.JSONDataset, filepath: model.json}
birds:
  type: kedro_azureml_datasets.AzureMLAssetDataset
  azureml_dataset: birds
  dataset: {type: json.JSONDataset, filepath: birds.json}
more:
  type: kedro_azureml_datasets.AzureMLAssetDataset
  azureml_dataset: more
  azureml_type: uri_file
  azureml_version: "1"
  dataset: {type: json.JSONDataset, filepath: more.json}
elsewhere:
  type: kedro_azureml_datasets.AzureMLPipelineDataset
  root_dir: OUTSIDE
  dataset: {type: json.JSONDataset, filepath: elsewhere.json}
both@json:
  type: kedro_azureml_datasets.AzureMLPipelineDataset
  root_dir: data/made
  dataset: {type: json.JSONDataset, filepath: both.json}
both@text:
  type: kedro_azureml_datasets.AzureMLPipelineDataset
  root_dir: data/made
  dataset: {type: text.TextDataset, filepath: both.json}
own_place: {type: json.JSONDataset, filepath: data/own_place.json}
"""

JOBS = """
all:
  grouping:
    make: ["make_*"]
    use: [sort, say, look, split]
breaks_here: {pipeline: {pipeline_name: breaks_here}}
breaks_there: {pipeline: {pipeline_name: breaks_there}}
waits: {pipeline: {pipeline_name: waits}}
waits_there: {pipeline: {pipeline_name: waits_there}}
empty: {pipeline: {pipeline_name: empty}}
assets: {pipeline: {pipeline_name: assets}}
refused: {pipeline: {pipeline_name: __default__, node_names: [sort]}}
"""


class Study:
    """The project, and how its jobs are verified."""

    def __init__(self, folder: Path) -> None:
        self.project = WrittenProject(folder / "study")
        self.root = self.project.root
        self.outside = folder / "outside"
        catalog = CATALOG.replace("OUTSIDE", str(self.outside))
        catalog = catalog.replace("PACKAGE", self.project.package)
        self.project.write("conf/base/catalog.yml", catalog)
        self.project.pipelines(NODES)
        self.project.jobs(JOBS)
        self.project.write("data/made/parts/stale", "{}")
        self.project.write("data/made/equal.json", '"stale"')
        self.project.write("data/model/local/model.json", '"stale"')
        for version in ("1", "2", "9"):
            self.project.write(f"data/birds/{version}/birds.json", f"[{version}]")
            self.project.write(f"data/more/{version}/more.json", f"[{version}0]")

    def verify(self, job: str, **options: Any) -> Verification:
        """Verify a job from this process, which opens the project."""
        from kedro_azureml_cli import verify_job

        return verify_job(self.root, job, **options)

    def start(self, job: str, *args: str) -> subprocess.Popen[str]:
        """Start what verifies a job, as a user does."""
        env = {
            **os.environ,
            "KEDRO_DISABLE_TELEMETRY": "1",
            # Without the lines that Kedro itself writes to the standard output.
            "KEDRO_LOGGING_CONFIG": str(Path(__file__).with_name("quiet_logging.yml")),
        }
        return subprocess.Popen(
            [sys.executable, "-m", "kedro", "azureml", "verify", "-j", job, *args],
            cwd=self.root, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def command(self, job: str, *args: str) -> subprocess.CompletedProcess[str]:
        """Verify a job as a user does."""
        process = self.start(job, *args)
        output, errors = process.communicate()
        return subprocess.CompletedProcess(process.args, process.returncode, output, errors)

    def digest(self) -> dict[str, str]:
        """Say what the user has: all but what is built."""
        return {
            path.relative_to(self.root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in self.root.rglob("*")
            if path.is_file() and not {"build", "__pycache__"} & set(path.parts)
        }


def outcomes(verification: Verification) -> dict[str, tuple[str, str]]:
    """Return outcome and detail of each dataset."""
    return {each.name: (each.outcome.value, each.detail) for each in verification.datasets}
