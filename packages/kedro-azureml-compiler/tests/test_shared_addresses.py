"""Two entries with the same data are recognised, and their steps need an order."""

import json

import pytest
from kedro_azureml_compiler.findings import Severity
from kedro_azureml_compiler.project.catalog.entries import classify_config

pytestmark = pytest.mark.once

CSV = {"type": "pandas.CSVDataset"}
DSN = "postgresql://me:pw@db.example.com/shop"
OTHER_USER = "postgresql+psycopg2://you:word@DB.example.com:5432/shop"


def csv(path: str, **more: object) -> dict[str, object]:
    return {**CSV, "filepath": path, **more}


def table(name: str = "t", con: str = DSN, **more: object) -> dict[str, object]:
    return {
        "type": "pandas.SQLTableDataset", "table_name": name, "credentials": {"con": con}, **more,
    }  # fmt: skip


def query(sql: str = "select * from t", con: str = DSN) -> dict[str, object]:
    return {"type": "pandas.SQLQueryDataset", "sql": sql, "credentials": {"con": con}}


def parts(path: str, kind: str = "partitions.PartitionedDataset") -> dict[str, object]:
    return {"type": kind, "path": path, "dataset": "pandas.CSVDataset"}


AZURE = "abfs://c@acc.dfs.core.windows.net/p/x.csv"
ACCOUNT = {"credentials": {"account_name": "acc", "account_key": "k"}}
IBIS = {
    "type": "ibis.TableDataset", "table_name": "t",
    "connection": {"backend": "postgres", "host": "db.example.com", "database": "shop"},
}  # fmt: skip
JDBC = {
    "type": "spark.SparkJDBCDataset", "table": "public.t",
    "url": "jdbc:postgresql://db.example.com:5432/shop?user=me",
}  # fmt: skip
MSSQL = "mssql+pyodbc://me:pw@x.database.windows.net/shop?driver=ODBC+Driver+18+for+SQL+Server"
ODBC = (
    "mssql+pyodbc:///?odbc_connect=Driver%3D%7BODBC+Driver+18+for+SQL+Server%7D%3BServer%3Dtcp%3A"
    "x.database.windows.net%2C1433%3BDatabase%3Dshop%3BUID%3Dyou"
)
SQLSERVER = "jdbc:sqlserver://x.database.windows.net:1433;databaseName=shop"
GBQ = {"type": "pandas.GBQTableDataset", "dataset": "d", "table_name": "t", "project": "p"}
REDIS = {"type": "redis.PickleDataset", "key": "k", "credentials": {"host": "cache.example.com"}}
DELTA = {"type": "pandas.DeltaTableDataset"}
ENV = "${oc.env:GREEN_LAKE}"

SAME = {
    "a file in S3": (csv("s3://b/x.csv"), csv("s3a://b/x.csv")),
    "a file in S3, by https": (
        csv("s3://b/x.csv"), csv("https://b.s3.eu-west-1.amazonaws.com/x.csv")),
    "a file in a chain": (csv("s3://b/x.csv"), csv("simplecache::s3://b/x.csv")),
    "a file in GCS": (csv("gs://b/x.csv"), csv("gcs://b/x.csv")),
    "a file with two keys": (
        csv("s3://b/x.csv", credentials={"key": "one"}),
        csv("s3://b/x.csv", credentials={"key": "2"})),
    "an account in the credentials": (csv(AZURE), csv("az://c/p/x.csv", **ACCOUNT)),
    "two endpoints of an account": (csv(AZURE), csv("wasbs://c@acc.blob.core.windows.net/p/x.csv")),
    "a signed address": (csv(AZURE), csv("https://acc.blob.core.windows.net/c/p/x.csv?sig=s")),
    "a connection string": (
        csv("abfs://c/x.csv", credentials={"account_name": "acc"}),
        csv("az://c/x.csv", credentials={"connection_string": "AccountName=acc;AccountKey=k"})),
    "a folder and a file in it": (parts("s3://b/dir"), csv("s3://b/dir/x.csv")),
    "a file and its folder": (csv("s3://b/dir/x.csv"), parts("s3://b/dir/")),
    "a folder in a folder": (parts("s3://b/dir/in"), parts("s3://b/dir")),
    "a pattern of files": (
        csv("s3://b/dir/x.csv"), {"type": "dask.CSVDataset", "filepath": "s3://b/dir/*.csv"}),
    "a folder twice": (parts("s3://b/d"), parts("s3://b/d", "partitions.IncrementalDataset")),
    "a storage of Databricks": (csv("dbfs:/mnt/x.csv"), csv("dbfs:///mnt/x.csv")),
    "a Delta table": ({**DELTA, "filepath": "s3://b/t"}, {**DELTA, "filepath": "s3://b/t"}),
    "a versioned file": (csv("s3://b/x.csv", versioned=True), csv("s3://b/x.csv", versioned=True)),
    "a cached file": (
        {"type": "CachedDataset", "dataset": csv("s3://b/x.csv")}, csv("s3://b/x.csv")),
    "a table and a query": (table(), query()),
    "a table and a query with a schema": (
        table(save_args={"schema": "s"}), query("select a from S.T")),
    "a table of two users": (table(), table(con=OTHER_USER)),
    "a table with a schema": (table("s.t"), table("T")),
    "two drivers": (table(), query(con=OTHER_USER)),
    "a cached table": ({"type": "CachedDataset", "dataset": table()}, query()),
    "ibis": (table(), IBIS),
    "JDBC": (table(), JDBC),
    "a query by JDBC": (table(), {**JDBC, "table": "(select a from t) as x"}),
    "SQL Server by ODBC": (table(con=MSSQL), table(con=ODBC)),
    "SQL Server by JDBC": (table(con=ODBC), {**JDBC, "table": "dbo.t", "url": SQLSERVER}),
    "BigQuery": (
        GBQ, {"type": "pandas.GBQQueryDataset", "sql": "select * from `p.d.t`", "project": "p"}),
    "Redis": (REDIS, {**REDIS, "credentials": {"host": "cache.example.com", "password": "pw"}}),
    "an address of a variable": (csv(f"{ENV}/x.csv"), csv(f"{ENV}/x.csv")),
    "a database of a variable": (table(con=ENV), query(con=ENV)),
    "a data source name": (table(con="mssql+pyodbc://mydsn"), query(con="mssql+pyodbc://mydsn")),
    "files with the same suffix": (
        {**parts("s3://b/dir"), "filename_suffix": ".csv"}, csv("s3://b/dir/x.csv")),
    "a folder that is replaced": (
        {**parts("s3://b/dir"), "filename_suffix": ".csv", "overwrite": True},
        csv("s3://b/dir/x.json")),
    "a table of Hive": (
        {"type": "spark.SparkHiveDataset", "database": "d", "table": "t", "write_mode": "append"},
        {"type": "spark.SparkHiveDataset", "database": "d", "table": "t"}),
    "a class of one's own": ({"type": "OWN", "number": 3}, {"type": "OWN", "number": 3}),
}  # fmt: skip

APART = {
    "two files": (csv("s3://b/x.csv"), csv("s3://b/y.csv")),
    "two names that start alike": (parts("s3://b/dir"), csv("s3://b/directory/x.csv")),
    "two buckets": (csv("s3://b/x.csv"), csv("s3://c/x.csv")),
    "two endpoints": (
        csv("s3://b/x.csv"), csv("s3://b/x.csv", fs_args={"endpoint_url": "https://e.example"})),
    "two clouds": (csv("s3://b/x.csv"), csv("gs://b/x.csv")),
    "two accounts": (csv(AZURE), csv(AZURE.replace("acc", "other"))),
    "an account that is not known": (csv(AZURE), csv("az://c/p/x.csv")),
    "two tables": (table("t"), table("u")),
    "two schemas": (table("a.t"), table("b.t")),
    "two databases": (table(), table(con=DSN.replace("shop", "yard"))),
    "two hosts": (table(), table(con=DSN.replace("db.", "db2."))),
    "two ports": (table(), table(con=DSN.replace(".com", ".com:6543"))),
    "a query of another table": (table(), query("select * from t_old")),
    "two keys": (REDIS, {**REDIS, "key": "l"}),
    "two variables": (csv(f"{ENV}/x.csv"), csv("${oc.env:GREEN_POND}/x.csv")),
    "two paths below a variable": (csv(f"{ENV}/x.csv"), csv(f"{ENV}/y.csv")),
    "two numbers": ({"type": "OWN", "number": 3}, {"type": "OWN", "number": 4}),
    "files with another suffix": (
        {**parts("s3://b/dir"), "filename_suffix": ".csv"}, csv("s3://b/dir/m.json")),
    "files with two suffixes": (
        {**parts("s3://b/dir"), "filename_suffix": ".csv"},
        {**parts("s3://b/dir"), "filename_suffix": ".json"}),
    "two paths of a service": (
        {"type": "api.APIDataset", "url": "https://a.example/x"},
        {"type": "api.APIDataset", "url": "https://a.example/x/1"}),
}  # fmt: skip

STORE = """
from kedro.io import AbstractDataset

class Store(AbstractDataset):
    def __init__(self, number): ...
    def _load(self): ...
    def _save(self, data): ...
    def _describe(self): return {}
"""


RESOLVING = """
from omegaconf.resolvers import oc

CONFIG_LOADER_ARGS = {"base_env": "base", "default_run_env": "local",
                      "custom_resolvers": {"oc.env": oc.env}}
"""


def write(project, pairs) -> list[str]:
    """Write two entries and two nodes for each pair: `w0` is written and `r0` is read."""
    catalog, nodes = {}, []
    for number, (written, read) in enumerate(pairs):
        catalog |= {f"w{number}": written, f"r{number}": read}
        nodes += [(f"a{number}", None, f"w{number}"), (f"b{number}", f"r{number}", None)]
    project.write(f"src/{project.package}/store.py", STORE)
    project.catalog(json.dumps(catalog).replace("OWN", f"{project.package}.store.Store"))
    project.settings(RESOLVING)
    project.nodes(*nodes)
    return [f"r{number}" for number in range(len(pairs))]


def apart(pairs):
    """Return the pairs, each with its own addresses, so that all fit in one catalog."""
    for number, pair in enumerate(pairs):
        text = json.dumps(pair)
        for old, new in (
            ("//b/", f"//b{number}/"), ("//b.", f"//b{number}."), ("/dir", f"/{number}dir"),
            ("//c@", f"//c{number}@"), ("//c/", f"//c{number}/"), ("net/c/", f"net/c{number}/"),
            ("dbfs:/mnt", f"dbfs:/mnt{number}"), ("dbfs:///mnt", f"dbfs:///mnt{number}"),
            ("/shop", f"/shop{number}"), ('"shop"', f'"shop{number}"'),
            ("%3Dshop", f"%3Dshop{number}"), ("Name=shop", f"Name=shop{number}"),
            ('"p"', f'"p{number}"'),
            ("cache.", f"cache{number}."), ("GREEN_LAKE", f"GREEN_LAKE{number}"),
            ("mydsn", f"mydsn{number}"), ("a.example", f"a{number}.example"),
        ):  # fmt: skip
            text = text.replace(old, new)
        yield json.loads(text)


def test_every_spelling_of_one_address_is_recognised(small_project):
    readers = write(small_project, list(apart(SAME.values())))
    found = {f.where: f for f in small_project.found("shared-address")}
    assert [name for name, r in zip(SAME, readers, strict=True) if r not in found] == []
    assert all(f"through '{name.replace('r', 'w')}' by" in found[name].message for name in found)
    assert {f.severity for f in found.values()} == {Severity.ERROR}
    assert all(f.file == "conf/base/catalog.yml" for f in found.values())
    told = " ".join(f.message for f in found.values())
    assert not any(secret in told for secret in ("pw", "word", "sig=", "account_key"))


def test_other_addresses_and_other_tables_are_other_data(small_project):
    readers = write(small_project, list(apart(APART.values())))
    found = {f.where for f in small_project.found("shared-address")}
    assert [name for name, r in zip(APART, readers, strict=True) if r in found] == []
    assert small_project.found("project-error") == []


@pytest.mark.parametrize(
    "nodes",
    [
        [("a", None, ["x", "go"]), ("b", ["go", "y"], None)],  # the reader waits for the writer
        [("a", None, ["x", "go"]), ("m", "go", "on"), ("b", ["on", "y"], None)],
        [("a", "y", "go"), ("b", "go", "x")],  # the writer waits for the reader
    ],
)
def test_an_order_between_the_steps_is_enough(small_project, nodes):
    small_project.catalog(json.dumps({"x": csv("s3://b/x.csv"), "y": csv("s3://b/x.csv")}))
    small_project.nodes(*nodes)
    assert small_project.found("shared-address") == []


def test_an_order_against_that_of_a_local_run_is_none(small_project):
    """Locally `b` reads before `d` writes; the step of both others starts with the writer."""
    small_project.catalog(json.dumps({"x": csv("s3://b/x.csv"), "y": csv("s3://b/x.csv")}))
    small_project.nodes(("b", "y", "u"), ("c", None, "v"), ("d", "v", ["x", "w"]), ("e", "w", None))
    small_project.settings_of({"j": {"grouping": {"one": ["b", "e"]}}})
    assert small_project.only("shared-address").where == "y"


@pytest.mark.parametrize("settings", [{"grouping": "pipeline"}, {"unordered": ["y"]}])
def test_one_step_or_the_word_of_the_job_needs_no_order(small_project, settings):
    small_project.catalog(json.dumps({"x": csv("s3://b/x.csv"), "y": csv("s3://b/x.csv")}))
    small_project.nodes(("a", None, "x"), ("b", "y", None))
    small_project.settings_of({"j": settings})
    assert small_project.found("shared-address") == []


def test_two_steps_that_write_one_address_need_an_order_unless_both_append(small_project):
    appends = {"save_args": {"if_exists": "append"}}
    entries = {
        "x": csv("s3://b/x.csv"), "y": csv("s3://b/x.csv"),
        "t": table(**appends), "u": table(**appends),
        "v": table("v", **appends), "w": table("v"),
        "api": {"type": "api.APIDataset", "url": "https://a.example/hook", "method": "POST"},
        "ipa": {"type": "api.APIDataset", "url": "https://a.example/hook", "method": "POST"},
    }  # fmt: skip
    small_project.catalog(json.dumps(entries))
    small_project.nodes(*((f"n_{name}", None, name) for name in entries))
    found = small_project.found("shared-address")
    assert sorted(f.where for f in found) == ["v", "x"]
    assert "is written through this entry" in found[0].message


def test_external_declares_what_is_reached_and_not_an_order(small_project):
    share = {"x": csv("/mnt/share/x.csv"), "y": csv("/mnt/share/x.csv")}
    small_project.catalog(json.dumps(share))
    small_project.nodes(("a", None, "x"), ("b", "y", None))
    small_project.settings_of({"j": {"external": ["x", "y"]}})
    assert "'/mnt/share/x.csv' is read" in small_project.only("shared-address").message


def test_a_file_is_external_for_both_entries_or_for_none(small_project):
    small_project.write("data/x.csv", "a\n1\n")
    small_project.catalog(json.dumps({"x": csv("data/x.csv"), "y": csv("data/x.csv")}))
    small_project.nodes(("a", None, ["x", "go"]), ("b", ["go", "y"], None))
    small_project.settings_of({"j": {"external": ["x"]}})
    finding = small_project.only("shared-address")
    assert (finding.where, finding.severity) == ("y", Severity.ERROR)
    assert "declared as external for 'x'" in finding.message


@pytest.mark.parametrize(
    ("sql", "severities"),
    [("select * from t", ["error"]), ("select * from u", []), (None, ["warning"])],
)
def test_a_query_in_a_file_is_read_and_one_that_is_elsewhere_is_a_warning(
    small_project, sql, severities
):
    read = query()
    del read["sql"]
    read["filepath"] = "sql/q.sql" if sql else "s3://b/q.sql"
    small_project.write("sql/q.sql", sql or "")
    small_project.catalog(json.dumps({"x": table(), "y": read}))
    small_project.nodes(("a", None, "x"), ("b", "y", None))
    found = small_project.found("shared-address")
    assert [finding.severity.value for finding in found] == severities


def test_no_identity_holds_a_secret(tmp_path):
    for written, read in (*SAME.values(), *APART.values()):
        for entry in (written, read):
            if entry["type"] != "OWN":
                identity = classify_config("x", entry, tmp_path).identity
                assert identity is not None
                assert not any(word in identity.address for word in ("pw", "word", "sig", "=k"))
