"""Measure what is left when the simulator is killed: kill -9 after a random time, many times.

Each time all processes of the machine are searched for those of the run, until none is left.
Finally a run in the same folder must complete, and no scratch folder may be left.

    python benchmarks/simulator_kill.py
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recording.environments import enter
from recording.results import Measurement, main

if TYPE_CHECKING:
    import argparse

TIMES, LONGEST_S = 40, 1.5
SIMULATE = [sys.executable, "-m", "kedro_azureml_simulator"]


def left(marker: str) -> list[int]:
    """Return the processes whose working directory or arguments contain the marker."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal() or int(entry.name) == os.getpid():
            continue
        try:
            text = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
            alive = (entry / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
        except OSError:
            continue
        if alive and marker.encode() in text:
            found.append(int(entry.name))
    return found


def measure(_: argparse.Namespace) -> list[Measurement]:
    """Kill runs, and return how long a process of each was left."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "tmp").mkdir()
        write_jobs(folder)
        times = [kill_run(folder, number) for number in range(TIMES)]
        done = subprocess.run(
            [*SIMULATE, "good.yml"],
            cwd=folder,
            env=environ(folder),
            stdout=subprocess.DEVNULL,
            check=False,
        )
        if done.returncode or list((folder / "tmp").iterdir()):
            raise SystemExit("The next run failed, or scratch folders are left.")
    case = f"killed {TIMES} times: time until no process is left"
    return [Measurement("Simulating a job", case, "s", {"azureml-simulate": list(times)})]


def write_jobs(folder: Path) -> None:
    """Write a pipeline whose steps start processes in every way, and one that ends."""
    import yaml

    lines = [
        "sleep 600",
        "trap '' TERM; sleep 600 & sleep 600",
        "setsid sleep 600 & nohup sleep 600 & (sleep 600 &) ; sleep 0.05",
        "for i in 1 2 3 4 5 6 7 8 9; do bash -c 'sleep 600 &'; done; sleep 0.1",
    ]
    step = {"type": "command", "environment": "azureml:e:1"}
    jobs: dict[str, Any] = {f"s{n}": {**step, "command": lines[n % 4]} for n in range(12)}
    jobs["s5"]["distribution"] = {"type": "mpi", "process_count_per_instance": 3}
    job = {"type": "pipeline", "settings": {"default_compute": "azureml:c"}}
    (folder / "pipeline.yml").write_text(yaml.safe_dump({**job, "jobs": jobs}))
    good = {**job, "jobs": {"a": {**step, "command": "true"}}}
    (folder / "good.yml").write_text(yaml.safe_dump(good))


def environ(folder: Path) -> dict[str, str]:
    """Return the variables of a run: its processes are found by the folder's name in them."""
    return {**os.environ, "TMPDIR": str(folder / "tmp"), "MARKER": str(folder)}


def kill_run(folder: Path, number: int) -> float:
    """Start a run, kill it after a random time, and return how long a process of it was left."""
    process = subprocess.Popen(
        [*SIMULATE, "pipeline.yml", "--max-workers", "6"],
        cwd=folder,
        env=environ(folder),
        stdout=subprocess.DEVNULL,
    )
    time.sleep(random.Random(number).uniform(0, LONGEST_S))  # noqa: S311 - a moment, no secret
    process.send_signal(signal.SIGKILL)
    process.wait()
    killed = time.perf_counter()
    while left(str(folder)) and time.perf_counter() - killed < 10:
        time.sleep(0.01)
    return time.perf_counter() - killed


if __name__ == "__main__":
    enter()
    main(measure, __doc__)
