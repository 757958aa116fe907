"""Where the URI of a data asset leads."""

from __future__ import annotations

import pytest
from kedro_azureml_datasets.azure_ml.errors import AssetStorageError
from kedro_azureml_datasets.azure_ml.locations import (
    DatastoreLocation,
    StorageLocation,
    read_location,
)
from kedro_azureml_datasets.azure_ml.settings import Workspace

LONG = "azureml://subscriptions/s/resource{0}roups/r/workspaces/w/datastores/d/paths/a b/ü/"


@pytest.mark.parametrize("letter", ["g", "G"])
def test_the_long_form_names_the_workspace(letter: str) -> None:
    expected = DatastoreLocation(Workspace("s", "r", "w"), "d", "a b/ü")
    assert read_location(LONG.format(letter)) == expected


def test_the_form_of_resource_ids_is_the_same() -> None:
    uri = LONG.format("G").replace(
        "/workspaces", "/providers/Microsoft.MachineLearningServices/workspaces"
    )
    assert read_location(uri) == read_location(LONG.format("g"))


@pytest.mark.parametrize("uri", ["azureml://datastores/d/paths/", "azureml://datastores/d"])
def test_a_whole_datastore_has_an_empty_path(uri: str) -> None:
    assert read_location(uri) == DatastoreLocation(None, "d", "")


@pytest.mark.parametrize(
    "uri",
    [
        "https://a.blob.core.windows.net/c/x/y",
        "https://a.dfs.core.windows.net/c/x/y/",
        "https://a.blob.core.windows.net/c/x/y?sv=1&sig=2",
        "wasbs://c@a.blob.core.windows.net/x/y",
        "abfss://c@a.dfs.core.windows.net/x/y/",
    ],
)
def test_every_address_of_a_storage_account_leads_to_its_blobs(uri: str) -> None:
    expected = StorageLocation("https://a.blob.core.windows.net", "c", "x/y")
    assert read_location(uri) == expected


@pytest.mark.parametrize(
    "uri", ["", "https://example.com/x.csv", "/mnt/x", "file:///x", "azureml://data/x", "None"]
)
def test_anything_else_is_refused_by_its_name(uri: str) -> None:
    with pytest.raises(AssetStorageError, match="in no storage account") as caught:
        read_location(uri)
    assert caught.value.hint
