"""Who can reach the data of a catalog entry, by its configuration."""

from pathlib import Path, PurePosixPath

import pytest
from kedro_azureml_runner.reachability.addresses import MISSING_VARIABLE, Reach
from kedro_azureml_runner.reachability.entries import OWN_MLFLOW_RUN, judge_entry
from kedro_azureml_runner.reachability.verdicts import Role

MARK = f"{MISSING_VARIABLE}'X'"
MLFLOW = "kedro_mlflow.io.artifacts.MlflowArtifactDataset"
OWN = "shop.datasets.Store"


LOCAL = {
    "a file": ("pandas.CSVDataset", {"filepath": "data/x.csv"}, ["data/x.csv"]),
    "a file by the class's full name": (
        "kedro_datasets.pandas.csv_dataset.CSVDataset", {"filepath": "data/x.csv"}, ["data/x.csv"],
    ),
    "memory": ("pandas.CSVDataset", {"filepath": "memory://x.csv"}, []),
    "a chain": ("pandas.CSVDataset", {"filepath": "simplecache::file:///a/x.csv"}, ["/a/x.csv"]),
    "an SQL table": (
        "pandas.SQLTableDataset",
        {"table_name": "t", "credentials": {"con": "sqlite:///data/my.db"}}, ["data/my.db"],
    ),
    "an SQL query": (
        "pandas.SQLQueryDataset",
        {"sql": "select 1 from s3://x", "credentials": {"con": "duckdb:///my.db"}}, ["my.db"],
    ),
    "Ibis": (
        "ibis.TableDataset",
        {"table_name": "t", "connection": {"backend": "duckdb", "database": "shop.duckdb"}},
        ["shop.duckdb"],
    ),
    "Ibis with the database in the credentials": (
        "ibis.TableDataset",
        {"connection": {"backend": "sqlite"}, "credentials": {"database": "a.b"}},
        ["a.b"],
    ),
    "Ibis by default": ("ibis.TableDataset", {"table_name": "t"}, []),
    "Ibis in memory": ("ibis.TableDataset", {"connection": {"backend": "polars"}}, []),
    "an Ibis file": (
        "ibis.FileDataset", {"filepath": "data/x.parquet", "connection": {"backend": "duckdb"}},
        ["data/x.parquet"],
    ),
    "JDBC": ("spark.SparkJDBCDataset", {"table": "t", "url": "jdbc:derby:d;create=true"}, ["d"]),
    "Delta": ("spark.DeltaTableDataset", {"filepath": "data/delta"}, ["data/delta"]),
    "an Optuna study": (
        "kedro_datasets_experimental.optuna.StudyDataset",
        {"backend": "sqlite", "database": "optuna.db", "study_name": "s"}, ["optuna.db"],
    ),
    "a Faiss index": (
        "kedro_datasets_experimental.faiss.FAISSVectorStoreDataset",
        {"dimension": 3, "index_path": "data/i.faiss"}, ["data/i.faiss"],
    ),
    "partitions": ("partitions.PartitionedDataset", {"path": "parts", "dataset": "x"}, ["parts"]),
    "a nested dataset": (
        MLFLOW, {"dataset": {"type": "pandas.CSVDataset", "filepath": "t.csv"}}, ["t.csv"],
    ),
    "a nested dataset twice": (
        OWN,
        {"inner": {"type": MLFLOW, "dataset": {"type": "json.JSONDataset", "filepath": "x"}}},
        ["x"],
    ),
    "a user's own folder": (OWN, {"folder": "data/store"}, ["data/store"]),
    "a user's own database": (OWN, {"db_path": "data/x.txt", "table": "t"}, ["data/x.txt"]),
    "a path": (OWN, {"where": Path("data/store")}, [str(Path("data/store"))]),
    "an absolute path": (OWN, {"place": "/mnt/share/x"}, ["/mnt/share/x"]),
    "a Windows path": (OWN, {"place": "D:\\store"}, ["D:\\store"]),
    "a home": (OWN, {"place": "~/store"}, ["~/store"]),
    "a file name": (OWN, {"store": "shop.sqlite"}, ["shop.sqlite"]),
    "camel case": (OWN, {"dataDir": "store"}, ["store"]),
    "deep in lists": (OWN, {"parts": [{"files": ["data/a.csv", "data/b.csv"]}]},
                      ["data/a.csv", "data/b.csv"]),
    "beside a server": (OWN, {"url": "https://example.com", "cache_dir": "cache"}, ["cache"]),
    "a user's own engine": (
        OWN, {"db": {"drivername": "sqlite+pysqlite", "database": "x"}}, ["x"],
    ),
    "Iceberg on the disk": (
        OWN,
        {"catalog": {"uri": "sqlite:///data/iceberg.db", "warehouse": "file:///wh"}},
        ["data/iceberg.db", "/wh"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", LOCAL)
def test_an_entry_is_local_under_whatever_argument(case: str):
    kind, config, paths = LOCAL[case]
    verdict = judge_entry(kind, config)
    assert verdict.reach is Reach.LOCAL
    assert [place.path for place in verdict.places] == paths


LOOPBACK = {
    "redis without an address": ("redis.PickleDataset", {"key": "k"}),
    "redis": (
        "redis.PickleDataset",
        {"key": "k", "redis_args": {"from_url_args": {"url": "redis://localhost"}}},
    ),
    "a database": (
        "pandas.SQLTableDataset", {"credentials": {"con": "postgresql://me:pw@127.0.0.1/x"}},
    ),
    "Ibis without a host": (
        "ibis.TableDataset", {"connection": {"backend": "postgres", "database": "x"}},
    ),
    "Ibis with a host in the credentials": (
        "ibis.TableDataset",
        {"connection": {"backend": "mysql"}, "credentials": {"host": "localhost"}},
    ),
    "an API": ("api.APIDataset", {"url": "http://localhost:8000"}),
    "an emulator of storage": (
        "pandas.CSVDataset",
        {
            "filepath": "s3://b/x.csv",
            "credentials": {"client_kwargs": {"endpoint_url": "http://localhost:9000"}},
        },
    ),
    "an emulator of Azure storage": (
        "pandas.CSVDataset",
        {"filepath": "abfs://c/x", "credentials": {"account_host": "localhost:10000"}},
    ),
    "an emulator in a connection string": (
        "pandas.CSVDataset",
        {
            "filepath": "abfs://c/x",
            "fs_args": {"connection_string": "BlobEndpoint=http://127.0.0.1:10000/a;AccountName=a"},
        },
    ),
    "an emulator in load_args": (
        "pandas.ParquetDataset",
        {
            "filepath": "abfs://c/x",
            "load_args": {"storage_options": {"account_host": "x", "host": "127.0.0.1"}},
        },
    ),
    "a user's own class": (OWN, {"server": "localhost:5000"}),
    "brokers": (OWN, {"bootstrap.servers": "broker.example.com:9092,localhost:9092"}),
}  # fmt: skip


@pytest.mark.parametrize("case", LOOPBACK)
def test_a_server_on_the_machine_itself_is_local_too(case: str):
    verdict = judge_entry(*LOOPBACK[case])
    assert (verdict.reach, verdict.loopback) == (Reach.LOCAL, True)


REACHABLE = {
    "storage": ("pandas.CSVDataset", {"filepath": "abfss://c@a.dfs.core.windows.net/x.csv"}),
    "storage of Databricks": ("spark.SparkDataset", {"filepath": "dbfs:/mnt/x"}),
    "a separator": (
        "pandas.CSVDataset",
        {"filepath": "s3://b/x.csv", "load_args": {"sep": "/"}, "save_args": {"sep": "/"}},
    ),
    "metadata": (
        "pandas.CSVDataset",
        {"filepath": "s3://b/x.csv", "metadata": {"path": "docs/x.md", "host": "localhost"}},
    ),
    "a secret that is not here": (
        "pandas.CSVDataset", {"filepath": "s3://b/x.csv", "credentials": {"key": MARK}},
    ),
    "a database": (
        "pandas.SQLTableDataset", {"credentials": {"con": "postgresql://me:pw@db.example/x"}},
    ),
    "an ODBC string": (
        "pandas.SQLTableDataset", {"credentials": {"con": "Driver={x};Server=db.example.com"}},
    ),
    "an SQL query in a file": (
        "pandas.SQLQueryDataset",
        {"filepath": "queries/x.sql", "credentials": {"con": "postgresql://me:pw@db.example/x"}},
    ),
    "BigQuery": ("pandas.GBQTableDataset", {"dataset": "d", "table_name": "t"}),
    "Snowflake": ("snowflake.SnowparkTableDataset", {"credentials": {"account": MARK}}),
    "Databricks": ("databricks.ManagedTableDataset", {"table": "t"}),
    "Ibis": (
        "ibis.TableDataset",
        {"connection": {"backend": "postgres", "host": "db.example.com", "database": "x"}},
    ),
    "Ibis with BigQuery": ("ibis.TableDataset", {"connection": {"backend": "bigquery"}}),
    "MotherDuck": (
        "ibis.TableDataset", {"connection": {"backend": "duckdb", "database": "md:shop"}},
    ),
    "redis": (
        "redis.PickleDataset",
        {"key": "k", "redis_args": {"from_url_args": {"url": "rediss://cache.example.com"}}},
    ),
    "partitions in storage": (
        "partitions.PartitionedDataset", {"path": "gs://b/x", "dataset": {"type": "x.Y"}},
    ),
    "an artifact in storage": (
        MLFLOW, {"dataset": {"type": "pandas.CSVDataset", "filepath": "s3://b/x.csv"}},
    ),
    "a user's own class": (OWN, {"url": "https://api.example.com/items", "table": "t"}),
    "a class with a secret": (
        OWN, {"url": "https://api.example.com", "credentials": {"token": MARK}},
    ),
    "Iceberg": (
        OWN, {"catalog": {"uri": "https://catalog.example.com", "warehouse": "s3://b/wh"}},
    ),
    "partitions of S3 in a list": (OWN, {"uris": ["s3://b/x", "s3://b/y"]}),
}  # fmt: skip


@pytest.mark.parametrize("case", REACHABLE)
def test_an_entry_with_its_own_address_is_reachable(case: str):
    assert judge_entry(*REACHABLE[case]).reach is Reach.REACHABLE


UNRESOLVED = {
    "a connection": ("pandas.SQLTableDataset", {"credentials": {"con": MARK}}),
    "a part of it": (
        "pandas.SQLTableDataset", {"credentials": {"con": f"postgresql://me:{MARK}@db.example/x"}},
    ),
    "all credentials": ("pandas.SQLTableDataset", {"credentials": {"kedro-azureml": MARK}}),
    "a host": ("ibis.TableDataset", {"connection": {"backend": "postgres", "host": MARK}}),
    "a file": ("pandas.CSVDataset", {"filepath": f"{MARK}/x.csv"}),
    "redis": ("redis.PickleDataset", {"redis_args": {"from_url_args": {"url": MARK}}}),
    "credentials of a user's own class": (OWN, {"table": "t", "credentials": {"database": MARK}}),
    "an interpolation": (OWN, {"url": "${azureml.secret:db-url}"}),
}  # fmt: skip


@pytest.mark.parametrize("case", UNRESOLVED)
def test_what_only_the_step_knows_is_unresolved(case: str):
    assert judge_entry(*UNRESOLVED[case]).reach is Reach.UNRESOLVED


UNKNOWN = {
    "a table": (OWN, {"table": "t"}),
    "nothing": (OWN, {}),
    "a name": (OWN, {"location": "westeurope", "store": "shop"}),
    "another scheme": ("pandas.CSVDataset", {"filepath": "foo://bucket/x.csv"}),
    "Hive": ("spark.SparkHiveDataset", {"database": "d", "table": "t"}),
    "SQL without a connection": ("pandas.SQLTableDataset", {"credentials": {"user": "me"}}),
    "only metadata": (OWN, {"metadata": {"url": "https://example.com"}}),
}


@pytest.mark.parametrize("case", UNKNOWN)
def test_anything_else_is_unknown(case: str):
    assert judge_entry(*UNKNOWN[case]).reach is Reach.UNKNOWN


def test_an_mlflow_run_is_each_steps_own_unless_one_is_named():
    for kind in ("metrics.MlflowMetricDataset", "models.MlflowModelTrackingDataset"):
        verdict = judge_entry(f"kedro_mlflow.io.{kind}", {"key": "k"})
        assert (verdict.reach, verdict.what) == (Reach.LOCAL, OWN_MLFLOW_RUN)
        for named in ({"run_id": "abc"}, {"load_args": {"run_id": "abc"}}):
            assert judge_entry(f"kedro_mlflow.io.{kind}", named).reach is Reach.REACHABLE
    registry = "kedro_mlflow.io.models.MlflowModelRegistryDataset"
    assert judge_entry(registry, {"model_name": "m"}).reach is Reach.REACHABLE


def test_what_a_class_has_by_default_counts_where_the_entry_gives_nothing():
    defaults = {"folder": PurePosixPath("data/store"), "table": None}
    verdict = judge_entry(OWN, {"url": "https://example.com"}, defaults)
    assert (verdict.reach, verdict.argument) == (Reach.LOCAL, "folder")
    assert judge_entry(OWN, {"folder": "s3://b/x"}, defaults).reach is Reach.REACHABLE


def test_a_query_and_a_checkpoint_are_files_of_the_entry_but_not_its_data():
    query = {"filepath": "queries/x.sql", "credentials": {"con": "sqlite:///x.db"}}
    places = judge_entry("pandas.SQLQueryDataset", query).places
    assert {(p.path, p.role) for p in places} == {
        ("queries/x.sql", Role.QUERY),
        ("x.db", Role.DATABASE),
    }
    for checkpoint in ("data/seen.txt", {"type": "text.TextDataset", "filepath": "data/seen.txt"}):
        config = {"path": "s3://b/x", "dataset": "x", "checkpoint": checkpoint}
        verdict = judge_entry("partitions.IncrementalDataset", config)
        assert verdict.reach is Reach.REACHABLE
        assert [(p.path, p.role) for p in verdict.places] == [("data/seen.txt", Role.CHECKPOINT)]


def test_a_guess_is_distinguished_from_what_is_known():
    assert [p.known for p in judge_entry(OWN, {"folder": "a", "filepath": "b"}).places] == [
        False,
        True,
    ]


def test_no_verdict_repeats_a_secret():
    for config in (
        {"credentials": {"con": "postgresql://me:hunter2@localhost/x"}},
        {"credentials": {"con": "postgresql://me:hunter2@db.example.com/x"}},
        {"credentials": {"password": "hunter2"}},
    ):
        assert "hunter2" not in str(judge_entry("pandas.SQLTableDataset", config))
