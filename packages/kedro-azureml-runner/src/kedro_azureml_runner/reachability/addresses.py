"""Decide where an address is: on a step's own machine, or the same from every container.

Needs nothing but the standard library: the compiler judges configuration with it, and a step the
values that only the step knows.
"""

from __future__ import annotations

import re
import socket
from enum import Enum
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import parse_qs, unquote

MISSING_VARIABLE = "kedro-azureml: there is no environment variable "
"""Start of the mark that stands for a value whose environment variable is missing here."""

REMOTE_SCHEMES = frozenset(
    {
        "abfs", "abfss", "adl", "az", "azureml", "dbfs", "ftp", "gcs", "gs", "hdfs", "hf", "http",
        "https", "oci", "s3", "s3a", "s3n", "sftp", "smb", "ssh", "wasb", "wasbs", "webhdfs",
    }
)  # fmt: skip
"""Schemes of storage that is the same from every container."""

_WITH_HOST = frozenset({"ftp", "hdfs", "http", "https", "sftp", "smb", "ssh", "webhdfs"})
_OWN_DISK = frozenset({"file", "local"})
_OWN_MEMORY = frozenset({"memory"})
_EMBEDDED = {"sqlite": "SQLite", "duckdb": "DuckDB", "access": "Access", "shillelagh": "SQLite"}
_EMBEDDED_JDBC = {
    "sqlite": "SQLite", "duckdb": "DuckDB", "h2": "H2", "derby": "Derby", "hsqldb": "HSQLDB",
    "ucanaccess": "Access",
}  # fmt: skip
_SERVERS = frozenset(
    {"clickhouse", "mariadb", "mssql", "mysql", "oracle", "postgres", "postgresql", "sqlserver"}
)
_HOSTED = frozenset({"awsathena", "bigquery", "databricks", "snowflake"})
_BY_ODBC = frozenset({"pyodbc", "aioodbc", "turbodbc", "zxjdbc"})
_NAMED_ELSEWHERE = r"(?:^|[;\s])(?:dsn|filedsn|service)\s*=\s*'?[^;'\s]"
"""Of keywords: the server stands in a file or a registry of the machine that connects."""

_CHAIN = re.compile(r"[A-Za-z][\w+.-]*(?:://(?:(?!::)[^\[])*)?::(?=.)")
_SCHEME = re.compile(r"([A-Za-z][\w+.-]+):(.*)", re.DOTALL)
_WINDOWS = re.compile(r"[A-Za-z]:[\\/]|\\\\")
_IN_KEYWORDS = (
    r"(?:^|[;\s])(?:server|servername|host|hostname|addr|address|network address|data source)"
    r"\s*=\s*'?([^;'\s]+)"
)
_EMULATOR = r"(?:^|;)\s*UseDevelopmentStorage\s*=\s*true"
_ENDPOINT = r"(?:^|;)\s*\w*Endpoint\s*=\s*([A-Za-z]+://[^;\s]+)"
_SHORT_IPV4 = re.compile(r"[0-9][0-9a-fx]*(?:\.[0-9][0-9a-fx]*){0,3}")
_FILE_IN_KEYWORDS = r"(?:^|;)\s*(?:dbq|database)\s*=\s*([^;]+)"
_EMBEDDED_DRIVER = r"driver\s*=\s*\{?[^;}]*(sqlite|duckdb|access)"
_JDBC_HOSTS = (
    r"(?:^|:)//([^/?;]*)",
    r"@(?://|tcps?://)([\w.\-]+)",  # of Oracle; a name alone is looked up elsewhere
    r"@([\w.\-]+)(?=[:/])",
    r"(?i:serverName|HOST)\s*=\s*([^;)\s]+)",
)
_LOOPBACK_NAMES = frozenset(
    {
        ".", "(local)", "(localdb)", "host.docker.internal", "ip6-localhost", "ip6-loopback",
        "localhost", "localhost.localdomain",
    }
)  # fmt: skip


class Reach(str, Enum):
    """Who can reach an address."""

    LOCAL = "local"  # the machine, or the container, that uses it
    REACHABLE = "reachable"  # every container alike
    UNRESOLVED = "unresolved"  # it is not known here, for a variable or a secret is missing
    UNKNOWN = "unknown"


class Address(NamedTuple):
    """What is known of an address.

    Args:
        reach: Who can reach it.
        what: The kind of address in a few words, without the address itself: it may hold a secret.
        path: The file or folder, where it is one of this machine.
        loopback: Whether it names this machine by a host name or an IP address.
    """

    reach: Reach
    what: str
    path: str | None = None
    loopback: bool = False


def judge_address(text: str, *, is_file: bool = False) -> Address:
    """Judge a file's path, a URL or a connection string.

    Args:
        text: The address, as a catalog has it.
        is_file: Whether it is a file's or a folder's, so that `scheme://name` names no server
            unless the scheme is one of storage.

    Returns:
        What is known of it. A text without any scheme is a path.

    Example:
        >>> judge_address("s3://bucket/x.csv").reach.value
        'reachable'
        >>> judge_address("sqlite:///data/my.db")
        Address(reach=<Reach.LOCAL: 'local'>, what='SQLite', path='data/my.db', loopback=False)
        >>> judge_address("postgresql://me:secret@localhost/sales").what
        "the host 'localhost'"
    """
    text = text.strip()
    if is_unresolved(text):
        return Address(Reach.UNRESOLVED, "a value that is not known here")
    while link := _CHAIN.match(text):  # of a chain of file systems, the last link has the data
        text = text[link.end() :]
    if text.startswith("jdbc:"):
        return _judge_jdbc(text[5:])
    found = None if _WINDOWS.match(text) else _SCHEME.fullmatch(text)
    if found:
        return _judge_scheme(found[1].lower(), found[2], text, is_file)
    keywords = None if is_file else _judge_keywords(text)
    return keywords or Address(Reach.LOCAL, "a path without a protocol", text)


def is_unresolved(text: str) -> bool:
    """Check whether a value stands for one that is not known on this machine.

    Example:
        >>> is_unresolved("${oc.env:DB}"), is_unresolved("sqlite:///x.db")
        (True, False)
    """
    return "${" in text or MISSING_VARIABLE in text


def judge_host(host: str) -> Address:
    """Judge the name or the IP address of a server, with or without a port.

    Args:
        host: The host; several are separated by commas.

    Example:
        >>> judge_host("127.0.0.1:6379").loopback, judge_host("db.example.com").loopback
        (True, False)
    """
    if is_unresolved(host):
        return Address(Reach.UNRESOLVED, "a host that is not known here")
    if "://" in host or host.startswith("jdbc:"):
        return judge_address(host)
    if host.startswith(("/", "@")):
        return Address(Reach.LOCAL, "a socket of the machine", loopback=True)
    for name in host.split(","):
        bare = _without_port(name.strip())
        if is_loopback(bare):
            return Address(Reach.LOCAL, f"the host '{bare}'", loopback=True)
    if not host.strip():
        return Address(Reach.LOCAL, "no host, which means the machine itself", loopback=True)
    return Address(Reach.REACHABLE, "a server")


def is_loopback(host: str) -> bool:
    """Check whether a host is the machine itself.

    Example:
        >>> is_loopback("::1"), is_loopback("0.0.0.0"), is_loopback("10.0.0.4")
        (True, True, False)
        >>> is_loopback("127.1"), is_loopback("2130706433")
        (True, True)
    """
    name = host.strip("[]").lower().rstrip(".") or host
    if name in _LOOPBACK_NAMES or name.endswith(".localhost"):
        return True
    if _SHORT_IPV4.fullmatch(name):  # as connections read them: 127.1, 0x7f000001, 2130706433
        try:
            name = socket.inet_ntoa(socket.inet_aton(name))
        except OSError:
            return False
    if not re.fullmatch(r"[0-9a-f:.]+", name):
        return False
    try:
        address = ip_address(name)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None) or address
    return bool(mapped.is_loopback or mapped.is_unspecified)


def _without_port(host: str) -> str:
    host = re.sub(r"^(?:tcp|np|lpc):", "", host, flags=re.IGNORECASE).partition("\\")[0]
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0] if host.count(":") == 1 else host


def _judge_scheme(scheme: str, rest: str, text: str, is_file: bool) -> Address:
    dialect = scheme.partition("+")[0]
    if dialect in _EMBEDDED:
        return _judge_embedded(_EMBEDDED[dialect], rest)
    if scheme in _OWN_MEMORY:
        return Address(Reach.LOCAL, "the memory of one process")
    if scheme in _OWN_DISK:
        path = re.sub(r"^//(?:localhost(?=/))?", "", rest)
        return Address(Reach.LOCAL, f"'{scheme}:', the machine's own disk", path)
    if scheme == "dbfs" and rest.startswith("/"):
        return Address(Reach.REACHABLE, "storage of Databricks")
    if not rest.startswith("//"):
        keywords = _judge_keywords(text)
        return keywords or Address(Reach.UNKNOWN, f"'{scheme}:'")
    host = re.split(r"[/?#;]", rest[2:], maxsplit=1)[0].rpartition("@")[2]
    if scheme in REMOTE_SCHEMES:
        if scheme in _WITH_HOST and host:
            judged = judge_host(host)
            return judged if judged.reach is Reach.LOCAL else Address(Reach.REACHABLE, "a server")
        if scheme in {"http", "https", "ftp", "sftp", "ssh", "smb"}:
            return Address(Reach.UNKNOWN, f"'{scheme}:' without a host")
        return Address(Reach.REACHABLE, f"'{scheme}:'")
    if is_file:
        return Address(Reach.UNKNOWN, f"'{scheme}:'")
    if scheme.endswith(("+unix", "+socket")) or scheme == "unix":
        return Address(Reach.LOCAL, "a socket of the machine", loopback=True)
    return _judge_connection(scheme, unquote(host), rest)


def _judge_connection(scheme: str, host: str, rest: str) -> Address:
    """Judge `dialect+driver://user@host/database?...`, as SQLAlchemy reads it."""
    dialect, _, driver = scheme.partition("+")
    start, _, given = rest.partition("?")
    query = {key.lower(): values for key, values in parse_qs(given).items()}
    database = start[2:].partition("/")[2]
    if "odbc_connect" in query:
        keywords = _judge_keywords(query["odbc_connect"][0])
        return keywords or Address(Reach.UNKNOWN, "an ODBC connection without a server")
    sockets = query.get("unix_socket") or query.get("unix_sock")
    named = sockets or query.get("hostaddr") or query.get("host")
    if named:  # drivers prefer it to the host before the path
        return judge_host(",".join(named))
    looked_up = "dsn" in query or "service" in query
    looked_up |= not host and "read_default_file" in query  # of MySQL
    if driver in _BY_ODBC:
        looked_up |= bool(host) and not database
    elif dialect == "oracle":
        looked_up |= bool(host) and not database and "service_name" not in query
    if looked_up and (not host or not is_loopback(_without_port(host))):
        what = f"'{dialect}:' with a name that each machine looks up in its own settings"
        return Address(Reach.UNKNOWN, what)
    if host:
        return judge_host(host)
    if dialect in _HOSTED:
        return Address(Reach.REACHABLE, "a server")
    if dialect in _SERVERS:
        return judge_host("")
    return Address(Reach.UNKNOWN, f"'{dialect}:' without a host")


def _judge_embedded(product: str, rest: str) -> Address:
    path = re.sub(r"^//(?:/(?=.))?", "", rest).partition("?")[0]
    if product == "DuckDB" and path.lower().startswith(("md:", "motherduck:")):
        return Address(Reach.REACHABLE, "MotherDuck, a server")
    if product == "Access":
        keywords = _judge_keywords(unquote(rest))
        return keywords or Address(Reach.LOCAL, product)
    path = unquote(path).removeprefix("file:")
    in_memory = path in {"", ":memory:", "/"} or "mode=memory" in rest
    return Address(Reach.LOCAL, product, None if in_memory else path)


def _judge_jdbc(rest: str) -> Address:
    if is_unresolved(rest):
        return Address(Reach.UNRESOLVED, "a value that is not known here")
    product, _, place = rest.partition(":")
    product = product.lower()
    server = re.match(r"(?:hsqls?://|https?://|tcp://|ssl://|//)([^/;]+)", place)
    if product in _EMBEDDED_JDBC:
        if server:
            return judge_host(server[1])
        path = re.sub(r"^(?:file:|directory:|//)", "", place.partition(";")[0]).partition("?")[0]
        in_memory = not path or path.startswith((":memory:", "mem:", "memory:"))
        return Address(Reach.LOCAL, _EMBEDDED_JDBC[product], None if in_memory else path)
    for pattern in _JDBC_HOSTS:
        host = re.search(pattern, place)
        if host and host[1]:
            return judge_host(host[1].rpartition("@")[2])
    if product == "oracle" and "@" in place:
        name = re.split(r"[?/;]", place.rpartition("@")[2])[0]
        if is_loopback(name):
            return judge_host(name)
        what = "'jdbc:oracle:' with a name that each machine looks up in its own settings"
        return Address(Reach.UNKNOWN, what)
    if product in _SERVERS:
        return judge_host("")
    return Address(Reach.UNKNOWN, f"'jdbc:{product}:'")


def _judge_keywords(text: str) -> Address | None:
    """Judge `host=x port=1` and `Driver={...};Server=x;`; None where a text is neither."""
    if "=" not in text:
        return None
    driver = re.search(_EMBEDDED_DRIVER, text, re.IGNORECASE)
    if driver:
        file = re.search(_FILE_IN_KEYWORDS, text, re.IGNORECASE)
        return Address(Reach.LOCAL, driver[1], file[1].strip() if file else None)
    if re.search(_EMULATOR, text, re.IGNORECASE):
        return Address(Reach.LOCAL, "the storage emulator of the machine", loopback=True)
    host = re.search(_IN_KEYWORDS, text, re.IGNORECASE) or re.search(_ENDPOINT, text, re.IGNORECASE)
    if host:
        return judge_host(host[1])
    if re.search(_NAMED_ELSEWHERE, text, re.IGNORECASE):
        return Address(Reach.UNKNOWN, "a name that each machine looks up in its own settings")
    return None
