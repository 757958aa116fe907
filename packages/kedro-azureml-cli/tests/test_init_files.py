"""The files that `init` writes or extends: the logging configuration, and `azureml.yml`."""

import logging.config
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml
from checked_project import CheckedProject
from click.testing import CliRunner
from kedro.framework.startup import bootstrap_project
from kedro_azureml_cli.bundles.init_command import init_command
from kedro_azureml_cli.fixing.logging_file import extend_logging
from written_project import isolate_imports

OURS = {"level": "WARNING"}


@pytest.fixture
def project(tmp_path, monkeypatch) -> CheckedProject:
    isolate_imports(monkeypatch)
    project = CheckedProject(tmp_path / "farm")
    (project.root / "conf/base/azureml.yml").unlink()
    return project


def init(project: CheckedProject, *args: str):
    return CliRunner().invoke(init_command, args, obj=bootstrap_project(project.root))


def test_a_new_file_is_kedros_own_default_with_two_levels_more(project):
    result = init(project)
    assert result.exit_code == 0, result.output
    assert "Wrote conf/logging.yml" in result.output.splitlines()
    written = yaml.safe_load((project.root / "conf/logging.yml").read_text())
    assert written["loggers"].pop("kedro.framework.project") == OURS
    assert written["loggers"].pop("kedro.validation") == OURS
    kedro = Path(find_spec("kedro.framework.project").origin).with_name("rich_logging.yml")
    assert written == yaml.safe_load(kedro.read_text())


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    "lines",
    [
        ["version: 1", "# mine", "loggers:", "    # of the shop", "    shop: {level: DEBUG}  # x"],
        ["version: 1", "root: {handlers: []}"],
        ["loggers:", "  kedro:", "    level: INFO", "", "version: 1"],
    ],
)
def test_an_existing_file_is_extended_and_keeps_all_of_its_text(project, lines, end):
    file = project.root / "conf/logging.yml"
    before = end.join([*lines, ""])
    file.write_bytes(before.encode())
    assert init(project).exit_code == 0
    after = file.read_bytes().decode()
    assert yaml.safe_load(after)["loggers"]["kedro.framework.project"] == OURS
    without = after
    for line in after.split(end):
        without = without if line in {*lines, ""} else without.replace(f"{line}{end}", "", 1)
    assert without == before
    assert after.count("\r\n") == (after.count("\n") if end == "\r\n" else 0)
    logging.config.DictConfigurator(yaml.safe_load(after))
    assert extend_logging(after) == after


@pytest.mark.parametrize(
    "text",
    [
        "{version: 1}\n",
        "version: 1\nloggers: {shop: {level: INFO}}\n",
        "version: 1\nloggers:\n",
        "- 1\n",
        "version: 1\n---\nversion: 1\n",
        "a: [\n",
    ],
)
def test_a_file_written_in_another_style_is_left_to_its_owner(project, text):
    file = project.root / "conf/logging.yaml"
    file.write_text(text)
    result = init(project)
    assert result.exit_code == 0, result.output
    assert file.read_text() == text
    assert not file.with_suffix(".yml").exists()
    assert "Add to 'loggers' in conf/logging.yaml:" in result.output


def test_a_level_that_the_owner_has_set_is_kept(project):
    text = "version: 1\nloggers:\n  kedro.framework.project: {level: DEBUG}\n"
    project.write("conf/logging.yml", text)
    result = init(project)
    assert (project.root / "conf/logging.yml").read_text() == text
    assert "logging.yml" not in result.output


def test_a_dry_run_writes_no_logging_file(project):
    project.catalog("{}")
    result = init(project, "--fix", "--dry-run")
    assert result.exit_code == 0, result.output
    assert not (project.root / "conf/logging.yml").exists()


@pytest.mark.parametrize("option", ["--aml-env", "--environment"])
def test_the_environment_of_azure_ml_has_two_spellings(project, option):
    assert init(project, option, "birds@latest").exit_code == 0
    written = yaml.safe_load((project.root / "conf/base/azureml.yml").read_text())
    assert written["execution"]["environment"] == "birds@latest"


def test_a_file_where_a_folder_of_the_ci_should_be_is_one_message(project):
    project.write(".github", "mine")
    done = init(project, "--ci", "github")
    assert done.exit_code == 3
    assert ".github" in done.output
    assert "cannot be written" in done.output
    assert (project.root / ".github").read_text() == "mine"
    assert not (project.root / ".pre-commit-config.yaml").exists()


def test_links_to_nothing_and_folders_are_kept_by_the_files_of_a_ci(project):
    hooks = project.root / ".pre-commit-config.yaml"
    hooks.symlink_to("gone/hooks.yaml")
    done = init(project, "--ci", "azure")
    assert done.exit_code == 0, done.output
    assert hooks.is_symlink()
    pipeline = project.root / "azure-pipelines.yml"
    pipeline.unlink()
    pipeline.symlink_to("gone.yml")
    done = init(project, "--ci", "azure")
    assert done.exit_code == 1
    assert "azure-pipelines.yml already exists" in done.output
    assert pipeline.is_symlink()
