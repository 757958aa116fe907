"""Where an address lies, by its text alone."""

import pytest
from kedro_azureml_runner.reachability.addresses import (
    REMOTE_SCHEMES,
    Reach,
    is_loopback,
    judge_address,
    judge_host,
)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("data/x.csv", "data/x.csv"),
        ("/mnt/share/x.csv", "/mnt/share/x.csv"),
        ("~/x.csv", "~/x.csv"),
        ("C:\\data\\x.csv", "C:\\data\\x.csv"),
        ("C:/data/x.csv", "C:/data/x.csv"),
        ("\\\\server\\share\\x.csv", "\\\\server\\share\\x.csv"),
        ("data/part=1/x.csv", "data/part=1/x.csv"),
        ("file:///mnt/x.csv", "/mnt/x.csv"),
        ("file://localhost/mnt/x.csv", "/mnt/x.csv"),
        ("file:data/x.csv", "data/x.csv"),
        ("local://data/x.csv", "data/x.csv"),
        ("simplecache::file:///a/x.csv", "/a/x.csv"),
        ("zip://inner.csv::data/x.zip", "data/x.zip"),
        ("sqlite:///data/my.db", "data/my.db"),
        ("sqlite:////abs/my.db", "/abs/my.db"),
        ("sqlite+aiosqlite:///my.db?timeout=3", "my.db"),
        ("sqlite:///file:data/my.db?mode=ro&uri=true", "data/my.db"),
        ("duckdb:///shop.duckdb", "shop.duckdb"),
        ("jdbc:sqlite:data/x.db", "data/x.db"),
        ("jdbc:h2:~/test", "~/test"),
        ("jdbc:h2:file:./data/h2;MODE=PostgreSQL", "./data/h2"),
        ("jdbc:derby:data/derby;create=true", "data/derby"),
        ("jdbc:hsqldb:file:data/h", "data/h"),
        ("Driver={SQLite3 ODBC Driver};Database=data/x.db", "data/x.db"),
        ("memory://x.csv", None),
        ("sqlite://", None),
        ("sqlite:///:memory:", None),
        ("sqlite:///file:x?mode=memory&uri=true", None),
        ("jdbc:sqlite::memory:", None),
        ("jdbc:h2:mem:x", None),
    ],
)
def test_what_lies_on_the_machine_is_local(text: str, path: str | None):
    address = judge_address(text)
    assert (address.reach, address.path, address.loopback) == (Reach.LOCAL, path, False)


@pytest.mark.parametrize(
    "text",
    [
        "http://localhost:8000/x.csv",
        "http://[::1]:8000/x.csv",
        "https://0.0.0.0/x.csv",
        "webhdfs://localhost:9870/x",
        "sftp://me@127.0.0.1/x",
        "postgresql://me:p@w@localhost/db",
        "postgresql:///db",
        "postgresql:///db?host=/var/run/postgresql",
        "postgresql://me:pw@%2Fvar%2Frun%2Fpostgresql/db",
        "postgresql://db.example.com/db?host=/var/run/postgresql",
        "postgresql:///db?host=db.example.com&host=localhost",
        "mysql+pymysql://me@localhost/db?unix_socket=/tmp/mysql.sock",
        "mysql+pymysql://db.example.com/db?unix_socket=/tmp/mysql.sock",
        "mssql+pyodbc://me:pw@localhost",
        "oracle+oracledb://me:pw@localhost",
        "postgresql://db1.example.com,127.0.0.1/db",
        "mysql+pymysql://me@[::ffff:127.0.0.1]:3306/db",
        "mssql+pyodbc:///?odbc_connect=Driver%3D%7Bx%7D%3BServer%3Dlocalhost",
        "redis://127.1.2.3:6379",
        "redis+unix:///var/run/redis.sock",
        "jdbc:postgresql://localhost/test",
        "jdbc:postgresql:test",
        "jdbc:derby://localhost:1527/x",
        "jdbc:h2:tcp://localhost/~/test",
        "jdbc:oracle:thin:me/pw@localhost:1521:x",
        "jdbc:oracle:thin:@localhost",
        "jdbc:sqlserver://;serverName=localhost",
        "Driver={ODBC Driver 18};Server=localhost\\SQLEXPRESS;Database=a",
        "Driver={ODBC Driver 18};Server=(localdb)\\MSSQLLocalDB",
        "host=localhost port=5432 dbname=x",
        "mongodb://host.docker.internal/x",
        "http://127.1:9000/x.csv",
        "http://2130706433/x.csv",
        "UseDevelopmentStorage=true",
        "DefaultEndpointsProtocol=http;AccountName=a;BlobEndpoint=http://127.0.0.1:10000/a",
    ],
)
def test_a_server_on_the_machine_itself_is_local(text: str):
    address = judge_address(text)
    assert (address.reach, address.loopback) == (Reach.LOCAL, True)


@pytest.mark.parametrize(
    "text",
    [
        *(f"{scheme}://place/x" for scheme in sorted(REMOTE_SCHEMES)),
        "dbfs:/mnt/x",
        "hdfs:///x",
        "simplecache::s3://bucket/x.csv",
        "zip://a.csv::simplecache::https://example.com/x.zip",
        "duckdb:///md:shop",
        "postgresql://me:pw@db.example.com/x",
        "postgresql:///x?host=db.example.com",
        "snowflake://me:pw@account/db",
        "bigquery://",
        "mssql+pyodbc://me:pw@db.example.com/shop?driver=ODBC+Driver+18+for+SQL+Server",
        "oracle+oracledb://me:pw@db.example.com:1521/?service_name=x",
        "oracle+oracledb://me:pw@db.example.com:1521/sid",
        "mongodb+srv://me:pw@cluster.example.com/x",
        "mssql+pyodbc:///?odbc_connect=Driver%3D%7Bx%7D%3BServer%3Dtcp%3Ax.database.windows.net",
        "jdbc:postgresql://db.example.com:5432/x",
        "jdbc:oracle:thin:@//db.example.com:1521/x",
        "jdbc:oracle:thin:@db.example.com:1521:x",
        "jdbc:oracle:thin:me/pw@tcps://db.example.com:1521/x",
        "jdbc:oracle:thin:@(DESCRIPTION=(ADDRESS=(HOST=db.example.com)(PORT=1521)))",
        "jdbc:sqlserver://x.database.windows.net:1433;database=a",
        "jdbc:h2:tcp://db.example.com/~/test",
        "Driver={ODBC Driver 18};Server=tcp:x.database.windows.net,1433;Database=a",
        "host=db.example.com dbname=x",
    ],
)
def test_storage_and_servers_are_reachable(text: str):
    assert judge_address(text).reach is Reach.REACHABLE


@pytest.mark.parametrize("text", ["foo:x", "https:///x", "jdbc:foo:x", "s3:/bucket/x"])
def test_what_says_nothing_is_unknown(text: str):
    assert judge_address(text).reach is Reach.UNKNOWN


@pytest.mark.parametrize(
    "text",
    [
        "mssql+pyodbc://mydsn",
        "mssql+pyodbc://mydsn/",
        "mssql+pyodbc://me:pw@mydsn?timeout=3",
        "mssql+pyodbc://me:pw@db.example.com?dsn=mydsn",
        "mysql+pyodbc://me:pw@mydsn",
        "mssql+pyodbc:///?odbc_connect=DSN%3Dmydsn%3BUID%3Dme",
        "mssql+pyodbc:///?odbc_connect=Driver%3D%7Bx%7D%3BDatabase%3Dm",
        "DSN=mydsn;UID=me",
        "oracle+cx_oracle://me:pw@tnsname",
        "jdbc:oracle:thin:@tnsname",
        "jdbc:oracle:thin:me/pw@tnsname?TNS_ADMIN=/opt/tns",
        "postgresql:///?service=shop",
        "service=shop user=me",
        "mysql+mysqldb:///?read_default_file=~/.my.cnf",
    ],
)
def test_a_name_that_each_machine_looks_up_in_its_own_settings_is_unknown(text: str):
    assert judge_address(text).reach is Reach.UNKNOWN


def test_a_file_has_no_server_unless_its_scheme_is_one_of_storage():
    assert judge_address("foo://host/x").reach is Reach.REACHABLE
    assert judge_address("foo://host/x", is_file=True).reach is Reach.UNKNOWN
    assert judge_address("data/host=x", is_file=True).path == "data/host=x"


def test_what_is_not_known_here_is_unresolved():
    mark = "kedro-azureml: there is no environment variable 'DB'"
    for text in ("${oc.env:DB}", mark, f"postgresql://me@{mark}/x", f"jdbc:{mark}"):
        assert judge_address(text).reach is Reach.UNRESOLVED
    assert judge_host("${oc.env:HOST}").reach is Reach.UNRESOLVED


def test_no_description_repeats_an_address_with_a_secret():
    secrets = (
        "postgresql://me:hunter2@localhost/x",
        "postgresql://me:hunter2@db.example.com/x",
        "https://example.com/x?sig=hunter2",
        "Driver={x};Server=localhost;Password=hunter2",
        "foo:hunter2",
    )
    assert [
        judge_address(text).what for text in secrets if "hunter2" in judge_address(text).what
    ] == []


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("LOCALHOST", True), ("db.localhost", True), ("127.0.0.2", True), ("[::1]", True),
        ("::", True), (".", True), ("localhost.example.com", False), ("10.0.0.4", False),
        ("127.example.com", False), ("fe80::1", False), ("0x7f.1", True), ("1234", False),
    ],
)  # fmt: skip
def test_a_host_is_the_machine_itself_or_another(host: str, loopback: bool):
    assert is_loopback(host) is loopback


ACCESS = "Driver={Microsoft Access Driver (*.mdb)};DBQ=C:\\shop.mdb"


@pytest.mark.parametrize(
    ("text", "reach", "what"),
    [
        (f"access+pyodbc:///?odbc_connect={ACCESS}", Reach.LOCAL, "Access"),
        ("access+pyodbc://mydsn", Reach.LOCAL, "Access"),
        ("access:///md:shop", Reach.LOCAL, "Access"),
        ("sqlite:///md:shop", Reach.LOCAL, "SQLite"),
        ("sqlite:///motherduck:shop", Reach.LOCAL, "SQLite"),
        ("duckdb:///motherduck:shop", Reach.REACHABLE, "MotherDuck, a server"),
        ("dbfs:/mnt/x", Reach.REACHABLE, "storage of Databricks"),
        ("abfs:/mnt/x", Reach.UNKNOWN, "'abfs:'"),
        ("gs:/mnt/x", Reach.UNKNOWN, "'gs:'"),
        ("mysql://db.example.com", Reach.REACHABLE, "a server"),
        ("postgresql://db.example.com", Reach.REACHABLE, "a server"),
        ("zoo://db.example.com/x", Reach.REACHABLE, "a server"),
        ("unix:///run/x.sock", Reach.LOCAL, "a socket of the machine"),
        ("redis+socket:///run/x.sock", Reach.LOCAL, "a socket of the machine"),
        ("jdbc:oracle:thin", Reach.LOCAL, "no host, which means the machine itself"),
        ("jdbc:mysql:me@shop", Reach.LOCAL, "no host, which means the machine itself"),
        ("jdbc:postgresql:me@shop", Reach.LOCAL, "no host, which means the machine itself"),
        ("jdbc:foo:me@shop", Reach.UNKNOWN, "'jdbc:foo:'"),
        ("jdbc:foo:///shop", Reach.UNKNOWN, "'jdbc:foo:'"),
        ("jdbc:derby://localhost:1527/x", Reach.LOCAL, "the host 'localhost'"),
        ("jdbc:oracle:thin:@localhost?TNS_ADMIN=/tns", Reach.LOCAL, "the host 'localhost'"),
        ("Driver={SQLite3 ODBC Driver};Database=x.db", Reach.LOCAL, "SQLite"),
    ],
)
def test_what_an_address_is_called_and_who_reaches_it(text: str, reach: Reach, what: str):
    judged = judge_address(text)
    assert (judged.reach, judged.what) == (reach, what)


def test_the_file_of_an_access_database_is_found_among_the_keywords():
    assert judge_address(f"access+pyodbc:///?odbc_connect={ACCESS}").path == "C:\\shop.mdb"


@pytest.mark.parametrize(
    ("host", "bare"),
    [
        ("::1", "::1"),
        ("[::1]:6379", "::1"),
        ("127.0.0.1:6379", "127.0.0.1"),
        ("localhost", "localhost"),
        ("tcp:localhost\\SQLEXPRESS,1433", "localhost"),
        ("db.example.com, localhost:9092", "localhost"),
    ],
)
def test_a_host_is_named_without_its_port(host: str, bare: str):
    assert judge_host(host) == (Reach.LOCAL, f"the host '{bare}'", None, True)


@pytest.mark.parametrize("host", ["1.2.3.999", "0xg", "cafe", "ab.cd", "1.2.3.4.5", "a:b"])
def test_what_only_looks_like_an_ip_address_is_another_host(host: str):
    assert not is_loopback(host)
