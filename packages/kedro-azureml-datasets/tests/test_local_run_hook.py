"""A local run reads back what it has just written, and the hook touches nothing else."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import kedro
import pytest
from kedro.io import DataCatalog

if TYPE_CHECKING:
    from conftest import KedroProject

HAS_VALIDATORS = "validation_enabled" in inspect.signature(DataCatalog.from_config).parameters

ASSETS = """
raw:
  type: kedro_azureml_datasets.AzureMLAssetDataset
  azureml_dataset: raw
  azureml_version: "1"
  dataset: {type: text.TextDataset, filepath: raw.txt}
model:
  type: kedro_azureml_datasets.AzureMLAssetDataset
  azureml_dataset: model
  azureml_version: "1"
  dataset: {type: text.TextDataset, filepath: model.txt}
report:
  type: kedro_azureml_datasets.AzureMLPipelineDataset
  dataset: {type: text.TextDataset, filepath: report.txt}
"""

NODES = """
def train(raw):
    return "trained on " + raw

def evaluate(model):
    return "evaluated " + model

nodes = [
    node(train, "raw", "model", name="train"),
    node(evaluate, "model", "report", name="evaluate"),
]
"""

FRESH = "evaluated trained on raw 1"


@pytest.fixture
def shop(project: KedroProject) -> KedroProject:
    """A project in which version 1 of the assets `raw` and `model` is on this machine."""
    project.catalog(ASSETS)
    project.pipeline(NODES)
    project.write("data/raw/1/raw.txt", "raw 1")
    project.write("data/raw/local/raw.txt", "raw local")
    project.write("data/model/1/model.txt", "model 1")
    return project


@pytest.mark.parametrize("runner", ["SequentialRunner", "ThreadRunner", "ParallelRunner"])
def test_an_asset_that_the_run_produces_is_read_as_it_was_written(
    shop: KedroProject, runner: str
) -> None:
    shop.run(runner=runner)
    assert shop.read("data/report.txt") == FRESH
    assert shop.read("data/model/local/model.txt") == "trained on raw 1"
    assert shop.read("data/model/1/model.txt") == "model 1"


def test_an_asset_that_the_run_only_reads_keeps_its_pin(shop: KedroProject) -> None:
    shop.write("data/model/local/model.txt", "model local")
    shop.run(from_nodes=["evaluate"])
    assert shop.read("data/report.txt") == "evaluated model 1"


def test_load_versions_reads_local_in_a_later_run(shop: KedroProject) -> None:
    shop.run(to_nodes=["train"])
    shop.run(from_nodes=["evaluate"], load_versions={"model": "local"})
    assert shop.read("data/report.txt") == FRESH


def test_a_load_version_is_for_reading_and_leaves_what_the_run_produces(
    shop: KedroProject,
) -> None:
    shop.run(load_versions={"model": "1", "raw": "local"})
    assert shop.read("data/report.txt") == "evaluated trained on raw local"


@pytest.mark.parametrize("pattern", ["{name}_asset", "{name}"])
@pytest.mark.parametrize("runner", ["SequentialRunner", "ParallelRunner"])
def test_an_entry_of_a_factory_is_read_as_it_was_written(
    shop: KedroProject, pattern: str, runner: str
) -> None:
    shop.catalog(f"""
        report:
          type: kedro_azureml_datasets.AzureMLPipelineDataset
          dataset: {{type: text.TextDataset, filepath: report.txt}}
        "{pattern}":
          type: kedro_azureml_datasets.AzureMLAssetDataset
          azureml_dataset: "{{name}}"
          azureml_version: "1"
          dataset: {{type: text.TextDataset, filepath: "{{name}}.txt"}}
        """)
    suffix = pattern.removeprefix("{name}")
    shop.pipeline(NODES.replace('"raw"', f'"raw{suffix}"').replace('"model"', f'"model{suffix}"'))
    shop.run(runner=runner)
    assert shop.read("data/report.txt") == FRESH


@pytest.mark.parametrize("runner", ["SequentialRunner", "ParallelRunner"])
def test_a_transcoded_asset_is_one_dataset(shop: KedroProject, runner: str) -> None:
    shop.catalog(
        ASSETS.replace("model:\n", "model@text:\n", 1)
        + """
model@json:
  type: kedro_azureml_datasets.AzureMLAssetDataset
  azureml_dataset: model
  azureml_version: "1"
  dataset: {type: json.JSONDataset, filepath: model.txt}
"""
    )
    shop.pipeline(
        NODES.replace('"trained on " + raw', "{'trained on': raw}")
        .replace('"raw", "model"', '"raw", "model@json"')
        .replace('"model", "report"', '"model@text", "report"')
    )
    shop.run(runner=runner)
    assert "".join(shop.read("data/report.txt").split()) == 'evaluated{"trainedon":"raw1"}'


def test_in_a_step_it_does_nothing(shop: KedroProject) -> None:
    shop.run(variables={"KEDRO_AZUREML_STEP": "1"})
    assert shop.read("data/report.txt") == "evaluated model 1"


@pytest.mark.parametrize("content", [None, "workspace: [", "workspace: {other: 1}"])
def test_azureml_yml_is_not_needed_and_a_broken_one_does_not_matter(
    shop: KedroProject, content: str | None
) -> None:
    if content is not None:
        shop.write("conf/base/azureml.yml", content)
    shop.run()
    assert shop.read("data/report.txt") == FRESH


def test_datasets_that_the_run_does_not_use_are_not_built(shop: KedroProject) -> None:
    shop.write(
        "src/shop/loud.py",
        """
        from kedro.io import MemoryDataset

        class LoudDataset(MemoryDataset):
            def __init__(self, filepath):
                raise RuntimeError("built")
        """,
    )
    shop.catalog(
        ASSETS
        + """
unused:
  type: kedro_azureml_datasets.AzureMLAssetDataset
  azureml_dataset: not/a/name
  dataset: {type: text.TextDataset, filepath: x.txt}
unused_too:
  type: shop.loud.LoudDataset
  filepath: x.txt
missing_library:
  type: no_such_library.Dataset
  filepath: x.txt
"""
    )
    shop.run()
    assert shop.read("data/report.txt") == FRESH


def test_a_wrong_entry_fails_the_run_in_kedros_own_words(shop: KedroProject) -> None:
    shop.catalog(ASSETS.replace("azureml_dataset: model", "azureml_dataset: mo/del"))
    finished = shop.attempt()
    assert finished.returncode == 1
    assert "'mo/del' cannot be the name of a data asset." in finished.output
    assert "Failed to instantiate dataset 'model'" in finished.output
    assert "kedro_azureml_datasets/hooks.py" not in finished.output


def test_other_entries_stay_the_instances_that_they_were(shop: KedroProject) -> None:
    shop.write(
        "src/shop/settings.py",
        """
        from kedro.framework.hooks import hook_impl
        from kedro.io import MemoryDataset

        class Watch:
            @hook_impl
            def after_catalog_created(self, catalog):
                catalog["report"] = MemoryDataset()
                self.before = {name: catalog[name] for name in ("report", "model")}

            @hook_impl
            def after_pipeline_run(self, catalog):
                print("same:", [n for n, d in self.before.items() if catalog[n] is d])

        HOOKS = (Watch(),)
        """,
    )
    assert "same: ['report']" in shop.run()


def test_an_asset_that_a_hook_put_into_the_catalog_is_rebound_with_its_own_class(
    shop: KedroProject,
) -> None:
    shop.write(
        "src/shop/settings.py",
        """
        from kedro.framework.hooks import hook_impl
        from kedro_azureml_datasets import AzureMLAssetDataset

        class Shouting(AzureMLAssetDataset):
            def load(self):
                return super().load().upper()

        class Replace:
            @hook_impl
            def before_pipeline_run(self, catalog):
                nested = {"type": "text.TextDataset", "filepath": "m.txt"}
                catalog["model"] = Shouting("model", nested, azureml_version="1")

        HOOKS = (Replace(),)
        """,
    )
    shop.run()
    assert shop.read("data/report.txt") == "evaluated TRAINED ON RAW 1"


def test_kedro_warns_of_no_replaced_dataset(shop: KedroProject) -> None:
    assert "Replacing dataset" not in shop.run()


def test_only_missing_outputs_takes_a_registered_version_for_no_output(
    shop: KedroProject,
) -> None:
    shop.run(only_missing_outputs=True)
    assert shop.read("data/model/local/model.txt") == "trained on raw 1"
    shop.write("data/raw/1/raw.txt", "changed")
    shop.run(only_missing_outputs=True)
    assert shop.read("data/report.txt") == FRESH


@pytest.mark.skipif(
    not HAS_VALIDATORS, reason=f"Kedro {kedro.__version__} has no validators in the catalog"
)
@pytest.mark.parametrize("runner", ["SequentialRunner", "ParallelRunner"])
def test_the_validator_of_an_asset_works_before_and_after_rebinding(
    shop: KedroProject, runner: str
) -> None:
    shop.write(
        "src/shop/checks.py",
        """
        def check(data):
            print("checked", data, flush=True)
            if "raw 2" in data:
                raise ValueError("two is too many")
            return data
        """,
    )
    lines = ASSETS.replace(
        "  azureml_dataset: model", "  validator: shop.checks.check\n  azureml_dataset: model"
    )
    shop.catalog(lines)
    output = shop.run(runner=runner)
    assert output.count("checked trained on raw 1") == 2  # on save and on load
    assert shop.read("data/report.txt") == FRESH

    shop.write("data/raw/1/raw.txt", "raw 2")
    finished = shop.attempt(runner=runner)
    assert finished.returncode == 1
    assert "two is too many" in finished.output


@pytest.mark.skipif(
    not HAS_VALIDATORS, reason=f"Kedro {kedro.__version__} has no validators in the catalog"
)
@pytest.mark.parametrize("runner", ["SequentialRunner", "ParallelRunner"])
def test_the_validator_of_an_unpinned_asset_works_after_its_version_was_chosen(
    shop: KedroProject, runner: str
) -> None:
    shop.write(
        "src/shop/checks.py",
        """
        def check(data):
            if "raw 2" in data:
                raise ValueError("two is too many")
            return data
        """,
    )
    raw = "  azureml_dataset: raw\n"
    unpinned = ASSETS.replace(raw + '  azureml_version: "1"\n', raw)
    shop.catalog(unpinned.replace(raw, "  validator: shop.checks.check\n" + raw))
    assert "No version of the data asset 'raw' is pinned" in shop.run(runner=runner)
    shop.write("data/raw/2/raw.txt", "raw 2")
    finished = shop.attempt(runner=runner)
    assert finished.returncode == 1
    assert "two is too many" in finished.output


def test_it_imports_nothing_of_azure(shop: KedroProject) -> None:
    finished = shop.python(
        """
        import sys
        from kedro.framework.session import KedroSession
        from kedro.framework.startup import bootstrap_project

        bootstrap_project(sys.argv[1])
        with KedroSession.create(project_path=sys.argv[1]) as session:
            session.run()
        print("azure:", [name for name in sys.modules if name.partition(".")[0] == "azure"])
        """,
        str(shop.folder),
    )
    assert "azure: []" in finished.output
