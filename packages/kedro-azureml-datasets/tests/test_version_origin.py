"""A version on this machine knows which workspace it came from, and is read for no other."""

import copy
import json
import logging
import pickle
from pathlib import Path

import pytest
from kedro.config import OmegaConfigLoader
from kedro_azureml_datasets import AzureMLAssetDataset, LocalVersions
from kedro_azureml_datasets.azure_ml import settings
from kedro_azureml_datasets.azure_ml.settings import Workspace, remember_session_settings
from kedro_azureml_datasets.version_origin import (
    ForeignVersionError,
    locate_origin_file,
    make_origin,
    read_origin,
    write_origin,
)

DEV = Workspace("s", "r", "dev")
PROD = Workspace("s", "r", "prod")
PINNED = {"azureml_version": "1", "dataset": {"type": "text.TextDataset", "filepath": "p.txt"}}


@pytest.fixture
def assets(tmp_path, monkeypatch):
    """A project whose data/penguins holds versions; azureml.yml names the workspace `dev`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(settings, "_session_settings", None)
    return Folder(tmp_path)


class Folder:
    def __init__(self, project: Path) -> None:
        self.project = project
        self.folder = project / "data/penguins"
        self.choose(DEV)

    def choose(self, workspace, **entries):
        """Write azureml.yml and begin a session that reads it."""
        all_of_them = {"__default__": workspace, **entries}
        content = {"workspace": {name: vars(each) for name, each in all_of_them.items()}}
        for folder in ("conf/base", "conf/local"):
            (self.project / folder).mkdir(parents=True, exist_ok=True)
        (self.project / "conf/base/azureml.yml").write_text(json.dumps(content))
        conf = str(self.project / "conf")
        remember_session_settings(OmegaConfigLoader(conf, base_env="base", default_run_env="local"))

    def put(self, version, workspace=None):
        folder = self.folder / version
        folder.mkdir(parents=True)
        (folder / "p.txt").write_text(f"version {version}")
        if workspace is not None:
            write_origin(
                locate_origin_file(self.folder, version), make_origin(workspace, "azureml:p")
            )


def load(**arguments):
    return AzureMLAssetDataset("penguins", **{**PINNED, **arguments}).load()


def test_a_version_of_the_same_workspace_is_read(assets):
    assets.put("1", DEV)
    assert load() == "version 1"


def test_the_names_are_compared_as_azure_compares_them(assets):
    assets.put("1", Workspace("S", "R", "Dev"))
    assert load() == "version 1"


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (PROD, ("'prod'", "'dev'")),
        (Workspace("s", "other", "dev"), ("'dev' of 'other' (s)", "'dev' of 'r' (s)")),
        (Workspace("o", "r", "DEV"), ("'DEV' of 'r' (o)", "'dev' of 'r' (s)")),
    ],
)
def test_a_version_of_another_workspace_is_refused_with_both_names(assets, other, told):
    assets.put("1", other)
    with pytest.raises(ForeignVersionError) as caught:
        load()
    for name in told:
        assert name in caught.value.message
    assert "kedro azureml assets pull penguins --version 1 --replace" in caught.value.hint
    assert "root_dir" in caught.value.hint


def test_the_hook_refuses_it_before_the_run_and_the_node_says_so(assets):
    assets.put("1", PROD)
    bound = AzureMLAssetDataset("penguins", **PINNED).as_local_input()
    with pytest.raises(ForeignVersionError):
        bound.load()


def test_the_workspace_of_the_entry_counts(assets):
    assets.choose(DEV, lab=PROD)
    assets.put("1", PROD)
    assert load(workspace="lab") == "version 1"
    with pytest.raises(ForeignVersionError):
        load()


def test_a_version_without_a_record_is_taken_and_reported_once(assets, caplog):
    assets.put("1")
    caplog.set_level(logging.INFO, "kedro.azureml")
    assert load() == load() == "version 1"
    told = [line for line in caplog.messages if "Nothing says from which workspace" in line]
    assert len(told) == 1
    assert "version '1' of the data asset 'penguins'" in told[0]


def test_what_a_local_run_has_written_belongs_to_no_workspace(assets, caplog):
    caplog.set_level(logging.INFO, "kedro.azureml")
    dataset = AzureMLAssetDataset("penguins", **{**PINNED, "azureml_version": "local"})
    dataset.save("mine")
    assert dataset.load() == "mine"
    assert "Nothing says" not in caplog.text


def test_without_a_workspace_nothing_can_be_compared_and_all_is_read(assets):
    assets.put("1", PROD)
    (assets.project / "conf/base/azureml.yml").unlink()
    conf = str(assets.project / "conf")
    remember_session_settings(OmegaConfigLoader(conf, base_env="base", default_run_env="local"))
    assert load() == "version 1"


def test_it_exists_for_its_own_workspace_alone(assets):
    assets.put("1", PROD)
    assert not AzureMLAssetDataset("penguins", **PINNED).exists()
    assets.choose(PROD)
    assert AzureMLAssetDataset("penguins", **PINNED).exists()


def test_versions_of_another_workspace_are_not_listed(assets):
    assets.put("1", DEV)
    assets.put("2", PROD)
    assets.put("3")
    versions = LocalVersions("penguins", assets.folder, workspace=lambda: DEV)
    assert versions.registered() == ["1", "3"]
    assert versions.all() == ["1", "3"]
    assert versions.foreign_origin("2").workspace == "prod"
    assert LocalVersions("penguins", assets.folder).registered() == ["1", "2", "3"]


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "null", '{"workspace": "prod"}', "\x00", "[" * 100_000]
)
def test_a_record_that_cannot_be_read_is_none(assets, content):
    assets.put("1")
    locate_origin_file(assets.folder, "1").write_text(content)
    assert load() == "version 1"


def test_a_record_that_is_a_device_is_not_read_to_its_end(assets):
    assets.put("1")
    locate_origin_file(assets.folder, "1").symlink_to("/dev/zero")
    assert load() == "version 1"


def test_a_record_without_its_version_says_nothing(assets):
    assets.put("2", DEV)
    write_origin(locate_origin_file(assets.folder, "1"), make_origin(PROD, "azureml:p"))
    versions = LocalVersions("penguins", assets.folder, workspace=lambda: DEV)
    assert versions.origin("1") is None


def test_a_record_is_read_as_it_was_written(tmp_path):
    origin = make_origin(DEV, "/subscriptions/s/data/penguins/versions/1")
    write_origin(tmp_path / "o.json", origin)
    assert read_origin(tmp_path / "o.json") == origin
    assert [path.name for path in tmp_path.iterdir()] == ["o.json"]


def test_a_dataset_takes_its_workspace_along_into_other_processes(assets):
    assets.put("1", PROD)
    dataset = AzureMLAssetDataset("penguins", **PINNED)
    for twin in (copy.deepcopy(dataset), pickle.loads(pickle.dumps(dataset))):
        with pytest.raises(ForeignVersionError):
            twin.load()
