"""Where the URI of a data asset leads."""

from __future__ import annotations

from dataclasses import replace

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
        "wasbs://c@a.blob.core.windows.net/x/y",
        "abfss://c@a.dfs.core.windows.net/x/y/",
    ],
)
def test_every_address_of_a_storage_account_leads_to_its_blobs(uri: str) -> None:
    found = read_location(uri)
    expected = StorageLocation("https://a.blob.core.windows.net", "c", "x/y")
    assert found == replace(expected, url=uri if uri.startswith("https") else "")


def test_an_address_with_its_own_zone_leads_to_its_blobs() -> None:
    found = read_location("abfss://c@a.z12.dfs.storage.azure.net/x")
    assert found == StorageLocation("https://a.z12.blob.storage.azure.net", "c", "x")


def test_an_https_address_keeps_its_own_sas_and_is_read_as_a_url_is() -> None:
    uri = "https://a.blob.core.windows.net/c/a%20b/y?sv=1&sig=2"
    expected = StorageLocation("https://a.blob.core.windows.net", "c", "a b/y", "sv=1&sig=2", uri)
    assert read_location(uri) == expected


@pytest.mark.parametrize(
    "uri",
    ["", "http://example.com/x.csv?sig=secret", "/mnt/x", "file:///x", "azureml://data/x", "None"],
)
def test_anything_else_is_refused_by_its_name_without_its_query(uri: str) -> None:
    with pytest.raises(AssetStorageError, match="cannot be downloaded") as caught:
        read_location(uri)
    assert caught.value.hint
    assert "secret" not in str(caught.value)
