"""In a step both wrappers are where the mounts are, validators count, and Azure is not asked."""

import json

import pytest
import yaml

STEP = """
import json
import sys

from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro_azureml_runner.runner import AzurePipelinesRunner

bootstrap_project(sys.argv[1])
with KedroSession.create(project_path=sys.argv[1]) as session:
    nodes = sys.argv[3:] or None
    session.run(runner=AzurePipelinesRunner(**json.loads(sys.argv[2])), node_names=nodes)
"""
MOUNTS = '{"inputs": {"penguins": "in"}, "outputs": {"report": "out"}}'

CHECKS = """
def seen(data):
    print("validated", data, flush=True)
    if "bad" in data.lower():
        raise ValueError("this is bad")
    return data
"""


@pytest.fixture
def step(shop):
    """The project of a step whose two entries have a validator; `in/p.txt` is mounted."""
    shop.environ = {**shop.environ, "KEDRO_AZUREML_STEP": "1"}
    shop.write("src/shop/checks.py", CHECKS)
    entries = yaml.safe_load(shop.read("conf/base/catalog.yml"))
    for entry in entries.values():
        entry["validator"] = "shop.checks.seen"
    shop.write("conf/base/catalog.yml", yaml.safe_dump(entries))
    shop.write("in/p.txt", "mounted")
    return shop


def test_a_step_reads_and_writes_the_mounts_and_asks_nobody(step, azure):
    finished = step.start(STEP, MOUNTS).wait()
    assert finished.returncode == 0, finished.output
    assert step.read("out/report.txt") == "MOUNTED"
    assert not (step.folder / "data").exists()
    assert azure.proxy.connections == []


@pytest.mark.parametrize(
    ("kind", "mount", "file"),
    [
        ("uri_folder", "between", "between/p.txt"),
        ("uri_file", "between/0815.bin", "between/0815.bin"),  # no name that `filepath` has
    ],
)
def test_an_asset_that_one_step_writes_is_read_by_the_next(kind, mount, file, shop, azure):
    shop.environ = {**shop.environ, "KEDRO_AZUREML_STEP": "1"}
    shop.catalog(penguins={}, loud={"azureml_type": kind, "azureml_version": "1"})
    shop.pipeline("[node(str.upper, 'penguins', 'loud', name='a'), "
                  "node(str.title, 'loud', 'report', name='b')]")  # fmt: skip
    shop.write("in/p.txt", "mounted")
    steps = {
        "a": {"inputs": {"penguins": "in"}, "outputs": {"loud": mount}},
        "b": {"inputs": {"loud": mount}, "outputs": {"report": "out"}},
    }
    for node, mounts in steps.items():
        finished = shop.start(STEP, json.dumps(mounts), node).wait()
        assert finished.returncode == 0, finished.output
    assert shop.read(file) == "MOUNTED"
    assert shop.read("out/report.txt") == "Mounted"
    assert azure.proxy.connections == []


def test_validators_of_inputs_and_outputs_count_in_a_step(step):
    output = step.start(STEP, MOUNTS).wait().output
    assert "validated mounted" in output
    assert "validated MOUNTED" in output
    step.write("in/p.txt", "bad")
    finished = step.start(STEP, MOUNTS).wait()
    assert finished.returncode == 1
    assert "this is bad" in finished.output


def test_validators_count_in_a_local_run_of_an_asset_that_was_downloaded(step, azure):
    del step.environ["KEDRO_AZUREML_STEP"]
    azure.register("penguins", "1", {"p.txt": b"good"})
    output = step.run()
    assert "validated good" in output
    assert "validated GOOD" in output
    azure.register("penguins", "2", {"p.txt": b"bad"})
    finished = step.attempt()
    assert finished.returncode == 1
    assert "this is bad" in finished.output
    assert step.read("data/report.txt") == "GOOD"
