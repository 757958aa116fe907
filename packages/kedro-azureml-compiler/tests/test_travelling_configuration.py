"""Configuration is read as it travels, and what stays behind is reported where it matters."""

import pytest
from kedro_azureml_compiler import compile_job
from kedro_azureml_compiler.findings import Severity
from kedro_azureml_compiler.project.azureml_yml import read_settings
from kedro_azureml_compiler.project.opening import open_project
from kedro_azureml_compiler.project.reading import read_project
from kedro_azureml_compiler.project.request import ProjectRequest


def facts_of(project, **request):
    asked = ProjectRequest(project.root, **request)
    return read_project(asked, read_settings(asked).jobs["j"])


@pytest.fixture
def reads_k(small_project):
    """A project whose node reads the parameter k, which the base environment sets to 2."""
    small_project.write("conf/base/parameters.yml", "k: 2\nother: 1\n")
    small_project.nodes(("a", "params:k", "x"))
    small_project.settings_of({"j": {"inputs": {"k": "params:k"}}})
    return small_project


def test_a_parameter_in_an_ignored_file_is_reported_and_not_read(reads_k):
    reads_k.write("conf/prod/parameters.yml", "k: 100\nother: 1\n")
    assert facts_of(reads_k, env="prod").parameters["k"] == 100
    reads_k.write(".amlignore", "conf/prod/parameters.yml\n")
    assert facts_of(reads_k, env="prod").parameters["k"] == 2
    finding = reads_k.only("local-configuration", env="prod")
    assert (finding.severity, finding.file) == (Severity.WARNING, "conf/prod/parameters.yml")
    assert "changes 'params:k' for 'kedro run'" in finding.message
    assert "100" not in finding.message
    assert reads_k.found("local-configuration") == []  # another environment does not read it
    bundle = compile_job(reads_k.root, "j", env="prod").bundle
    assert "k: 2" in (bundle / "pipeline.yml").read_text(encoding="utf-8")
    assert not (bundle / "code/conf/prod/parameters.yml").exists()


def test_an_error_names_the_files_that_were_not_read(small_project):
    small_project.catalog("x: {type: pandas.CSVDataset, filepath: '${globals:base}/x.csv'}\n")
    small_project.write("conf/base/globals.yml", "base: 's3://bucket'\n")
    small_project.write(".amlignore", "globals.yml\n")
    finding = small_project.only("project-error")
    assert "Not read" in finding.hint
    assert finding.hint.endswith("conf/base/globals.yml")


@pytest.mark.parametrize("local", ["", "k: 3\n"])
def test_no_ignore_file_counts_where_the_image_holds_the_code(reads_k, local):
    execution = {"environment": "env@latest", "code_directory": None}
    reads_k.settings_of({"j": {"inputs": {"k": "params:k"}}}, execution=execution)
    reads_k.write("conf/prod/parameters.yml", "k: 100\n")
    reads_k.write("conf/local/parameters.yml", local or "{}\n")
    reads_k.write(".amlignore", "conf/\n")
    assert [f.code for f in reads_k.check(env="prod")["j"]] == []
    bundle = compile_job(reads_k.root, "j", env="prod").bundle
    assert "k: 100" in (bundle / "pipeline.yml").read_text(encoding="utf-8")
    assert bool(reads_k.found("local-configuration")) is bool(local)  # conf/local is in no image


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("k: 3\n", True),
        ("k: 2\n", False),  # the same value
        ("other: 5\n", False),  # no node reads it
        ("{}\n", False),
    ],
)
def test_a_file_in_conf_local_is_reported_where_a_key_of_the_job_changes(reads_k, content, told):
    reads_k.write("conf/local/parameters.yml", content)
    assert bool(reads_k.found("local-configuration")) is told
    assert facts_of(reads_k).parameters["k"] == 2
    if told:
        assert reads_k.found("local-configuration", params={"k": 9}) == []  # it wins everywhere


def test_catalog_and_globals_that_stay_behind_are_reported_by_entry(small_project):
    small_project.write("conf/base/globals.yml", "folder: data/a\n")
    small_project.catalog("x: {type: pickle.PickleDataset, filepath: '${globals:folder}/x.pkl'}\n")
    small_project.write("conf/local/globals.yml", "folder: data/b\nunused: 1\n")
    small_project.write(
        "conf/local/catalog.yml",
        "x: {type: MemoryDataset}\n'{any}_y': {type: MemoryDataset}\nz: {type: MemoryDataset}\n",
    )
    messages = {f.file: f.message for f in small_project.found("local-configuration")}
    assert sorted(messages) == ["conf/local/catalog.yml", "conf/local/globals.yml"]
    assert "'x'" in messages["conf/local/catalog.yml"]
    assert "'z'" not in messages["conf/local/catalog.yml"]
    assert "'globals:folder'" in messages["conf/local/globals.yml"]
    assert "unused" not in messages["conf/local/globals.yml"]
    assert facts_of(small_project).datasets["x"].local_path == "data/a/x.pkl"


def test_configuration_of_other_tools_in_conf_local_is_reported(small_project):
    small_project.write("conf/local/spark.yml", "spark.executor.memory: 3g\n")
    small_project.write("conf/local/credentials.yml", "db: {con: x}\n")
    small_project.write("conf/local/logging.yml", "version: 1\n")
    assert small_project.only("local-configuration").file == "conf/local/spark.yml"


def test_credentials_that_the_ignore_file_keeps_are_missing_in_the_step(small_project):
    small_project.catalog("x: {type: pandas.CSVDataset, filepath: s3://b/x, credentials: lake}\n")
    small_project.write("conf/base/credentials.yml", "lake: {key: '${oc.env:KEY,x}'}\n")
    small_project.write(".amlignore", "**/*credentials*\n")
    assert small_project.only("credential-stays").where == "x"


def test_azureml_yml_keeps_conf_local(small_project):
    small_project.write("conf/local/azureml.yml", "compute: {__default__: {cluster_name: mine}}\n")
    request = ProjectRequest(small_project.root)
    assert read_settings(request).compute["__default__"].cluster_name == "mine"


def test_nothing_is_copied_where_nothing_stays_behind(small_project):
    with open_project(ProjectRequest(small_project.root), {}) as opened:
        assert opened.context.config_loader.conf_source == str(small_project.root / "conf")


def test_a_loader_of_the_projects_own_gets_what_travels(small_project):
    small_project.write("conf/local/parameters.yml", "k: 3\n")
    small_project.write("data/list.txt", "x")
    small_project.settings(
        "from pathlib import Path\n"
        "from kedro.config import OmegaConfigLoader\n"
        "class Loader(OmegaConfigLoader):\n"
        "    def __init__(self, conf_source, **more):\n"
        "        self.seen = sorted(p.name for p in Path(conf_source).rglob('*.yml'))\n"
        "        self.beside = (Path(conf_source).parent / 'data/list.txt').read_text()\n"
        "        super().__init__(conf_source, **more)\n"
        "CONFIG_LOADER_CLASS = Loader\n"
        "CONFIG_LOADER_ARGS = {'base_env': 'base', 'default_run_env': 'local'}\n",
    )
    with open_project(ProjectRequest(small_project.root), {}) as opened:
        loader = opened.context.config_loader
        assert "parameters.yml" in loader.seen
        assert loader.beside == "x"
        assert not list((small_project.root / "conf/local").glob("copy*"))
        assert "k" not in loader["parameters"]


def test_messages_name_the_original_file(small_project):
    small_project.write("conf/local/parameters.yml", "k: 3\n")
    small_project.write("conf/base/parameters.yml", "a: ${missing}\n")
    ((finding,),) = small_project.check().values()
    assert (finding.code, finding.file) == ("project-error", "conf/base/parameters.yml")
    assert "kedro-azureml-" not in str(finding)


def test_an_ignored_file_that_the_code_opens_is_reported(small_project):
    small_project.write("lists/names.txt", "x\n")
    small_project.write("lists/kept.txt", "x\n")
    small_project.pipelines(
        "from pathlib import Path\n"
        "for name in ('names', 'kept'):\n"
        f"    Path({str(small_project.root)!r}, 'lists', name + '.txt').read_text()\n"
        f"open({str(small_project.root / 'out.txt')!r}, 'w').close()\n"
        "def register_pipelines():\n"
        "    return {'__default__': Pipeline([node(lambda: 1, None, 'x', name='a')])}\n"
    )
    small_project.write(".amlignore", "lists/names.txt\nout.txt\n")
    finding = small_project.only("file-stays")
    assert (finding.where, finding.severity) == ("lists/names.txt", Severity.WARNING)
    assert small_project.only("file-stays")  # though the module is imported only once


def test_an_ignored_folder_that_a_parameter_names_is_reported(small_project):
    small_project.write("templates/a.html", "x")
    small_project.write("kept/a.html", "x")
    small_project.write(
        "conf/base/parameters.yml",
        "a: {folder: templates/}\nb: kept/a.html\nc: no/such/path\nd: s3://b/templates/a.html\n",
    )
    small_project.write(".amlignore", "/templates/\n")
    finding = small_project.only("file-stays")
    assert finding.where == "templates"
    assert "params:a.folder" in finding.message


@pytest.mark.parametrize(
    ("ignored", "importer", "statement"),
    [
        ("vault_credentials.py", "nodes.py", "from {package}.vault_credentials import get"),
        ("vault_credentials.py", "nodes.py", "def f():\n    from . import vault_credentials"),
        ("build/__init__.py", "nodes.py", "import {package}.build.steps"),
        ("build/steps.py", "sub/more.py", "from ..build import steps"),
    ],
)
def test_an_ignored_module_that_is_imported_is_an_error(
    small_project, ignored, importer, statement
):
    for name in ("vault_credentials.py", "build/__init__.py", "build/steps.py", "sub/__init__.py"):
        small_project.write(f"src/{small_project.package}/{name}", "get = 1\n")
    small_project.write(
        f"src/{small_project.package}/{importer}",
        statement.format(package=small_project.package) + "\n",
    )
    small_project.write(".amlignore", f"src/{small_project.package}/{ignored}\n")
    finding = small_project.only("import-ignored")
    assert (finding.where, finding.severity) == (
        f"src/{small_project.package}/{ignored}",
        Severity.ERROR,
    )
    assert f"src/{small_project.package}/{importer}" in finding.message
    small_project.write(f"src/{small_project.package}/{importer}", "import os\n")
    assert small_project.found("import-ignored") == []
