"""Datasets with `versioned: true` and a place of their own: what Kedro does, and what steps do.

Kedro gives all datasets of a session one save version, the moment at which the session began. A
step is a session, so the steps of a job have versions of their own: nothing in a container tells
the moment at which the job began in the form by which Kedro finds the latest version.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from kedro_azureml_runner import StepInvocation

CATALOG = """
first: {type: json.JSONDataset, filepath: store/first.json, versioned: true}
second: {type: json.JSONDataset, filepath: store/second.json, versioned: true}
"""

PIPELINE = """
def register_pipelines():
    return {"__default__": Pipeline([
        node(lambda count: count, "params:count", "first", name="one"),
        node(lambda first: first + 1, "first", "second", name="two"),
    ])}
"""


def versions(project, name: str) -> list[str]:
    return sorted(path.name for path in (project.root / f"store/{name}.json").iterdir())


def stored(project, name: str, version: str) -> object:
    return json.loads((project.root / f"store/{name}.json" / version / f"{name}.json").read_text())


@pytest.fixture
def versioned(project):
    project.write("conf/base/catalog.yml", CATALOG)
    project.pipeline(PIPELINE)
    return project


def test_kedro_run_gives_all_datasets_one_version(versioned, tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-m", "kedro", "run"],
        cwd=versioned.root,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "KEDRO_DISABLE_TELEMETRY": "1"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0
    (version,) = versions(versioned, "first")
    assert versions(versioned, "second") == [version]


def test_the_nodes_of_one_step_share_a_version(versioned):
    done = versioned.step(*StepInvocation(nodes=("one", "two")).to_argv())
    assert done.returncode == 0, done.stderr
    (version,) = versions(versioned, "first")
    assert versions(versioned, "second") == [version]


def test_each_step_has_a_version_and_reads_the_latest(versioned):
    for number, argv in enumerate(([], ["--params", '{"count": 7}'])):
        done = versioned.step(*StepInvocation(nodes=("one",)).to_argv(), *argv)
        assert done.returncode == 0, done.stderr
        assert len(versions(versioned, "first")) == number + 1
    done = versioned.step(*StepInvocation(nodes=("two",)).to_argv())
    assert done.returncode == 0, done.stderr
    (version,) = versions(versioned, "second")
    assert version > versions(versioned, "first")[-1]
    assert stored(versioned, "second", version) == 8


def test_a_step_reads_the_version_of_its_command(versioned):
    old = "2020-01-01T00.00.00.000Z"
    for version, value in ((old, 1), ("2021-01-01T00.00.00.000Z", 2)):
        versioned.write(f"store/first.json/{version}/first.json", str(value))
    step = StepInvocation(nodes=("two",), load_versions={"first": old})
    done = versioned.step(*step.to_argv())
    assert done.returncode == 0, done.stderr
    (version,) = versions(versioned, "second")
    assert stored(versioned, "second", version) == 2
