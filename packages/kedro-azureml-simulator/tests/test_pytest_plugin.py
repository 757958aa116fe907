"""The fixture for teams that test their pipelines, in a pytest of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import entry_points
from inspect import signature
from typing import TYPE_CHECKING

import pytest
from kedro_azureml_simulator import simulate, validate
from kedro_azureml_simulator.pytest_plugin import SimulateOptions, ValidateOptions

if TYPE_CHECKING:
    from conftest import Project

TESTS = """
def test_it_runs(azureml_simulator):
    result = azureml_simulator("pipeline.yml", inputs={"word": "hi"})
    assert (result.outputs["said"] / "word.txt").read_text() == "hi\\n"
    assert result["say"].exit_code == 0

def test_it_fails(azureml_simulator):
    azureml_simulator("pipeline.yml", inputs={"word": "stop"})

def test_it_is_known_to_fail(azureml_simulator):
    result = azureml_simulator("pipeline.yml", check=False, inputs={"word": "stop"})
    assert result.status == "failed"

def test_it_is_valid(azureml_simulator):
    assert azureml_simulator.validate("pipeline.yml") == ()
"""


def run_pytest(project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider",
         "-p", "kedro_azureml_simulator.pytest_plugin", *arguments],
        cwd=project.folder, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )  # fmt: skip


@pytest.fixture
def tested(project: Project) -> Project:
    line = 'test "${{inputs.word}}" != stop && echo ${{inputs.word}} > ${{outputs.said}}/word.txt'
    step = project.command(
        line,
        inputs={"word": "${{parent.inputs.word}}"},
        outputs={"said": "${{parent.outputs.said}}"},
    )
    project.pipeline({"say": step}, inputs={"word": "x"}, outputs={"said": {}})
    project.write("test_pipeline.py", TESTS)
    return project


def test_a_pipeline_is_run_by_the_fixture_and_a_step_that_fails_fails_the_test(
    tested: Project,
) -> None:
    done = run_pytest(tested)

    assert "3 passed" in done.stdout, done.stdout
    assert "1 failed" in done.stdout
    assert "step say failed: the command ended with exit code 1" in done.stdout


def test_pytest_starts_without_the_simulator(tested: Project) -> None:
    tested.write(
        "test_other.py",
        """\
        import sys

        def test_nothing_is_loaded():
            heavy = {"yaml", "rich", "kedro_azureml_simulator.simulation"}
            assert not heavy & set(sys.modules)
        """,
    )

    done = run_pytest(tested, "test_other.py")

    assert "1 passed" in done.stdout, done.stdout


def test_pytest_finds_the_plugin_where_the_package_is_installed() -> None:
    [plugin] = entry_points(group="pytest11", name="azureml_simulator")

    assert plugin.load().azureml_simulator is not None


def test_its_options_are_those_of_the_functions_that_it_calls():
    for function, options in ((simulate, SimulateOptions), (validate, ValidateOptions)):
        parameters = [name for name in signature(function).parameters if name != "pipeline"]
        assert sorted(options.__annotations__) == sorted(parameters)
