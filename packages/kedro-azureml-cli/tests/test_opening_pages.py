"""`--open`: the page in the browser, or its address where there is none."""

import sys

import pytest
from checked_project import CheckedProject
from click.testing import CliRunner, Result
from kedro.framework.startup import bootstrap_project
from kedro_azureml_cli.commands import azureml
from kedro_azureml_cli.terminal.browser import open_page
from written_project import isolate_imports

BROWSER = """
import sys
from pathlib import Path
Path(sys.argv[1]).write_text(sys.argv[2])
"""


@pytest.fixture
def no_display(monkeypatch) -> None:
    for name in ("CI", "BROWSER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def project(tmp_path, monkeypatch, no_display) -> CheckedProject:
    isolate_imports(monkeypatch)
    return CheckedProject(tmp_path / "my farm")


@pytest.fixture
def browser(tmp_path, monkeypatch, no_display):
    """Have a program that stands for a browser write the address that it is given."""
    program, opened = tmp_path / "browser.py", tmp_path / "opened.txt"
    program.write_text(BROWSER)
    monkeypatch.setenv("BROWSER", f"{sys.executable} {program} {opened} %s")
    # Python reads the variable once, when it is first asked for a browser.
    monkeypatch.setattr("webbrowser._tryorder", None)
    return opened


def call(project: CheckedProject, *args: str) -> Result:
    return CliRunner().invoke(azureml, args, obj=bootstrap_project(project.root))


def test_the_page_of_a_plan_is_opened(project, browser):
    result = call(project, "plan", "--open")
    assert result.exit_code == 0, result.output
    page = project.root / "build/azureml/j.html"
    assert page.read_text("utf-8").startswith("<!DOCTYPE html>")
    assert browser.read_text() == page.as_uri()
    assert "open:" not in result.output
    # It is part of no snapshot, and no bundle.
    call(project, "compile")
    assert not list((project.root / "build/azureml/j/code").rglob("*.html"))


@pytest.mark.skipif(sys.platform in {"darwin", "win32"}, reason="there is always a display")
@pytest.mark.parametrize("variables", [{}, {"CI": "true", "DISPLAY": ":0"}])
def test_without_a_display_the_address_is_printed(project, monkeypatch, variables):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    result = call(project, "plan", "--open", "--format", "json")
    assert result.exit_code == 0, result.output
    assert result.stderr.splitlines()[-1] == (
        f"No browser was found; open:  {(project.root / 'build/azureml/j.html').as_uri()}"
    )
    assert result.stdout.startswith("{")


def test_a_browser_that_cannot_be_started_is_no_failure(monkeypatch, capsys, no_display):
    monkeypatch.setenv("BROWSER", "/nowhere/browser %s")
    monkeypatch.setattr("webbrowser._tryorder", None)
    monkeypatch.setenv("PATH", "")
    open_page("https://ml.azure.com/runs/x")
    assert capsys.readouterr().err == "No browser was found; open:  https://ml.azure.com/runs/x\n"


def test_nothing_is_opened_of_a_dry_run(project):
    result = call(project, "run", "--open", "--dry-run")
    assert result.exit_code == 2
    assert "--open and --dry-run cannot be used together" in " ".join(result.output.split())
