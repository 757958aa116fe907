"""What a catalog entry is for the data flow, by its configuration alone."""

import subprocess
import sys
from pathlib import Path

import pytest
from kedro.io import MemoryDataset
from kedro_azureml_compiler.planning.facts import DatasetKind
from kedro_azureml_compiler.project.catalog.entries import classify_config, classify_instance
from kedro_azureml_datasets import AzureMLDatasetError, AzureMLPipelineDataset

PIPELINE = "kedro_azureml_datasets.AzureMLPipelineDataset"
ASSET = "kedro_azureml_datasets.AzureMLAssetDataset"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").write_text("[tool.kedro]\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


class Derived(AzureMLPipelineDataset):
    """A project may derive from the two datasets."""


@pytest.mark.parametrize("kind", [PIPELINE, AzureMLPipelineDataset, Derived])
def test_a_wrapper_is_one_by_name_by_class_and_by_subclass(project: Path, kind: object):
    nested = {"type": "pandas.CSVDataset", "filepath": f"{project}/deep/x.csv"}
    facts = classify_config("x", {"type": kind, "dataset": nested, "root_dir": "a/b"}, project)
    assert (facts.kind, facts.local_path) == (DatasetKind.PIPELINE, "a/b/deep/x.csv")


def test_an_asset_has_its_name_version_and_file(project: Path):
    nested = {"type": "pandas.CSVDataset", "filepath": "x.csv"}
    config = {"type": ASSET, "azureml_dataset": "birds", "azureml_version": 3, "dataset": nested}
    asset = classify_config("x", config, project).asset
    assert asset is not None
    assert (asset.name, asset.version, asset.file, asset.is_file) == ("birds", "3", "x.csv", False)


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"type": None}, "The type is null"),
        (
            {"type": PIPELINE, "versioned": True, "dataset": {"type": "x", "filepath": "x"}},
            "versioned: true",
        ),
        (
            {
                "type": ASSET,
                "azureml_dataset": "a",
                "azureml_version": 1.1,
                "dataset": {"type": "x", "filepath": "x"},
            },
            'in quotes: "3" or "1.10"',
        ),
        ({"type": PIPELINE}, "missing a required argument: 'dataset'"),
        ({"type": PIPELINE, "dataset": {}, "root_dri": "x"}, "root_dri"),
        ({"type": PIPELINE, "dataset": "pandas.CSVDataset"}, "no nested dataset"),
        ({"type": PIPELINE, "dataset": {"type": "x.Y"}}, "has no 'filepath'"),
        ({"type": PIPELINE, "dataset": {"type": "x.Y", "filepath": "s3://b/x"}}, "is a URL"),
        ({"type": PIPELINE, "dataset": {"type": "x.Y", "filepath": "/etc/x"}}, "not inside"),
        (
            {"type": PIPELINE, "dataset": {"type": "x.Y", "filepath": "x", "versioned": True}},
            "versioned: true",
        ),
        (
            {"type": PIPELINE, "root_dir": "abfs://x", "dataset": {"type": "x", "filepath": "x"}},
            "not a folder on this machine",
        ),
        (
            {"type": ASSET, "azureml_dataset": "a/b", "dataset": {"type": "x", "filepath": "x"}},
            "cannot be the name",
        ),
        (
            {
                "type": ASSET,
                "azureml_dataset": "a",
                "azureml_type": "folder",
                "dataset": {"type": "x", "filepath": "x"},
            },
            "uri_folder, uri_file",
        ),
        (
            {"type": "CachedDataset", "dataset": {"type": PIPELINE, "dataset": {}}},
            "Turn them round",
        ),
    ],
)
def test_an_entry_that_cannot_be_moved_to_a_mount_is_refused(
    project: Path, config: dict, told: str
):
    with pytest.raises(AzureMLDatasetError) as caught:
        classify_config("x", config, project)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    "kind", ["MemoryDataset", "kedro.io.MemoryDataset", "kedro.io.memory_dataset.MemoryDataset"]
)
def test_memory_is_memory_by_any_of_its_names(project: Path, kind: str):
    assert classify_config("x", {"type": kind}, project).kind is DatasetKind.MEMORY


@pytest.mark.parametrize(
    ("config", "path"),
    [
        ({"type": "pandas.CSVDataset", "filepath": "{project}/a/x.csv"}, "a/x.csv"),
        ({"type": "pandas.CSVDataset", "filepath": "file:///mnt/x.csv"}, "/mnt/x.csv"),
        ({"type": "pandas.CSVDataset", "filepath": "abfs://c/x.csv"}, None),
        ({"type": "partitions.PartitionedDataset", "path": "{project}/parts"}, "parts"),
        ({"type": "pandas.SQLTableDataset", "table_name": "t"}, None),
        ({"type": "no_such.Dataset", "filepath": "{project}/x"}, "x"),
        (
            {
                "type": "CachedDataset",
                "dataset": {"type": "pandas.CSVDataset", "filepath": "{project}/c.csv"},
            },
            "c.csv",
        ),
    ],
)
def test_a_standard_dataset_is_local_or_has_an_address(project: Path, config: dict, path: str):
    def place(value: object) -> object:
        if isinstance(value, dict):
            return {key: place(inner) for key, inner in value.items()}
        return str(value).replace("{project}", str(project))

    facts = classify_config("x", place(config), project)
    assert (facts.kind, facts.local_path) == (DatasetKind.STANDARD, path)


def test_what_a_hook_has_put_into_the_catalog_is_left_alone_unless_it_is_a_wrapper(project: Path):
    assert classify_instance("x", MemoryDataset(1)).kind is DatasetKind.STANDARD
    wrapper = Derived({"type": "json.JSONDataset", "filepath": "x.json"}, root_dir="a")
    facts = classify_instance("x", wrapper)
    assert (facts.kind, facts.local_path) == (DatasetKind.PIPELINE, "a/x.json")


def test_no_library_of_kedro_datasets_is_imported():
    code = (
        "import sys; from pathlib import Path;"
        "from kedro_azureml_compiler.project.catalog.entries import classify_config as read;"
        "read('x', {'type': 'pandas.CSVDataset', 'filepath': 'x'}, Path('/'));"
        f"read('y', {{'type': '{PIPELINE}', 'dataset':"
        " {'type': 'pandas.ParquetDataset', 'filepath': 'y'}}, Path.cwd());"
        "print(sorted({'pandas', 'pyarrow', 'numpy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
