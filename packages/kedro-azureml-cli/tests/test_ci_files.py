"""`init --ci` writes what a team's CI runs, and replaces nothing; `--schema` what editors read."""

import json
import sys

import pytest
import yaml
from checked_project import CheckedProject
from click.testing import CliRunner
from kedro.framework.startup import bootstrap_project
from kedro_azureml_cli.bundles.init_command import init_command
from kedro_azureml_cli.fixing.ci_files import CiProject, describe_project, render_ci_file
from kedro_azureml_compiler import render_settings_schema
from written_project import isolate_imports

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
FILES = {"github": ".github/workflows/kedro-azureml.yml", "azure": "azure-pipelines.yml"}
HOOKS = ".pre-commit-config.yaml"
SCHEMA = "azureml.schema.json"


@pytest.fixture
def project(tmp_path, monkeypatch) -> CheckedProject:
    isolate_imports(monkeypatch)
    project = CheckedProject(tmp_path / "farm")
    project.settings_of({"fit": {}, "score": {}})
    return project


def init(project: CheckedProject, *args: str):
    return CliRunner().invoke(init_command, args, obj=bootstrap_project(project.root))


def files(project: CheckedProject) -> dict[str, bytes]:
    return {
        path.relative_to(project.root).as_posix(): path.read_bytes()
        for path in project.root.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.mark.parametrize("ci", FILES)
def test_a_project_that_has_settings_gets_what_it_lacks_and_keeps_the_rest(project, ci):
    before = files(project)
    result = init(project, "--ci", ci)
    assert result.exit_code == 0, result.output
    after = files(project)
    assert before == {name: after[name] for name in before}
    new = {FILES[ci], HOOKS, SCHEMA, ".amlignore", "conf/logging.yml"}
    assert set(after) - set(before) == new
    assert f"{FILES[ci]} verifies and submits the job 'fit'" in result.output
    written = yaml.safe_load(after[FILES[ci]])
    assert (written.get("env") or written["variables"])["JOB"] == "fit"
    assert f'"{PYTHON}"' in after[FILES[ci]].decode()


def test_a_project_may_have_the_ci_of_both(project):
    result = init(project, "--ci", "azure", "--ci", "github")
    assert result.exit_code == 0, result.output
    for name in FILES.values():
        assert (project.root / name).is_file()
        assert f"{name} verifies and submits the job 'fit'" in result.output
    (project.root / FILES["azure"]).unlink()
    again = init(project, "--ci", "azure", "--ci", "github")
    assert again.exit_code == 1
    assert f"{FILES['github']} already exists; nothing was written." in again.output
    assert not (project.root / FILES["azure"]).exists()


def test_a_project_without_settings_gets_all_and_the_job_of_the_new_ones(project):
    (project.root / "conf/base/azureml.yml").unlink()
    result = init(project, "--ci", "github")
    assert result.exit_code == 0, result.output
    jobs = yaml.safe_load((project.root / "conf/base/azureml.yml").read_text())["jobs"]
    written = yaml.safe_load((project.root / FILES["github"]).read_text())
    assert [*jobs] == [written["env"]["JOB"]]


@pytest.mark.parametrize("force", [[], ["--force"]])
@pytest.mark.parametrize("ci", FILES)
def test_a_file_of_the_ci_that_is_there_is_never_replaced(project, ci, force):
    project.write(FILES[ci], "mine: true\n")
    before = files(project)
    result = init(project, "--ci", ci, *force)
    assert result.exit_code == 1
    assert f"{FILES[ci]} already exists; nothing was written." in result.output
    assert files(project) == before


def test_hooks_that_are_there_are_kept_and_the_missing_one_is_shown(project):
    project.write(HOOKS, "repos: []\n")
    result = init(project, "--ci", "github")
    assert result.exit_code == 0, result.output
    assert (project.root / HOOKS).read_text() == "repos: []\n"
    shown = result.output.partition("add to 'repos' in it:\n")[2]
    listed = "".join(line for line in shown.splitlines(True) if line.startswith("  "))
    (repository,) = yaml.safe_load(listed)
    assert repository["repo"] == "local"
    (project.root / FILES["github"]).unlink()
    project.write(HOOKS, yaml.safe_dump({"repos": [repository]}))
    assert "add to 'repos'" not in init(project, "--ci", "github").output


@pytest.mark.parametrize(
    ("content", "message"),
    [("jobs: [", "azureml.yml"), ("{}", "azureml.yml"), (None, "azureml.yml has no jobs.")],
)
def test_settings_that_cannot_be_read_are_a_message_and_nothing_is_written(
    project, content, message
):
    if content is None:
        project.settings_of({})
    else:
        project.azureml(content)
    before = files(project)
    result = init(project, "--ci", "azure")
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert message in result.output
    assert files(project) == before


def test_a_dry_run_names_the_files_of_the_ci_and_writes_none(project):
    project.catalog("{}")
    before = files(project)
    result = init(project, "--ci", "github", "--fix", "--dry-run")
    assert result.exit_code == 0, result.output
    assert FILES["github"] in result.output
    assert files(project) == before


@pytest.mark.parametrize(
    ("content", "expected", "tests"),
    [
        ({}, '. "kedro-azureml-cli>=0.2,<0.3"', False),
        ({"requirements.txt": "kedro\n"}, '-r requirements.txt "kedro-azureml-cli>=0.2,<0.3"',
         False),
        ({"requirements.txt": "# pytest\nKedro_AzureML.CLI ~= 0.1\n"}, "-r requirements.txt",
         False),
        ({"requirements.txt": "kedro", "requirements-dev.txt": "kedro-azureml-cli\npytest>=8\n",
          "tests/test_a.py": ""}, "-r requirements.txt -r requirements-dev.txt", True),
        ({"requirements.txt": "pytest"}, '-r requirements.txt "kedro-azureml-cli>=0.2,<0.3"',
         False),
        ({"requirements.txt": "pytest-cov", "tests/test_a.py": ""},
         '-r requirements.txt "kedro-azureml-cli>=0.2,<0.3"', False),
    ],
)  # fmt: skip
def test_what_is_installed_and_tested_is_what_the_project_names(tmp_path, content, expected, tests):
    for name, text in content.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    described = describe_project(tmp_path, "j", "3.12")
    assert (described.requirements, described.has_tests) == (expected, tests)
    for kind in FILES:
        text = render_ci_file(kind, described)
        assert f"python -m pip install {expected}\n" in text
        assert ("python -m pytest" in text) == tests


@pytest.mark.parametrize("job", ["a b", "1", "yes", "No", "é", '"quoted"', "a: b # c", "{x}", "-"])
@pytest.mark.parametrize("kind", FILES)
def test_the_name_of_a_job_is_the_same_string_in_the_file(kind, job):
    written = yaml.safe_load(render_ci_file(kind, CiProject(job, "3.12", ".", False)))
    assert (written.get("env") or written["variables"])["JOB"] == job


def test_the_schema_is_written_again_alone_and_the_line_for_editors_is_shown(project):
    project.write(SCHEMA, "{}")
    before = files(project)
    result = init(project, "--schema")
    assert result.exit_code == 0, result.output
    after = files(project)
    assert {name for name in after if after[name] != before.get(name)} == {SCHEMA}
    assert after[SCHEMA].decode() == render_settings_schema()
    assert "# yaml-language-server: $schema=../../azureml.schema.json" in result.output


@pytest.mark.parametrize("environments", [{}, {"base_env": ".", "default_run_env": "."}])
def test_new_settings_name_a_schema_that_is_there_and_that_no_configuration_loads(
    project, environments
):
    (project.root / "conf/base/azureml.yml").unlink()
    project.settings(f"CONFIG_LOADER_ARGS = {environments}\n")
    assert init(project).exit_code == 0
    (settings,) = project.root.glob("conf/**/azureml.yml")
    name = settings.read_text().splitlines()[0].removeprefix("# yaml-language-server: $schema=")
    schema = settings.parent / name
    assert json.loads(schema.read_text())["title"] == "azureml.yml"
    assert project.root / "conf" not in schema.resolve().parents
    assert "azureml.schema.json" not in init(project, "--schema").output.partition("\n")[2]


def test_a_folder_with_the_name_of_the_schema_is_named_and_nothing_is_left(project):
    (project.root / SCHEMA).mkdir()
    before = files(project)
    result = init(project, "--schema")
    assert (result.exit_code, files(project)) == (3, before)
    assert f"'{project.root / SCHEMA}' is a folder; move it away." in result.output


@pytest.mark.parametrize("other", [["--ci", "azure"], ["--force"], ["--fix", "--dry-run"]])
def test_the_schema_alone_is_not_written_with_something_else(project, other):
    before = files(project)
    assert init(project, "--schema", *other).exit_code == 2
    assert files(project) == before
