"""A step whose pipeline `find_pipelines` has left out names what could not be imported."""

import json
from pathlib import Path

import pytest

FOUND = """
from kedro.framework.project import find_pipelines

def register_pipelines():
    pipelines = find_pipelines()
    pipelines["__default__"] = sum(pipelines.values(), Pipeline([]))
    return pipelines
"""

PICK = """
from kedro.pipeline import Pipeline, node

{before}

def pick(count):
    return {{"apples": count}}

def create_pipeline():
    return Pipeline([node(pick, "params:count", "apples", name="pick")])
"""


@pytest.fixture
def orchard(project):
    project.pipeline(FOUND)
    project.write("src/orchard/pipelines/__init__.py", "")
    project.write("src/orchard/pipelines/picking/__init__.py", PICK.format(before=""))
    return project


def step(project, pipeline, folder):
    of_step = ("--protocol", "1", "--pipeline", pipeline, "--node", "pick")
    return project.step(*of_step, "--output", "apples", folder)


@pytest.mark.parametrize("pipeline", ["picking", "__default__"])
def test_a_forgotten_package_is_named_with_its_pip_line(orchard, mount, pipeline):
    orchard.write(
        "src/orchard/pipelines/picking/__init__.py", PICK.format(before="import no_such_ladder")
    )
    done = step(orchard, pipeline, mount("apples"))
    assert done.returncode == 1
    line = done.stderr.splitlines()[-1]
    assert line.startswith("Step failed before its first node: ")
    assert "cannot be imported, so Kedro left it out" in line
    assert "Caused by ModuleNotFoundError: No module named 'no_such_ladder'." in line
    assert line.endswith(
        "The step's image needs the package no-such-ladder: pip install no-such-ladder"
    )


def test_any_other_error_of_its_module_is_named_too(orchard, mount):
    orchard.write("src/orchard/pipelines/picking/__init__.py", PICK.format(before="1 / 0"))
    line = step(orchard, "picking", mount("apples")).stderr.splitlines()[-1]
    assert line.endswith("Caused by ZeroDivisionError: division by zero")


def test_a_broken_pipeline_that_the_step_does_not_need_does_no_harm(orchard, mount):
    orchard.write("src/orchard/pipelines/selling/__init__.py", "import no_such_market")
    folder = mount("apples")
    done = step(orchard, "picking", folder)
    assert done.returncode == 0, done.stderr
    assert json.loads(Path(folder, "apples.json").read_text()) == {"apples": 3}


def test_a_pipeline_that_is_not_there_at_all_stays_kedros_error(orchard, mount):
    line = step(orchard, "selling", mount("apples")).stderr.splitlines()[-1]
    assert line.startswith("Step failed before its first node: ValueError: Failed to find")
    assert "cannot be imported" not in line
