"""The entry that a finding gives can be pasted: the job compiles, and the dataset can be built."""

import pytest
import yaml
from kedro.io import DataCatalog
from kedro_azureml_compiler.examination import examine_facts
from kedro_azureml_compiler.planning.facts import DatasetKind
from kedro_azureml_compiler.project.azureml_yml import read_settings
from kedro_azureml_compiler.project.opening import ProjectRequest
from kedro_azureml_compiler.project.reading import read_project
from kedro_azureml_compiler.settings.models import Job

CODE = "local-data-between-steps"


def hints(project) -> list[str]:
    request = ProjectRequest(project.root)
    job = Job()
    examined = examine_facts("j", read_settings(request), job, read_project(request, job))
    return [finding.hint for finding in examined.findings if finding.code == CODE]


@pytest.mark.parametrize(
    ("entry", "path"),
    [
        ("{type: json.JSONDataset, filepath: data/made/x.json}", "data/made/x.json"),
        ("{type: json.JSONDataset, filepath: 'a b/x y#.json'}", "a b/x y#.json"),
        ("{type: json.JSONDataset, filepath: x.json}", "x.json"),
        ("{type: json.JSONDataset, filepath: /elsewhere/x.json}", "data/x.json"),
        (
            "{type: partitions.PartitionedDataset, path: data/parts, dataset: json.JSONDataset}",
            "data/parts",
        ),
        (
            "{type: CachedDataset, dataset: {type: json.JSONDataset, filepath: data/x.json}}",
            "data/x.json",
        ),
    ],
)
def test_the_entry_can_be_pasted(small_project, entry, path):
    small_project.nodes(("a", None, "kept"), ("b", "kept", "z"))
    small_project.catalog(f"kept: {entry}\n")
    (hint,) = hints(small_project)
    pasted = yaml.safe_load(hint.split("\n", 1)[1])
    original = yaml.safe_load(entry)
    nested = pasted["kept"]["dataset"]
    if original["type"] == "partitions.PartitionedDataset":
        assert hint.endswith("# and dataset, as before")
        nested["dataset"] = original["dataset"]
    small_project.catalog(yaml.safe_dump(pasted))
    assert hints(small_project) == []
    facts = read_project(ProjectRequest(small_project.root), Job()).datasets["kept"]
    assert (facts.kind, facts.local_path) == (DatasetKind.PIPELINE, path)
    assert DataCatalog.from_config(pasted)["kept"] is not None


def test_what_other_arguments_hold_is_not_shown(small_project):
    small_project.nodes(("a", None, "kept"), ("b", "kept", "z"))
    small_project.catalog(
        "kept: {type: json.JSONDataset, filepath: x.json, fs_args: {key: hunter2}}\n"
    )
    (hint,) = hints(small_project)
    assert hint.endswith(
        "dataset: {type: json.JSONDataset, filepath: x.json}  # and fs_args, as before"
    )
    assert "hunter2" not in hint


def test_what_keeps_versions_is_told_what_does_so_in_azure_ml(small_project):
    small_project.nodes(("a", None, "kept"), ("b", "kept", "z"))
    small_project.catalog("kept: {type: json.JSONDataset, filepath: x.json, versioned: true}\n")
    (hint,) = hints(small_project)
    assert hint.endswith("filepath: x.json}  # for versions, an AzureMLAssetDataset")


def test_each_entry_of_a_transcoded_dataset_is_to_be_wrapped(small_project):
    small_project.nodes(("a", None, "kept@json"), ("b", "kept@text", "z"))
    small_project.catalog(
        "kept@json: {type: json.JSONDataset, filepath: x.json}\n"
        "kept@text: {type: text.TextDataset, filepath: x.json}\n"
    )
    (hint,) = hints(small_project)
    assert "and the others of this dataset likewise" in hint
    assert '"kept@json":' in hint
