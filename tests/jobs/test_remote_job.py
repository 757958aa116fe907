"""A submitted job is read back from its workspace: what each step runs, where its data lies."""

import json

from azure_loopback.sent_jobs import send

READ = """
import json
import sys
from pathlib import Path

import yaml
from kedro_azureml_cli.azure_ml.connection import connect
from kedro_azureml_cli.azure_ml.jobs.remote_job import read_remote_job
from kedro_azureml_compiler.settings.models import Workspace

project = Path(sys.argv[1])
settings = yaml.safe_load((project / "conf/base/azureml.yml").read_text())
client = connect(Workspace(**settings["workspace"]["__default__"]), {"retry_backoff_factor": 0})
job = read_remote_job(client, "job-1")
fit, clean = job.step("fit"), job.invocation("clean")
report = job.step("report.it")
print(json.dumps({
    "steps": [step.step for step in job.state.steps],
    "report": report.step,
    "nodes": clean.nodes,
    "params": clean.all_params(),
    "inputs": clean.inputs,
    "outputs": job.component("clean").outputs,
    "bindings": job.document.bindings("fit"),
    "code": job.component("fit").code == job.component("clean").code,
    "place": job.place("fit", "model").replace(fit.run_id, "RUN"),
    "reused": job.place("clean", "clean"),
}))
"""


def test_a_submitted_job_is_read_back(compiled_farm):
    jobs = compiled_farm.azure.control.jobs
    assert send(compiled_farm).returncode == 0
    next(run for run in jobs.runs.values() if run.step == "clean").reused = "earlier-run"
    finished = compiled_farm.start(READ).wait()
    assert finished.returncode == 0, finished.output
    read = json.loads(finished.output.splitlines()[-1])
    places = "azureml://datastores/workspaceblobstore/paths/azureml"
    assert read == {
        "steps": ["clean", "fit", "report__it"],
        "report": "report__it",
        "nodes": ["clean"],
        "params": {"rate": 0.5},
        "inputs": {"penguins": "${{inputs.penguins}}"},
        "outputs": {"clean": "uri_folder"},
        "bindings": {
            "clean": "${{parent.jobs.clean.outputs.clean}}",
            "_param_rate": "${{parent.inputs.rate}}",
        },
        "code": True,
        "place": f"{places}/RUN/model",
        "reused": f"{places}/earlier-run/clean",
    }
