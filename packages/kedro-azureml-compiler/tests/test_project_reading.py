"""What is read of a project: subclasses count, and nothing of this machine stays in it."""

import dataclasses

from kedro_azureml_compiler.compilation import compile_job
from kedro_azureml_compiler.planning.facts import DatasetKind
from kedro_azureml_compiler.project.reading import read_project
from kedro_azureml_compiler.project.request import ProjectRequest
from kedro_azureml_compiler.settings.models import Job

PIPELINES = """
def register_pipelines():
    return {"__default__": Pipeline([
        node(abs, "bought", "grown", name="grow"),
        node(abs, ["grown", "table", "made_by_pattern"][:1], "kept", name="keep"),
        node(abs, "table", "made_by_pattern", name="make"),
    ])}
"""

DATASETS = """
from kedro_azureml_datasets import AzureMLAssetDataset, AzureMLPipelineDataset

class Orchard(AzureMLPipelineDataset):
    pass

class Market(AzureMLAssetDataset):
    pass
"""

CATALOG = """
grown:
  type: {package}.datasets.Orchard
  dataset: {{type: json.JSONDataset, filepath: deep/grown.json}}
bought:
  type: {package}.datasets.Market
  azureml_dataset: apples
  dataset: {{type: json.JSONDataset, filepath: apples.json}}
table:
  type: json.JSONDataset
  filepath: data/reference/table.json
"{{x}}_by_pattern":
  type: {package}.datasets.Orchard
  root_dir: data/07
  dataset: {{type: json.JSONDataset, filepath: "{{x}}.json"}}
kept: {{type: json.JSONDataset, filepath: data/kept.json}}
"""


def orchard(project):
    project.pipelines(PIPELINES)
    project.write(f"src/{project.package}/datasets.py", DATASETS)
    project.write("conf/base/catalog.yml", CATALOG.format(package=project.package))
    project.write("data/reference/table.json", "1")
    return project


def test_subclasses_of_the_two_datasets_count_by_their_names_in_the_catalog(project):
    datasets = read_project(ProjectRequest(orchard(project).root), Job()).datasets
    kinds = {name: dataset.kind for name, dataset in datasets.items()}
    assert kinds["grown"] is kinds["made_by_pattern"] is DatasetKind.PIPELINE
    assert kinds["bought"] is DatasetKind.ASSET
    assert kinds["table"] is DatasetKind.STANDARD


def test_paths_come_out_relative_to_the_project(project):
    facts = read_project(ProjectRequest(orchard(project).root), Job())
    paths = {name: dataset.local_path for name, dataset in facts.datasets.items()}
    assert paths == {
        "bought": None,
        "grown": "data/deep/grown.json",
        "kept": "data/kept.json",
        "made_by_pattern": "data/07/made.json",
        "table": "data/reference/table.json",
    }
    root = str(facts.root)
    assert root not in str(dataclasses.replace(facts, root="the project"))


def test_nothing_of_this_machine_is_written(project):
    orchard(project)
    bundle = compile_job(project.root, "job").bundle
    for name in ("pipeline.yml", "plan.json", "plan.html"):
        assert str(project.root) not in (bundle / name).read_text()
