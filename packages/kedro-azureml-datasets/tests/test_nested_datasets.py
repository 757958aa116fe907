"""Which datasets can be wrapped, and what passes through the wrapper."""

from __future__ import annotations

import copy
import inspect
import json
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd
import pytest
from kedro.io import AbstractDataset, CachedDataset, DataCatalog, DatasetError
from kedro_azureml_datasets import AzureMLAssetDataset, AzureMLDatasetError, AzureMLPipelineDataset

if TYPE_CHECKING:
    from conftest import KedroProject

pytestmark = pytest.mark.usefixtures("project")

JSON = {"type": "json.JSONDataset", "filepath": "x.json"}
PARTS = {"path": "parts", "dataset": "text.TextDataset"}


class PlainDataset(AbstractDataset[str, str]):
    """A dataset as a project writes it: no fsspec, no folders."""

    def __init__(self, filepath: str) -> None:
        self.file = Path(filepath)

    def load(self) -> str:
        return self.file.read_text()

    def save(self, data: str) -> None:
        self.file.write_text(data)

    def _describe(self) -> dict[str, Any]:
        return {}


def wrap(**nested: Any) -> AzureMLPipelineDataset:
    return AzureMLPipelineDataset(nested)


def test_load_and_save_arguments_reach_the_nested_dataset(elsewhere: Path) -> None:
    dataset = wrap(
        type="pandas.CSVDataset",
        filepath="x.csv",
        save_args={"sep": ";"},
        load_args={"sep": ";", "usecols": ["a"]},
    ).at(elsewhere)
    dataset.save(pd.DataFrame({"a": [1], "b": [2]}))
    assert (elsewhere / "x.csv").read_text().split() == ["a;b", "1;2"]
    assert list(dataset.load().columns) == ["a"]


def test_the_argument_that_holds_the_path_can_have_any_name(elsewhere: Path) -> None:
    project_path = Path.cwd() / "x.json"
    dataset = AzureMLPipelineDataset(
        {"type": "json.JSONDataset", "filepath": project_path.as_posix()}, filepath_arg="filepath"
    )
    assert dataset.at(elsewhere).path == elsewhere / "x.json"
    with pytest.raises(AzureMLDatasetError, match="has no 'file_path'") as caught:
        AzureMLPipelineDataset(JSON, filepath_arg="file_path")
    assert "filepath_arg" in caught.value.hint


def test_a_partitioned_dataset_has_its_path_found(elsewhere: Path) -> None:
    dataset = wrap(type="partitions.PartitionedDataset", filename_suffix=".txt", **PARTS)
    mounted = dataset.at(elsewhere)
    mounted.save({"a": "first", "b/c": "second"})
    assert (elsewhere / "parts/b/c.txt").read_text() == "second"
    assert {name: load() for name, load in mounted.load().items()} == {
        "a": "first",
        "b/c": "second",
    }
    assert mounted.exists()
    assert not dataset.exists()


def test_a_partitioned_dataset_may_name_its_path_argument_as_older_plugins_asked() -> None:
    dataset = AzureMLPipelineDataset(
        {"type": "partitions.PartitionedDataset", **PARTS}, filepath_arg="path"
    )
    assert dataset.at("/mnt").path == Path("/mnt/parts")


def test_an_incremental_dataset_gives_what_is_new_since_it_was_confirmed(
    project: KedroProject,
) -> None:
    dataset = wrap(type="partitions.IncrementalDataset", **PARTS)
    project.write("data/parts/a", "first")
    assert dataset.load() == {"a": "first"}
    assert dataset.load() == {"a": "first"}
    dataset.confirm()
    dataset.release()
    project.write("data/parts/b", "second")
    assert dataset.load() == {"b": "second"}


def test_a_dataset_without_confirm_says_so() -> None:
    with pytest.raises(AzureMLDatasetError, match="no 'confirm'") as caught:
        wrap(**JSON).confirm()
    assert "IncrementalDataset" in caught.value.hint


def test_a_cached_dataset_inside_follows_the_mount_and_caches(elsewhere: Path) -> None:
    dataset = wrap(type="CachedDataset", dataset=JSON)
    mounted = dataset.at(elsewhere)
    mounted.save({"a": 1})
    file = elsewhere / "x.json"
    assert json.loads(file.read_text()) == {"a": 1}
    file.write_text("{}")
    assert mounted.load() == {"a": 1}
    mounted.release()
    assert mounted.load() == {}
    assert not dataset.exists()


def test_releasing_the_dataset_at_a_mount_leaves_the_cache_of_the_first(
    project: KedroProject, elsewhere: Path
) -> None:
    dataset = wrap(type="CachedDataset", dataset=JSON)
    dataset.save([1])
    dataset.at(elsewhere).release()
    project.write("data/x.json", "[2]")
    assert dataset.load() == [1]


def test_folders_are_made_for_a_dataset_that_makes_none(elsewhere: Path) -> None:
    mounted = wrap(type=PlainDataset, filepath="a/b/x.txt").at(elsewhere / "mount")
    mounted.save("written")
    assert mounted.load() == "written"


def test_a_cached_dataset_around_the_wrapper_works_in_a_local_run(project: KedroProject) -> None:
    wrapper = {"type": "kedro_azureml_datasets.AzureMLPipelineDataset", "dataset": JSON}
    dataset = CachedDataset(wrapper)
    dataset.save([1])
    assert json.loads(project.read("data/x.json")) == [1]
    assert dataset.load() == [1]


def test_kedro_keeps_a_single_process_dataset_out_of_other_processes() -> None:
    assert wrap(type="CachedDataset", dataset=JSON)._SINGLE_PROCESS
    assert not wrap(**JSON)._SINGLE_PROCESS


@pytest.mark.parametrize(
    "nested",
    [
        {**JSON, "versioned": True},
        {"type": "CachedDataset", "versioned": True, "dataset": JSON},
        {"type": "CachedDataset", "dataset": {**JSON, "versioned": True}},
    ],
)
def test_kedros_own_versions_are_refused_underneath(nested: dict[str, Any]) -> None:
    for build in (AzureMLPipelineDataset, lambda d: AzureMLAssetDataset("asset", d)):
        with pytest.raises(AzureMLDatasetError, match="versioned: true") as caught:
            build(nested)
        assert "AzureMLAssetDataset" in caught.value.hint


def test_versioned_false_is_taken() -> None:
    assert wrap(**JSON, versioned=False).path.suffix == ".json"


@pytest.mark.parametrize(
    ("nested", "named"),
    [
        ({**JSON, "save_arguments": {}}, "save_arguments"),
        ({"type": "CachedDataset", "dataset": {**JSON, "save_arguments": {}}}, "save_arguments"),
        ({"type": "partitions.PartitionedDataset", "path": "parts"}, "dataset"),
        ({"type": "json.JSNDataset", "filepath": "x"}, "JSNDataset"),
        ({"type": "jsn.JSONDataset", "filepath": "x"}, "jsn"),
        ({"type": "CachedDataset", "dataset": {**JSON, "type": "json.JSNDataset"}}, "JSNDataset"),
        ({"type": "builtins.dict", "filepath": "x"}, "builtins.dict"),
        ({"type": "", "filepath": "x"}, "dataset path: ''"),
        ({"type": 3, "filepath": "x"}, "3"),
        ({"type": None, "filepath": "x"}, "None"),
        ({"type": "CachedDataset", "dataset": {"filepath": "x"}}, "type"),
        ({"filepath": "x"}, "type"),
        ("json.JSONDataset", "json.JSONDataset"),
        (None, "None"),
        ({"type": "MemoryDataset"}, "filepath"),
        ({"type": "json.JSONDataset", "filepath": None}, "Add a 'filepath'"),
        ({"type": "json.JSONDataset", "filpath": "x"}, "mean it by 'filpath'"),
    ],
)
def test_a_wrong_nested_configuration_is_refused_at_construction_and_named(
    nested: Any, named: str
) -> None:
    with pytest.raises(DatasetError, match=named):
        AzureMLPipelineDataset(nested)


@pytest.mark.parametrize("kind", ["AzureMLPipelineDataset", "AzureMLAssetDataset"])
def test_a_wrapper_in_a_wrapper_is_refused_because_it_would_not_follow_the_mount(kind: str) -> None:
    inner: dict[str, Any] = {"type": f"kedro_azureml_datasets.{kind}", "dataset": JSON}
    if kind == "AzureMLAssetDataset":
        inner["azureml_dataset"] = "asset"
    with pytest.raises(AzureMLDatasetError, match=kind) as caught:
        AzureMLPipelineDataset(inner)
    assert caught.value.hint


def test_kedro_names_the_entry_in_front_of_our_words() -> None:
    config = {
        "features": {
            "type": "kedro_azureml_datasets.AzureMLPipelineDataset",
            "dataset": {"type": "json.JSONDataset", "filepath": "../x.json"},
        }
    }
    with pytest.raises(DatasetError, match=r"(?s)contains '\.\.'.*'features'"):
        DataCatalog.from_config(config).get("features")


def test_a_type_may_be_the_class_itself() -> None:
    from kedro_datasets.json import JSONDataset

    dataset = wrap(type=JSONDataset, filepath=PurePosixPath("x.json"))
    dataset.save([1])
    assert dataset.load() == [1]


def test_it_exists_once_it_is_saved() -> None:
    dataset = wrap(**JSON)
    assert not dataset.exists()
    dataset.save({})
    assert dataset.exists()


def test_loading_what_is_not_there_is_a_dataset_error_that_names_the_file() -> None:
    with pytest.raises(DatasetError, match=r"data/x\.json"):
        wrap(**JSON).load()


def test_it_describes_itself_by_its_path_and_the_nested_class() -> None:
    text = str(wrap(**JSON).at("/mnt/a"))
    assert "/mnt/a/x.json" in text
    assert "JSONDataset" in text


def test_kedro_viz_finds_the_file() -> None:
    dataset = wrap(**JSON)
    assert dataset._filepath == PurePosixPath(Path.cwd().as_posix()) / "data/x.json"
    assert dataset.at("/mnt")._filepath == PurePosixPath("/mnt/x.json")


def test_kedro_mlflow_tells_it_where_a_stored_artifact_is(project: KedroProject) -> None:
    stored = project.write("elsewhere/artifact.txt", "stored")
    text = {"type": "text.TextDataset", "filepath": "x.txt"}
    datasets = [
        wrap(**text),
        AzureMLAssetDataset("a", text, azureml_version="1"),
        AzureMLAssetDataset("a", text, azureml_type="uri_file"),
    ]
    for dataset in datasets:
        dataset._filepath = stored
        assert dataset.load() == "stored"
        assert dataset._filepath == PurePosixPath(stored.as_posix())


def test_metadata_is_kept() -> None:
    metadata = {"kedro-viz": {"layer": "raw"}}
    assert AzureMLPipelineDataset(JSON, metadata=metadata).metadata == metadata


def test_the_configuration_that_was_given_is_never_changed(elsewhere: Path) -> None:
    nested = {**JSON, "save_args": {"indent": 4}}
    before = copy.deepcopy(nested)
    AzureMLPipelineDataset(nested).at(elsewhere).save({"a": 1})
    assert nested == before


@pytest.mark.parametrize("used", [False, True])
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda d: pickle.loads(pickle.dumps(d))])
def test_a_copy_reads_and_writes_the_same_mount(elsewhere: Path, copied: Any, used: bool) -> None:
    dataset = wrap(**JSON).at(elsewhere)
    if used:
        dataset.save([0])
    twin = copied(dataset)
    twin.save([1])
    assert dataset.load() == [1]
    assert str(twin) == str(dataset)


def test_arguments_are_those_of_the_catalog() -> None:
    assert AzureMLPipelineDataset(JSON, root_dir="data/02").arguments == {
        "dataset": JSON,
        "root_dir": "data/02",
        "filepath_arg": "filepath",
    }
    asset = AzureMLAssetDataset("penguins", JSON, azureml_version="3", workspace="prod")
    again = AzureMLAssetDataset(**asset.arguments)
    assert again.arguments == asset.arguments
    assert asset.arguments["azureml_version"] == "3"
    assert asset.arguments["workspace"] == "prod"


def test_a_catalog_can_be_made_again_from_its_configuration() -> None:
    entries: dict[str, dict[str, Any]] = {
        "features": {
            "type": "kedro_azureml_datasets.AzureMLPipelineDataset",
            "root_dir": "data/02",
            "dataset": {**JSON, "save_args": {"indent": 4}},
        },
        "penguins": {
            "type": "kedro_azureml_datasets.AzureMLAssetDataset",
            "azureml_dataset": "penguins",
            "azureml_version": "2",
            "dataset": {"type": "json.JSONDataset", "filepath": "p.json"},
        },
    }
    first = DataCatalog.from_config(entries, load_versions={"penguins": "3"})
    for name in entries:
        first[name].exists()  # else what is given back is what was read
    config, credentials, load_versions, save_version = first.to_config()
    second = DataCatalog.from_config(config, credentials, load_versions, save_version)
    for name in entries:
        assert second[name].arguments == first[name].arguments
        assert second[name].path == first[name].path
    assert second["penguins"].load_version == "3"


class Previewed(PlainDataset):
    """Has a preview, as Kedro-Viz asks for it."""

    def preview(self, nrows: int = 5) -> str:
        return self.load()[:nrows]


def test_a_preview_is_the_nested_datasets_with_its_signature(project: KedroProject) -> None:
    project.write("data/x.txt", "abcdefgh")
    preview = wrap(type=Previewed, filepath="x.txt").preview
    assert preview(nrows=2) == "ab"
    assert preview() == "abcde"
    signature = inspect.signature(preview)
    assert list(signature.parameters) == ["nrows"]
    assert signature.return_annotation == "str"  # how Kedro-Viz knows what to draw


def test_without_a_nested_preview_there_is_none() -> None:
    assert not hasattr(wrap(type=PlainDataset, filepath="x.txt"), "preview")


def test_a_preview_of_an_asset_that_is_not_here_is_an_error_and_no_download(
    project: KedroProject,
) -> None:
    asset = AzureMLAssetDataset("a", {"type": Previewed, "filepath": "x.txt"}, azureml_version="1")
    with pytest.raises(AzureMLDatasetError, match="not on this machine"):
        asset.preview()
    project.write("data/a/1/x.txt", "abcdefgh")
    assert asset.preview(3) == "abc"


class Guarded(PlainDataset):
    """Wants credentials."""

    built: ClassVar[list[dict[str, str]]] = []

    def __init__(
        self, filepath: str, credentials: dict[str, str], metadata: dict[str, str] | None = None
    ) -> None:
        super().__init__(filepath)
        self.metadata = metadata
        self.built.append(credentials)


def test_credentials_of_the_nested_dataset_are_kedros_and_stay_out_of_what_is_written() -> None:
    nested = {"type": f"{Guarded.__module__}.Guarded", "filepath": "x.txt", "credentials": "mine"}
    entry = {"type": "kedro_azureml_datasets.AzureMLPipelineDataset", "dataset": nested}
    secret = {"key": "hunter2"}
    catalog = DataCatalog.from_config({"{name}_guarded": entry, "other": entry}, {"mine": secret})
    Guarded.built.clear()
    for name in ("a_guarded", "other"):
        catalog.save(name, "x")
        assert "hunter2" not in str(catalog[name])
    assert Guarded.built == [secret, secret]
    config, credentials, _, _ = catalog.to_config()
    assert "hunter2" not in str(config)
    again = DataCatalog.from_config(config, credentials)
    assert again.load("other") == "x"
    assert Guarded.built[-1] == secret


def test_metadata_and_fs_args_of_the_nested_dataset_reach_it(elsewhere: Path) -> None:
    dataset = wrap(
        type="text.TextDataset",
        filepath="x.txt",
        metadata={"layer": "raw"},
        fs_args={"open_args_save": {"mode": "a"}},
    ).at(elsewhere)
    dataset.save("a")
    dataset.save("b")
    assert dataset.load() == "ab"


def test_threads_that_use_it_together_share_one_nested_dataset(project: KedroProject) -> None:
    project.write("data/x.txt", "x")
    Guarded.built.clear()
    dataset = wrap(type=Guarded, filepath="x.txt", credentials={})
    nested = set()

    def use(_: int) -> str:
        nested.add(id(dataset._wrapped(dataset._load_path)))
        return str(dataset.load())

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(use, range(64))) == ["x"] * 64
    assert len(nested) == 1
