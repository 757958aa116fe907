"""A step reads the configuration that its command names, and no other."""

import json
import shutil
from pathlib import Path

import pytest

STEP = ("--protocol", "1", "--pipeline", "__default__", "--node", "grow")

PIPELINE = """
def grow(count):
    return {"apples": count}

def register_pipelines():
    return {"__default__": Pipeline([node(grow, "params:count", "apples", name="grow")])}
"""


@pytest.mark.parametrize("kind", [None, "zip", "gztar"])
def test_a_folder_or_one_file_in_the_project(project, mount, kind):
    project.pipeline(PIPELINE)
    shutil.copytree(project.root / "conf", project.root / "deep/other")
    project.write("deep/other/base/parameters.yml", "count: 7\n")
    source = "deep/other"
    if kind is not None:
        packed = shutil.make_archive(
            str(project.root / "deep/x"), kind, project.root / source / "..", "other"
        )
        shutil.rmtree(project.root / "deep/other")
        source = f"deep/{Path(packed).name}"
    folder = mount("apples")
    done = project.step(*STEP, "--conf-source", source, "--output", "apples", folder)
    assert done.returncode == 0, done.stderr
    assert json.loads(Path(folder, "apples.json").read_text()) == {"apples": 7}


def test_a_configuration_that_is_not_there_fails_the_step(project, mount):
    project.pipeline(PIPELINE)
    folder = mount("apples")
    done = project.step(*STEP, "--conf-source", "nowhere", "--output", "apples", folder)
    assert done.returncode == 1
    assert "nowhere" in done.stderr
