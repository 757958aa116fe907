"""Judge whether every container reaches what a catalog entry names, by its configuration.

The compiler applies these rules to configuration, and a step to the values that only it knows,
before its first node. Needs nothing but the standard library.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import PurePath
from typing import Any

from kedro_azureml_runner.reachability.addresses import (
    Address,
    Reach,
    is_unresolved,
    judge_address,
    judge_host,
)
from kedro_azureml_runner.reachability.dataset_addresses import ADDRESS_ARGUMENTS, DEFAULT_ADDRESSES

SERVER_CLASSES = frozenset(
    {
        "databricks.ManagedTableDataset",
        "huggingface.HFDataset",
        "huggingface.HFTransformerPipelineDataset",
        "kedro_datasets_experimental.databricks.ExternalTableDataset",
        "kedro_mlflow.MlflowModelRegistryDataset",
        "langchain.ChatAnthropicDataset",
        "langchain.ChatCohereDataset",
        "langchain.ChatOpenAIDataset",
        "langchain.OpenAIEmbeddingsDataset",
        "pandas.GBQQueryDataset",
        "pandas.GBQTableDataset",
        "snowflake.SnowparkTableDataset",
        "spark.GBQQueryDataset",
    }
)
"""Classes whose data a server holds, whatever their arguments."""

_QUERY_FILES = frozenset(
    {
        "kedro_datasets_experimental.polars.PolarsDatabaseDataset",
        "pandas.GBQQueryDataset",
        "pandas.SQLQueryDataset",
        "spark.GBQQueryDataset",
    }
)
"""Classes whose `filepath` is the text of a query."""

_IN_MLFLOW_RUN = frozenset(
    {
        "kedro_mlflow.MlflowMetricDataset",
        "kedro_mlflow.MlflowMetricHistoryDataset",
        "kedro_mlflow.MlflowMetricsDataset",
        "kedro_mlflow.MlflowMetricsHistoryDataset",
        "kedro_mlflow.MlflowModelTrackingDataset",
    }
)
"""Classes that keep their data in an MLflow run: the active one, unless they are given one."""

DEFAULT_VARIABLES = {"redis.PickleDataset": "REDIS_URL"}
"""Environment variables that replace the default address of a class."""

OWN_MLFLOW_RUN = "the MLflow run of the step"
"""What is said of a dataset in the run that is active: every step has its own."""

_FILE_ARGUMENTS = ("filepath", "path", "index_path", "location", "repo")
_NEVER_ADDRESSES = frozenset({"metadata", "validator", "sql", "load_args", "save_args"})
_NO_VALUES = frozenset({"type", "versioned", "version"})

_HOSTS = frozenset(
    {
        "accounthost", "accounturl", "address", "apibase", "baseurl", "bootstrapservers",
        "endpoint", "endpointurl", "endpointoverride", "host", "hostname", "hosts", "httphost",
        "server", "serverhostname", "servername", "servers", "serviceurl",
    }
)  # fmt: skip
_CONNECTIONS = frozenset(
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
_DATABASES = ("database", "path", "db", "db_path", "file", "filename")

_PATH_WORDS = frozenset(
    {"dir", "directory", "file", "filename", "filepath", "folder", "path", "root"}
)
_URL = re.compile(r"[A-Za-z][\w+.-]*://|(?:jdbc|sqlite|duckdb|file|local|memory|dbfs):|[\w+.-]+::")
_WINDOWS = re.compile(r"[A-Za-z]:[\\/]|\\\\")
_FILE = re.compile(
    r"(?:[\w .=-]+/)*[\w .-]+\.(?:avro|csv|db|duckdb|feather|h5|hdf5|jsonl?|mdb|orc|parquet|pickle|"
    r"pkl|sqlite3?|tsv|txt|xlsx?|xml|ya?ml|zip)"
)


class Role(str, Enum):
    """What a local file is to the entry that names it."""

    DATA = "data"
    DATABASE = "database"  # one of several entries, which may use other tables of it
    QUERY = "query"  # read as the text of a query
    CHECKPOINT = "checkpoint"  # how far the entry has been read


@dataclass(frozen=True, slots=True)
class Place:
    """A file or folder of this machine that an entry names.

    Args:
        path: The path as the entry has it.
        argument: The argument, with dots between nested keys.
        role: What it is to the entry.
        known: Whether it is certainly a path: an argument of a class of ours to know, or a URL.
    """

    path: str
    argument: str
    role: Role = Role.DATA
    known: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """Who can reach the data of an entry.

    Args:
        reach: Who can.
        what: The address that decides, in a few words that show no secret.
        argument: The argument that has it, with dots between nested keys.
        loopback: Whether it names the machine itself, by a host name or an IP address.
        places: The files and folders of this machine that the entry names.
    """

    reach: Reach
    what: str = ""
    argument: str = ""
    loopback: bool = False
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class _Found:
    argument: str
    address: Address
    role: Role = Role.DATA
    known: bool = True
    is_address: bool = True  # and not a secret or a name, which may be one


def judge_entry(
    type_name: str,
    config: Mapping[str, Any],
    defaults: Mapping[str, Any] | None = None,
    variables: Mapping[str, str] | None = None,
) -> Verdict:
    """Judge a catalog entry by its configuration, without building it.

    Args:
        type_name: Its type, as the catalog or the class names it.
        config: Its configuration, with its credentials in it.
        defaults: Values that its class has for arguments which the entry does not give; needed
            for classes that are not of kedro-datasets.
        variables: Environment variables of the step, as far as they are known: a class may take
            its default from one.

    Returns:
        What is known. A local address decides before one that is reachable.

    Example:
        >>> judge_entry("pandas.CSVDataset", {"filepath": "s3://bucket/x.csv"}).reach.value
        'reachable'
        >>> entry = {"table_name": "t", "credentials": {"con": "sqlite:///data/my.db"}}
        >>> verdict = judge_entry("pandas.SQLTableDataset", entry)
        >>> verdict.reach.value, verdict.argument, verdict.places[0].path
        ('local', 'credentials.con', 'data/my.db')
    """
    key = make_class_key(type_name)
    if key in _IN_MLFLOW_RUN:
        load_args = config.get("load_args")
        given = [config, load_args if isinstance(load_args, Mapping) else {}]
        if any(each.get("run_id") for each in given):
            return Verdict(Reach.REACHABLE, "an MLflow run")
        return Verdict(Reach.LOCAL, OWN_MLFLOW_RUN)
    if key in ADDRESS_ARGUMENTS:
        found = list(_of_known_class(key, config))
    else:
        found = list(_of_any_class({**(defaults or {}), **config}))
    places = tuple(
        Place(f.address.path, f.argument, f.role, f.known) for f in found if f.address.path
    )
    for each in sorted(found, key=_rank):
        address = each.address
        if address.reach is Reach.UNRESOLVED and key in SERVER_CLASSES:
            continue
        if each.role in {Role.DATA, Role.DATABASE}:
            return Verdict(address.reach, address.what, each.argument, address.loopback, places)
    if key in SERVER_CLASSES:
        return Verdict(Reach.REACHABLE, "a server", places=places)
    if key in DEFAULT_ADDRESSES:
        set_by_variable = (variables or {}).get(DEFAULT_VARIABLES.get(key, ""))
        default = judge_address(set_by_variable or DEFAULT_ADDRESSES[key])
        what = f"the default of its class, {default.what}"
        return Verdict(default.reach, what, loopback=default.loopback, places=places)
    return Verdict(Reach.UNKNOWN, "no address", places=places)


def _rank(found: _Found) -> int:
    """Order what was found by who decides: what is local first, what may be no address last."""
    order = (Reach.LOCAL, Reach.UNRESOLVED, Reach.REACHABLE, Reach.UNKNOWN)
    return order.index(found.address.reach) + (0 if found.is_address else len(order))


def make_class_key(type_name: str) -> str:
    """Return how the tables name a class, from any of its names.

    Example:
        >>> make_class_key("kedro_datasets.pandas.csv_dataset.CSVDataset")
        'pandas.CSVDataset'
    """
    parts = type_name.split(".")
    if parts[0] == "kedro_datasets":
        parts = parts[1:]
    if parts[0] == "kedro_datasets_experimental":
        return ".".join([*parts[:2], parts[-1]])
    return ".".join([parts[0], parts[-1]]) if len(parts) > 1 else type_name


def _of_known_class(key: str, config: Mapping[str, Any]) -> Iterator[_Found]:
    arguments = ADDRESS_ARGUMENTS[key]
    has_file = False
    for argument in arguments:
        value = config.get(argument)
        if argument in _FILE_ARGUMENTS and isinstance(value, (str, PurePath)):
            is_query = argument == "filepath" and key in _QUERY_FILES
            role = Role.QUERY if is_query else Role.DATA
            has_file = has_file or not is_query
            yield _Found(argument, judge_address(str(value), is_file=True), role)
        elif argument == "checkpoint":
            file = value.get("filepath") if isinstance(value, Mapping) else value
            if isinstance(file, (str, PurePath)):
                yield _Found(argument, judge_address(str(file), is_file=True), Role.CHECKPOINT)
    if not has_file:
        yield from _connections(arguments, config)
    yield from _loopback_hosts(config, "")


def _connections(arguments: tuple[str, ...], config: Mapping[str, Any]) -> Iterator[_Found]:
    """Judge how a class connects: Ibis merges the credentials into the connection."""
    merged = {
        inner: value
        for argument in ("connection", "credentials")
        if argument in arguments and isinstance(config.get(argument), Mapping)
        for inner, value in config[argument].items()
    }
    engine = _engine(merged) or _engine(config)
    if engine:
        source = merged if _engine(merged) else config
        held = config.get("connection")
        prefix = "connection." if isinstance(held, Mapping) and _engine(held) else ""
        yield from _of_engine(engine, {**source, **merged}, prefix)
        return
    for argument in arguments:
        value = config.get(argument)
        if argument in _FILE_ARGUMENTS or argument == "checkpoint" or value is None:
            continue
        if isinstance(value, str):
            yield from _of_connection_text(argument, value)
        elif isinstance(value, Mapping):
            yield from _of_connection(value, f"{argument}.")
    if config.get("catalog_type"):
        yield _Found("catalog_type", Address(Reach.REACHABLE, "a catalog server"))


def _engine(config: Mapping[str, Any]) -> str:
    for key in _ENGINES:
        value = config.get(key)
        if isinstance(value, str):
            engine = value.lower().partition("+")[0]
            if engine in _EMBEDDED | _IN_PROCESS | _HOSTED | _HOST_BY_DEFAULT:
                return engine
    return ""


def _of_engine(engine: str, config: Mapping[str, Any], prefix: str) -> Iterator[_Found]:
    if engine in _EMBEDDED:
        held = [key for key in _DATABASES if isinstance(config.get(key), (str, PurePath))]
        database = str(config[held[0]]) if held else ""
        argument = f"{prefix}{held[0] if held else 'backend'}"
        yield _Found(argument, _judge_database(engine, database), Role.DATABASE)
    elif engine in _IN_PROCESS:
        yield _Found(f"{prefix}backend", Address(Reach.LOCAL, f"the memory of {engine}"))
    elif engine in _HOSTED:
        yield _Found(f"{prefix}backend", Address(Reach.REACHABLE, "a server"))
    else:
        found = list(_of_connection(config, prefix))
        yield from found
        if not found and any(_plain(key) in {"dsn", "service"} for key in config):
            what = "a name that each machine looks up in its own settings"
            yield _Found(f"{prefix}dsn", Address(Reach.UNKNOWN, what), Role.DATABASE)
        elif not found:
            yield _Found(f"{prefix}backend", judge_host(""), Role.DATABASE)


def _judge_database(engine: str, database: str) -> Address:
    what = {"duckdb": "DuckDB", "chdb": "chDB"}.get(engine, "SQLite")
    if engine == "duckdb" and database.startswith(("md:", "motherduck:")):
        return Address(Reach.REACHABLE, "MotherDuck, a server")
    if "://" in database:
        return judge_address(database)
    in_memory = database in {"", ":memory:"} or is_unresolved(database)
    return Address(Reach.LOCAL, what, None if in_memory else database)


def _of_connection(config: Mapping[str, Any], prefix: str) -> Iterator[_Found]:
    for key, value in config.items():
        argument, plain = f"{prefix}{key}", _plain(key)
        if isinstance(value, Mapping):
            yield from _of_connection(value, f"{argument}.")
        elif isinstance(value, (str, PurePath)):
            text = str(value)
            if plain in _HOSTS:
                if not text.startswith("/") or plain in {"host", "hostname"}:
                    yield _Found(argument, judge_host(text), Role.DATABASE)
            elif plain in _CONNECTIONS:
                yield from _of_connection_text(argument, text)
            elif is_unresolved(text) and not prefix.startswith("credentials."):
                yield _Found(argument, judge_address(text))
    if prefix == "credentials." and not _decided(config) and _any_unresolved(config):
        unknown = Address(Reach.UNRESOLVED, "a secret that is not known here")
        yield _Found("credentials", unknown, is_address=False)


def _decided(config: Mapping[str, Any]) -> bool:
    return any(_plain(key) in _HOSTS | _CONNECTIONS for key in config)


def _any_unresolved(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_any_unresolved, value.values()))
    return isinstance(value, str) and is_unresolved(value)


def _of_connection_text(argument: str, text: str) -> Iterator[_Found]:
    if _URL.match(text) or "=" in text or is_unresolved(text):
        yield _Found(argument, judge_address(text), Role.DATABASE)


def _loopback_hosts(value: Any, prefix: str) -> Iterator[_Found]:
    """Find hosts that are the machine itself, in whatever argument they stand."""
    if not isinstance(value, Mapping):
        return
    for key, inner in value.items():
        if key in {"metadata", "validator"}:
            continue
        if isinstance(inner, Mapping):
            yield from _loopback_hosts(inner, f"{prefix}{key}.")
        elif isinstance(inner, str) and inner.strip() and not inner.startswith("/"):
            plain = _plain(key)
            if plain in _HOSTS:
                address = judge_host(inner)
            elif plain in _CONNECTIONS:  # such as the connection string of a storage account
                address = judge_address(inner)
            else:
                continue
            if address.loopback:
                yield _Found(f"{prefix}{key}", address)


def _of_any_class(config: Mapping[str, Any], prefix: str = "") -> Iterator[_Found]:
    """Judge every value that can be an address, under whatever argument and however deep."""
    engine = _engine(config)
    if engine:
        yield from _of_engine(engine, config, prefix)
    for key, value in config.items():
        argument = f"{prefix}{key}"
        if key in _NEVER_ADDRESSES:
            yield from _loopback_hosts({key: value}, prefix)
        elif key in _NO_VALUES or (engine and key in _DATABASES):
            continue
        elif isinstance(value, Mapping) and isinstance(value.get("type"), (str, type)):
            yield from _of_nested(argument, value)
        else:
            yield from _of_any_value(argument, str(key), value)


def _of_nested(argument: str, config: Mapping[str, Any]) -> Iterator[_Found]:
    kind = config["type"]
    key = make_class_key(
        kind if isinstance(kind, str) else f"{kind.__module__}.{kind.__qualname__}"
    )
    of_class = _of_known_class(key, config) if key in ADDRESS_ARGUMENTS else _of_any_class(config)
    for found in of_class:
        yield replace(found, argument=f"{argument}.{found.argument}")


def _of_any_value(argument: str, key: str, value: Any) -> Iterator[_Found]:
    if isinstance(value, Mapping):
        yield from _of_any_class(value, f"{argument}.")
    elif isinstance(value, (list, tuple, set, frozenset)):
        for number, inner in enumerate(value):
            yield from _of_any_value(f"{argument}.{number}", key, inner)
    elif isinstance(value, PurePath):
        yield _Found(argument, Address(Reach.LOCAL, "a path without a protocol", str(value)))
    elif isinstance(value, str):
        yield from _of_any_text(argument, key, value)


def _of_any_text(argument: str, key: str, text: str) -> Iterator[_Found]:
    plain, is_path = _plain(key), bool(_words(key) & _PATH_WORDS)
    if not text:
        return
    if is_unresolved(text):
        unknown = Address(Reach.UNRESOLVED, "a value that is not known here")
        is_address = is_path or plain in _HOSTS | _CONNECTIONS
        yield _Found(argument, unknown, is_address=is_address)
    elif plain in _HOSTS and not text.startswith("/"):
        yield _Found(argument, judge_host(text), Role.DATABASE)
    elif _URL.match(text):
        yield _Found(argument, judge_address(text, is_file=is_path))
    elif plain in _CONNECTIONS and "=" in text:
        address = judge_address(text)
        if address.path != text:
            yield _Found(argument, address, Role.DATABASE)
    elif (
        is_path
        or _WINDOWS.match(text)
        or text.startswith(("/", "./", "../", "~/"))
        or _FILE.fullmatch(text)
    ):
        known = plain in {"filepath", "path", "filename"}
        yield _Found(argument, judge_address(text, is_file=True), known=known)


def _plain(key: Any) -> str:
    return re.sub(r"[^a-z0-9]", "", str(key).lower())


def _words(key: str) -> set[str]:
    return set(re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", key).lower().replace("-", "_").split("_"))
