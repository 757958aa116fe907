"""What crosses steps in memory holds no path that exists in the writing step only."""

import datetime as dt
import io
from collections import OrderedDict, namedtuple
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

import pandas as pd
import pytest
from kedro.io import DataCatalog, DatasetError
from kedro.pipeline import Pipeline, node
from kedro_azureml_datasets import AzureMLPipelineDataset
from kedro_azureml_runner import AzurePipelinesRunner
from kedro_azureml_runner.runner import make_memory_dataset
from kedro_azureml_runner.step_pickle import PathInMountError, dump, load

MOUNT = "/mnt/azureml/table"
FILE = f"{MOUNT}/part/a.csv"


class Reader:
    """A user's own class that holds a path."""

    def __init__(self, path):
        self._path = path

    def read(self):
        return Path(self._path).read_text()


class SlottedReader:
    __slots__ = ("path",)

    def __init__(self, path):
        self.path = path


class PlannedReader:
    """Makes its state into bytes itself, as a LazyFrame does."""

    def __init__(self, path):
        self.path = path

    def __getstate__(self):
        return b"\x00plan:" + str(self.path).encode() + b"\x01\xff"

    def __setstate__(self, state):
        self.path = state[6:-2].decode()


class ReducedReader(PlannedReader):
    def __reduce__(self):
        return (ReducedReader, (self.__getstate__(),))


@dataclass(frozen=True)
class Row:
    path: object


class Text(str):
    """A string of a class of its own."""


Pair = namedtuple("Pair", "name path")


def make_loader(path):
    return lambda: Path(path).read_text()


def read(path):
    return Path(path).read_text()


HOLDERS = [
    lambda path: path,
    str,
    lambda path: f"file://{path}",
    Text,
    PurePosixPath,
    lambda path: [1, (2, {3: [str(path)]})],
    lambda path: {str(path): 1},
    lambda path: {Path(path)},
    lambda path: OrderedDict(a=Path(path)),
    lambda path: Pair("a", Path(path)),
    lambda path: Row(Path(path)),
    lambda path: Reader(Path(path)),
    lambda path: Reader(str(path)),
    lambda path: Reader(Path(path)).read,
    lambda path: SlottedReader(Path(path)),
    PlannedReader,
    lambda path: [{"deep": ReducedReader(path)}],
    lambda path: make_loader(Path(path)),
    lambda path: partial(read, Path(path)),
    lambda path: partial(read, path=str(path)),
    lambda path: {"a": make_loader(str(path)), "b": make_loader(str(path))},
    lambda path: pd.DataFrame({"file": pd.Series([str(path)], dtype=object)}),
]


@pytest.mark.parametrize("holder", HOLDERS)
def test_a_path_in_a_mount_is_refused_wherever_the_data_hold_it(holder):
    with pytest.raises(PathInMountError) as caught:
        dump(holder(FILE), io.BytesIO(), mounts=["/mnt/other", MOUNT])
    assert caught.value.path.startswith(FILE)
    assert "grouping: memory" in caught.value.hint


@pytest.mark.parametrize("holder", HOLDERS)
def test_the_same_data_with_a_path_elsewhere_cross_steps(holder):
    file = io.BytesIO()
    dump(holder("/mnt/azureml/tables/a.csv"), file, mounts=[MOUNT])
    file.seek(0)
    assert load(file) is not None


@pytest.mark.parametrize(
    "data",
    [
        None,
        f"Read 3 files from {FILE}.",
        f"<img src='{FILE}'>".encode(),
        bytearray(MOUNT.encode()),
        [dt.datetime(2025, 1, 1, tzinfo=dt.timezone.utc), 1.5, {"a": (1, 2)}],
        Row,
        read,
        pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}),
    ],
)
def test_other_data_are_what_they_were(data):
    file = io.BytesIO()
    dump(data, file, mounts=[MOUNT])
    file.seek(0)
    found = load(file)
    assert found.equals(data) if isinstance(data, pd.DataFrame) else found == data


def test_the_mount_itself_and_what_a_link_leads_to_are_refused(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    for path in (tmp_path / "link", tmp_path / "link/a", tmp_path / "real/a"):
        with pytest.raises(PathInMountError):
            dump(path, io.BytesIO(), mounts=[str(tmp_path / "link")])


def partitions():
    nested = {"type": "partitions.PartitionedDataset", "path": "p", "dataset": "json.JSONDataset"}
    return AzureMLPipelineDataset(nested)


def keep_lazy(parts):
    return dict(parts)


def test_the_load_functions_of_partitions_are_refused_when_they_are_saved(mount):
    parts, out = mount("parts"), mount("out")
    AzurePipelinesRunner(outputs={"parts": parts}).run(
        Pipeline([node(lambda: {"a": 1, "b": 2}, None, "parts")]),
        DataCatalog({"parts": partitions()}),
    )
    runner = AzurePipelinesRunner(inputs={"parts": parts}, outputs={"kept": out})
    keep = Pipeline([node(keep_lazy, "parts", "kept")])
    with pytest.raises(DatasetError, match="grouping: memory") as caught:
        runner.run(keep, DataCatalog({"parts": partitions()}))
    assert parts in str(caught.value)
    call = Pipeline([node(lambda p: {k: f() for k, f in p.items()}, "parts", "kept")])
    runner = AzurePipelinesRunner(inputs={"parts": parts}, outputs={"kept": out})
    runner.run(call, DataCatalog({"parts": partitions()}))
    assert make_memory_dataset(out).load() == {"a": 1, "b": 2}


def test_a_path_in_a_folder_of_the_step_alone_is_refused_as_well(mount):
    out = mount("out")
    runner = AzurePipelinesRunner(outputs={"kept": out})
    nodes = [
        node(lambda: {"a": 1}, None, "parts", name="write"),
        node(keep_lazy, "parts", "kept", name="keep"),
    ]
    with pytest.raises(DatasetError, match="lies in a mount of this step"):
        runner.run(Pipeline(nodes), DataCatalog({"parts": partitions()}))


def test_what_is_refused_leaves_no_half_written_output(mount):
    out = mount("out")
    runner = AzurePipelinesRunner(outputs={"kept": out})
    with pytest.raises(DatasetError):
        runner.run(Pipeline([node(lambda: [0] * 100_000 + [out], None, "kept")]), DataCatalog())
    with pytest.raises(DatasetError):
        make_memory_dataset(out).load()
