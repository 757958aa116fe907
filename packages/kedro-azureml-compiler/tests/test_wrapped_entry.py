"""The entry that a finding gives can be pasted: the job compiles, and the dataset can be built."""

from typing import Any

import pytest
import yaml
from kedro.io import DataCatalog
from kedro_azureml_compiler.examination import examine_facts
from kedro_azureml_compiler.planning.facts import DatasetKind
from kedro_azureml_compiler.project.azureml_yml import read_settings
from kedro_azureml_compiler.project.reading import read_project
from kedro_azureml_compiler.project.request import ProjectRequest
from kedro_azureml_compiler.settings.models import Job

pytestmark = pytest.mark.once

PLAIN = {"type": "json.JSONDataset", "filepath": "x.json"}
CODE = "local-data-between-steps"


def hints(project) -> list[str]:
    request = ProjectRequest(project.root)
    job = Job()
    examined = examine_facts("j", read_settings(request), job, read_project(request, job))
    return [finding.hint for finding in examined.findings if finding.code == CODE]


def pasted(hint: str) -> dict[str, Any]:
    """Read the entries of a hint, which stand below its first line."""
    entries: dict[str, Any] = yaml.safe_load(hint.split("\n", 1)[1])
    return entries


def checked_again(project, entries: dict[str, Any], name: str = "kept"):
    """Paste entries in place of the catalog's, check again, and give what is known of one."""
    project.catalog(yaml.safe_dump(entries))
    assert hints(project) == []
    return read_project(ProjectRequest(project.root), Job()).datasets[name]


@pytest.mark.parametrize(
    ("entry", "path"),
    [
        ("{type: json.JSONDataset, filepath: data/made/x.json}", "data/made/x.json"),
        ("{type: json.JSONDataset, filepath: 'a b/x y#.json'}", "a b/x y#.json"),
        ("{type: json.JSONDataset, filepath: x.json}", "x.json"),
        ("{type: json.JSONDataset, filepath: /elsewhere/x.json}", "data/x.json"),
        ("{type: json.JSONDataset, filepath: 'file:///elsewhere/x.json'}", "data/x.json"),
        ("{type: json.JSONDataset, filepath: x.json, save_args: {indent: 2}}", "x.json"),
        (
            "{type: partitions.PartitionedDataset, path: data/parts, dataset: json.JSONDataset}",
            "data/parts",
        ),
        (
            "{type: CachedDataset, dataset: {type: json.JSONDataset, filepath: data/x.json}}",
            "data/x.json",
        ),
        (
            "{type: CachedDataset, dataset: {type: text.TextDataset, filepath: a/b/x.txt}}",
            "a/b/x.txt",
        ),
    ],
)
def test_the_entry_can_be_pasted(small_project, entry, path):
    small_project.nodes(("a", None, "kept"), ("b", "kept", "z"))
    small_project.catalog(f"kept: {entry}\n")
    (hint,) = hints(small_project)
    facts = checked_again(small_project, pasted(hint))
    assert (facts.kind, facts.local_path) == (DatasetKind.PIPELINE, path)
    assert DataCatalog.from_config(pasted(hint))["kept"] is not None
    original = yaml.safe_load(entry)
    kept = {k: v for k, v in original.items() if k not in {"filepath", "path", "dataset"}}
    assert kept.items() <= pasted(hint)["kept"]["dataset"].items()


def test_a_class_of_ones_own_is_wrapped_with_the_name_of_its_path(small_project):
    small_project.write(
        f"src/{small_project.package}/store.py",
        "from kedro.io import AbstractDataset\n"
        "class Store(AbstractDataset):\n"
        "    def __init__(self, folder, mode=1): self.folder = folder\n"
        "    def _load(self): ...\n    def _save(self, data): ...\n"
        "    def _describe(self): return {}\n",
    )
    small_project.nodes(("a", None, "kept"), ("b", "kept", "z"))
    kind = f"{small_project.package}.store.Store"
    small_project.catalog(f"kept: {{type: {kind}, folder: data/store, mode: 3}}\n")
    (hint,) = hints(small_project)
    facts = checked_again(small_project, pasted(hint))
    assert (facts.kind, facts.local_path) == (DatasetKind.PIPELINE, "data/store")
    assert pasted(hint)["kept"]["filepath_arg"] == "folder"
    assert pasted(hint)["kept"]["dataset"]["mode"] == 3


def test_what_other_arguments_hold_is_not_shown_where_it_may_be_a_secret(small_project):
    small_project.nodes(("a", None, "kept"), ("b", "kept", "z"))
    for argument in (
        "fs_args: {key: hunter2}",
        "load_args: {storage_options: {account_key: hunter2}}",
        "save_args: {url: 'https://me:hunter2@example.com'}",
    ):
        small_project.catalog(f"kept: {{type: pandas.JSONDataset, filepath: x.json, {argument}}}\n")
        (hint,) = hints(small_project)
        name = argument.partition(":")[0]
        assert hint.endswith(
            f"dataset: {{type: pandas.JSONDataset, filepath: x.json}}  # and {name}, as before"
        )
        assert "hunter2" not in hint


def test_metadata_stays_with_the_entry_and_interpolations_as_they_are_written(small_project):
    small_project.nodes(("a", None, "kept"), ("b", "kept", "z"))
    small_project.catalog(
        "_root: data/made\n_args: {indent: 2}\n"
        "kept:\n  type: json.JSONDataset\n  filepath: ${_root}/x.json\n  save_args: ${_args}\n"
        "  metadata: {kedro-viz: {layer: raw}}\n"
    )
    (hint,) = hints(small_project)
    entry = pasted(hint)["kept"]
    assert entry["dataset"]["metadata"] == {"kedro-viz": {"layer": "raw"}}
    assert entry["dataset"]["filepath"] == "${_root}/x.json"
    assert entry["dataset"]["save_args"] == "${_args}"
    built = DataCatalog.from_config({"kept": {**entry, "dataset": PLAIN | {"metadata": "raw"}}})
    assert built["kept"].metadata == "raw"  # where Kedro-Viz looks for it
    more = {"_root": "data/made", "_args": {"indent": 2}}
    facts = checked_again(small_project, {**more, **pasted(hint)})
    assert facts.local_path == "data/made/x.json"


def test_a_path_that_is_an_interpolation_alone_stays_one(small_project):
    small_project.nodes(("a", None, "kept"), ("b", "kept", "z"))
    small_project.catalog(
        "_path: data/made/x.json\nkept: {type: json.JSONDataset, filepath: '${_path}'}\n"
    )
    (hint,) = hints(small_project)
    assert pasted(hint)["kept"]["dataset"]["filepath"] == "${_path}"
    facts = checked_again(small_project, {"_path": "data/made/x.json", **pasted(hint)})
    assert facts.local_path == "data/made/x.json"


@pytest.mark.parametrize(
    ("filepath", "paths"),
    [
        ("data/{name}.json", ["data/one.json", "data/two.json"]),
        ("data/{name}/x.json", ["data/one/x.json", "data/two/x.json"]),
        ("{name}.json", ["one.json", "two.json"]),
        ("data/made/{name}_x.json", ["data/made/one_x.json", "data/made/two_x.json"]),
    ],
)
def test_a_factory_pattern_is_wrapped_once_and_for_all_its_datasets(small_project, filepath, paths):
    small_project.nodes(("a", None, ["one_j", "two_j"]), ("b", ["one_j", "two_j"], "z"))
    small_project.catalog(f'"{{name}}_j": {{type: json.JSONDataset, filepath: "{filepath}"}}\n')
    first, second = hints(small_project)
    assert first == second
    assert list(pasted(first)) == ["{name}_j"]
    checked_again(small_project, pasted(first), "one_j")
    facts = read_project(ProjectRequest(small_project.root), Job()).datasets
    assert [facts[name].local_path for name in ("one_j", "two_j")] == paths


def test_what_keeps_versions_gets_another_folder_or_an_asset(small_project, monkeypatch):
    monkeypatch.chdir(small_project.root)
    small_project.nodes(("a", None, "kept"), ("b", "kept", "z"))
    small_project.catalog("kept: {type: json.JSONDataset, filepath: d/x.json, versioned: true}\n")
    # What a local run has left: below a folder of the file's name, one folder for each version.
    small_project.write("d/x.json/2026-01-01T00.00.00.000Z/x.json", "{}")
    (hint,) = hints(small_project)
    assert "AzureMLAssetDataset" in hint.split("\n")[0]
    facts = checked_again(small_project, pasted(hint))
    assert facts.local_path == "data/unversioned/d/x.json"
    dataset = DataCatalog.from_config(pasted(hint))["kept"]
    assert "versioned" not in pasted(hint)["kept"]["dataset"]
    dataset.save({"a": 1})
    assert dataset.load() == {"a": 1}


def test_all_entries_of_a_transcoded_dataset_are_shown_together(small_project):
    small_project.nodes(("a", None, "kept@json"), ("b", "kept@text", "z"))
    small_project.catalog(
        "kept@json: {type: json.JSONDataset, filepath: d/x.json}\n"
        "kept@text: {type: text.TextDataset, filepath: d/x.json}\n"
    )
    (hint,) = hints(small_project)
    assert list(pasted(hint)) == ["kept@json", "kept@text"]
    facts = checked_again(small_project, pasted(hint), "kept@text")
    assert facts.local_path == "d/x.json"


def test_a_table_of_a_local_database_gets_a_server_or_external_as_its_hint(small_project):
    small_project.nodes(("a", None, "kept"), ("b", "kept", "z"))
    small_project.catalog(
        "kept: {type: pandas.SQLTableDataset, table_name: t, "
        "credentials: {con: 'sqlite:///data/my.db'}}\n"
    )
    (hint,) = hints(small_project)
    assert "a server that every container reaches" in hint
    external = yaml.safe_load(hint[hint.index("external:") :])
    small_project.settings_of({"j": external})
    assert small_project.check() == {"j": ()}
