"""Judge how a catalog entry connects: engines, hosts and connection strings in its arguments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any

from kedro_azureml_runner.reachability.addresses import (
    Address,
    Reach,
    is_unresolved,
    judge_address,
    judge_host,
)
from kedro_azureml_runner.reachability.verdicts import Found, Role

HOST_ARGUMENTS = frozenset(
    {
        "accounthost", "accounturl", "address", "apibase", "baseurl", "bootstrapservers",
        "endpoint", "endpointurl", "endpointoverride", "host", "hostname", "hosts", "httphost",
        "server", "serverhostname", "servername", "servers", "serviceurl",
    }
)  # fmt: skip
CONNECTION_ARGUMENTS = frozenset(
    {
        "con", "conn", "connection", "connectionstring", "connstr", "connurl", "databaseurl",
        "dsn", "jdbcurl", "resource", "uri", "url",
    }
)  # fmt: skip
_ENGINES = ("backend", "drivername", "dialect", "engine")
_EMBEDDED = frozenset({"sqlite", "sqlite3", "duckdb", "chdb"})
_IN_PROCESS = frozenset({"datafusion", "polars", "pandas", "dask"})
_HOSTED = frozenset({"athena", "bigquery", "databricks", "snowflake"})
_HOST_BY_DEFAULT = frozenset(
    {"clickhouse", "druid", "impala", "mssql", "mysql", "oracle", "postgres", "postgresql"}
)
DATABASE_ARGUMENTS = ("database", "path", "db", "db_path", "file", "filename")

URL = re.compile(r"[A-Za-z][\w+.-]*://|(?:jdbc|sqlite|duckdb|file|local|memory|dbfs):|[\w+.-]+::")


def find_engine(config: Mapping[str, Any]) -> str:
    """Return the database engine that a configuration names; empty if it names none.

    Args:
        config: The arguments of a class, or one of them.
    """
    for key in _ENGINES:
        value = config.get(key)
        if isinstance(value, str):
            engine = value.lower().partition("+")[0]
            if engine in _EMBEDDED | _IN_PROCESS | _HOSTED | _HOST_BY_DEFAULT:
                return engine
    return ""


def judge_engine(engine: str, config: Mapping[str, Any], prefix: str) -> Iterator[Found]:
    """Judge the database of an engine.

    Args:
        engine: The engine, from `find_engine`.
        config: What it is configured with.
        prefix: What stands before the names of arguments, with a dot at its end.
    """
    if engine in _EMBEDDED:
        held = [key for key in DATABASE_ARGUMENTS if isinstance(config.get(key), (str, PurePath))]
        database = str(config[held[0]]) if held else ""
        argument = f"{prefix}{held[0] if held else 'backend'}"
        yield Found(argument, _judge_database(engine, database), Role.DATABASE)
    elif engine in _IN_PROCESS:
        yield Found(f"{prefix}backend", Address(Reach.LOCAL, f"the memory of {engine}"))
    elif engine in _HOSTED:
        yield Found(f"{prefix}backend", Address(Reach.REACHABLE, "a server"))
    else:
        found = list(judge_connection(config, prefix))
        yield from found
        if not found and any(simplify(key) in {"dsn", "service"} for key in config):
            what = "a name that each machine looks up in its own settings"
            yield Found(f"{prefix}dsn", Address(Reach.UNKNOWN, what), Role.DATABASE)
        elif not found:
            yield Found(f"{prefix}backend", judge_host(""), Role.DATABASE)


def _judge_database(engine: str, database: str) -> Address:
    what = {"duckdb": "DuckDB", "chdb": "chDB"}.get(engine, "SQLite")
    if engine == "duckdb" and database.startswith(("md:", "motherduck:")):
        return Address(Reach.REACHABLE, "MotherDuck, a server")
    if "://" in database:
        return judge_address(database)
    in_memory = database in {"", ":memory:"} or is_unresolved(database)
    return Address(Reach.LOCAL, what, None if in_memory else database)


def judge_connection(config: Mapping[str, Any], prefix: str) -> Iterator[Found]:
    """Judge the hosts and connection strings of an argument that is a mapping.

    Args:
        config: The mapping.
        prefix: What stands before the names of its keys, with a dot at its end.
    """
    for key, value in config.items():
        argument, plain = f"{prefix}{key}", simplify(key)
        if isinstance(value, Mapping):
            yield from judge_connection(value, f"{argument}.")
        elif isinstance(value, (str, PurePath)):
            text = str(value)
            if plain in HOST_ARGUMENTS:
                if not text.startswith("/") or plain in {"host", "hostname"}:
                    yield Found(argument, judge_host(text), Role.DATABASE)
            elif plain in CONNECTION_ARGUMENTS:
                yield from judge_connection_text(argument, text)
            elif is_unresolved(text) and not prefix.startswith("credentials."):
                yield Found(argument, judge_address(text))
    if prefix == "credentials." and not _decided(config) and _any_unresolved(config):
        unknown = Address(Reach.UNRESOLVED, "a secret that is not known here")
        yield Found("credentials", unknown, is_address=False)


def _decided(config: Mapping[str, Any]) -> bool:
    return any(simplify(key) in HOST_ARGUMENTS | CONNECTION_ARGUMENTS for key in config)


def _any_unresolved(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_any_unresolved, value.values()))
    return isinstance(value, str) and is_unresolved(value)


def judge_connection_text(argument: str, text: str) -> Iterator[Found]:
    """Judge a connection string.

    Args:
        argument: The argument that has it.
        text: Its value; one that is no connection string is passed over.
    """
    if URL.match(text) or "=" in text or is_unresolved(text):
        yield Found(argument, judge_address(text), Role.DATABASE)


def find_loopback_hosts(value: Any, prefix: str) -> Iterator[Found]:
    """Find hosts that are the machine itself, in whatever argument they stand.

    Args:
        value: The configuration, or a part of it.
        prefix: What stands before the names of its keys, with a dot at its end.
    """
    if not isinstance(value, Mapping):
        return
    for key, inner in value.items():
        if key in {"metadata", "validator"}:
            continue
        if isinstance(inner, Mapping):
            yield from find_loopback_hosts(inner, f"{prefix}{key}.")
        elif isinstance(inner, str) and inner.strip() and not inner.startswith("/"):
            plain = simplify(key)
            if plain in HOST_ARGUMENTS:
                address = judge_host(inner)
            elif plain in CONNECTION_ARGUMENTS:  # such as that of a storage account
                address = judge_address(inner)
            else:
                continue
            if address.loopback:
                yield Found(f"{prefix}{key}", address)


def simplify(key: Any) -> str:
    """Return a key in small letters and digits alone, as the tables here have it.

    Example:
        >>> simplify("Data-Source_URL")
        'datasourceurl'
    """
    return re.sub(r"[^a-z0-9]", "", str(key).lower())
