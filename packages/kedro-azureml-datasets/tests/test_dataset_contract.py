"""What Kedro documents of every dataset holds for both wrappers, whatever they wrap."""

from __future__ import annotations

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from kedro.io import AbstractDataset, DataCatalog, DatasetError
from kedro_azureml_datasets import AzureMLAssetDataset, AzureMLPipelineDataset, MountableDataset

TABLE = pd.DataFrame({"n": [1, 2], "text": ["a", "ü"]})


class PlainDataset(AbstractDataset[str, str]):
    """A dataset as a project writes it."""

    def __init__(self, filepath: str) -> None:
        self.file = Path(filepath)

    def load(self) -> str:
        return self.file.read_text()

    def save(self, data: str) -> None:
        self.file.write_text(data)

    def _exists(self) -> bool:
        return self.file.exists()

    def _describe(self) -> dict[str, Any]:
        return {"file": str(self.file)}


NESTED: dict[str, tuple[dict[str, Any], Any]] = {
    "json": ({"type": "json.JSONDataset", "filepath": "x.json"}, {"a": [1, None]}),
    "text": ({"type": "text.TextDataset", "filepath": "deep/er/x.txt"}, "wörds"),
    "yaml": ({"type": "yaml.YAMLDataset", "filepath": "x.yml"}, {"a": {"b": 1}}),
    "pickle": ({"type": "pickle.PickleDataset", "filepath": "x.pkl"}, (1, {"a"})),
    "csv": (
        {
            "type": "pandas.CSVDataset",
            "filepath": "x.csv",
            "save_args": {"sep": ";"},
            "load_args": {"sep": ";"},
        },
        TABLE,
    ),
    "parquet": ({"type": "pandas.ParquetDataset", "filepath": "x.parquet"}, TABLE),
    "feather": ({"type": "pandas.FeatherDataset", "filepath": "x.feather"}, TABLE),
    "json table": ({"type": "pandas.JSONDataset", "filepath": "table.json"}, TABLE),
    "generic": (
        {
            "type": "pandas.GenericDataset",
            "filepath": "generic.csv",
            "file_format": "csv",
            "save_args": {"index": False},
        },
        TABLE,
    ),
    "partitions": (
        {
            "type": "partitions.PartitionedDataset",
            "path": "parts",
            "dataset": "text.TextDataset",
            "filename_suffix": ".txt",
        },
        {"a": "1", "b": "2"},
    ),
    "new partitions": (
        {
            "type": "partitions.IncrementalDataset",
            "path": "news",
            "dataset": "text.TextDataset",
            "filename_suffix": ".txt",
        },
        {"a": "1", "b": "2"},
    ),
    "cached": (
        {"type": "CachedDataset", "dataset": {"type": "json.JSONDataset", "filepath": "c.json"}},
        [1, 2],
    ),
    "own class": ({"type": f"{__name__}.PlainDataset", "filepath": "own.txt"}, "mine"),
}
"""A nested configuration of each kind, and data that it takes."""


@pytest.fixture(params=["pipeline", "asset"])
def wrap(request, project):
    """Wrap a nested dataset in one of the two classes."""

    def make(nested: dict[str, Any], **arguments: Any) -> MountableDataset:
        if request.param == "pipeline":
            return AzureMLPipelineDataset(nested, **arguments)
        return AzureMLAssetDataset("goods", nested, **arguments)

    return make


@pytest.fixture(params=NESTED)
def nested(request) -> dict[str, Any]:
    return NESTED[request.param][0]


@pytest.fixture
def data(request, nested) -> Any:
    return NESTED[request.node.callspec.params["nested"]][1]


def as_plain(loaded: Any) -> Any:
    """Return data in a form that `==` compares."""
    if isinstance(loaded, pd.DataFrame):
        return loaded.to_dict("list")
    if isinstance(loaded, dict):  # partitions may be functions that load
        return {key: value() if callable(value) else value for key, value in loaded.items()}
    return loaded


@pytest.fixture
def saved(wrap, nested, data, elsewhere) -> MountableDataset:
    """A dataset at a mount that holds data."""
    dataset = wrap(nested).at(elsewhere)
    dataset.save(data)
    return dataset


def test_what_is_saved_is_loaded(saved, data):
    assert as_plain(saved.load()) == as_plain(data)


def test_it_exists_once_it_is_saved(wrap, nested, data, elsewhere):
    dataset = wrap(nested).at(elsewhere)
    assert not dataset.exists()
    dataset.save(data)
    assert dataset.exists()


def test_loading_what_was_never_saved_is_a_dataset_error(wrap, nested, elsewhere):
    dataset = wrap(nested).at(elsewhere / "nothing")
    if nested["type"] == "partitions.IncrementalDataset":
        assert dataset.load() == {}  # nothing new
        return
    with pytest.raises(DatasetError):
        as_plain(dataset.load())


def test_saving_none_is_a_dataset_error(wrap, nested, elsewhere):
    with pytest.raises(DatasetError, match="None"):
        wrap(nested).at(elsewhere).save(None)


def test_it_can_be_loaded_again_after_a_release(saved, data):
    saved.load()
    saved.release()
    assert as_plain(saved.load()) == as_plain(data)


@pytest.mark.parametrize("used", [False, True])
def test_it_can_be_pickled_used_or_not(wrap, nested, data, elsewhere, used):
    dataset = wrap(nested).at(elsewhere)
    dataset.save(data)
    if used:
        dataset.load()
    twin = pickle.loads(pickle.dumps(dataset))
    assert as_plain(twin.load()) == as_plain(data)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_a_copy_is_as_good_as_the_first(saved, data, copied):
    twin = copied(saved)
    assert twin.path == saved.path
    assert as_plain(twin.load()) == as_plain(data)


def test_its_representation_names_its_class_and_path_and_reads_nothing(wrap, nested, elsewhere):
    dataset = wrap(nested).at(elsewhere / "not there")
    shown = repr(dataset)
    assert type(dataset).__name__ in shown
    assert str(elsewhere / "not there") in shown
    assert str(dataset) == shown


def test_it_can_be_written_to_a_catalog_and_read_from_it(wrap, nested):
    dataset = wrap(nested)
    catalog = DataCatalog({"goods": dataset})
    config, *_ = catalog.to_config()
    again = DataCatalog.from_config(config)["goods"]
    assert type(again) is type(dataset)
    assert again.arguments == dataset.arguments


def test_threads_that_load_together_get_the_same(saved, data):
    with ThreadPoolExecutor(8) as pool:
        loaded = [*pool.map(lambda _: as_plain(saved.load()), range(16))]
    assert loaded == [as_plain(data)] * 16


def test_kedros_versions_are_refused_but_of_an_asset_which_has_its_own(wrap, nested):
    dataset = wrap(nested)
    entry = {"type": f"kedro_azureml_datasets.{type(dataset).__name__}", "dataset": dict(nested)}
    if isinstance(dataset, AzureMLAssetDataset):
        entry |= {"azureml_dataset": "goods", "azureml_version": "3"}
        kept = DataCatalog.from_config({"goods": {**entry, "versioned": True}})["goods"]
        assert kept.arguments == DataCatalog.from_config({"goods": entry})["goods"].arguments
    else:
        with pytest.raises(DatasetError, match="version"):
            DataCatalog.from_config({"goods": {**entry, "versioned": True}})["goods"]
    below = {**entry, "dataset": {**nested, "versioned": True}}
    with pytest.raises(DatasetError, match="versioned: true"):
        DataCatalog.from_config({"goods": below})["goods"]


def test_the_configuration_is_left_as_it_was_given(wrap, nested):
    before = copy.deepcopy(nested)
    dataset = wrap(nested)
    dataset.arguments["dataset"].clear()
    assert nested == before


def test_the_same_configuration_can_be_used_for_several(wrap, nested, data, tmp_path):
    for name in ("one", "two"):
        wrap(nested).at(tmp_path / name).save(data)
        assert as_plain(wrap(nested).at(tmp_path / name).load()) == as_plain(data)
