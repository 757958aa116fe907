"""Jobs that the real Azure SDK makes run without a file, and from what it dumps."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[1] / "support" / "dsl_jobs.py"


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, str(SCRIPT)],
        cwd=tmp_path_factory.mktemp("dsl"),
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("SIMULATED ")]
    records = [json.loads(line.removeprefix("SIMULATED ")) for line in lines]
    assert done.returncode == 0, done.stderr
    return {record["name"]: record for record in records}


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("flat", {"n.txt": ["2", "0.1", "m"]}),
        ("nested", {"n.txt": ["8", "0.25", "m"]}),
        ("swept", {"best.txt": ["5"]}),
        ("doubled", {"parallel_run_step.txt": ["6", "8"]}),
        ("command", {"n.txt": ["2", "0.5", "m"]}),
        ("loaded", {"n.txt": ["a.txt", "b.txt"]}),
    ],
)
def test_a_job_of_the_sdk_runs_as_an_object_and_as_its_dump(
    simulated: dict[str, Any], name: str, found: dict[str, list[str]]
) -> None:
    record = simulated[name]

    assert record["status"] == "completed", record["messages"]
    assert record["from_dump"] in {"completed", None}
    assert record["found"] == found


def test_a_dump_says_where_its_local_data_was_read_from(simulated: dict[str, Any]) -> None:
    assert any("azureml:./data` is read from" in note for note in simulated["flat"]["notes"])
