"""A lazy frame crosses steps only where its plan names no file of the step that made it."""

import polars as pl
import pytest
from kedro.io import DataCatalog, DatasetError
from kedro.pipeline import Pipeline, node
from kedro_azureml_datasets import AzureMLPipelineDataset
from kedro_azureml_runner import AzurePipelinesRunner
from kedro_azureml_runner.runner import make_memory_dataset


def run(function, tmp_path):
    """Run a node that reads a mounted table lazily and hands on what it makes of it."""
    (tmp_path / "table").mkdir()
    (tmp_path / "table/t.csv").write_text("a,b\n1,2\n3,4\n")
    nested = {"type": "polars.LazyPolarsDataset", "filepath": "t.csv", "file_format": "csv"}
    runner = AzurePipelinesRunner(
        inputs={"table": str(tmp_path / "table")}, outputs={"kept": str(tmp_path / "kept")}
    )
    catalog = DataCatalog({"table": AzureMLPipelineDataset(nested)})
    runner.run(Pipeline([node(function, "table", "kept")]), catalog)
    return make_memory_dataset(tmp_path / "kept").load()


def double(table):
    return table.with_columns(pl.col("a") * 2)


def collected(table):
    return double(table).collect()


def in_memory(table):
    return collected(table).lazy()


def test_a_lazy_frame_over_a_mount_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="collect a LazyFrame") as caught:
        run(double, tmp_path)
    assert f"the path '{tmp_path}/table/" in str(caught.value)


def test_a_collected_frame_crosses_steps(tmp_path):
    assert run(collected, tmp_path).rows() == [(2, 2), (6, 4)]


def test_a_lazy_frame_over_data_in_memory_crosses_steps(tmp_path):
    assert run(in_memory, tmp_path).collect().rows() == [(2, 2), (6, 4)]
