"""Which run of a node counts, where a job has resumed another one."""

from __future__ import annotations

import pytest
from kedro_azureml_cli.earlier_jobs.job_history import keep_newest
from kedro_azureml_cli.earlier_jobs.sent_job import ReadJob, shorten_address
from kedro_azureml_compiler import JobRecord, NodeRecord

CLEAN = NodeRecord("clean", "clean", {}, ("raw",), ("table",))
FIT = NodeRecord("fit", "fit", {}, ("table",), ("model",))
REPORT = NodeRecord("report", "report", {}, ("model",), ("page",))
STATS = NodeRecord("stats", "stats", {}, ("raw",), ("counts",))


def read(*nodes: NodeRecord) -> ReadJob:
    return ReadJob(None, {}, JobRecord("train", nodes, {}))


def kept(*jobs: ReadJob) -> dict[str, int]:
    """Return each node with the number of the job whose run counts, the newest first."""
    return {one.node.name: jobs.index(one.of) for one in keep_newest(jobs)}


def test_a_node_that_the_newer_job_ran_counts_there_and_the_others_in_the_older_one():
    assert kept(read(FIT, REPORT), read(CLEAN, FIT, REPORT, STATS)) == {
        "fit": 0, "report": 0, "clean": 1, "stats": 1,
    }  # fmt: skip


def test_what_follows_a_node_that_ran_again_and_was_left_out_does_not_count():
    assert kept(read(CLEAN), read(CLEAN, FIT, REPORT, STATS)) == {"clean": 0, "stats": 1}


def test_each_node_counts_once_in_a_chain_of_three():
    jobs = (read(REPORT), read(FIT, REPORT), read(CLEAN, FIT, REPORT))

    assert kept(*jobs) == {"report": 0, "fit": 1, "clean": 2}


@pytest.mark.parametrize(
    ("path", "short"),
    [
        ("azureml://datastores/s/paths/azureml/run/x", "s/paths/azureml/run/x"),
        ("azureml://subscriptions/a/workspaces/c/datastores/s/paths/x/", "s/paths/x"),
        ("azureml:model:3", "model:3"),
        ("azureml:/subscriptions/a/workspaces/c/data/model/versions/3", "model:3"),
        ("/subscriptions/a/workspaces/c/data/model/versions/3", "model:3"),
        ("azureml:model@latest", "azureml:model@latest"),
    ],
)  # fmt: skip
def test_an_address_is_known_however_it_is_written(path, short):
    assert shorten_address(path) == short
