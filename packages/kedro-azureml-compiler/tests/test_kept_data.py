"""Data that grows from run to run does not lie in an output of a step, which is empty at first."""

import json
from importlib.util import find_spec
from pathlib import Path

import pytest
from kedro_azureml_compiler.findings import Severity
from kedro_azureml_compiler.project.catalog.earlier_data import (
    WRITERS_BY_PATH,
    find_keeping_argument,
    keeps_checkpoint,
)
from kedro_azureml_runner.reachability.dataset_addresses import ADDRESS_ARGUMENTS

pytestmark = pytest.mark.once

CSV = {"type": "pandas.CSVDataset", "filepath": "x.csv"}
SPARK = {"type": "spark.SparkDataset", "filepath": "x", "file_format": "parquet"}
PARTS = {"type": "partitions.IncrementalDataset", "path": "parts", "dataset": "json.JSONDataset"}


@pytest.mark.parametrize(
    ("more", "argument"),
    [
        ({"save_args": {"mode": "a"}}, "save_args.mode: a"),
        ({"save_args": {"mode": "ab"}}, "save_args.mode: ab"),
        ({"save_args": {"mode": "append"}}, "save_args.mode: append"),
        ({"save_args": {"mode": "ignore"}}, "save_args.mode: ignore"),
        ({"save_args": {"append": True}}, "save_args.append: True"),
        ({"save_args": {"writer": {"mode": "a"}}}, "save_args.writer.mode: a"),
        ({"save_args": {"if_exists": "append"}}, "save_args.if_exists: append"),
        (
            {"save_args": {"existing_data_behavior": "delete_matching"}},
            "save_args.existing_data_behavior: delete_matching",
        ),
        (
            {"save_args": {"partitionBy": ["day"], "partitionOverwriteMode": "dynamic"}},
            "save_args.partitionOverwriteMode: dynamic",
        ),
        (
            {"save_args": {"spark.sql.sources.partitionOverwriteMode": "dynamic"}},
            "save_args.spark.sql.sources.partitionOverwriteMode: dynamic",
        ),
        ({"save_args": {"mode": "overwrite", "predicate": "day = 3"}}, "save_args.predicate"),
        ({"save_args": {"replaceWhere": "day = 3"}}, "save_args.replaceWhere"),
        ({"fs_args": {"open_args_save": {"mode": "a"}}}, "fs_args.open_args_save.mode: a"),
        ({"fs_args": {"open_args_save": {"mode": "r+b"}}}, "fs_args.open_args_save.mode: r+b"),
        ({"mode": "append"}, "mode: append"),
        ({"write_mode": "upsert"}, "write_mode: upsert"),
        ({"dataset": {**SPARK, "save_args": {"mode": "a"}}}, "dataset.save_args.mode: a"),
    ],
)
def test_an_argument_that_keeps_earlier_data_is_found(more, argument):
    assert find_keeping_argument({**SPARK, **more}) == (argument, True)
    assert find_keeping_argument({**SPARK, "type": "shop.Store", **more}) == (argument, True)


@pytest.mark.parametrize(
    "more",
    [
        {"save_args": {"mode": "w", "index": False}},
        {"save_args": {"mode": "overwrite", "partitionBy": ["day"]}},
        {"save_args": {"if_exists": "replace"}},
        {"save_args": {"append": False}},
        {"load_args": {"mode": "a"}},
        {"fs_args": {"open_args_load": {"mode": "r+"}, "open_args_save": {"mode": "wb"}}},
        {"mode": "overwrite"},
        {"metadata": {"mode": "append"}},
    ],
)
def test_an_argument_that_writes_the_whole_file_is_none(more):
    assert find_keeping_argument({**SPARK, **more}) == ("", False)


def test_a_mode_counts_where_the_library_opens_the_file():
    """Kedro opens the file of all other classes, with `fs_args.open_args_save`."""
    root = Path(find_spec("kedro_datasets").submodule_search_locations[0])
    sources = {file: file.read_text() for file in root.glob("*/*.py")}
    for key in sorted(ADDRESS_ARGUMENTS):
        group, _, name = key.rpartition(".")
        defined = [
            s for f, s in sources.items() if f.parent.name == group and f"class {name}(" in s
        ]
        if not any("open_args_save" in source for source in defined):
            continue
        assert not key.startswith(WRITERS_BY_PATH), key
        argument = find_keeping_argument({"type": key, "save_args": {"mode": "append"}})
        assert argument == ("save_args.mode: append", False)
    for prefix in ("spark.SparkDataset", "pandas.DeltaTableDataset", "dask.ParquetDataset"):
        assert find_keeping_argument({"type": prefix, "save_args": {"mode": "append"}})[1]


def wrapped(nested, **more):
    kind = "kedro_azureml_datasets.AzureMLPipelineDataset"
    return json.dumps({"x": {"type": kind, "dataset": nested, **more}})


APPENDED = {**CSV, "fs_args": {"open_args_save": {"mode": "a"}}}


def test_appending_is_an_error_where_a_wrapped_entry_is_written(small_project):
    small_project.catalog(wrapped(APPENDED))
    small_project.nodes(("a", None, "x"))
    finding = small_project.only("keeps-earlier-data")
    assert (finding.where, finding.severity) == ("x", Severity.ERROR)
    assert "open_args_save.mode: a' keeps what the last run left in 'data/x.csv'" in finding.message


def test_a_mode_without_an_effect_is_a_warning(small_project):
    small_project.catalog(wrapped({**CSV, "save_args": {"mode": "a"}}))
    small_project.nodes(("a", None, "x"))
    finding = small_project.only("keeps-earlier-data")
    assert finding.severity is Severity.WARNING
    assert "has no effect" in finding.message


def test_a_wrapped_entry_that_is_only_read_appends_nothing(small_project):
    small_project.catalog(wrapped(APPENDED))
    small_project.write("data/x.csv", "a\n1\n")
    small_project.nodes(("b", "x", None))
    assert small_project.check() == {"j": ()}


def test_appending_to_storage_is_none(small_project):
    small_project.catalog(json.dumps({"x": {**APPENDED, "filepath": "s3://b/x.csv"}}))
    small_project.nodes(("a", None, "x"), ("b", "x", None))
    assert small_project.check() == {"j": ()}


@pytest.mark.parametrize("confirms", [None, "x"])
def test_a_checkpoint_inside_a_wrapper_vanishes_where_a_node_confirms_it(small_project, confirms):
    assert keeps_checkpoint({"type": "CachedDataset", "dataset": PARTS})
    small_project.catalog(wrapped(PARTS))
    small_project.write("data/parts/one.json", "1")
    small_project.pipelines(
        'def register_pipelines():\n    return {"__default__": Pipeline('
        f'[node(lambda x: None, "x", None, name="b", confirms={confirms!r})])}}\n'
    )
    found = small_project.found("local-output-vanishes")
    assert [f.severity for f in found] == [Severity.WARNING] * (confirms == "x")
