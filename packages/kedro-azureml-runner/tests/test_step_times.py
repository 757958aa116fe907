"""The lines that say when a step started and ended, in the logs of real steps."""

from datetime import datetime, timedelta, timezone
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kedro_azureml_runner import read_step_times
from kedro_azureml_runner.protocol.step_times import write_step_time

PIPELINE = """
import time
from kedro.pipeline import node, pipeline

def grow():
    time.sleep(0.3)
    return {"apples": 3}

def eat(apples):
    raise ValueError("a worm")

def close(count):
    import sys
    sys.stderr.close()

def register_pipelines():
    return {"__default__": pipeline([
        node(grow, None, "apples", name="grow"),
        node(eat, "apples", None, name="eat"),
        node(close, "params:count", None, name="close"),
    ])}
"""

STEP = ("--protocol", "1", "--pipeline", "__default__")

MOMENTS = st.datetimes(timezones=st.just(timezone.utc)).map(
    lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)
)


def test_a_step_says_when_it_started_and_ended(project, mount):
    project.pipeline(PIPELINE)
    before = datetime.now(timezone.utc)
    done = project.step(*STEP, "--node", "grow", "--output", "apples", mount("apples"))
    assert done.returncode == 0, done.stderr
    times = read_step_times(done.stderr)
    assert times is not None
    assert times.ended is not None
    assert before - timedelta(seconds=1) < times.started
    assert times.ended - times.started >= timedelta(seconds=0.3)
    assert "kedro-azureml step" not in done.stdout


def test_a_step_that_fails_says_when_it_ended_before_its_last_line(project, mount):
    project.pipeline(PIPELINE)
    folder = mount("apples")
    Path(folder, "apples.json").write_text("{}")
    done = project.step(*STEP, "--node", "eat", "--input", "apples", folder)
    assert done.returncode == 1
    *_, ended, failure = done.stderr.splitlines()
    assert ended.startswith("kedro-azureml step ended ")
    assert failure == "Step failed in node 'eat': ValueError: a worm"


def test_a_step_whose_log_was_closed_by_its_node_has_not_failed(project):
    project.pipeline(PIPELINE)
    done = project.new_process(*STEP, "--node", "close")
    assert done.returncode == 0, done.stderr


def test_a_step_that_does_not_start_says_no_times(project):
    done = project.step("--protocol", "99")
    assert done.returncode == 2
    assert read_step_times(done.stderr) is None


@given(MOMENTS, MOMENTS, st.text(), st.text())
def test_what_is_written_is_read_whatever_stands_around_it(one, other, before, after):
    started, ended = sorted([one, other])
    log = StringIO()
    log.write(before)
    write_step_time("started", log, started)
    log.write(f"{after}\r")
    write_step_time("ended", log, ended)
    assert read_step_times(log.getvalue()) == (started, ended)


def test_what_is_written_is_in_the_log_at_once(tmp_path):
    with (tmp_path / "log").open("w") as log:
        write_step_time("started", log)
        assert read_step_times((tmp_path / "log").read_text()) is not None


def test_of_several_processes_the_first_start_and_the_last_end_count():
    line = "kedro-azureml step {} 2026-11-29T05:00:{}Z\n"
    log = line.format("started", "{}") + line.format("ended", "{}")
    times = read_step_times(log.format("01.000", "09.000"), log.format("00.500", "08.000"))
    assert times is not None
    assert times.ended is not None
    assert (times.ended - times.started).total_seconds() == 8.5


@pytest.mark.parametrize(
    "log",
    [
        "",
        "kedro-azureml step started soon\n",
        "kedro-azureml step started 2026-02-31T05:00:00.000Z\n",
        "kedro-azureml step ended 2026-11-29T05:00:00.000Z\n",
    ],
)
def test_a_log_without_a_start_has_no_times(log):
    assert read_step_times(log) is None


def test_an_end_before_the_start_is_none():
    log = (
        "kedro-azureml step started 2026-11-29T05:00:01.000Z\n"
        "kedro-azureml step ended 2026-11-29T05:00:00.000Z\n"
    )
    times = read_step_times(log)
    assert times is not None
    assert times.ended is None
