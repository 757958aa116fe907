"""What of any configuration is an address, and under which argument it is found."""

from pathlib import PurePosixPath

import pytest
from kedro_azureml_runner.reachability.addresses import MISSING_VARIABLE, Reach
from kedro_azureml_runner.reachability.any_classes import judge_any_class
from kedro_azureml_runner.reachability.connections import (
    find_engine,
    find_loopback_hosts,
    judge_connection,
    judge_engine,
)
from kedro_azureml_runner.reachability.verdicts import Found, Role

MARK = f"{MISSING_VARIABLE}'X'"


def summed_up(found) -> list[tuple[str, str, str | None, str]]:
    return [(f.argument, f.address.reach.value, f.address.path, f.role.value) for f in found]


@pytest.mark.parametrize(
    ("config", "found"),
    [
        ({"dsn": "host=localhost dbname=x"}, [("dsn", "local", None, "database")]),
        ({"conn": "host=db.example.com"}, [("conn", "reachable", None, "database")]),
        ({"url": "a=b"}, []),
        ({"dsn": "shop"}, []),
        ({"note": "server=localhost"}, []),
        ({"path": "a;host=localhost"}, [("path", "local", "a;host=localhost", "data")]),
        ({"type": "data/x.csv", "version": "data/y.csv", "versioned": "data/z.csv"}, []),
        ({"engine": "sqlite", "db": "a.db"}, [("db", "local", "a.db", "database")]),
        ({"engine": "x", "db": "a.db"}, [("db", "local", "a.db", "data")]),
        ({"a": {"b": ["", "c.csv", ("d.csv",)]}}, [
            ("a.b.1", "local", "c.csv", "data"), ("a.b.2.0", "local", "d.csv", "data"),
        ]),
        ({"a": PurePosixPath("x")}, [("a", "local", "x", "data")]),
        ({"server": "/run/x.sock"}, [("server", "local", "/run/x.sock", "data")]),
        ({"server": "db.example.com"}, [("server", "reachable", None, "database")]),
        ({"a": {"type": "pandas.CSVDataset", "filepath": "x"}}, [
            ("a.filepath", "local", "x", "data"),
        ]),
        ({"a": {"type": PurePosixPath, "where": "x.csv"}}, [("a.where", "local", "x.csv", "data")]),
        ({"a": {"type": 3, "where": "x.csv"}}, [("a.where", "local", "x.csv", "data")]),
        ({"sql": "select 1 from x.csv", "a": "y.csv"}, [("a", "local", "y.csv", "data")]),
        ({"load_args": {"host": "localhost", "path": "x.csv"}, "a": "y.csv"}, [
            ("load_args.host", "local", None, "data"), ("a", "local", "y.csv", "data"),
        ]),
        ({"a": 3, "b": None, "c": True}, []),
    ],
)  # fmt: skip
def test_each_address_is_found_under_its_argument(config, found):
    assert summed_up(judge_any_class(config)) == found


@pytest.mark.parametrize(
    ("key", "known"),
    [("filepath", True), ("path", True), ("fileName", True), ("folder", False), ("x", False)],
)
def test_a_path_is_certain_under_three_names(key: str, known: bool):
    (found,) = judge_any_class({key: "data/x.csv"})
    assert (found.known, found.is_address) == (known, True)


@pytest.mark.parametrize(
    ("key", "is_address"),
    [("path", True), ("data_dir", True), ("host", True), ("url", True), ("key", False)],
)
def test_what_is_not_known_is_an_address_under_the_name_of_one(key: str, is_address: bool):
    (found,) = judge_any_class({key: MARK})
    assert (found.address.reach, found.is_address) == (Reach.UNRESOLVED, is_address)


@pytest.mark.parametrize(
    ("config", "engine"),
    [
        ({"backend": "duckdb"}, "duckdb"),
        ({"drivername": "SQLite+pysqlite"}, "sqlite"),
        ({"backend": "polars"}, "polars"),
        ({"engine": "snowflake"}, "snowflake"),
        ({"dialect": "postgresql"}, "postgresql"),
        ({"engine": "pyarrow", "dialect": "mysql"}, "mysql"),
        ({"backend": 3}, ""),
        ({}, ""),
    ],
)
def test_an_engine_is_one_of_those_that_are_known(config, engine: str):
    assert find_engine(config) == engine


@pytest.mark.parametrize(
    ("engine", "config", "found"),
    [
        ("duckdb", {"database": "md:shop"}, ("x.database", "reachable", None, "database")),
        ("chdb", {"database": "md:shop"}, ("x.database", "local", "md:shop", "database")),
        ("sqlite", {"database": "md:shop"}, ("x.database", "local", "md:shop", "database")),
        ("sqlite", {"path": "a", "file": "b"}, ("x.path", "local", "a", "database")),
        ("sqlite", {"database": ":memory:"}, ("x.database", "local", None, "database")),
        ("sqlite", {"database": MARK}, ("x.database", "local", None, "database")),
        ("sqlite", {}, ("x.backend", "local", None, "database")),
        ("duckdb", {"database": "s3://b/x"}, ("x.database", "reachable", None, "database")),
        ("polars", {}, ("x.backend", "local", None, "data")),
        ("bigquery", {}, ("x.backend", "reachable", None, "data")),
        ("mysql", {"host": "db.example.com"}, ("x.host", "reachable", None, "database")),
        ("mysql", {"host": "db.example.com", "dsn": "shop"},
         ("x.host", "reachable", None, "database")),
        ("mysql", {"service": "shop"}, ("x.dsn", "unknown", None, "database")),
        ("mysql", {"database": "shop"}, ("x.backend", "local", None, "database")),
    ],
)  # fmt: skip
def test_an_engine_says_where_its_database_is(engine: str, config, found):
    assert summed_up(judge_engine(engine, config, "x.")) == [found]


@pytest.mark.parametrize(
    ("engine", "what"), [("duckdb", "DuckDB"), ("chdb", "chDB"), ("sqlite3", "SQLite")]
)
def test_an_embedded_database_has_its_products_name(engine: str, what: str):
    (found,) = judge_engine(engine, {"database": "x"}, "")
    assert found.address.what == what


@pytest.mark.parametrize(
    ("config", "prefix", "arguments"),
    [
        ({"host": "h", "port": 3, "con": "x"}, "", ["host"]),
        ({"a": {"url": "https://h"}}, "c.", ["c.a.url"]),
        ({"server": "/run/x"}, "", []),
        ({"host": "/run/x"}, "", ["host"]),
        ({"hostname": "/run/x"}, "", ["hostname"]),
        ({"url": PurePosixPath("x")}, "", []),
        ({"con": "a=b"}, "", ["con"]),
        ({"con": MARK}, "", ["con"]),
        ({"key": MARK}, "connection.", ["connection.key"]),
        ({"key": "k"}, "credentials.", []),
        ({"key": MARK}, "credentials.", ["credentials"]),
        ({"a": {"key": MARK}}, "credentials.", ["credentials"]),
        ({"key": MARK, "host": "h"}, "credentials.", ["credentials.host"]),
        ({"key": MARK, "con": "x=y"}, "credentials.", ["credentials.con"]),
    ],
)
def test_hosts_and_connection_strings_are_found_in_a_mapping(config, prefix: str, arguments):
    found = [*judge_connection(config, prefix)]
    assert [each.argument for each in found] == arguments
    assert [each.argument for each in found if not each.is_address] == [
        argument for argument in arguments if argument == "credentials"
    ]


@pytest.mark.parametrize(
    ("value", "arguments"),
    [
        ({"host": "localhost", "path": "x"}, ["a.host"]),
        ({"a": {"con": "postgresql://localhost/x"}}, ["a.a.con"]),
        ({"metadata": {"host": "localhost"}, "validator": {"host": "::1"}, "host": "::1"},
         ["a.host"]),
        ({"host": "db.example.com", "url": "https://h", "server": "/run/x", "hosts": " "}, []),
        ({"port": "localhost", "address": "localhost"}, ["a.address"]),
        ("localhost", []),
        (None, []),
    ],
)  # fmt: skip
def test_a_host_that_is_the_machine_itself_is_found_anywhere(value, arguments):
    found = [*find_loopback_hosts(value, "a.")]
    assert [each.argument for each in found] == arguments
    assert all(each.address.loopback for each in found)


def test_what_is_found_is_data_and_certain_unless_said_otherwise():
    (found,) = judge_any_class({"filepath": "x.csv"})
    assert found == Found("filepath", found.address, Role.DATA, known=True, is_address=True)
