"""Whole runs of a project whose data lies in pipeline datasets."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import kedro
import pytest
from kedro.io import DataCatalog

if TYPE_CHECKING:
    from conftest import KedroProject

HAS_VALIDATORS = "validation_enabled" in inspect.signature(DataCatalog.from_config).parameters

NODES = """
def clean(raw):
    return [word.strip() for word in raw.split(",")]

def count(words):
    return {"words": len(words)}

def report(words, counts):
    return f"{counts['words']}: {' '.join(words)}"

nodes = [
    node(clean, "raw", "words", name="clean"),
    node(count, "words", "counts", name="count"),
    node(report, ["words", "counts"], "report", name="report"),
]
"""


def entry(name: str, kind: str = "json.JSONDataset", suffix: str = "json") -> str:
    return f"""
"{name}":
  type: kedro_azureml_datasets.AzureMLPipelineDataset
  root_dir: data/02
  dataset: {{type: {kind}, filepath: "{name}.{suffix}"}}
"""


RAW_AND_REPORT = entry("raw", "text.TextDataset", "txt") + entry(
    "report", "text.TextDataset", "txt"
)

CATALOGS = {
    "explicit entries": RAW_AND_REPORT + entry("words") + entry("counts"),
    "a factory": RAW_AND_REPORT + entry("{name}s"),
    "a catch-all": RAW_AND_REPORT + entry("{anything}"),
}


@pytest.mark.parametrize(
    ("runner", "catalog"),
    [
        ("SequentialRunner", "explicit entries"),
        ("SequentialRunner", "a factory"),
        ("SequentialRunner", "a catch-all"),
        ("ThreadRunner", "explicit entries"),
        ("ParallelRunner", "explicit entries"),
        ("ParallelRunner", "a catch-all"),
    ],
)
def test_a_pipeline_runs_with_every_runner(
    project: KedroProject, elsewhere: Path, runner: str, catalog: str
) -> None:
    project.catalog(CATALOGS[catalog])
    project.pipeline(NODES)
    project.write("data/02/raw.txt", "a, b")
    project.run(runner=runner, cwd=elsewhere)
    assert project.read("data/02/report.txt") == "2: a b"
    assert sorted(file.name for file in (project.folder / "data/02").iterdir()) == [
        "counts.json",
        "raw.txt",
        "report.txt",
        "words.json",
    ]
    assert not list(elsewhere.iterdir())


def test_a_transcoded_dataset_is_written_one_way_and_read_another(project: KedroProject) -> None:
    project.catalog(
        """
        table@pandas:
          type: kedro_azureml_datasets.AzureMLPipelineDataset
          dataset: {type: pandas.CSVDataset, filepath: table.csv, save_args: {index: false}}
        table@text:
          type: kedro_azureml_datasets.AzureMLPipelineDataset
          dataset: {type: text.TextDataset, filepath: table.csv}
        copy:
          type: kedro_azureml_datasets.AzureMLPipelineDataset
          dataset: {type: text.TextDataset, filepath: copy.txt}
        """
    )
    project.pipeline("""
        def make():
            import pandas as pd
            return pd.DataFrame({"a": [1, 2]})

        def copy(text):
            return "copied " + text

        nodes = [
            node(make, None, "table@pandas", name="make"),
            node(copy, "table@text", "copy", name="copy"),
        ]
        """)
    project.run()
    assert project.read("data/copy.txt").split() == ["copied", "a", "1", "2"]


def test_a_generator_node_saves_each_of_its_chunks(project: KedroProject) -> None:
    project.catalog("""
        log:
          type: kedro_azureml_datasets.AzureMLPipelineDataset
          dataset:
            type: text.TextDataset
            filepath: log.txt
            fs_args: {open_args_save: {mode: a}}
        """)
    project.pipeline("""
        def write():
            for chunk in "abc":
                yield chunk

        nodes = [node(write, None, "log", name="write")]
        """)
    project.run()
    assert project.read("data/log.txt") == "abc"


@pytest.mark.parametrize("runner", ["SequentialRunner", "ParallelRunner"])
def test_a_node_confirms_an_incremental_dataset(project: KedroProject, runner: str) -> None:
    project.catalog(
        """
        parts:
          type: kedro_azureml_datasets.AzureMLPipelineDataset
          dataset: {type: partitions.IncrementalDataset, path: parts, dataset: text.TextDataset}
        """
        + entry("new").replace("\n", "\n        ")
    )
    project.pipeline("""
        def take(parts):
            return sorted(parts)

        nodes = [node(take, "parts", "new", name="take", confirms="parts")]
        """)
    project.write("data/parts/a", "first")
    project.run(runner=runner)
    assert '"a"' in project.read("data/02/new.json")
    project.write("data/parts/b", "second")
    project.run(runner=runner)
    assert '"a"' not in project.read("data/02/new.json")
    assert '"b"' in project.read("data/02/new.json")


def test_an_error_of_a_dataset_crosses_the_process_of_parallel_runner(
    project: KedroProject,
) -> None:
    project.catalog("""
        raw:
          type: kedro_azureml_datasets.AzureMLAssetDataset
          azureml_dataset: raw
          azureml_version: "7"
          dataset: {type: text.TextDataset, filepath: raw.txt}
        """)
    project.pipeline("nodes = [node(len, 'raw', 'length', name='measure')]")
    finished = project.attempt(runner="ParallelRunner")
    assert finished.returncode == 1
    assert "Version '7' of the data asset 'raw' is not on this machine" in finished.output


@pytest.mark.skipif(
    not HAS_VALIDATORS, reason=f"Kedro {kedro.__version__} has no validators in the catalog"
)
def test_a_validator_in_the_catalog_guards_a_pipeline_dataset(project: KedroProject) -> None:
    project.catalog(
        RAW_AND_REPORT.replace('"report":', '"report":\n  validator: shop.checks.no_zero')
        + entry("{name}s")
    )
    project.pipeline(NODES)
    project.write(
        "src/shop/checks.py",
        """
        def no_zero(text):
            if text.startswith("1:"):
                raise ValueError("one word is no report")
            return text
        """,
    )
    project.write("data/02/raw.txt", "a, b")
    project.run()
    project.write("data/02/raw.txt", "a")
    finished = project.attempt()
    assert finished.returncode == 1
    assert "one word is no report" in finished.output
    assert project.read("data/02/report.txt") == "2: a b"


def test_the_kedro_command_runs_it_and_finds_the_hook_by_itself(project: KedroProject) -> None:
    project.catalog(CATALOGS["explicit entries"])
    project.pipeline(NODES)
    project.write("data/02/raw.txt", "a, b")
    process = subprocess.run(
        [Path(sys.executable).with_name("kedro"), "run"],
        cwd=project.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stdout + process.stderr
    assert project.read("data/02/report.txt") == "2: a b"


@pytest.mark.parametrize("runner", ["SequentialRunner", "ThreadRunner"])
def test_datasets_are_loaded_and_saved_in_threads_where_the_runner_is_asynchronous(
    project: KedroProject, runner: str
) -> None:
    project.catalog(CATALOGS["explicit entries"])
    project.pipeline(NODES)
    project.write("data/02/raw.txt", "a, b")
    finished = project.python(
        """
        import sys
        import kedro.runner
        from kedro.framework.session import KedroSession
        from kedro.framework.startup import bootstrap_project

        bootstrap_project(sys.argv[1])
        options = {} if sys.argv[2] == "ThreadRunner" else {"is_async": True}
        with KedroSession.create(project_path=sys.argv[1]) as session:
            session.run(runner=getattr(kedro.runner, sys.argv[2])(**options))
        """,
        str(project.folder),
        runner,
    )
    assert finished.returncode == 0, finished.output
    assert project.read("data/02/report.txt") == "2: a b"


def test_kedro_describes_explicit_entries_and_those_of_a_factory(project: KedroProject) -> None:
    project.catalog(CATALOGS["a factory"])
    project.pipeline(NODES)
    command = [
        str(Path(sys.executable).with_name("kedro")), "catalog", "describe-datasets",
    ]  # fmt: skip
    process = subprocess.run(
        command, cwd=project.folder, capture_output=True, text=True, check=False
    )
    assert process.returncode == 0, process.stdout + process.stderr
    told = process.stdout
    assert "kedro_azureml_datasets.pipeline_dataset.AzureMLPipelineDataset" in told or (
        "kedro_azureml_datasets.AzureMLPipelineDataset" in told
    )
    for name in ("raw", "report", "words", "counts"):
        assert name in told


def test_a_cached_dataset_around_an_asset_reads_the_pinned_version(project: KedroProject) -> None:
    project.catalog(
        """
        raw:
          type: CachedDataset
          dataset:
            type: kedro_azureml_datasets.AzureMLAssetDataset
            azureml_dataset: raw
            azureml_version: "1"
            dataset: {type: text.TextDataset, filepath: raw.txt}
        """
        + entry("length").replace("\n", "\n        ")
    )
    project.pipeline("nodes = [node(len, 'raw', 'length', name='measure')]")
    project.write("data/raw/1/raw.txt", "abc")
    project.run()
    assert project.read("data/02/length.json") == "3"
