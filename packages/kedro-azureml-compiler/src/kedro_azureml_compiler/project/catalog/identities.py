"""Name the data of a standard entry, so that two entries with the same data are recognised.

Addresses that are spelled differently and are the same get one spelling, where that is certain:
`abfs://c@account.dfs.core.windows.net/x` and `https://account.blob.core.windows.net/c/x`. Users,
passwords and signatures are left out.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote

from kedro_azureml_runner.reachability.addresses import REMOTE_SCHEMES, Reach
from kedro_azureml_runner.reachability.known_classes import make_class_key
from kedro_azureml_runner.reachability.verdicts import Role

from kedro_azureml_compiler.planning.facts import DataIdentity, LocalFile

if TYPE_CHECKING:
    from kedro_azureml_runner.reachability.verdicts import Verdict

_CHAIN = re.compile(r"[A-Za-z][\w+.-]*(?:://(?:(?!::)[^\[])*)?::(?=.)")
_URL = re.compile(r"(?P<scheme>[A-Za-z][\w+.-]*):(?P<rest>.*)", re.DOTALL)
_AZURE = frozenset({"abfs", "abfss", "az", "wasb", "wasbs"})
_ALIASES = {
    "s3a": "s3", "s3n": "s3", "gcs": "gs", "postgres": "postgresql", "mariadb": "mysql",
    "sqlserver": "mssql",
}  # fmt: skip
_PORTS = {"postgresql": "5432", "mysql": "3306", "mssql": "1433", "oracle": "1521"}
_BLOB_HOST = re.compile(r"(?P<account>[a-z0-9]+)\.(?:z\d+\.)?(?:blob|dfs)\..+")
_S3_HOST = re.compile(r"(?P<bucket>[\w.-]+)\.s3[.-][\w.-]*amazonaws\.com")
_GS_HOST = "storage.googleapis.com"
_ACCOUNT = re.compile(r"AccountName=([^;\s]+)", re.IGNORECASE)
_GLOB = re.compile(r"[*\[]")
_KEYWORD = re.compile(r"(?:^|[;\s])(?P<key>[A-Za-z][\w ]*?)\s*=\s*(?P<value>\{[^}]*\}|[^;\s]+)")
_FAMILIES = {
    "pandas.GBQQueryDataset": "bigquery",
    "pandas.GBQTableDataset": "bigquery",
    "spark.GBQQueryDataset": "bigquery",
    "spark.SparkHiveDataset": "hive",
}
_NO_IDENTITY = frozenset(
    {
        "if_exists", "load_args", "metadata", "mode", "save_args", "type", "validator", "version",
        "versioned", "write_mode",
    }
)  # fmt: skip
_TABLE_ARGUMENTS = ("table_name", "table", "collection")
_APPENDING = frozenset({"append", "a"})


def identify_data(
    type_name: str, config: Mapping[str, Any], verdict: Verdict, files: tuple[LocalFile, ...]
) -> DataIdentity | None:
    """Return what names the data of an entry, for a comparison with others.

    Args:
        type_name: The type of its class.
        config: Its configuration, with its credentials in it.
        verdict: Where its data is.
        files: The files of this machine that it names.

    Returns:
        None if nothing does: it is in the memory of a process, for example.
    """
    argument, inner = verdict.argument, config.get("dataset")
    while argument.startswith("dataset.") and isinstance(inner, Mapping):
        argument, config = argument.removeprefix("dataset."), inner
        type_name, inner = str(config.get("type", "")), config.get("dataset")
    key = make_class_key(type_name)
    data = [file for file in files if file.role in {Role.DATA, Role.DATABASE}]
    text = _value_at(config, argument)
    exact = False
    if verdict.reach is Reach.LOCAL and not verdict.loopback:
        if len(data) != 1:
            return None
        address = _without_glob(f"file:{data[0].path}")
    elif isinstance(text, str) and (found := _of_text(text, config)):
        address = found
    elif verdict.reach is Reach.UNKNOWN:
        address, exact = _of_arguments(key, config), True
    else:
        address = _of_mapping(_FAMILIES.get(key, key.partition(".")[0]), config)
    table = _table(key, config)
    queries = [file.path for file in files if file.role is Role.QUERY]
    return DataIdentity(
        address,
        table=None if table is None or _is_query(table) else table,
        query=_query(config, table),
        query_file=queries[0] if queries else None,
        is_query=key.endswith("QueryDataset") or bool(_query(config, table)),
        suffix="" if config.get("overwrite") else str(config.get("filename_suffix") or ""),
        appends=_appends(config),
        exact=exact or address.startswith(("http:", "https:")),
    )


def _value_at(config: Any, argument: str) -> Any:
    value = config
    for part in argument.split(".") if argument else ():
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, (list, tuple)) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value if argument else None


def _of_text(text: str, config: Mapping[str, Any]) -> str | None:
    """Return the one spelling of an address; None for the name of a host alone."""
    text = text.strip()
    while link := _CHAIN.match(text):
        text = text[link.end() :]
    if text.startswith("jdbc:"):
        return _of_jdbc(text[5:])
    url = _URL.fullmatch(text)
    if url and url["scheme"].lower() in REMOTE_SCHEMES:
        return _of_storage(url["scheme"].lower(), url["rest"], config)
    if url and url["rest"].startswith("//"):
        return _of_connection(url["scheme"].lower(), url["rest"][2:])
    if "=" in text:
        return _of_keywords(text)
    return f"unresolved:{text}" if "${" in text or " " in text else None


def _of_storage(scheme: str, rest: str, config: Mapping[str, Any]) -> str:
    scheme = _ALIASES.get(scheme, scheme)
    rest = rest.partition("?")[0] if "=" in rest.partition("?")[2] else rest
    if not rest.startswith("//"):
        return _without_glob(f"{scheme}:/{rest.lstrip('/')}")
    authority, _, path = rest[2:].partition("/")
    user, _, host = authority.rpartition("@")
    host = host.lower()
    if scheme in {"http", "https"}:
        blob, bucket = _BLOB_HOST.fullmatch(host), _S3_HOST.fullmatch(host)
        if blob:
            container, _, path = unquote(path).partition("/")
            return _without_glob(_in_azure(blob["account"], container, path))
        if bucket:
            return _without_glob(f"s3://{bucket['bucket']}/{unquote(path)}")
        if host == _GS_HOST:
            return _without_glob(f"gs://{unquote(path)}")
    elif scheme in _AZURE:
        blob = _BLOB_HOST.fullmatch(host)
        account = blob["account"] if blob else _account(config)
        container = user if blob else authority
        return _without_glob(_in_azure(account, container, path))
    elif scheme == "dbfs":
        return _without_glob(f"dbfs:/{(authority + '/' + path).strip('/')}")
    elif scheme in {"s3", "gs"}:
        endpoint = next(_values(config, {"endpointurl", "endpoint", "endpointoverride"}), "")
        at = f"{endpoint}/" if endpoint else ""
        return _without_glob(f"{scheme}://{at}{authority}/{path}")
    return _without_glob(f"{scheme}://{host}/{path}")


def _in_azure(account: str, container: str, path: str) -> str:
    authority = f"{container}@{account}.dfs.core.windows.net" if account else container
    return f"abfss://{authority}/{path}"


def _account(config: Mapping[str, Any]) -> str:
    named = next(_values(config, {"accountname"}), "")
    if not named:
        held = _ACCOUNT.search(next(_values(config, {"connectionstring"}), ""))
        named = held[1] if held else ""
    return named.lower()


def _values(config: Any, keys: set[str]) -> Iterator[str]:
    if isinstance(config, Mapping):
        for key, value in config.items():
            if isinstance(value, str) and _plain(key) in keys:
                yield value.rstrip("/")
            elif isinstance(value, Mapping):
                yield from _values(value, keys)


def _of_jdbc(text: str) -> str:
    product, _, place = text.partition(":")
    product = _ALIASES.get(product.lower(), product.lower())
    if product == "mssql":
        server, *pairs = place.removeprefix("//").split(";")
        named = {k.strip().lower(): v for k, _, v in (p.partition("=") for p in pairs)}
        host, port = _host_and_port(server or named.get("servername", ""), product)
        return _server(product, host, port, named.get("databasename") or named.get("database", ""))
    if product == "oracle":
        found = re.search(r"@(?://|tcps?://)?([\w.\-]+)(?::(\d+))?[:/]?([\w.$]*)", place)
        if found:
            return _server(product, found[1], found[2] or _PORTS["oracle"], found[3])
        return f"jdbc:{text.partition('@')[2] or text}"
    if place.startswith("//"):
        return _of_connection(product, place[2:])
    return f"jdbc:{product}:{place.partition('?')[0].partition(';')[0]}"


def _of_connection(scheme: str, rest: str) -> str:
    """Name the database of `dialect+driver://user@host/database?...`."""
    dialect = scheme.partition("+")[0]
    dialect = _ALIASES.get(dialect, dialect)
    start, _, given = rest.partition("?")
    query = {key.lower(): values for key, values in parse_qs(given).items()}
    if "odbc_connect" in query:
        return _of_keywords(query["odbc_connect"][0], dialect)
    authority, _, database = start.partition("/")
    named = query.get("unix_socket") or query.get("hostaddr") or query.get("host")
    host, port = _host_and_port(
        ",".join(named) if named else unquote(authority.rpartition("@")[2]), dialect
    )
    service = query.get("service_name") or query.get("database") or query.get("dbname") or [""]
    return _server(dialect, host, port, unquote(database) or service[0])


def _of_keywords(text: str, dialect: str = "") -> str:
    """Name the database of `host=x dbname=y` and `Driver={...};Server=x;Database=y`."""
    given = {_plain(m["key"]): m["value"].strip("'{} ") for m in _KEYWORD.finditer(text)}

    def first(*keys: str) -> str:
        return next((given[key] for key in keys if key in given), "")

    if "accountname" in given:
        return f"https://{given['accountname'].lower()}.blob.core.windows.net"
    driver = given.get("driver", "").lower()
    engines = (("sql server", "mssql"), ("postgres", "postgresql"), ("mysql", "mysql"))
    engine = dialect or next((name for word, name in engines if word in driver), "")
    engine = engine or ("postgresql" if "dbname" in given else "mssql")
    host, port = _host_and_port(
        first("server", "host", "hostname", "hostaddr", "addr", "address", "datasource", "dsn",
              "service"), engine)  # fmt: skip
    port = given.get("port", port)
    return _server(engine, host, port, first("database", "dbname", "initialcatalog"))


def _host_and_port(text: str, engine: str) -> tuple[str, str]:
    host = re.sub(r"^(?:tcp|np|lpc):", "", text.strip(), flags=re.IGNORECASE)
    found = re.fullmatch(r"(?P<host>\[[^\]]*\]|[^:,]*)[:,](?P<port>\d+)", host)
    port = found["port"] if found else _PORTS.get(engine, "")
    return (found["host"] if found else host), port


def _server(engine: str, host: str, port: str, database: str) -> str:
    place = f"{host}:{port}" if port else host
    return f"{engine}://{place}/{database.strip('/')}".lower().rstrip("/")


def _of_mapping(family: str, config: Mapping[str, Any]) -> str:
    """Name the database of a connection whose parts stand under keys of their own."""
    parts: dict[str, str] = {}
    held = [config.get(key) for key in ("connection", "redis_args", "credentials")]
    for mapping in [config, *(part for part in held if isinstance(part, Mapping))]:
        for key, value in mapping.items():
            if isinstance(value, (str, int)) and not isinstance(value, bool):
                parts[_plain(key)] = str(value)

    def first(*keys: str) -> str:
        return next((parts[key] for key in keys if parts.get(key)), "")

    engine = first("backend", "drivername", "dialect", "engine").lower().partition("+")[0]
    engine = _ALIASES.get(engine, engine) or family
    host, port = _host_and_port(
        first("host", "hostname", "server", "serverhostname", "account", "project", "projectid",
              "workspace"), engine)  # fmt: skip
    inside = [first("database", "db", "dbname")] if not _is_table_of(engine) else []
    if engine == "snowflake":
        inside.append(first("schema"))
    return _server(engine, host, parts.get("port", port), "/".join(filter(None, inside)))


def _is_table_of(engine: str) -> bool:
    """Check whether the engine's `database` is a part of its tables' names."""
    return engine in {"bigquery", "databricks", "hive"}


def _of_arguments(key: str, config: Mapping[str, Any]) -> str:
    """Name what only the class itself knows: the same class with the same arguments."""
    arguments = {k: v for k, v in config.items() if k not in _NO_IDENTITY}
    text = json.dumps(arguments, sort_keys=True, default=str)
    return f"{key}#{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _table(key: str, config: Mapping[str, Any]) -> str | None:
    arguments = (*_TABLE_ARGUMENTS, *(("key",) if key.startswith("redis.") else ()))
    name = next((str(config[a]) for a in arguments if config.get(a)), None)
    if name is None or _is_query(name):
        return name
    held = [config.get("catalog"), config.get("dataset"), config.get("database")]
    above = [part for part in held if isinstance(part, str)]
    schema = config.get("schema") or next(
        (
            args["schema"]
            for args in (config.get("save_args"), config.get("load_args"))
            if isinstance(args, Mapping) and args.get("schema")
        ),
        None,
    )
    parts = [*above, *([schema] if isinstance(schema, str) else []), name]
    return re.sub(r"[\"'`\[\]]", "", ".".join(parts)).lower()


def _is_query(text: str) -> bool:
    return bool(re.search(r"[\s(]", text.strip()))


def _query(config: Mapping[str, Any], table: str | None) -> str | None:
    load_args = config.get("load_args")
    given = [config.get("sql"), config.get("query")]
    given += [load_args.get("query")] if isinstance(load_args, Mapping) else []
    given += [table] if table and _is_query(table) else []
    return next((text for text in given if isinstance(text, str) and text), None)


def _appends(config: Mapping[str, Any]) -> bool:
    args = config.get("save_args")
    held = [config, *([args] if isinstance(args, Mapping) else [])]
    return any(m.get(k) in _APPENDING for m in held for k in ("if_exists", "mode", "write_mode"))


def _without_glob(address: str) -> str:
    """Return the folder of a pattern of files, and any other address as it is."""
    found = _GLOB.search(address)
    if found:
        address = address[: found.start()].rpartition("/")[0]
    return address.rstrip("/")


def _plain(key: Any) -> str:
    return re.sub(r"[^a-z0-9]", "", str(key).lower())
