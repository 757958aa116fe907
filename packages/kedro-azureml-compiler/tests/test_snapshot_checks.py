"""What is found wrong with what is uploaded with a job, in real projects."""

import pytest
from kedro_azureml_compiler.examination import examine_job
from kedro_azureml_compiler.findings import Severity
from kedro_azureml_compiler.project.request import ProjectRequest

pytestmark = pytest.mark.once

TABLE = "x: {type: pandas.CSVDataset, filepath: data/x.csv}"
PRIVATE = "-----BEGIN RSA PRIVATE KEY-----\nabc\n"


@pytest.fixture
def reader(small_project):
    """A project whose only node reads the local file data/x.csv."""
    small_project.catalog(TABLE)
    small_project.nodes(("a", "x", None))
    return small_project


def test_an_input_that_does_not_exist_is_an_error_at_its_entry(reader):
    finding = reader.only("input-missing")
    assert (finding.severity, finding.file, finding.line) == (
        Severity.ERROR,
        "conf/base/catalog.yml",
        1,
    )


def test_an_input_that_the_ignore_file_keeps_at_home_is_an_error(reader):
    reader.write("data/x.csv", "a\n1\n")
    reader.write(".amlignore", "data/\n")
    assert "!data/x.csv" in reader.only("input-ignored").hint


@pytest.mark.parametrize(("size", "found"), [(10_000_001, 1), (10_000_000, 0)])
def test_an_input_of_more_than_10_mb_is_a_warning(reader, size, found):
    reader.large_file("data/x.csv", size)
    warnings = reader.found("large-input")
    assert len(warnings) == found
    assert {w.severity for w in warnings} <= {Severity.WARNING}


def test_the_files_of_a_folder_count_together(reader):
    reader.catalog(
        "x: {type: partitions.PartitionedDataset, path: data/x, dataset: pandas.CSVDataset}"
    )
    for number in range(2):
        reader.large_file(f"data/x/{number}.csv", 6_000_000)
    reader.large_file("data/x0.csv", 6_000_000)  # sorted next to them, and none of them
    assert "'data/x' has 12 MB" in reader.only("large-input").message


def test_an_uploaded_input_of_more_than_10_mb_is_a_warning(reader):
    reader.catalog(
        "x:\n  type: kedro_azureml_datasets.AzureMLPipelineDataset\n"
        "  dataset: {type: pandas.CSVDataset, filepath: x.csv}\n"
    )
    reader.large_file("data/x.csv", 10_000_001)
    assert "'data/x.csv' has 10 MB" in reader.only("large-input").message


def test_a_snapshot_of_more_than_100_mb_is_a_warning(small_project):
    small_project.large_file("src/large.bin", 100_100_000)
    assert small_project.only("large-snapshot").severity is Severity.WARNING


SECRETS = {
    "conf/.env.prod": "TOKEN=abc\n",
    "conf/prod.env": "export TOKEN='abc'\n",
    ".envrc": "TOKEN=abc\n",
    "keys/id_rsa": "x",
    "keys/server.pem": PRIVATE,
    "keys/server.key": PRIVATE,
    "src/.netrc": "machine x password y",
    ".aws/credentials": "x",
    "store.p12": "x",
    "conf/base/secrets.yml": "a: b",
    "gcp.json": '{"private_key": "x"}',
    ".npmrc": "//registry/:_authToken=x",
}
HARMLESS = {
    ".env": "TOKEN=abc\n",  # never travels
    "sub/.env": "TOKEN=abc\n",
    ".env.example": "TOKEN=abc\n",
    "conf/.env.test": "# nothing\nTOKEN=\n",
    "keys/public.pem": "-----BEGIN CERTIFICATE-----\nabc\n",
    "keys/id_rsa.pub": "x",
    "src/environment.py": "TOKEN = 1\n",
    "data.json": '{"a": 1}',
}


def test_secrets_that_would_be_uploaded_are_errors_and_nothing_else_is(small_project):
    for name, content in {**SECRETS, **HARMLESS}.items():
        small_project.write(name, content)
    (findings,) = small_project.check().values()
    assert {f.code for f in findings} == {"secret-travels"}
    assert {f.severity for f in findings} == {Severity.ERROR}
    assert sorted(f.where for f in findings) == sorted(SECRETS)
    assert [f.file for f in findings] == [f.where for f in findings]


def test_the_hint_of_each_secret_keeps_it_at_home(small_project):
    for name, content in SECRETS.items():
        small_project.write(name, content)
    hints = [f.hint for f in small_project.found("secret-travels")]
    small_project.write(".amlignore", "".join(f"{hint.split(chr(39))[1]}\n" for hint in hints))
    assert small_project.check() == {"j": ()}


def test_secrets_in_a_build_context_and_in_an_uploaded_folder_are_found(reader):
    reader.catalog(
        "x:\n  type: kedro_azureml_datasets.AzureMLPipelineDataset\n"
        "  dataset: {type: partitions.PartitionedDataset, path: x, dataset: pandas.CSVDataset}\n"
    )
    reader.write("data/x/id_rsa", "x")
    reader.write("image/Dockerfile", "FROM scratch\n")
    reader.write("image/key.ppk", "x")
    reader.write(".amlignore", "data/\nimage/\n")
    reader.settings_of({"j": {}}, execution={"environment": {"build": {"path": "image"}}})
    assert {f.where for f in reader.found("secret-travels")} == {"data/x/id_rsa", "image/key.ppk"}


def test_a_literal_credential_that_would_be_uploaded_is_an_error(small_project):
    small_project.write("conf/base/credentials.yml", "db: {password: hunter2}\n")
    finding = small_project.only("credential-travels")
    assert (finding.file, finding.severity) == ("conf/base/credentials.yml", Severity.ERROR)
    assert "hunter2" not in str(finding)
    small_project.write("conf/base/credentials.yml", "db: {password: '${oc.env:PASSWORD}'}\n")
    assert small_project.check() == {"j": ()}


def test_parameters_that_look_like_secrets_are_warnings_at_their_lines(small_project):
    small_project.write(
        "conf/base/parameters/a.yml",
        """
        model: {max_tokens: 5, eos_token: "</s>"}
        db:
          user: me
          password: hunter2
          token: null
        services:
          - api_key: abc
            secret: ${globals:x}
        """,
    )
    small_project.write("conf/base/globals.yml", "x: 1\n")
    small_project.write("conf/local/parameters.yml", "my_password: hunter3\n")
    found = small_project.found("secret-in-parameters")
    assert [(f.where, f.file, f.line) for f in found] == [
        ("params:db.password", "conf/base/parameters/a.yml", 5),
        ("params:services.api_key", "conf/base/parameters/a.yml", 8),
    ]
    assert "hunter2" not in "".join(map(str, found))


def test_runtime_params_and_variables_that_look_like_secrets_are_warnings(small_project):
    small_project.write("conf/base/parameters.yml", "hub: {token: abc}\n")
    small_project.settings_of(
        {
            "j": {
                "params": {"db": {"password": "hunter2", "name": "x"}},
                "steps": {"a": {"environment_variables": {"HF_TOKEN": "abc", "MODE": "x"}}},
                "inputs": {"hub": "params:hub.token"},
            }
        }
    )
    found = small_project.found("secret-in-job", params={"api_key": "abc"})
    assert [f.where for f in found] == [
        "jobs.j.params.db.password",
        "--params api_key",
        "jobs.j.steps.a.environment_variables.HF_TOKEN",
        "jobs.j.inputs.hub",
    ]
    lines = (small_project.root / "conf/base/azureml.yml").read_text().splitlines()
    texts = [lines[f.line - 1].strip() if f.line else None for f in found]
    assert texts == ["password: hunter2", None, "HF_TOKEN: abc", "hub: params:hub.token"]
    assert "hunter2" not in "".join(map(str, found))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [1.0, float("-inf")]])
def test_a_runtime_param_that_json_cannot_write_is_an_error(small_project, value):
    small_project.settings_of({"j": {"params": {"model": {"rate": value}}}})
    finding = small_project.only("param-not-json")
    assert (finding.where, finding.severity) == ("jobs.j.params.model.rate", Severity.ERROR)
    assert small_project.only("param-not-json", params={"model": {"rate": 1.0, "x": value}})


def test_an_empty_environment_is_a_note_and_a_missing_one_an_error(small_project):
    (small_project.root / "conf/prod").mkdir()
    finding = small_project.only("empty-environment", env="prod")
    assert (finding.where, finding.severity) == ("conf/prod", Severity.INFO)
    small_project.write("conf/prod/parameters.yml", "{}")
    assert small_project.check(env="prod") == {"j": ()}
    (findings,) = small_project.check(env="prdo").values()
    assert [f.code for f in findings] == ["project-error"]
    assert "did you mean 'prod'?" in findings[0].message


PARTS = "x: {type: partitions.PartitionedDataset, path: data/p, dataset: text.TextDataset}\n"


@pytest.mark.parametrize(
    ("catalog", "file", "rules"),
    [
        (PARTS, "data/p/one.txt", "*.txt\n"),
        (PARTS, "data/p/one.txt", "data/\n"),
        (PARTS, "data/p/deep/one.txt", "**/*.txt\n/data/*\n"),
        (PARTS, "data/p/one.txt", "*\n!conf/\n!src/\n!pyproject.toml\n"),
        (PARTS.replace("data/p", "'data/p [1]'"), "data/p [1]/one.txt", "*.txt\n"),
        ("x: {type: text.TextDataset, filepath: data/one.txt}\n", "data/one.txt", "*.txt\n"),
        ("x: {type: text.TextDataset, filepath: one.txt}\n", "one.txt", "/*.txt\n"),
    ],
)
@pytest.mark.parametrize("ignore_file", [".amlignore", ".gitignore"])
def test_the_line_that_a_hint_shows_brings_the_file_back(reader, catalog, file, rules, ignore_file):
    reader.catalog(catalog)
    reader.write(file, "1")
    reader.write(ignore_file, rules)
    hint = reader.only("input-ignored").hint
    assert f"at the end of {ignore_file}" in hint
    reader.write(ignore_file, f"{rules}{hint.split(chr(39))[1]}\n")
    assert reader.check() == {"j": ()}


def test_a_folder_of_which_only_a_part_travels_is_an_error(reader):
    reader.catalog(PARTS)
    for name in ("one.txt", "two.txt", "old/three.txt", ".kept.txt", "notes.md"):
        reader.write(f"data/p/{name}", "1")
    reader.write(".amlignore", ".*\n*.md\n")
    assert reader.check() == {"j": ()}
    rules = "old/\none.txt\n"
    reader.write(".amlignore", rules)
    finding = reader.only("input-ignored")
    assert "2 files in it are excluded from the upload" in finding.message
    reader.write(".amlignore", f"{rules}{finding.hint.split(chr(39))[1]}\n")
    assert reader.check() == {"j": ()}


@pytest.mark.parametrize(("ignored", "found"), [("2025", 1), ("2024", 0)])
def test_of_a_versioned_dataset_the_newest_version_has_to_travel(reader, ignored, found):
    reader.catalog(TABLE.replace("x.csv}", "x.csv, versioned: true}"))
    for year in ("2024", "2025"):
        reader.write(f"data/x.csv/{year}-01-01T00.00.00.000Z/x.csv", "a\n1\n")
    reader.write(".amlignore", f"{ignored}*/\n")
    assert len(reader.found("input-ignored")) == found


def test_a_package_that_is_ignored_comes_back_as_a_whole(small_project):
    rules = "*.py\n"
    small_project.write(".amlignore", rules)
    hints = [f.hint for f in small_project.found("code-ignored")]
    lines = "".join(f"{hint.split(chr(39))[1]}\n" for hint in hints)
    small_project.write(".amlignore", rules + lines)
    assert small_project.check() == {"j": ()}


@pytest.mark.parametrize("folder", ["__pycache__", "conf/local"])
def test_what_no_line_brings_back_is_to_be_moved(reader, folder):
    reader.catalog(PARTS.replace("data/p", folder))
    reader.write(f"{folder}/one.txt", "1")
    hint = reader.only("input-ignored").hint
    assert hint.startswith(f"Move '{folder}' to another folder")


OWN_CLASS = """
from kedro.io import AbstractDataset

class Shelf(AbstractDataset):
    def __init__(self, shelf):
        self.shelf = shelf

    def load(self):
        return self.shelf

    def save(self, data):
        raise NotImplementedError

    def _describe(self):
        return {}
"""
WRAPPED = (
    "w: {{type: kedro_azureml_datasets.AzureMLPipelineDataset, root_dir: data, "
    "dataset: {{type: {nested}}}}}\n"
)


@pytest.mark.parametrize(
    ("nested", "plain", "file"),
    [
        pytest.param(
            "pandas.CSVDataset, filepath: raw/x.csv",
            "type: partitions.PartitionedDataset, path: data/raw, dataset: pandas.CSVDataset",
            "data/raw/x.csv", id="the folder of a mounted file",
        ),
        pytest.param(
            "pandas.CSVDataset, filepath: raw/x.csv",
            "type: CachedDataset, dataset: {type: PACKAGE.own.Shelf, shelf: data/raw/x.csv}",
            "data/raw/x.csv", id="a mounted file, under an argument of a class of the project",
        ),
        pytest.param(
            "pandas.CSVDataset, filepath: raw/x.csv",
            "type: PACKAGE.own.Shelf, shelf: {rows: [{main: ./data/raw}]}",
            "data/raw/x.csv", id="its folder, deep in an argument",
        ),
    ],
)  # fmt: skip
def test_what_another_entry_may_read_as_a_file_travels_though_a_mount_has_it(
    small_project, nested, plain, file
):
    plain = plain.replace("PACKAGE", small_project.package)
    small_project.write(f"src/{small_project.package}/own.py", OWN_CLASS)
    small_project.catalog(WRAPPED.format(nested=nested) + f"x: {{{plain}}}")
    small_project.nodes(("a", ["w", "x"], "y"))
    small_project.write(file, "a\n1\n")
    small_project.write("data/other.csv", "a\n1\n")
    examined = examine_job(ProjectRequest(small_project.root), "j")
    assert {file, "data/other.csv"} <= set(examined.code)


def test_what_only_a_mount_has_does_not_travel_besides(small_project):
    small_project.write(f"src/{small_project.package}/own.py", OWN_CLASS)
    small_project.catalog(
        WRAPPED.format(nested="pandas.CSVDataset, filepath: raw/x.csv")
        + f"x: {{type: {small_project.package}.own.Shelf, shelf: data/raw/other}}"
    )
    small_project.nodes(("a", ["w", "x"], "y"))
    small_project.write("data/raw/x.csv", "a\n1\n")
    assert "data/raw/x.csv" not in examine_job(ProjectRequest(small_project.root), "j").code


@pytest.mark.parametrize("argument", ["data/raw/x.csv", "./data/raw", "{rows: [{main: data/raw}]}"])
def test_what_a_class_of_the_project_may_read_is_an_error_if_it_is_ignored(small_project, argument):
    small_project.write(f"src/{small_project.package}/own.py", OWN_CLASS)
    small_project.catalog(f"x: {{type: {small_project.package}.own.Shelf, shelf: {argument}}}")
    small_project.nodes(("a", "x", "y"))
    small_project.write("data/raw/x.csv", "a\n1\n")
    assert small_project.found("input-ignored") == []
    small_project.write(".amlignore", "data/\n")
    assert "excluded from the upload" in small_project.only("input-ignored").message


@pytest.mark.parametrize("argument", ["raw/none", "'a/b: c'", "x", "'\\0/x'"])
def test_an_argument_of_such_a_class_that_is_not_a_path_is_ignored(small_project, argument):
    small_project.write(f"src/{small_project.package}/own.py", OWN_CLASS)
    small_project.catalog(f"x: {{type: {small_project.package}.own.Shelf, shelf: {argument}}}")
    small_project.nodes(("a", "x", "y"))
    assert small_project.check() == {"j": ()}
