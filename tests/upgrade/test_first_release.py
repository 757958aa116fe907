"""What version 0.1.0 has left is read, replaced or refused in words, and never misunderstood."""

import json
import shutil
import zipfile
from pathlib import Path

import pytest
import yaml
from followed_project import COMMAND
from kedro_azureml_simulator import simulate
from performed_jobs import leave_output, perform

LEFT = Path(__file__).with_name("orders-0.1.0.zip")
BUNDLE = "build/azureml/default"
RUN = "build/azureml-runs/default"
SUMMARY = {"countries": 2, "total": 29.0}
"""What `kedro run` of the project writes, and what 0.1.0 has found in both of its runs."""
OUTPUTS = (("sum_by_country", "totals", None), ("summarize", "summary", "order-summary"))
"""Step, port and asset of what its run folder holds."""

SEND = """
import sys
from pathlib import Path

import yaml
from azure.ai.ml import load_job
from kedro_azureml_cli.azure_ml.connection import connect
from kedro_azureml_compiler.settings.models import Workspace

project = Path(sys.argv[1])
settings = yaml.safe_load((project / "conf/base/azureml.yml").read_text())
job = load_job(project / "build/azureml/default/pipeline.yml")
job.name = sys.argv[2]
connect(Workspace(**settings["workspace"]["__default__"])).jobs.create_or_update(job)
"""
"""Sends a bundle as it lies there."""


@pytest.fixture
def project(tmp_path) -> Path:
    folder = tmp_path / "orders"
    with zipfile.ZipFile(LEFT) as archive:
        archive.extractall(folder)
    return folder


def kedro(bench, project, *words, code=0):
    told = bench.kedro(project, *words)
    assert told.code == code, told.stdout + told.stderr
    assert "Traceback" not in told.stderr
    return told.stdout + told.stderr


def summary_in(folder: Path) -> object:
    return json.loads(next(folder.rglob("summary.json")).read_text())


def test_its_bundle_is_refused_in_an_image_with_the_datasets_of_today(project, bench, tmp_path):
    result = simulate(
        project / BUNDLE / "pipeline.yml",
        run_dir=tmp_path / "run",
        assets={"rates:1": project / "data/rates/1"},
        python=bench.image.path,
    )
    first, second = result.steps
    assert (first.status, second.status) == ("failed", "skipped")
    told = first.log_path.read_text()
    assert "the job was compiled for <0.2,>=0.1" in told
    assert 'pip install "kedro-azureml-datasets<0.2,>=0.1"' in told
    assert "Traceback" not in told


def test_its_bundle_is_replaced_and_its_run_too(project, bench):
    before = (project / BUNDLE / "pipeline.yml").read_text()
    told = kedro(bench, project, "azureml", "simulate", "-j", "default")
    assert "completed in " in told
    assert (project / BUNDLE / "pipeline.yml").read_text() != before
    assert summary_in(project / RUN / "assets") == SUMMARY
    assert "0.1.0" not in (project / RUN / "run.json").read_text()
    told = kedro(bench, project, "azureml", "verify", "-j", "default")
    assert "2 of 2 datasets are the same" in told


def test_its_downloaded_version_is_read_without_azure(project, bench):
    kedro(bench, project, "run")
    assert summary_in(project / "data/order-summary/local") == SUMMARY
    assert [path.name for path in (project / "data/rates").iterdir() if path.is_dir()] == ["1"]


def test_its_run_can_be_read_and_says_what_it_lacks(project, bench):
    told = kedro(bench, project, "azureml", "simulate", "-j", "default", "--resume", RUN, code=1)
    assert "no record" in told
    assert summary_in(project / RUN / "assets") == SUMMARY
    told = kedro(
        bench, project, "azureml", "plan", "-j", "default", "--advise", "--from-run", code=1
    )
    assert "The times of no step are known" in told
    assert "Simulate the job first:  kedro azureml simulate -j default" in told


@pytest.fixture
def sent(shop, azure, bench, project):
    """That project with the workspace on this machine, and a job of it that 0.1.0 has sent."""
    azure.register("rates", "1", {"rates.json": (project / "data/rates/1/rates.json").read_bytes()})
    azure.add_environment("orders", "1")
    azure.add_datastore("workspaceblobstore", "AccountKey", is_default=True)
    settings = yaml.safe_load((project / "conf/base/azureml.yml").read_text())
    settings["workspace"] = yaml.safe_load(azure.settings)["workspace"]
    (project / "conf/base/azureml.yml").write_text(yaml.safe_dump(settings))
    shutil.rmtree(shop.folder)
    shutil.move(project, shop.folder)
    return Sent(shop, azure, bench)


class Sent:
    """Commands for that job."""

    def __init__(self, shop, azure, bench):
        self.shop, self.azure, self.jobs = shop, azure, azure.control.jobs
        self.folder, self.name = shop.folder, "default-20261129-135555-f2273a"
        shop.environ = {
            **azure.environ,
            "KEDRO_DISABLE_TELEMETRY": "1", "COLUMNS": "200", "WARM_PYTHON": str(bench.user.path),
        }  # fmt: skip
        done = shop.start(SEND, self.name).wait()
        assert done.returncode == 0, done.output
        for step, port, name in OUTPUTS:
            place = self.folder / RUN / "steps" / step / "mounts/outputs" / port
            leave_output(self, self.name, step, port, place, {"name": name})
        steps = {step: "Completed" for step, _, _ in OUTPUTS}
        self.jobs.play(self.name, **steps, job="Completed")

    def run(self, *words, code=0):
        done = self.shop.start(COMMAND, *words).wait()
        assert done.returncode == code, done.output
        assert "Traceback" not in done.output
        return done.output


def test_the_record_of_its_submission_costs_a_new_one_nothing(sent):
    told = sent.run("run", "-j", "default")
    (new,) = set(sent.jobs.bodies) - {sent.name}
    assert new in told
    assert perform(sent, new, sent.folder.parent / "again", job="default") == "Completed"


def test_its_job_is_followed_downloaded_replayed_and_compared(sent):
    assert "Completed" in sent.run("status", sent.name)
    told = sent.run("download", sent.name)
    assert summary_in(sent.folder / "data/order-summary") == SUMMARY, told
    told = sent.run("replay", sent.name, "summarize", "--yes")
    assert "summarize" in told
    told = sent.run("verify", "--against", sent.name, "--yes")
    assert "2 of 2 datasets are the same" in told


def test_its_job_is_resumed_from_what_its_snapshot_says(sent):
    before = set(sent.jobs.bodies)
    told = sent.run("resume", sent.name)
    assert "Nothing has to run: all 2 nodes are taken over" in told
    (sent.folder / "conf/base/parameters.yml").write_text("smallest: 1\n")
    told = sent.run("resume", sent.name)
    assert "runs again: sum_by_country (the parameter 'smallest' differs)" in told
    assert "runs again: summarize" in told
    (new,) = set(sent.jobs.bodies) - before
    assert set(sent.jobs.bodies[new]["properties"]["jobs"]) == {"sum_by_country", "summarize"}
