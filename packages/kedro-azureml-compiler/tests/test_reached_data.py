"""Data that one step writes and another reads is known to be reachable, or refused."""

import pytest
from kedro_azureml_compiler.compilation import compile_job
from kedro_azureml_compiler.findings import Severity

pytestmark = pytest.mark.once

CHAIN = (("a", None, "x"), ("b", "x", None))
PIPELINE = "kedro_azureml_datasets.AzureMLPipelineDataset"
MLFLOW = "kedro_mlflow.io.artifacts.MlflowArtifactDataset"

STORE = """
from pathlib import Path

from kedro.io import AbstractDataset


class Store(AbstractDataset):
    def __init__(self, folder=None, db_path=None, table=None, url=None, host=None,
                 credentials=None, options=None, metadata=None):
        self._folder = folder

    def _load(self): ...
    def _save(self, data): ...
    def _describe(self): return {}


class Standing(Store):
    def __init__(self, table, url=None, folder=Path("data/standing")):
        super().__init__(folder=folder, table=table)
"""


@pytest.fixture
def chain(small_project):
    """A project of two steps, with dataset classes of its own, and a dataset `x` between them."""
    small_project.write(f"src/{small_project.package}/store.py", STORE)
    small_project.nodes(*CHAIN)
    return small_project


def entry(project, text: str, name: str = "x") -> None:
    project.catalog(f"{name}: {text.replace('OWN', f'{project.package}.store.Store')}\n")


LOCAL = {
    "an SQLite table": "{type: pandas.SQLTableDataset, table_name: t, "
    "credentials: {con: 'sqlite:///data/my.db'}}",
    "a DuckDB table": "{type: ibis.TableDataset, table_name: t, "
    "connection: {backend: duckdb, database: shop.duckdb}}",
    "a user's own folder": "{type: OWN, folder: data/store}",
    "a path of one's own": "{type: OWN, db_path: data/x.txt}",
    "an MLflow artifact": f"{{type: {MLFLOW}, "
    "dataset: {type: pandas.CSVDataset, filepath: data/t.csv}}",
    "memory": "{type: pandas.CSVDataset, filepath: 'memory://x.csv'}",
    "a cache of a file": "{type: pandas.CSVDataset, filepath: 'simplecache::file:///mnt/x.csv'}",
    "local": "{type: pandas.CSVDataset, filepath: 'local:///mnt/x.csv'}",
    "JDBC": "{type: spark.SparkJDBCDataset, table: t, url: 'jdbc:sqlite:data/x.db'}",
    "redis": "{type: redis.PickleDataset, key: k}",
    "a server here": "{type: pandas.SQLTableDataset, table_name: t, "
    "credentials: {con: 'postgresql://me@localhost/x'}}",
    "an emulator": "{type: pandas.CSVDataset, filepath: 's3://b/x.csv', "
    "fs_args: {endpoint_url: 'http://127.0.0.1:9000'}}",
    "a share": "{type: pandas.CSVDataset, filepath: /mnt/share/x.csv}",
    "a Windows path": "{type: pandas.CSVDataset, filepath: 'D:\\data\\x.csv'}",
    "a list of files": "{type: OWN, options: {parts: [data/a.csv, data/b.csv]}}",
    "a Delta table": "{type: pandas.DeltaTableDataset, filepath: data/delta}",
}


@pytest.mark.parametrize("case", LOCAL)
def test_what_only_one_machine_reaches_is_refused_between_steps(chain, case):
    entry(chain, LOCAL[case])
    finding = chain.only("local-data-between-steps")
    assert (finding.where, finding.severity, finding.line) == ("x", Severity.ERROR, 1)
    assert "external:" in finding.hint or "AzureMLPipelineDataset" in finding.hint
    chain.settings_of({"j": {"external": ["x"]}})
    assert chain.found("local-data-between-steps") == []


REACHABLE = {
    "Databricks": "{type: spark.SparkDataset, filepath: 'dbfs:/mnt/x'}",
    "storage": "{type: pandas.CSVDataset, filepath: 'abfs://c/x.csv', load_args: {sep: '/'}}",
    "BigQuery": "{type: pandas.GBQTableDataset, dataset: d, table_name: t}",
    "a server": "{type: OWN, host: db.example.com, table: t}",
    "an API": "{type: OWN, url: 'https://example.com/x', metadata: {path: docs/x}}",
}


@pytest.mark.parametrize("case", REACHABLE)
def test_what_every_container_reaches_is_left_alone_and_the_step_is_asked_too(chain, case):
    entry(chain, REACHABLE[case])
    assert chain.check() == {"j": ()}
    bundle = compile_job(chain.root, "j").bundle
    assert (bundle / "pipeline.yml").read_text().count("--reaches x") == 2


UNKNOWN = {
    "a server and a folder of the project": "{type: OWN, table: conf/base, url: 'https://h/x'}",
    "a table of one's own": "{type: OWN, table: t}",
    "Hive": "{type: spark.SparkHiveDataset, database: d, table: t}",
    "another protocol": "{type: pandas.CSVDataset, filepath: 'foo://bucket/x.csv'}",
    "a class that is not here": "{type: no_such_library.Table, table: t}",
}


@pytest.mark.parametrize("case", UNKNOWN)
def test_what_says_nothing_is_refused_and_can_be_declared_external(chain, case):
    entry(chain, UNKNOWN[case])
    finding = chain.only("unknown-reachability")
    assert (finding.where, finding.severity) == ("x", Severity.ERROR)
    chain.settings_of({"j": {"external": ["x"]}})
    assert [f for f in chain.check()["j"] if f.severity is not Severity.INFO] == []
    assert "--reaches" not in (compile_job(chain.root, "j").bundle / "pipeline.yml").read_text()


def test_the_default_of_a_class_of_ones_own_counts(chain):
    chain.catalog(
        f"x: {{type: {chain.package}.store.Standing, table: t, url: 'https://example.com'}}"
    )
    finding = chain.only("local-data-between-steps")
    assert "data/standing" in finding.message


def test_an_instance_that_a_hook_adds_is_unknown(chain):
    chain.write(
        f"src/{chain.package}/hooks.py",
        f"""
        from kedro.framework.hooks import hook_impl
        from {chain.package}.store import Store

        class Adds:
            @hook_impl
            def after_catalog_created(self, catalog):
                catalog["x"] = Store(url="https://example.com")
        """,
    )
    chain.settings(f"from {chain.package}.hooks import Adds\nHOOKS = (Adds(),)\n")
    finding = chain.only("unknown-reachability")
    assert "an instance that a hook adds" in finding.message


@pytest.mark.parametrize(
    "con", ["${oc.env:NO_SUCH_URL}", "postgresql://me:${oc.env:NO_SUCH_URL}@db.example.com/x"]
)
def test_an_address_that_only_the_step_knows_is_a_warning(chain, con):
    entry(chain, "{type: pandas.SQLTableDataset, table_name: t, credentials: db}")
    chain.write("conf/base/credentials.yml", f'db: {{con: "{con}"}}\n')
    finding, variable = chain.check()["j"]
    assert (finding.code, finding.severity) == ("unresolved-address", Severity.WARNING)
    assert variable.code == "variable-not-given"
    bundle = compile_job(chain.root, "j").bundle
    assert (bundle / "pipeline.yml").read_text().count("--reaches x") == 2


def test_an_address_in_the_catalog_itself_may_be_unresolved_too(chain, monkeypatch):
    monkeypatch.delenv("NO_SUCH_URL", raising=False)
    chain.settings(
        "from omegaconf.resolvers import oc\n"
        'CONFIG_LOADER_ARGS = {"base_env": "base", "default_run_env": "local",\n'
        '    "custom_resolvers": {"oc.env": oc.env}}\n'
    )
    entry(chain, "{type: pandas.CSVDataset, filepath: '${oc.env:NO_SUCH_URL}/x.csv'}")
    assert [f.code for f in chain.check()["j"]] == ["unresolved-address", "variable-not-given"]
    monkeypatch.setenv("NO_SUCH_URL", "s3://bucket")
    assert [f.code for f in chain.check()["j"]] == ["variable-not-given"]
    monkeypatch.setenv("NO_SUCH_URL", "/mnt/here")
    assert chain.only("local-data-between-steps").where == "x"


def test_a_wrapper_needs_its_variables_where_it_is_compiled(chain, monkeypatch):
    monkeypatch.delenv("NO_SUCH_ROOT", raising=False)
    chain.settings(
        "from omegaconf.resolvers import oc\n"
        'CONFIG_LOADER_ARGS = {"base_env": "base", "default_run_env": "local",\n'
        '    "custom_resolvers": {"oc.env": oc.env}}\n'
    )
    entry(
        chain,
        "{type: kedro_azureml_datasets.AzureMLPipelineDataset, root_dir: '${oc.env:NO_SUCH_ROOT}', "
        "dataset: {type: json.JSONDataset, filepath: x.json}}",
    )
    assert "'NO_SUCH_ROOT', which is not set here" in chain.only("catalog-entry").message


VARIABLES = {
    "s3://bucket": None,
    "/mnt/here": "local-data-between-steps",
}


@pytest.mark.parametrize("here", [None, "s3://other", "/mnt/other"])
@pytest.mark.parametrize("value", VARIABLES)
def test_the_variables_that_a_job_gives_its_steps_count_before_those_of_this_machine(
    chain, monkeypatch, here, value
):
    monkeypatch.delenv("NO_SUCH_URL", raising=False)
    if here:
        monkeypatch.setenv("NO_SUCH_URL", here)
    chain.settings(
        "from omegaconf.resolvers import oc\n"
        'CONFIG_LOADER_ARGS = {"base_env": "base", "default_run_env": "local",\n'
        '    "custom_resolvers": {"oc.env": oc.env}}\n'
    )
    entry(chain, "{type: pandas.CSVDataset, filepath: '${oc.env:NO_SUCH_URL}/x.csv'}")
    steps = {"*": {"environment_variables": {"NO_SUCH_URL": value}}}
    chain.settings_of({"j": {"steps": steps}})
    (findings,) = chain.check().values()
    assert [f.code for f in findings] == ([VARIABLES[value]] if VARIABLES[value] else [])


def test_a_variable_with_two_values_in_one_job_is_not_known(chain, monkeypatch):
    monkeypatch.delenv("NO_SUCH_URL", raising=False)
    entry(chain, "{type: pandas.SQLTableDataset, table_name: t, credentials: db}")
    chain.write("conf/base/credentials.yml", 'db: {con: "${oc.env:NO_SUCH_URL}"}\n')
    address = "postgresql://db{}.example.com/x"
    steps = {
        name: {"environment_variables": {"NO_SUCH_URL": address.format(name)}} for name in "ab"
    }
    chain.settings_of({"j": {"steps": steps}})
    assert chain.only("unresolved-address").where == "x"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("redis://cache.example.com:6379", None),
        ("redis://localhost:6379", "local-data-between-steps"),
    ],
)
def test_a_variable_replaces_the_default_address_of_a_class(chain, monkeypatch, url, code):
    monkeypatch.setenv("REDIS_URL", "redis://of-this-machine.example.com")
    entry(chain, "{type: redis.PickleDataset, key: k}")
    chain.settings_of({"j": {"steps": {"*": {"environment_variables": {"REDIS_URL": url}}}}})
    (findings,) = chain.check().values()
    assert [f.code for f in findings if f.code != "dataset-library-missing"] == [code] * bool(code)


@pytest.mark.parametrize(
    "fields",
    [
        'folder: Path = field(default_factory=lambda: Path("data/store"))',
        'folder: dict = field(default_factory=lambda: {"parts": ["data/a.csv"]})',
    ],
)
def test_a_default_that_a_factory_makes_counts(chain, fields):
    chain.write(
        f"src/{chain.package}/made.py",
        f"""
        from dataclasses import dataclass, field
        from pathlib import Path
        from kedro.io import AbstractDataset

        @dataclass
        class Made(AbstractDataset):
            url: str = "https://example.com/x"
            {fields}

            def _load(self): ...
            def _save(self, data): ...
            def _describe(self): return {{}}
        """,
    )
    chain.catalog(f"x: {{type: {chain.package}.made.Made}}\n")
    assert chain.only("local-data-between-steps").where == "x"


def test_one_local_entry_of_a_transcoded_dataset_is_enough(chain):
    chain.nodes(("a", None, "x@one"), ("b", "x@two", None))
    chain.catalog(
        "x@one: {type: pandas.CSVDataset, filepath: 's3://b/x.csv'}\n"
        "x@two: {type: text.TextDataset, filepath: data/x.csv}\n"
    )
    assert chain.only("local-data-between-steps").where == "x"


def test_external_takes_globs_and_names_of_transcoded_datasets(chain):
    chain.nodes(("a", None, ["wh_a", "wh_b", "x@p"]), ("b", ["wh_a", "wh_b", "x@q"], None))
    chain.catalog(
        "wh_a: {type: pandas.CSVDataset, filepath: /mnt/share/a.csv}\n"
        "wh_b: {type: pandas.CSVDataset, filepath: /mnt/share/b.csv}\n"
        "x@p: {type: pandas.CSVDataset, filepath: /mnt/share/x.csv}\n"
        "x@q: {type: text.TextDataset, filepath: /mnt/share/x.csv}\n"
    )
    chain.settings_of({"j": {"external": ["wh_*", "x"]}})
    assert chain.check() == {"j": ()}


def test_external_names_only_what_can_be_external(chain):
    chain.nodes(("a", None, ["x", "memory"]), ("b", ["x", "memory"], None))
    entry(chain, "{type: pandas.CSVDataset, filepath: 's3://b/x.csv'}")
    chain.settings_of({"j": {"external": ["y", "memory"]}})
    unknown, carried = chain.found("external-dataset")
    assert "(there are: memory, x)" in unknown.message
    assert "'memory', which Azure ML carries" in carried.message


def test_external_makes_an_input_outside_the_project_right(chain):
    chain.nodes(("a", "x", None))
    entry(chain, "{type: pandas.CSVDataset, filepath: /mnt/share/x.csv}")
    assert chain.only("local-input-outside").severity is Severity.ERROR
    chain.settings_of({"j": {"external": ["x"]}})
    assert chain.check() == {"j": ()}


@pytest.mark.parametrize("nodes", [(("b", "x", None),), (("a", None, "x"),)])
def test_a_server_on_the_machine_itself_is_a_warning_in_one_step(chain, nodes):
    chain.nodes(*nodes)
    entry(chain, "{type: redis.PickleDataset, key: k}")
    (finding,) = chain.check()["j"]
    assert (finding.code, finding.severity) == ("loopback-address", Severity.WARNING)


@pytest.mark.parametrize("case", ["an SQLite table", "a DuckDB table", "a user's own folder"])
def test_what_is_only_written_on_a_disk_vanishes(chain, case):
    chain.nodes(("a", None, "x"))
    entry(chain, LOCAL[case])
    assert chain.only("local-output-vanishes").severity is Severity.WARNING


TABLE = "{type: pandas.SQLTableDataset, table_name: %s, credentials: {con: 'sqlite:///d.db'}}"
QUERY = "{type: pandas.SQLQueryDataset, sql: select * from t, credentials: {con: 'sqlite:///d.db'}}"


QUERY_FILE = (
    "{type: pandas.SQLQueryDataset, filepath: queries/x.sql, "
    "credentials: {con: 'postgresql://db.example.com/x'}}"
)


@pytest.mark.parametrize(("read", "told"), [(QUERY, 1), (TABLE % "t", 1), (TABLE % "other", 0)])
def test_a_query_reads_what_another_entry_writes_to_the_same_local_database(chain, read, told):
    chain.nodes(("a", None, "x"), ("b", "y", None))
    chain.write("d.db", "")
    chain.catalog(f"x: {TABLE % 't'}\ny: {read}\n")
    assert len(chain.found("shared-local-file")) == told


@pytest.mark.parametrize(
    ("text", "file"),
    [
        (QUERY, "d.db"),
        ("{type: pandas.CSVDataset, filepath: d.db}", "d.db"),
        ("{type: OWN, folder: data/store}", "data/store/x.txt"),
        (QUERY_FILE, "queries/x.sql"),
        ("{type: ibis.TableDataset, table_name: t, connection: {backend: sqlite, database: d.db}}",
         "d.db"),
    ],
)  # fmt: skip
def test_what_is_only_read_must_be_in_the_snapshot(chain, text, file):
    chain.nodes(("b", "x", None))
    entry(chain, text)
    chain.write(file, "")
    assert chain.check() == {"j": ()}
    chain.write(".amlignore", f"{file}\n")
    assert chain.only("input-ignored").severity is Severity.ERROR


@pytest.mark.parametrize("confirms", [None, "x"])
def test_a_local_checkpoint_that_a_node_confirms_vanishes(chain, confirms):
    text = (
        "{type: partitions.IncrementalDataset, path: 's3://b/x', dataset: json.JSONDataset, "
        "checkpoint: data/seen.txt}"
    )
    entry(chain, text)
    chain.pipelines(
        'def register_pipelines():\n    return {"__default__": Pipeline('
        f'[node(lambda x: None, "x", None, name="b", confirms={confirms!r})])}}\n'
    )
    found = [finding.message for finding in chain.found("local-output-vanishes")]
    assert len(found) == (confirms == "x")
    assert all("data/seen.txt" in message for message in found)


def test_a_cached_dataset_between_steps_is_a_warning(chain):
    cached = "{type: CachedDataset, dataset: {type: pandas.CSVDataset, filepath: %s}}"
    wrapped = (
        f"{{type: kedro_azureml_datasets.AzureMLPipelineDataset, dataset: {cached % 'x.csv'}}}"
    )
    for text in (wrapped, cached % "'s3://b/x.csv'"):
        entry(chain, text)
        (finding,) = chain.check()["j"]
        assert (finding.code, finding.severity) == ("cached-between-steps", Severity.WARNING)
    chain.settings_of({"j": {"grouping": "pipeline"}})
    assert chain.check() == {"j": ()}


@pytest.mark.parametrize(
    "kind", ["models.MlflowModelTrackingDataset", "metrics.MlflowMetricDataset"]
)
def test_an_mlflow_entry_without_a_run_is_refused_between_steps(chain, kind):
    entry(chain, f"{{type: kedro_mlflow.io.{kind}, metadata: {{}}}}")
    assert chain.only("mlflow-between-steps").severity is Severity.ERROR
    entry(chain, f"{{type: kedro_mlflow.io.{kind}, run_id: abc}}")
    assert [f for f in chain.check()["j"] if f.severity is not Severity.INFO] == []
    chain.settings_of({"j": {"grouping": "pipeline"}})
    entry(chain, f"{{type: kedro_mlflow.io.{kind}, metadata: {{}}}}")
    assert [f for f in chain.check()["j"] if f.severity is not Severity.INFO] == []


TYPES = {
    "an earlier plugin": (
        "kedro_azureml_pipeline.datasets.AzureMLPipelineDataset",
        "type: kedro_azureml_datasets.AzureMLPipelineDataset",
    ),
    "the plugin before it": (
        "kedro_azureml.datasets.AzureMLAssetDataset",
        "type: kedro_azureml_datasets.AzureMLAssetDataset",
    ),
    "no module": ("AzureMLPipelineDataset", "type: kedro_azureml_datasets.AzureMLPipelineDataset"),
    "a slip in ours": (
        "kedro_azureml_datasets.AzureMLPipelineDatset",
        "type: kedro_azureml_datasets.AzureMLPipelineDataset",
    ),
    "a slip in the class": ("pandas.CSVDatset", "type: pandas.CSVDataset"),
    "a slip in the full name": (
        "kedro_datasets.pandas.CSVDatset", "type: kedro_datasets.pandas.CSVDataset",
    ),
    "a slip in the folder": ("panda.CSVDataset", "type: pandas.CSVDataset"),
    "the older spelling": ("pandas.CSVDataSet", "type: pandas.CSVDataset"),
    "no folder": ("ParquetDataset", "type: pandas.ParquetDataset"),
    "a slip in Kedro's": ("MemoryDatset", "type: MemoryDataset"),
    "a slip in one's own": ("OWNX", "store.Store'"),
    "no dataset": ("pathlib.Path", "AbstractDataset"),
}  # fmt: skip


@pytest.mark.parametrize("case", TYPES)
def test_a_type_that_does_not_exist_is_refused_with_the_one_to_write(chain, case):
    kind, hint = TYPES[case]
    entry(chain, f"{{type: {kind}, filepath: 's3://b/x.csv'}}")
    finding = chain.only("unknown-dataset-type")
    assert (finding.where, finding.severity) == ("x", Severity.ERROR)
    assert hint in finding.hint


@pytest.mark.parametrize(
    "text",
    [
        f"{{type: {PIPELINE}, dataset: {{type: pandas.CSVDatset, filepath: x.csv}}}}",
        "{type: CachedDataset, dataset: {type: pandas.CSVDatset, filepath: 's3://b/x.csv'}}",
        "{type: partitions.PartitionedDataset, path: 's3://b/x', dataset: pandas.CSVDatset}",
        "{type: partitions.PartitionedDataset, path: gs://b, dataset: {type: pandas.CSVDatset}}",
    ],
)
def test_a_nested_type_that_does_not_exist_is_refused_too(chain, text):
    entry(chain, text)
    finding = chain.only("unknown-dataset-type")
    assert "the nested type 'pandas.CSVDatset'" in finding.message
    assert finding.hint == "Write 'type: pandas.CSVDataset'."


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("{type: pandas.CSVDataset, filepath: 's3://b/x', savee_args: {}}", "Write 'save_args'."),
        ("{type: OWN, url: 'https://example.com', tabel: t}", "Write 'table'."),
        (
            f"{{type: {PIPELINE}, dataset: {{type: json.JSONDataset, filepath: x, savee_args: }}}}",
            "Write 'save_args'.",
        ),
        ("{type: MemoryDataset, copymode: assign}", "Write 'copy_mode'."),
    ],
)
def test_an_argument_that_the_class_does_not_take_is_refused(chain, text, hint):
    entry(chain, text)
    finding = chain.only("unknown-dataset-argument")
    assert (finding.severity, finding.hint) == (Severity.ERROR, hint)


def test_a_class_that_takes_any_argument_takes_any(chain):
    chain.write(
        f"src/{chain.package}/store.py",
        "from kedro.io import AbstractDataset\n"
        "class Store(AbstractDataset):\n    def __init__(self, url, **more): ...\n"
        "    def _load(self): ...\n    def _save(self, data): ...\n"
        "    def _describe(self): return {}\n",
    )
    entry(chain, "{type: OWN, url: 'https://example.com', anything: goes}")
    assert chain.check() == {"j": ()}


def test_a_library_that_is_missing_here_is_a_note(chain):
    chain.write(f"src/{chain.package}/needing.py", "import no_such_library\n")
    for kind in ("no_such_library.datasets.Table", f"{chain.package}.needing.Table"):
        entry(chain, f"{{type: {kind}, url: 'https://example.com'}}")
        (finding,) = chain.check()["j"]
        assert (finding.code, finding.severity) == ("dataset-library-missing", Severity.INFO)
        assert "no_such_library" in finding.message
