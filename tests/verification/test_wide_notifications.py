"""A job of 250 ends: each waits for the one step that announces it, through a tree of steps."""

import json

import pytest
from message_receiver import receive_messages
from small_projects import AZUREML, Bench, write_project

pytestmark = pytest.mark.stress

ENDS = 250  # a step waits for 200 others at most

WIDE = f"""
import warnings

from kedro.pipeline import Pipeline, node


def make(seed):
    if seed == 1:
        warnings.warn("a worm")
    return seed


def register_pipelines():
    nodes = [node(make, "params:seed", f"d{{n}}", name=f"n{{n}}") for n in range({ENDS})]
    return {{"__default__": Pipeline(nodes)}}
"""


def test_a_job_of_250_ends_is_announced_once_when_all_have_ended(tmp_path):
    settings = {
        **AZUREML,
        "notifications": {"chat": {"webhook_env": "HOOK", "events": ["success", "warning"]}},
        "jobs": {"job": {"notifications": "chat"}},
    }
    with Bench() as bench, receive_messages() as (host, got):
        made = write_project(
            tmp_path / "farm", registry=WIDE, catalog="{}", azureml=json.dumps(settings)
        )
        run_dir = tmp_path / "run"
        told = bench.kedro(
            made, "azureml", "simulate", "-j", "job", "--notify", "--run-dir", str(run_dir),
            "--python", str(bench.image.path), "--env-var", f"HOOK=http://{host}/hook",
        )  # fmt: skip
    assert told.code == 0, told.stdout[-3000:] + told.stderr[-3000:]
    steps = json.loads((run_dir / "run.json").read_text())["steps"]
    assert {step["status"] for step in steps} == {"completed"}
    gathering = [step["name"] for step in steps if step["name"].startswith("notify_")]
    assert len(gathering) >= 2
    (message,) = got
    assert "job" in json.dumps(message)
