"""Several jobs in one pass: the project is opened once, and no job hides another."""

import pytest
from kedro_azureml_compiler import CompiledJob, FindingsError, ProjectError, compile_jobs
from kedro_azureml_compiler.checking import check_jobs
from kedro_azureml_compiler.project.request import ProjectRequest

HOOKS = """
from pathlib import Path
from kedro.framework.hooks import hook_impl

class Counts:
    @hook_impl
    def after_context_created(self, context):
        with Path("FILE").open("a") as file:
            file.write(f"{dict(context.config_loader.runtime_params)}\\n")

HOOKS = (Counts(),)
"""


@pytest.fixture
def counted(small_project):
    small_project.settings(HOOKS.replace("FILE", str(small_project.root / "opened.txt")))
    small_project.write("conf/base/parameters.yml", "rate: 1\n")
    small_project.nodes(("a", "params:rate", "x"), ("b", "x", None))
    return small_project


def openings(project) -> list[str]:
    file = project.root / "opened.txt"
    lines = file.read_text("utf-8").splitlines()
    file.unlink()
    return lines


def test_jobs_that_read_the_project_alike_open_it_once(counted):
    fast = {"params": {"rate": 2}}
    counted.settings_of({"one": {}, "fast": fast, "two": {}, "again": fast})
    request = ProjectRequest(counted.root)
    assert [job.job for job in check_jobs(request)] == ["one", "fast", "two", "again"]
    assert openings(counted) == ["{}", "{'rate': 2}"]
    compiled = compile_jobs(request, dict.fromkeys(["again", "two", "fast", "one"]))
    assert list(compiled) == ["again", "two", "fast", "one"]
    assert openings(counted) == ["{'rate': 2}", "{}"]
    for name, job in compiled.items():
        assert isinstance(job, CompiledJob)
        assert dict(job.plan.params) == ({} if name in {"one", "two"} else {"rate": 2})
        assert job.bundle == counted.root / f"build/azureml/{name}"


def test_a_shared_opening_gives_what_single_ones_give(counted):
    job = {"steps": {"a": {"environment_variables": {"LAKE": "abfss://c@acc.dfs/x"}}}}
    counted.catalog(
        "x: {type: pandas.CSVDataset, filepath: '${oc.env:LAKE,data}/x.csv'}\n"
        "bad: {type: pandas.CSVDatset, filepath: a.csv}\n"
    )
    counted.settings_of({"one": job, "two": {}, "gone": {"pipeline": {"tags": ["no"]}}, "end": {}})
    request = ProjectRequest(counted.root)
    together = check_jobs(request)
    assert together == tuple(check_jobs(request, [job.job])[0] for job in together)


def test_one_job_that_fails_does_not_hide_the_others(counted):
    counted.catalog("x: {type: pandas.CSVDataset, filepath: data/x.csv}\n")
    counted.settings_of({"bad": {}, "good": {"grouping": "pipeline"}, "gone": {"pipeline": {
        "node_names": ["c"]}}})  # fmt: skip
    names = ["gone", "missing", "bad", "good"]
    compiled = compile_jobs(ProjectRequest(counted.root), dict.fromkeys(names))
    assert list(compiled) == names
    assert [type(done) for done in compiled.values()] == [
        ProjectError, ProjectError, FindingsError, CompiledJob,
    ]  # fmt: skip
    assert "there is no node 'c'" in str(compiled["gone"])
    assert "azureml.yml has no job 'missing'" in str(compiled["missing"])


def test_code_of_the_project_that_fails_is_named_for_each_job(counted):
    counted.settings_of({"one": {}, "two": {}})
    counted.pipelines("def register_pipelines():\n    raise ValueError('closed')\n")
    compiled = compile_jobs(ProjectRequest(counted.root), dict.fromkeys(["one", "two"]))
    for error in compiled.values():
        assert "pipeline_registry.py:4: ValueError: closed" in str(error)
