"""Which version of a data asset is read, and where a write goes."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Any

import pytest
from kedro.io import AbstractDataset, DataCatalog, DatasetError, Version
from kedro_azureml_datasets import AzureMLAssetDataset, AzureMLDatasetError
from kedro_azureml_datasets.version_origin import Origin, locate_origin_file, write_origin

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import KedroProject

NESTED = {"type": "text.TextDataset", "filepath": "p.txt"}
ENTRY = {
    "type": "kedro_azureml_datasets.AzureMLAssetDataset",
    "azureml_dataset": "penguins",
    "dataset": NESTED,
}


def penguins(**arguments: Any) -> AzureMLAssetDataset:
    return AzureMLAssetDataset("penguins", NESTED, **arguments)


def cache(project: KedroProject, *versions: str, age_s: int = 0) -> None:
    """Put versions onto this machine, as a download does; each holds its own name."""
    origin = Origin("s", "r", "w", "id", "2025-01-01T00:00:00+00:00", "me")
    for version in versions:
        file = project.write(f"data/penguins/{version}/p.txt", version)
        made = file.stat().st_mtime - age_s
        os.utime(file.parent, (made, made))
        if version != "local":
            write_origin(locate_origin_file(file.parents[1], version), origin)


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO)
    return caplog


def test_the_pinned_version_is_read(project: KedroProject, said: pytest.LogCaptureFixture) -> None:
    cache(project, "1", "2", "10")
    assert penguins(azureml_version="2").load() == "2"
    assert not said.records


def test_a_version_may_be_written_as_a_number(project: KedroProject) -> None:
    cache(project, "0", "2")
    assert penguins(azureml_version=2).load() == "2"
    assert penguins(azureml_version=0).load() == "0"


def test_load_versions_beats_azureml_version(project: KedroProject) -> None:
    cache(project, "1", "2")
    assert penguins(version=Version("1", None), azureml_version="2").load() == "1"


def test_a_version_object_without_a_load_version_leaves_the_pin(project: KedroProject) -> None:
    cache(project, "1", "2")
    assert penguins(version=Version(None, "2026-01-01"), azureml_version="1").load() == "1"


def test_kedro_passes_load_versions_because_the_class_is_versioned(project: KedroProject) -> None:
    cache(project, "1", "2", "local")
    assert AzureMLAssetDataset.versioned is True
    entries = {"pinned": {**ENTRY, "azureml_version": "2"}, "{any}_asset": ENTRY}
    catalog = DataCatalog.from_config(
        entries, load_versions={"pinned": "1", "factory_asset": "local"}, save_version="now"
    )
    assert catalog.load("pinned") == "1"
    assert catalog.load("factory_asset") == "local"


def test_without_a_pin_the_newest_here_is_read_and_a_warning_says_so(
    project: KedroProject, said: pytest.LogCaptureFixture
) -> None:
    cache(project, "9", "10", "8")
    assert penguins().load() == "10"
    (record,) = said.records
    assert record.levelno == logging.WARNING
    assert "'penguins'" in record.getMessage()
    assert "'10'" in record.getMessage()


def test_numbers_are_newer_than_names_and_names_are_as_new_as_their_folder(
    project: KedroProject,
) -> None:
    cache(project, "zebra", age_s=100)
    cache(project, "antelope", age_s=10)
    assert penguins().load_version == "antelope"
    cache(project, "1", age_s=1000)
    assert penguins().load_version == "1"


def test_unfinished_downloads_and_stray_files_are_not_versions(project: KedroProject) -> None:
    cache(project, "blue", age_s=100)
    cache(project, ".green.part")
    project.write("data/penguins/12", "a file")
    assert penguins().load() == "blue"


def test_local_is_read_only_where_no_registered_version_is_here(
    project: KedroProject, said: pytest.LogCaptureFixture
) -> None:
    cache(project, "local")
    assert penguins().load() == "local"
    assert [record.levelname for record in said.records] == ["WARNING"]
    cache(project, "blue", age_s=100)
    assert penguins().load() == "blue"


def test_local_can_be_pinned_in_the_catalog(
    project: KedroProject, said: pytest.LogCaptureFixture
) -> None:
    cache(project, "1", "local")
    assert penguins(azureml_version="local").load() == "local"
    assert not said.records


def test_nothing_here_is_an_error_that_names_the_folder_to_fill(project: KedroProject) -> None:
    with pytest.raises(AzureMLDatasetError, match="'penguins'") as caught:
        penguins().load()
    assert str(project.folder / "data/penguins/<version>") in caught.value.hint


def test_a_version_that_is_not_here_is_an_error_that_lists_those_that_are(
    project: KedroProject,
) -> None:
    cache(project, "1", "2", "local")
    with pytest.raises(AzureMLDatasetError, match="Version '3'") as caught:
        penguins(azureml_version="3").load()
    assert str(project.folder / "data/penguins/3") in caught.value.message
    assert "1, 2, local" in caught.value.hint


def test_a_missing_version_of_an_asset_without_any_says_only_where_to_put_it(
    project: KedroProject,
) -> None:
    with pytest.raises(AzureMLDatasetError, match="Version '3'") as caught:
        penguins(azureml_version="3").load()
    assert caught.value.hint.startswith("Put its data there")


def test_local_before_anything_was_written_names_the_producer(project: KedroProject) -> None:
    cache(project, "1")
    with pytest.raises(AzureMLDatasetError, match="No local run has written") as caught:
        penguins(azureml_version="local").load()
    assert "node that produces it" in caught.value.hint


def test_one_line_says_that_a_local_run_has_written_since(
    project: KedroProject, said: pytest.LogCaptureFixture
) -> None:
    cache(project, "1", age_s=100)
    cache(project, "local")
    assert penguins(azureml_version="1").load() == "1"
    (record,) = said.records
    assert record.levelno == logging.INFO
    assert "--load-versions" in record.getMessage()


def test_that_line_appears_too_where_an_older_local_file_was_written_anew(
    project: KedroProject, said: pytest.LogCaptureFixture
) -> None:
    cache(project, "local", age_s=200)
    cache(project, "1", age_s=100)
    dataset = penguins(azureml_version="1")
    dataset.load()
    assert not said.records
    dataset.save("again")
    dataset.load()
    assert ["written" in record.getMessage() for record in said.records] == [True]


def test_kedro_shows_that_line_without_any_logging_of_the_users_own(project: KedroProject) -> None:
    project.catalog("""
        penguins:
          type: kedro_azureml_datasets.AzureMLAssetDataset
          azureml_dataset: penguins
          azureml_version: "1"
          dataset: {type: text.TextDataset, filepath: p.txt}
        """)
    cache(project, "1", age_s=100)
    cache(project, "local")
    project.pipeline("""
        nodes = [node(lambda text: text, 'penguins', 'copy', name='read')]
        """)
    assert "has written the data asset 'penguins' since" in project.run()


@pytest.mark.parametrize("pin", [None, "1", "local"])
def test_a_write_goes_to_local_whatever_is_pinned(project: KedroProject, pin: str | None) -> None:
    cache(project, "1")
    dataset = penguins(azureml_version=pin)
    dataset.save("new")
    assert project.read("data/penguins/local/p.txt") == "new"
    assert project.read("data/penguins/1/p.txt") == "1"


def test_what_a_notebook_has_just_saved_is_what_it_loads_and_one_line_says_so(
    project: KedroProject, said: pytest.LogCaptureFixture
) -> None:
    cache(project, "1")
    catalog = DataCatalog.from_config({"penguins": ENTRY})
    catalog.save("penguins", "new")
    said.clear()
    assert catalog.load("penguins") == "new"
    assert sum("as it was saved here" in record.getMessage() for record in said.records) == 1
    assert DataCatalog.from_config({"penguins": ENTRY}).load("penguins") == "1"


def test_as_local_intermediate_reads_what_was_written_and_leaves_the_first_as_it_was(
    project: KedroProject,
) -> None:
    cache(project, "1")
    dataset = penguins(azureml_version="1")
    dataset.save("new")
    assert dataset.as_local_intermediate().load() == "new"
    assert dataset.load() == "1"


def test_each_root_dir_has_its_own_versions(project: KedroProject) -> None:
    cache(project, "1")
    project.write("other/penguins/2/p.txt", "two")
    assert penguins(root_dir="other").load() == "two"


def test_a_folder_at_a_mount_holds_the_nested_path(project: KedroProject, elsewhere: Path) -> None:
    dataset = penguins().at(elsewhere)
    dataset.save("on the mount")
    assert (elsewhere / "p.txt").read_text() == "on the mount"
    assert dataset.load() == "on the mount"
    assert not (project.folder / "data").exists()


def test_a_file_at_a_mount_is_the_mount_whatever_its_name(
    project: KedroProject, elsewhere: Path
) -> None:
    mount = elsewhere / "deep/blob-0123"
    dataset = penguins(azureml_type="uri_file").at(mount)
    dataset.save("in the blob")
    assert mount.read_text() == "in the blob"
    assert dataset.load() == "in the blob"
    assert dataset.path == mount


def test_a_file_in_a_local_run_has_the_name_in_filepath(project: KedroProject) -> None:
    cache(project, "1")
    dataset = penguins(azureml_type="uri_file", azureml_version="1")
    assert dataset.load() == "1"
    dataset.save("new")
    assert project.read("data/penguins/local/p.txt") == "new"


def test_at_a_mount_no_version_is_looked_for(
    project: KedroProject, elsewhere: Path, said: pytest.LogCaptureFixture
) -> None:
    (elsewhere / "p.txt").write_text("mounted")
    assert penguins(azureml_version="7").at(elsewhere).load() == "mounted"
    assert not said.records


def test_it_exists_where_the_version_that_would_be_read_is_here(project: KedroProject) -> None:
    assert not penguins().exists()
    assert not penguins(azureml_version="2").exists()
    cache(project, "1")
    assert penguins().exists()
    assert not penguins(azureml_version="2").exists()
    assert not penguins().as_local_intermediate().exists()


def test_a_partitioned_asset_is_a_folder_of_the_version(project: KedroProject) -> None:
    dataset = AzureMLAssetDataset(
        "parts",
        {"type": "partitions.PartitionedDataset", "path": "p", "dataset": "text.TextDataset"},
    )
    dataset.save({"a": "first"})
    assert project.read("data/parts/local/p/a") == "first"
    assert dataset.as_local_intermediate().load()["a"]() == "first"


def test_it_describes_itself_without_looking_for_a_version(project: KedroProject) -> None:
    assert "penguins" in str(penguins())
    assert "version='2'" in str(penguins(azureml_version="2"))
    assert "mount='/mnt'" in str(penguins(azureml_version="2").at("/mnt"))


@pytest.mark.parametrize("name", ["", "a b", "a/b", "../a", "-a", ".a", "a:1", "ä", "a\n", None])
def test_a_name_that_no_asset_can_have_is_refused(project: KedroProject, name: Any) -> None:
    if name is None:
        name = "azureml:penguins"
    with pytest.raises(AzureMLDatasetError, match="cannot be the name") as caught:
        AzureMLAssetDataset(name, NESTED)
    assert caught.value.hint


def test_a_name_that_yaml_reads_as_a_number_is_a_name(project: KedroProject) -> None:
    dataset = AzureMLAssetDataset(2024, NESTED)  # type: ignore[arg-type]
    assert dataset.path == project.folder / "data/2024/local/p.txt"


@pytest.mark.parametrize("kind", ["mltable", "URI_FILE", "", None])
def test_a_type_other_than_a_file_or_a_folder_is_refused(project: KedroProject, kind: Any) -> None:
    with pytest.raises(AzureMLDatasetError, match="azureml_type") as caught:
        penguins(azureml_type=kind)
    assert caught.value.hint == "Write one of: uri_folder, uri_file."


@pytest.mark.parametrize("version", ["", ".", "..", "../1", "a/b", "a\\b", "a\0", " 1", "1 "])
def test_a_version_that_cannot_be_a_folder_is_refused(project: KedroProject, version: str) -> None:
    with pytest.raises(AzureMLDatasetError, match="cannot be a version") as caught:
        penguins(azureml_version=version)
    assert caught.value.hint


def test_a_version_without_the_file_of_its_entry_names_what_is_there_and_what_to_do(
    project: KedroProject,
) -> None:
    for number in range(6):
        project.write(f"data/penguins/2/parts/{number}.txt", "x")
    with pytest.raises(AzureMLDatasetError) as caught:
        penguins(azureml_version="2").load()
    folder = project.folder / "data/penguins/2"
    assert caught.value.message == (
        f"Version '2' of the data asset 'penguins' has no 'p.txt': its folder '{folder}' holds "
        "parts/0.txt, parts/1.txt, parts/2.txt, parts/3.txt, parts/4.txt and more."
    )
    assert caught.value.hint == (
        "Correct the path in the catalog entry, or download the version again:  "
        "kedro azureml assets pull penguins --version 2 --replace"
    )


@pytest.mark.parametrize(
    ("version", "told", "hint"),
    [
        ("3", "is empty", "assets pull penguins --version 3 --replace"),
        ("local", "is empty", "run the node that writes it again"),
    ],
)
@pytest.mark.parametrize(
    "nested",
    [
        NESTED,
        {"type": "json.JSONDataset", "filepath": "deep/p.json"},
        {"type": "partitions.PartitionedDataset", "path": "parts", "dataset": NESTED["type"]},
    ],
)
def test_so_does_an_empty_version_whatever_reads_it(
    project: KedroProject, nested: dict[str, str], version: str, told: str, hint: str
) -> None:
    (project.folder / "data/penguins" / version).mkdir(parents=True)
    dataset = AzureMLAssetDataset("penguins", nested, azureml_version=version)
    with pytest.raises(AzureMLDatasetError, match=told) as caught:
        dataset.load()
    assert f"'{nested.get('filepath') or nested['path']}'" in caught.value.message
    assert hint in caught.value.hint


def _make_a_loop(path: Path) -> None:
    path.symlink_to(path.name)


def _make_a_folder(path: Path) -> None:
    path.mkdir()
    (path / "part-0.txt").touch()


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (_make_a_loop, "has a link at '{file}' that leads to no data: 'p.txt'."),
        (lambda file: file.symlink_to("gone"), "'{file}' that leads to no data: 'gone'."),
        (_make_a_folder, "has a folder, not a file, at '{file}', which holds part-0.txt."),
        (lambda file: file.parent.rmdir() or file.parent.touch(), "'{folder}' is not a folder."),
        (lambda file: file.parent.rmdir() or os.mkfifo(file.parent), "'{folder}' is not a folder."),
    ],
    ids=[
        "loop of links",
        "broken link",
        "folder for a file",
        "file for a folder",
        "pipe for a folder",
    ],
)
def test_a_damaged_version_names_what_is_there_instead(
    project: KedroProject, damage: Callable[[Path], None], told: str
) -> None:
    folder = project.folder / "data/penguins/2"
    folder.mkdir(parents=True)
    damage(folder / "p.txt")
    with pytest.raises(AzureMLDatasetError) as caught:
        penguins(azureml_version="2").load()
    assert told.format(folder=folder, file=folder / "p.txt") in caught.value.message
    assert "assets pull penguins --version 2 --replace" in caught.value.hint


@pytest.mark.parametrize("kind", ["uri_folder", "uri_file"])
def test_a_mount_without_the_file_of_its_entry_names_the_mount(elsewhere: Path, kind: str) -> None:
    mount = elsewhere / "mount"
    if kind == "uri_folder":
        mount.mkdir()
        (mount / "q.txt").touch()
    with pytest.raises(AzureMLDatasetError) as caught:
        penguins(azureml_type=kind).at(mount).load()
    assert "mounted for this step" in caught.value.message
    assert f"'{mount}'" in caught.value.message
    assert ("holds q.txt" in caught.value.message) == (kind == "uri_folder")


def test_a_file_that_is_there_and_cannot_be_parsed_is_the_nested_datasets_error(
    project: KedroProject,
) -> None:
    project.write("data/penguins/2/p.json", "{")
    nested = {"type": "json.JSONDataset", "filepath": "p.json"}
    dataset = AzureMLAssetDataset("penguins", nested, azureml_version="2")
    with pytest.raises(DatasetError, match="property name") as caught:
        dataset.load()
    assert type(caught.value) is DatasetError


def test_a_file_asset_whose_folder_is_empty_names_the_file_that_is_missing(
    project: KedroProject,
) -> None:
    (project.folder / "data/penguins/2").mkdir(parents=True)
    with pytest.raises(AzureMLDatasetError) as caught:
        penguins(azureml_type="uri_file", azureml_version="2").load()
    assert f"there is no '{project.folder}/data/penguins/2/p.txt'" in caught.value.message
    assert "Here are" not in caught.value.hint


class Counted(AbstractDataset[str, str]):
    """Counts how often it is built."""

    built = 0

    def __init__(self, filepath: str) -> None:
        type(self).built += 1

    def load(self) -> str:
        return "loaded"

    def save(self, data: str) -> None:
        pass

    def _describe(self) -> dict[str, Any]:
        return {}


@pytest.mark.parametrize("kind", ["uri_folder", "uri_file"])
def test_loading_a_pinned_version_that_is_here_builds_once_and_looks_at_the_disk_twice(
    project: KedroProject, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache(project, "1", "local")
    nested = {"type": Counted, "filepath": "p.txt"}
    dataset = AzureMLAssetDataset("penguins", nested, azureml_type=kind, azureml_version="1")
    Counted.built = 0
    looked: list[Any] = []
    stat = os.stat
    monkeypatch.setattr(os, "stat", lambda path, **more: looked.append(path) or stat(path, **more))
    for _ in range(10):
        looked.clear()
        assert dataset.load() == "loaded"
        # Other tests may have left what looks elsewhere, such as a log that is set up.
        assert len([path for path in looked if str(project.folder) in str(path)]) <= 2
    assert Counted.built == 1


def test_a_version_that_begins_with_a_dot_is_refused(project: KedroProject) -> None:
    with pytest.raises(AzureMLDatasetError, match="cannot be a version"):
        penguins(azureml_version=".1.part")
