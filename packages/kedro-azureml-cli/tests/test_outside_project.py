"""`kedro azureml` where there is no Kedro project, and that it hides nothing inside one."""

from pathlib import Path

import click
import pytest
from checked_project import CheckedProject
from click.testing import CliRunner, Result
from kedro.framework.cli.cli import KedroCLI
from kedro.framework.startup import bootstrap_project
from kedro_azureml_cli import __version__
from kedro_azureml_cli.commands import azureml
from kedro_azureml_cli.other_plugins import OtherPluginsHook
from kedro_azureml_cli.outside_project import commands_outside_project
from written_project import isolate_imports

NEEDED = (
    "needs a Kedro project: a folder, here or above, with a pyproject.toml that has [tool.kedro]. "
    "Create one with:  kedro new --starter azureml"
)
COMMANDS = azureml.list_commands(click.Context(azureml))
CONTEXT = click.Context(commands_outside_project)


@pytest.fixture
def outside(tmp_path, monkeypatch):
    isolate_imports(monkeypatch)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(*args: str) -> Result:
    return CliRunner().invoke(KedroCLI(Path.cwd()), args, prog_name="kedro")


@pytest.mark.parametrize(
    ("args", "command"),
    [
        *(([name], name) for name in COMMANDS if name != "completion"),
        (["check", "--nonsense"], "check"),
        (["assets", "list", "x"], "assets"),
        (["complie", "-j", "x"], "complie"),
        (["plan", "--format", "json", "-o", "--help"], "plan"),  # a value, not a request for help
    ],
)
def test_a_command_says_what_it_needs_and_how_to_begin(outside, args, command):
    result = call("azureml", *args)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.splitlines()[-1] == f"Error: 'kedro azureml {command}' {NEEDED}"
    assert not list(outside.iterdir())


@pytest.mark.parametrize("args", [["--help"], ["-h"], []])
def test_the_help_lists_the_commands_and_says_what_they_need(outside, args):
    result = call("azureml", *args)
    assert result.exit_code == (0 if args else CliRunner().invoke(azureml, []).exit_code)
    shown = " ".join(result.output.split())
    assert f"Every command but 'completion' {NEEDED.replace('  ', ' ')}" in shown
    assert "compile Compile jobs to bundles." in shown


def test_the_help_of_a_command_is_its_own(outside):
    result = call("azureml", "compile", "--help")
    assert result.exit_code == 0
    assert result.output.startswith("Usage: kedro azureml compile [OPTIONS]")
    result = call("azureml", "assets", "list", "-h")
    assert result.output.startswith("Usage: kedro azureml assets list")


def test_completion_needs_no_project_since_shells_start_anywhere(outside):
    result = call("azureml", "completion", "bash")
    assert result.exit_code == 0
    assert "_KEDRO_AZUREML_COMPLETE" in result.stdout


def test_the_version_is_shown_anywhere(outside):
    assert call("azureml", "--version").output == f"kedro-azureml-cli {__version__}\n"


def test_kedro_lists_the_command_outside_of_projects(outside):
    result = CliRunner().invoke(KedroCLI(outside), ["--help"])
    assert "azureml  Run this project" in result.output
    assert "Azure Machine Learning" not in result.output.partition("Project specific")[0].replace(
        "as Azure Machine Learning jobs", ""
    )


@pytest.mark.parametrize("folder", [".", "src", "conf/base"])
def test_inside_a_project_kedro_asks_the_command_of_the_project(outside, monkeypatch, folder):
    project = CheckedProject(outside / "farm")
    monkeypatch.chdir(project.root / folder)
    assert commands_outside_project.list_commands(CONTEXT) == []
    assert commands_outside_project.get_command(CONTEXT, "azureml") is None
    cli = KedroCLI(project.root)
    found = cli.get_command(click.Context(cli), "azureml")
    assert found is azureml
    obj = bootstrap_project(project.root)
    result = CliRunner().invoke(azureml, ["jobs", "--defined"], obj=obj)
    assert result.exit_code == 0, result.output


def test_no_warning_of_another_plugin_is_shown_where_none_can_answer(outside, capsys, monkeypatch):
    (outside / "kedro_azureml.py").write_text("")
    monkeypatch.syspath_prepend(str(outside))
    OtherPluginsHook().before_command_run(project_metadata=None, command_args=["azureml", "run"])
    assert capsys.readouterr() == ("", "")


def test_a_file_in_another_encoding_that_kedro_passes_over_is_named(outside):
    file = outside / "pyproject.toml"
    file.write_text("[tool.kedro]\n", encoding="utf-16")
    for args in (["check"], ["assets", "list"]):
        result = call("azureml", *args)
        assert result.exit_code == 2
        told = f"{NEEDED}\n'{file}' is not UTF-8; save it in that encoding."
        assert result.stderr.rstrip().endswith(told)
    file.unlink()
    file.mkdir()
    assert call("azureml", "check").stderr.rstrip().endswith(NEEDED)
