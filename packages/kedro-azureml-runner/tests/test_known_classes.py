"""The arguments of known classes that hold addresses, and the names of those classes."""

import pytest
from kedro_azureml_runner.reachability.addresses import MISSING_VARIABLE, Address, Reach
from kedro_azureml_runner.reachability.entries import judge_entry
from kedro_azureml_runner.reachability.known_classes import judge_known_class, make_class_key
from kedro_azureml_runner.reachability.verdicts import Found, Place, Role, Verdict

MARK = f"{MISSING_VARIABLE}'X'"
SERVER = "postgresql://db.example.com/x"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("pandas.CSVDataset", "pandas.CSVDataset"),
        ("pandas.csv_dataset.CSVDataset", "pandas.CSVDataset"),
        ("kedro_datasets.pandas.CSVDataset", "pandas.CSVDataset"),
        ("kedro_datasets.pandas.csv_dataset.CSVDataset", "pandas.CSVDataset"),
        (
            "kedro_datasets_experimental.polars.database_dataset.PolarsDatabaseDataset",
            "kedro_datasets_experimental.polars.PolarsDatabaseDataset",
        ),
        (
            "kedro_datasets_experimental.polars.PolarsDatabaseDataset",
            "kedro_datasets_experimental.polars.PolarsDatabaseDataset",
        ),
        ("kedro_mlflow.io.metrics.MlflowMetricDataset", "kedro_mlflow.MlflowMetricDataset"),
        ("a_shop.kedro_datasets.Store", "a_shop.Store"),
        ("shop.data.kedro_datasets_experimental", "shop.kedro_datasets_experimental"),
        ("Store", "Store"),
    ],
)
def test_a_class_has_one_key_under_all_of_its_names(name: str, key: str):
    assert make_class_key(name) == key


@pytest.mark.parametrize(
    ("key", "config", "found"),
    [
        ("pandas.CSVDataset", {"filepath": "s3://b/x", "credentials": {"con": SERVER}}, [
            ("filepath", "reachable", "data"),
        ]),
        ("pandas.CSVDataset", {"filepath": "a;host=localhost"}, [("filepath", "local", "data")]),
        ("pandas.CSVDataset", {"filepath": 3}, []),
        ("pandas.SQLQueryDataset", {"filepath": "sql/a=b.sql", "credentials": {"con": SERVER}}, [
            ("filepath", "local", "query"), ("credentials.con", "reachable", "database"),
        ]),
        ("pandas.SQLTableDataset", {"credentials": None}, []),
        ("pandas.SQLTableDataset", {"credentials": {"con": "sqlite:///x.db"}}, [
            ("credentials.con", "local", "database"),
        ]),
        ("spark.SparkJDBCDataset", {"url": "jdbc:derby:d"}, [("url", "local", "database")]),
        ("spark.SparkJDBCDataset", {"url": "table"}, []),
        ("partitions.IncrementalDataset", {"path": "parts", "checkpoint": "a;host=localhost"}, [
            ("path", "local", "data"), ("checkpoint", "local", "checkpoint"),
        ]),
        ("partitions.IncrementalDataset", {"checkpoint": "a=b"}, [
            ("checkpoint", "local", "checkpoint"),
        ]),
        ("partitions.IncrementalDataset", {"checkpoint": {"filepath": "a=b"}}, [
            ("checkpoint", "local", "checkpoint"),
        ]),
        ("partitions.IncrementalDataset", {"path": "s3://b/x", "checkpoint": {"force": "2"}}, [
            ("path", "reachable", "data"),
        ]),
        ("ibis.TableDataset", {"connection": {"backend": "sqlite", "database": "x"}}, [
            ("connection.database", "local", "database"),
        ]),
        ("ibis.TableDataset",
         {"connection": {"backend": "sqlite"}, "credentials": {"database": "x"}},
         [("connection.database", "local", "database")]),
        ("ibis.TableDataset", {"credentials": {"backend": "sqlite", "database": "x"}}, [
            ("database", "local", "database"),
        ]),
        ("ibis.TableDataset", {"connection": {"host": "h"}, "catalog_type": "rest"}, [
            ("connection.host", "reachable", "database"), ("catalog_type", "reachable", "data"),
        ]),
    ],
)  # fmt: skip
def test_the_table_says_where_a_class_has_its_addresses(key: str, config, found):
    judged = judge_known_class(key, config)
    assert [(f.argument, f.address.reach.value, f.role.value) for f in judged] == found


def test_of_a_class_on_a_server_what_is_not_known_here_does_not_decide():
    config = {"credentials": {"host": MARK}, "session": {"host": "db.example.com"}}
    verdict = judge_entry("snowflake.SnowparkTableDataset", config)
    assert (verdict.reach, verdict.argument) == (Reach.REACHABLE, "session.host")


@pytest.mark.parametrize(
    ("config", "argument"),
    [
        ({"host": "db.example.com", "folder": "data/x"}, "folder"),
        ({"host": "db.example.com", "folder": f"{MARK}/x"}, "folder"),
        ({"folder": "foo://x", "host": "db.example.com"}, "host"),
        ({"token": MARK, "folder": "foo://x"}, "folder"),
        ({"token": MARK, "table": "t"}, "token"),
    ],
)
def test_what_is_local_decides_first_and_what_may_be_no_address_last(config, argument: str):
    assert judge_entry("shop.Store", config).argument == argument


def test_what_is_not_said_of_a_finding_is_that_it_is_data_certain_and_not_the_machine_itself():
    assert Place("x.csv", "path") == Place("x.csv", "path", Role.DATA, known=True)
    assert Verdict(Reach.UNKNOWN) == Verdict(Reach.UNKNOWN, "", "", loopback=False, places=())
    address = Address(Reach.LOCAL, "SQLite")
    assert address == Address(Reach.LOCAL, "SQLite", None, loopback=False)
    assert Found("con", address) == Found("con", address, Role.DATA, known=True, is_address=True)


@pytest.mark.parametrize("checkpoint", ["a;host=localhost", {"filepath": "a;host=localhost"}])
def test_a_checkpoint_is_a_file_whatever_its_name(checkpoint):
    (found,) = judge_known_class("partitions.IncrementalDataset", {"checkpoint": checkpoint})
    assert found.address.path == "a;host=localhost"
