"""The driver of parallel steps by itself: what it does with an entry script and its failures."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from kedro_azureml_simulator.running.steps.parallel_driver import main, serve_mini_batches

pytestmark = pytest.mark.once

ECHO = "def run(batch): return [name.rpartition('/')[2] for name in batch]\n"


@pytest.fixture
def job(tmp_path: Path):
    """Return a function that writes a job of eight files and gives the path of its settings."""

    def write(script: str, **settings: Any) -> str:
        (tmp_path / "data/more").mkdir(parents=True)
        for number in range(8):
            (tmp_path / f"data/{'more/' if number % 2 else ''}{number}.txt").touch()
        (tmp_path / "entry.py").write_text(script)
        spec = {
            "input": str(tmp_path / "data"),
            "batch_size": 2,
            "workers": 2,
            "max_retries": 1,
            "timeout_s": 60.0,
            "error_threshold": -1,
            "batch_error_threshold": -1,
            "allowed_failed_percent": None,
            "append": str(tmp_path / "out/rows.txt"),
            "entry_script": str(tmp_path / "entry.py"),
            "arguments": ["--rate", "2"],
            **settings,
        }
        (tmp_path / "spec.json").write_text(json.dumps(spec))
        return str(tmp_path / "spec.json")

    return write


def rows(spec: str) -> list[str]:
    return sorted((Path(spec).parent / "out/rows.txt").read_text().splitlines())


def serve(spec: str, *requests: object) -> list[dict[str, Any]]:
    """Let a worker serve mini-batches in this process, and return its answers."""
    reading, asked = os.pipe()
    answered, writing = os.pipe()
    os.write(asked, "".join(f"{json.dumps(request)}\n" for request in requests).encode())
    os.close(asked)
    try:
        serve_mini_batches(spec, reading, writing)
    finally:
        os.close(writing)
    with os.fdopen(answered) as lines:
        return list(map(json.loads, lines))


@pytest.fixture
def own_process(monkeypatch):
    """Give this process back what a worker changes in its own."""
    monkeypatch.setattr(sys, "argv", list(sys.argv))
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield
    sys.modules.pop("entry", None)


def test_all_files_are_shared_out_in_mini_batches(job, capfd):
    spec = job(ECHO)
    assert main(spec) == 0
    assert rows(spec) == [f"{number}.txt" for number in range(8)]
    assert "4 mini-batches, 0 failed; 8 items, 0 failed" in capfd.readouterr().err


def test_one_file_is_one_mini_batch_and_nothing_is_appended_unless_asked(job, tmp_path):
    spec = job(ECHO, input=str(tmp_path / "data/0.txt"), append=None)
    assert main(spec) == 0
    assert not (tmp_path / "out").exists()


def test_a_worker_that_takes_too_long_is_ended_and_its_mini_batch_tried_again(job, capfd):
    slow = "import pathlib, time\n" + ECHO.replace(
        "return",
        "seen = pathlib.Path(__file__).with_name('seen')\n"
        "    if not seen.exists(): seen.touch(); time.sleep(600)\n    return",
    ).replace("def run(batch): ", "def run(batch):\n    ")
    spec = job(slow, timeout_s=3.0, workers=1)
    assert main(spec) == 0
    assert len(rows(spec)) == 8
    assert "attempt 1: run() took longer than 3.0 s" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ({"error_threshold": 1}, "2 items failed, more than the error_threshold of 1"),
        ({"batch_error_threshold": 0}, "more than the mini_batch_error_threshold of 0"),
        ({"allowed_failed_percent": 20.0}, "more than the allowed_failed_percent of 20"),
    ],
)
def test_too_many_failures_fail_the_step(job, capfd, limit, words):
    assert main(job("def run(batch): 1 / 0\n", workers=1, **limit)) == 1
    said = capfd.readouterr().err
    assert words in said
    assert "ZeroDivisionError" in said


def test_workers_that_end_themselves_leave_no_pipe_open(job):
    spec = job("import os\ndef run(batch): os._exit(3)\n", batch_size=1, workers=1)
    before = sum(1 for _ in Path("/proc/self/fd").iterdir())
    assert main(spec) == 0
    assert rows(spec) == []
    assert sum(1 for _ in Path("/proc/self/fd").iterdir()) == before


def test_a_script_that_cannot_begin_fails_the_step_at_once(job, capfd):
    assert main(job("def init(): raise LookupError('no model')\n" + ECHO)) == 1
    assert "init() failed: LookupError: no model" in capfd.readouterr().err


def test_a_worker_answers_each_mini_batch(own_process, job):
    spec = job(
        "import sys\n"
        "def init(): print('begin')\n"
        "def run(batch): return 3 if batch == ['bad'] else [*batch, sys.argv[1]]\n"
        "def shutdown(): print('end')\n"
    )
    assert serve(spec, {"batch": ["a", "b"]}, {"batch": ["bad"]}) == [
        {"ready": True},
        {"rows": ["a", "b", "--rate"]},
        {"error": "TypeError: run() must return a list or a data frame, not 3"},
    ]


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("x = 1\n", "has no function run(mini_batch)"),
        ("def run(b): return b\ndef init(): 1 / 0\n", "init() failed: ZeroDivisionError"),
        ("import no_such_module\n", "failed: ModuleNotFoundError"),
    ],
)
def test_a_worker_says_why_it_cannot_begin(own_process, job, script, words):
    (answer,) = serve(job(script))
    assert words in answer["init"]
