"""A job that is compiled with another configuration runs with it, step by step."""

import shutil
import sys
from pathlib import Path

import pytest
from kedro_azureml_compiler.compilation import compile_job
from written_project import WrittenProject

PIPELINES = """
def check(seed):
    assert seed == 2, seed
    return seed

def register_pipelines():
    return {"__default__": Pipeline([
        node(check, "params:seed", "first", name="first"),
        node(check, "first", "second", name="second"),
    ])}
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delenv("KEDRO_ENV", raising=False)
    project = WrittenProject(tmp_path / "farm")
    project.pipelines(PIPELINES)
    shutil.copytree(project.root / "conf", project.root / "other")
    project.write("other/base/parameters.yml", "seed: 2\n")
    return project


@pytest.mark.parametrize("kind", [None, "zip"])
def test_the_steps_read_the_configuration_that_was_asked_for(project, kind, bench, tmp_path):
    source = "other"
    if kind is not None:
        packed = shutil.make_archive(str(project.root / "packed"), kind, project.root, "other")
        shutil.rmtree(project.root / "other")
        source = Path(packed).name
    compiled = compile_job(project.root, "job", conf_source=source)
    result, _ = bench.simulate(compiled.bundle / "pipeline.yml", tmp_path / "run")
    assert {step.display_name: step.message for step in result.steps if step.message} == {}
    assert result.status == "completed"
