"""A job that was sent, read back from the workspace, and run on this machine."""

import json

import yaml
from azure_loopback.sent_jobs import send, uploaded_code

READ_BACK = """
import logging
import sys
from pathlib import Path
from pathlib import Path

import yaml
from kedro_azureml_cli.azure_ml.connection import connect
from kedro_azureml_compiler.settings.models import Workspace

project, target = Path(sys.argv[1]), Path(sys.argv[2])
settings = yaml.safe_load((project / "conf/base/azureml.yml").read_text())
client = connect(Workspace(**settings["workspace"]["__default__"]))
job = client.jobs.get("job-1")
job.dump(target / "job.yml")
for step, node in job.jobs.items():
    name, version = str(node.component).removeprefix("azureml:").split(":")
    client.components.get(name, version).dump(target / f"{step}.yml")
"""


def test_what_was_sent_gives_the_same_results_when_it_is_read_back_and_simulated(
    compiled_farm, azure, bench, tmp_path
):
    assert send(compiled_farm).returncode == 0
    copy = tmp_path / "copy"
    copy.mkdir()
    done = compiled_farm.start(READ_BACK, str(copy)).wait()
    assert done.returncode == 0, done.output
    as_a_pipeline(copy, azure)
    read = compiled_farm.write("penguins/p.txt", "one").parent
    bundle = compiled_farm.folder / "build/azureml/all/pipeline.yml"
    ours = simulated(bench, bundle, tmp_path / "ours", {"penguins@latest": read})
    theirs = simulated(bench, copy / "pipeline.yml", tmp_path / "theirs", {"penguins:7": read})
    assert theirs == ours
    assert ours["fit", "model", "p.txt"] == b"one"
    assert ours["report__it", "report", "report.txt"] == b"One"


def as_a_pipeline(folder, azure):
    """Make the YAML of a pipeline out of what the SDK wrote of the job and of its components."""
    job = yaml.safe_load((folder / "job.yml").read_text())
    for step, node in job["jobs"].items():
        component = yaml.safe_load((folder / f"{step}.yml").read_text())
        write(uploaded_code(azure, component["code"]), folder / "code")
        component["code"] = "./code"
        del component["name"], component["version"]
        kept = ("type", "display_name", "command", "code", "environment", "inputs", "outputs")
        node["component"] = {key: component[key] for key in kept if key in component}
    kept = ("type", "display_name", "inputs", "jobs", "settings")
    document = {key: job[key] for key in kept if key in job}
    (folder / "pipeline.yml").write_text(json.dumps(document))


def write(files, target):
    for name, content in files.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_bytes(content)


def simulated(bench, pipeline, run_dir, assets):
    """Every file that a step has left, by step, port and name."""
    result, _ = bench.simulate(pipeline, run_dir, assets=assets)
    assert result.status == "completed", [
        (step.message, step.log_path and step.log_path.read_text()) for step in result.steps
    ]
    return {
        (step.name, port, file.relative_to(place).as_posix()): file.read_bytes()
        for step in result.steps
        for port, place in step.outputs.items()
        for file in sorted(place.rglob("*"))
        if file.is_file() and file.suffix != ".pkl"
    }
