"""Pipelines that draw at random: what is the same once both runs draw alike, and what is not."""

import sys
from pathlib import Path

import pytest
from verified_study import Study, outcomes

NODES = """
import os, random, uuid

import numpy as np

np.random.seed()  # as at a fresh start: the processes of these tests are forks of one

IN_STEP = "KEDRO_AZUREML_STEP" in os.environ

def chunks():
    yield {"part": random.random()}
    yield {"part": random.random()}

def seed_for_the_next():
    random.seed(7)
    return 1

def register_pipelines():
    return {
        "__default__": Pipeline([
            node(lambda: random.random(), None, "plain", name="make_plain"),
            node(lambda: float(np.random.rand()), None, "numpy", name="make_numpy"),
            node(lambda p: p + random.random(), "plain", "sum", name="add"),
            node(chunks, None, "chunked", name="make_chunks"),
            node(lambda: sorted({"a", "b", "c"}), None, "steady", name="make_steady"),
        ]),
        "hidden": Pipeline([
            node(lambda: [random.random(), IN_STEP], None, "placed", name="make_placed"),
            node(lambda: uuid.uuid4().hex, None, "unseedable", name="make_unseedable"),
        ]),
        "handed_on": Pipeline([
            node(seed_for_the_next, None, "first", name="first"),
            node(lambda first: random.random(), "first", "second", name="second"),
        ]),
        "hashed": Pipeline([
            node(lambda: list({"a", "b", "c", "d", "e", "f", "g", "h"}), None, "order", name="h"),
        ]),
        "breaks": Pipeline([
            node(lambda: [random.random(), 1 / ("KEDRO_AZUREML_SEED" not in os.environ)],
                 None, "broken", name="broken"),
        ]),
    }
"""
CATALOG = """
"{name}":
  type: kedro_azureml_datasets.AzureMLPipelineDataset
  root_dir: data/made
  dataset: {type: json.JSONDataset, filepath: "{name}.json"}
"""
JOBS = """
unseeded: {}
hidden: {pipeline: {pipeline_name: hidden}}
handed_on: {pipeline: {pipeline_name: handed_on}}
hashed: {pipeline: {pipeline_name: hashed}}
breaks: {pipeline: {pipeline_name: breaks}}
unproved: {pipeline: {pipeline_name: hidden, node_names: [make_unseedable]}}
"""


@pytest.fixture
def warm(bench) -> Path:
    return bench.image.path


@pytest.fixture
def study(tmp_path, monkeypatch) -> Study:
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setenv("PYTHONPATH", "")
    study = Study(tmp_path)
    study.project.write("conf/base/catalog.yml", CATALOG)
    study.project.pipelines(NODES)
    study.project.jobs(JOBS)
    return study


def test_an_unseeded_pipeline_is_the_same_once_both_runs_are_seeded(study, warm):
    verification = study.verify("unseeded", python=warm)
    assert outcomes(verification) == {
        "plain": ("same", "seeded"), "numpy": ("same", "seeded"), "sum": ("same", "seeded"),
        "chunked": ("same", "seeded"), "steady": ("same", "bytes"),
    }  # fmt: skip
    assert verification.passes(strict=True)
    assert not verification.local.project.exists()  # there is nothing to look at


def test_seeding_does_not_hide_a_difference_and_proves_nothing_without_a_seed(study, warm):
    found = outcomes(study.verify("hidden", python=warm))
    assert found["placed"] == ("different", "seeded; [1]: False locally, True in the job")
    assert found["unseedable"][0] == "not deterministic"


def test_a_node_that_seeds_for_the_next_one_makes_a_true_difference(study, warm):
    verification = study.verify("handed_on", python=warm)
    found = outcomes(verification)
    assert found["first"] == ("same", "bytes")
    assert found["second"][0] == "different"
    assert "seeded" not in found["second"][1]
    assert not verification.passes()
    assert not (verification.simulation.run_dir / "seeded").exists()  # it was not needed


@pytest.mark.stress  # fresh interpreters
def test_the_order_of_a_set_is_the_same_with_one_hash_seed(study):
    # A fresh interpreter for each process: this seed counts when one starts.
    assert outcomes(study.verify("hashed")) == {"order": ("same", "seeded")}


def test_a_seeded_run_that_fails_proves_nothing(study, warm):
    verification = study.verify("breaks", python=warm)
    assert outcomes(verification)["broken"][0] == "not deterministic"
    assert (verification.local.exit_code, verification.simulation.status) == (0, "completed")


def test_where_nothing_could_be_compared_the_last_line_says_so_and_strict_fails(study, warm):
    done = study.command("unproved", "--python", str(warm))
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == (
        "Verified the job 'unproved': 0 of 1 datasets are the same, 1 not deterministic,"
        " nothing was proved."
    )
    assert study.command("unproved", "--python", str(warm), "--strict").returncode == 1
