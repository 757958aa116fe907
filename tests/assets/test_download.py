"""An asset comes onto this machine whole or not at all, and what goes wrong has its own error."""

import os
import pty
import tempfile
from pathlib import Path

import pytest
from asset_loading import FILE, PINNED, loaded, nothing_left, refused
from hypothesis import example, given
from hypothesis import strategies as st
from kedro_azureml_datasets.azure_ml.downloading.blob_names import make_path_below
from kedro_azureml_datasets.azure_ml.errors import UnsafeBlobNameError
from stress import examples

BLOBS = "*.blob.core.windows.net"


def test_a_folder_comes_whole(azure, shop):
    files = {"p.txt": "p", "deep/er/q r.txt": "q", "ä/ü.txt": "ä", "p.txt.bak": "b", "+%20": "c"}
    azure.register("penguins", "1", {name: text.encode() for name, text in files.items()})
    assert loaded(shop.load(**PINNED)) == "p"
    assert shop.files() == {f"1/{name}": text for name, text in files.items()}
    for blob in azure.container().list_blobs(name_starts_with="penguins/1/"):
        name = blob.name.removeprefix("penguins/1/")
        local = shop.folder / "data/penguins/1" / name
        # How the next process knows the file: whole seconds, as no file has that was just written.
        assert local.stat().st_mtime_ns == int(blob.last_modified.timestamp()) * 10**9, name


def test_another_asset_whose_name_begins_alike_does_not_come_with_it(azure, shop):
    azure.register("penguins", "1", {"p.txt": b"one"})
    azure.register("penguins", "10", {"p.txt": b"ten"})
    shop.load(**PINNED)
    assert shop.files() == {"1/p.txt": "one"}


def test_the_markers_of_a_data_lakes_folders_are_not_files(azure, shop):
    azure.register(
        "penguins", "1", {"p.txt": b"p", "sub": b""}, metadata={"sub": {"hdi_isfolder": "true"}}
    )
    azure.put_blob("penguins/1/other/", b"")
    assert loaded(shop.load(**PINNED)) == "p"
    assert shop.files() == {"1/p.txt": "p"}


def test_a_file_comes_under_the_name_in_filepath(azure, shop):
    azure.register("penguins", "1", {"blob-0815.bin": b"p"}, kind="uri_file")
    assert loaded(shop.load(**FILE)) == "p"
    assert shop.files() == {"1/p.txt": "p"}


def test_a_second_entry_may_give_the_same_file_another_name(azure, shop):
    azure.register("penguins", "1", {"blob-0815.bin": b"p"}, kind="uri_file")
    loaded(shop.load(**FILE))
    nested = {"type": "text.TextDataset", "filepath": "deep/q.txt"}
    assert loaded(shop.load(**FILE, dataset=nested)) == "p"
    assert shop.files() == {"1/p.txt": "p", "1/deep/q.txt": "p"}


def test_a_partitioned_asset_comes_with_all_its_parts(azure, shop):
    azure.register("penguins", "1", {"parts/a": b"a", "parts/b": b"b"})
    kind = "partitions.PartitionedDataset"
    nested = {"type": kind, "path": "parts", "dataset": "text.TextDataset"}
    assert loaded(shop.load(**PINNED, dataset=nested)) == "['a', 'b']"


@pytest.mark.parametrize(
    ("kind", "credentials"),
    [
        ("AzureBlob", "Sas"),
        ("AzureBlob", "AccountKey"),
        ("AzureBlob", "None"),
        ("AzureDataLakeGen2", "None"),
        ("AzureDataLakeGen2", "ServicePrincipal"),
    ],
)
def test_datastores_of_these_kinds_are_read(kind, credentials, azure, shop):
    azure.add_datastore("lake", credentials, kind)
    azure.register("penguins", "1", {"p.txt": b"p"}, datastore="lake")
    assert loaded(shop.load(**PINNED)) == "p"


@pytest.mark.parametrize(
    "uri",
    [
        "https://loopbackstore.blob.core.windows.net/{container}/penguins/1",
        "https://loopbackstore.dfs.core.windows.net/{container}/penguins/1/",
        "wasbs://{container}@loopbackstore.blob.core.windows.net/penguins/1",
        "abfss://{container}@loopbackstore.dfs.core.windows.net/penguins/1/",
        "azureml://datastores/workspaceblobstore/paths/penguins/1/",
    ],
)
def test_an_asset_may_be_registered_by_any_of_these_addresses(uri, azure, shop):
    uri = uri.format(container=azure.container_name)
    azure.register("penguins", "1", {"p.txt": b"p"}, uri=uri)
    assert loaded(shop.load(**PINNED)) == "p"


@pytest.mark.parametrize(
    ("uri", "told"),
    [
        ("http://example.com/penguins.csv", "which cannot be downloaded"),
        ("azureml://datastores/files/paths/penguins", "kind 'AzureFileDatastore'"),
        # Some releases of the SDK can say no more of these than the name of a class.
        ("azureml://datastores/certified/paths/penguins", "'Certificate"),
    ],
)
def test_storage_that_cannot_be_read_is_named(uri, told, azure, shop):
    azure.add_datastore("files", "AccountKey", "AzureFile")
    azure.add_datastore("certified", "Certificate", "AzureDataLakeGen2")
    azure.register("penguins", "1", None, uri=uri)
    assert told in refused(shop.load(**PINNED), "AssetStorageError")
    nothing_left(shop)


@pytest.mark.parametrize(
    ("registered", "asked", "told"),
    [
        ("uri_file", PINNED, "Write 'azureml_type: uri_file'"),
        ("uri_folder", FILE, "Write 'azureml_type: uri_folder'"),
        ("mltable", PINNED, "Register the data as 'uri_folder'"),
    ],
)
def test_another_type_than_the_catalogs_is_named(registered, asked, told, azure, shop):
    azure.register("penguins", "1", {"p.txt": b"p"}, kind=registered)
    assert told in refused(shop.load(**asked), "AssetTypeError")
    nothing_left(shop)


def test_an_asset_whose_data_is_gone_is_named(azure, shop):
    azure.register("penguins", "gone", None)
    told = refused(shop.load(azureml_version="gone"), "NoDataError")
    assert "its data does not exist" in told
    nothing_left(shop, "gone")


def test_a_file_whose_blob_is_gone_is_named(azure, shop):
    azure.register("penguins", "1", None, kind="uri_file")
    assert "does not exist" in refused(shop.load(**FILE), "NoDataError")
    nothing_left(shop)


def test_a_key_that_storage_refuses_is_named(azure, shop):
    azure.register("penguins", "1", {"p.txt": b"p"})
    for secret in azure.control.secrets.values():
        secret["sasToken"] = "sv=2021-08-06&sig=wrong"
    told = refused(shop.load(**PINNED), "ForbiddenError")
    assert "Reading the data of the asset failed" in told
    assert "Storage Blob Data Reader" in told
    nothing_left(shop)


# Names of blobs


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("%2e%2e/evil", "climbs"),
        ("a/../../../evil", "climbs"),
        ("/etc/evil", "not the relative path of a file"),
        ("a//evil", "not the relative path of a file"),
        ("%0Aevil", "control character"),
        ("n" * 300, "longer than a file's name"),
        ("p.txt/evil", "is both a file and a folder"),
    ],
)
def test_a_name_that_cannot_be_a_file_below_the_version_is_refused_whole(name, told, azure, shop):
    azure.register("penguins", "hostile", {"p.txt": b"p"})
    azure.put_blob(f"penguins/hostile/{name}")
    assert told in refused(shop.load(azureml_version="hostile"), "UnsafeBlobNameError")
    nothing_left(shop, "hostile")
    assert not list(shop.folder.rglob("*evil*"))


letters = st.sampled_from(
    ["a", "B", ".", "..", "/", "\\", "\0", "\n", "ä", "\ud83d", " ", "C:", "~"]
)
names = st.lists(letters, max_size=8).map("".join) | st.text(max_size=400)


@examples(300)
@given(names)
@example("..")
@example("/etc/passwd")
@example("a\\..\\b")
@example("ä" * 200)
def test_property_of_a_blobs_name_it_is_below_the_folder_or_refused(name):
    try:
        path = make_path_below(name)
    except UnsafeBlobNameError:
        return
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "version")
        target = root / path
        target.parent.mkdir(parents=True)
        target.write_bytes(b"x")
        assert target.resolve().is_relative_to(root.resolve())
        assert target.resolve() != root.resolve()
        assert list(Path(folder).iterdir()) == [root]
        assert path.as_posix() == name


# What is shown


def test_a_log_has_a_line_for_the_files(azure, shop):
    azure.register("penguins", "1", {"p.txt": b"12345", "q.txt": b"6"})
    lines = shop.load(**PINNED).output.splitlines()
    assert "INFO Data asset 'penguins', version '1': downloading 2 files, 6 bytes." in lines
    assert "INFO Data asset 'penguins', version '1': 2 of 2 files." in lines


def test_a_terminal_has_a_bar_with_bytes_and_files_and_the_time_left(azure, shop):
    azure.register("penguins", "1", {"p.txt": b"12345", "q.txt": b"6"})
    master, slave = pty.openpty()
    running = shop.start_load(
        "import os; os.environ.update(TERM='xterm', COLUMNS='120')\n",
        terminal=os.ttyname(slave),
        **PINNED,
    )
    finished = running.wait()
    os.close(slave)
    shown = os.read(master, 65536).decode()
    os.close(master)
    assert loaded(finished) == "12345", shown
    assert "2/2 files" in shown
    assert "6/6 bytes" in shown
    assert "0:00:00" in shown
