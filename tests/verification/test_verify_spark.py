"""Spark's data: rows are compared, not the handles by which Python holds them."""

import shutil
import sys

import pytest
from kedro_azureml_cli.verification.in_project.object_comparison import find_difference
from verified_study import Study

pytestmark = pytest.mark.once

NODES = '''
import os

from kedro.io import AbstractDataset
from pyspark.sql import SparkSession

IN_STEP = "KEDRO_AZUREML_STEP" in os.environ

def spark():
    builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    return builder.config("spark.sql.shuffle.partitions", "1").getOrCreate()

class SparkParquet(AbstractDataset):
    """A folder of Parquet files, whose names Spark draws by lot."""

    def __init__(self, filepath):
        self._folder = str(filepath)

    def save(self, data):
        data.write.mode("overwrite").parquet(self._folder)

    def load(self):
        return spark().read.parquet(self._folder)

    def _describe(self):
        return {}

def rows(values):
    return spark().createDataFrame(values, "n long, v double")

def register_pipelines():
    numbers = [(1, 0.5), (2, float("nan")), (3, None)]
    return {"__default__": Pipeline([
        node(lambda: rows(numbers[::-1] if IN_STEP else numbers), None, "shuffled", name="a"),
        node(lambda: rows([(1, 0.5), (2, 2.0 if IN_STEP else 1.0)]), None, "unlike", name="b"),
        node(lambda: rows(numbers[:2] if IN_STEP else numbers), None, "fewer", name="c"),
    ])}
'''
CATALOG = """
"{name}":
  type: kedro_azureml_datasets.AzureMLPipelineDataset
  root_dir: data/made
  dataset: {type: PACKAGE.pipeline_registry.SparkParquet, filepath: "{name}"}
"""


@pytest.fixture(scope="module")
def spark():
    from pyspark.sql import SparkSession

    assert shutil.which("java"), "these tests need Java 17"
    builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    session = builder.config("spark.sql.shuffle.partitions", "1").getOrCreate()
    yield session
    session.stop()


@pytest.mark.stress
def test_rows_count_and_neither_their_order_nor_whether_a_column_may_hold_nulls(spark):
    schema = "n long, v double, m map<string,int>, l array<string>"
    rows = [(1, float("nan"), {"a": 1, "b": 2}, ["x"]), (2, None, {}, []), (2, None, {}, [])]
    frame = spark.createDataFrame(rows, schema)
    again = spark.createDataFrame(
        [(1, float("nan"), {"b": 2, "a": 1}, ["x"]), *rows[1:]][::-1], schema
    )
    assert find_difference(frame, again) is None
    twice = [spark.createDataFrame([(1, 2), (3, 4)], ["a", "a"]) for _ in range(2)]
    assert find_difference(*twice) is None
    required = spark.createDataFrame(frame.rdd, frame.schema)
    for field in required.schema.fields:
        field.nullable = False
    assert find_difference(frame, required) is None


@pytest.mark.stress
@pytest.mark.parametrize(
    ("rows", "schema", "told"),
    [
        (
            [(1, 0.5), (2, 1.5)],
            "n long, v double",
            "sorted rows[1]['v']: 2.5 locally, 1.5 in the job",
        ),
        ([(1, 0.5)], "n long, v double", "2 rows locally, 1 in the job"),
        ([(1, 0.5), (1, 0.5), (2, 2.5)], "n long, v double", "2 rows locally, 3 in the job"),
        ([(1, 0.5), (2, 2.5)], "n int, v double", "'bigint' locally, 'int' in the job"),
        ([(1, 0.5), (2, 2.5)], "k long, v double", "'n' locally, 'k' in the job"),
    ],
)
def test_other_rows_and_other_columns_are_a_known_difference(spark, rows, schema, told):
    frame = spark.createDataFrame([(1, 0.5), (2, 2.5)], "n long, v double")
    found = find_difference(frame, spark.createDataFrame(rows, schema))
    assert found is not None
    assert found.known
    assert told in found.text


@pytest.mark.stress
def test_what_holds_a_handle_is_not_compared(spark):
    from pyspark.ml.feature import Bucketizer, StringIndexer

    frame = spark.createDataFrame([("a",), ("b",)], "s string")
    fitted = [StringIndexer(inputCol="s", outputCol="i").fit(frame) for _ in range(2)]
    transformers = [Bucketizer(splits=[0.0, 1.0]) for _ in range(2)]
    for one, other in (fitted, transformers, ({"deep": fitted[0]}, {"deep": fitted[1]})):
        found = find_difference(one, other)
        assert found is not None
        assert not found.known
        assert "its data is held by another program" in found.text
    known = find_difference([fitted[0], 1], [fitted[1], 2])
    assert known is not None
    assert known.text == "[1]: 1 locally, 2 in the job"


@pytest.mark.stress  # each of its runs starts Spark anew
def test_a_job_whose_rows_differ_is_different(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setenv("PYTHONPATH", "")
    study = Study(tmp_path)
    study.project.write("conf/base/catalog.yml", CATALOG.replace("PACKAGE", study.project.package))
    study.project.pipelines(NODES)
    study.project.jobs("rows: {grouping: pipeline}")
    done = study.command("rows")
    assert done.returncode == 1, done.stderr
    lines = done.stdout.splitlines()
    assert lines[-1] == "Verified the job 'rows': 1 of 3 datasets is the same, 2 different."
    told = [line for line in lines if line.startswith(("same: ", "different: "))]
    assert [line.partition(",")[0] for line in told] == [
        "different: fewer", "same: shuffled", "different: unlike",
    ]  # fmt: skip
    assert "3 rows locally, 2 in the job" in told[0]
    assert "(loaded; the bytes differ)" in told[1]
    assert "sorted rows[1]['v']: 1.0 locally, 2.0 in the job" in told[2]
