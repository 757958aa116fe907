"""Compare the simulator with a plain loop that does for each step what cannot be left out.

For each of 100 empty steps the loop copies the code, makes HOME, TMPDIR and the mount places,
covers the project in a mount namespace, mounts the step's folder in it, and runs bash with a log;
two at a time, as the simulator. The simulator is its command, from the start of its process to its
end. Also: the memory of the simulator's process for 1,000 steps, and whether two steps that sleep
run side by side.

    python benchmarks/simulator_time.py
"""

from __future__ import annotations

import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recording.environments import enter
from recording.results import Measurement, from_costs, main
from recording.turns import run, take_turns

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from recording.turns import Cost

AREA = "Simulating a job"
OURS, FLOOR = "azureml-simulate", "a loop in Python"
STEPS, MANY, SLEEP_S = 100, 1000, 2
STEP = {"type": "command", "environment": "azureml:e:1"}

LOOP = """
import os, shutil, subprocess, sys, tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

project, steps = Path.cwd(), int(sys.argv[1])
run = project / "reference"
shutil.rmtree(run, ignore_errors=True)
scratch = Path(tempfile.mkdtemp())
# By way of a third place, because what covers the project covers the step's folder in it too.
namespace = '''
mount --bind "$2" "$3" && mount -t tmpfs tmpfs "$1" && mkdir -p "$2" &&
mount --bind "$3" "$2" && cd "$2/code" && exec bash -c true
'''

def step(number):
    folder = run / f"s{number}"
    (folder / "mounts" / "inputs").mkdir(parents=True)
    (folder / "mounts" / "outputs").mkdir()
    shutil.copytree(project / "code", folder / "code")
    home, tmp = scratch / str(number) / "home", scratch / str(number) / "tmp"
    home.mkdir(parents=True)
    tmp.mkdir()
    apart = ["unshare", "--mount", "--propagation", "private", "sh", "-c", namespace, "sh"]
    with (folder / "log.txt").open("ab") as log:
        subprocess.run(
            [*apart, str(project), str(folder), str(tmp)],
            check=True, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            env={"PATH": os.environ["PATH"], "HOME": str(home), "TMPDIR": str(tmp)},
        )

with ThreadPoolExecutor(2) as pool:
    list(pool.map(step, range(steps)))
shutil.rmtree(scratch)
"""

CHAINED = """
from pathlib import Path
import resource, sys
from kedro_azureml_simulator import simulate

result = simulate(Path("pipeline.yml"), run_dir=Path("run"))
assert result.status == "completed", result.status
"""


def write_pipeline(folder: Path, jobs: Mapping[str, Any]) -> Path:
    """Write a pipeline of steps, and code of twenty modules beside it."""
    import yaml

    (folder / "code").mkdir(parents=True)
    (folder / "code" / "main.sh").write_text("cat $1/f > $2/f\n")
    for number in range(20):
        (folder / "code" / f"module_{number}.py").write_text("x = 1\n" * 100)
    job = {"type": "pipeline", "settings": {"default_compute": "azureml:c"}, "jobs": dict(jobs)}
    (folder / "pipeline.yml").write_text(yaml.safe_dump(job))
    return folder


def chain_steps(count: int) -> dict[str, Any]:
    """Return steps in chains of ten, so that data flows."""
    jobs = {}
    for number in range(count):
        step = {**STEP, "code": "./code", "outputs": {"y": {"type": "uri_folder"}}}
        if number % 10:
            step["inputs"] = {"x": f"${{{{parent.jobs.s{number - 1}.outputs.y}}}}"}
            step["command"] = "bash main.sh ${{inputs.x}} ${{outputs.y}}"
        else:
            step["command"] = "echo 1 > ${{outputs.y}}/f"
        jobs[f"s{number}"] = step
    return jobs


def simulate(project: Path, workers: int = 2) -> Cost:
    """Run the simulator's command."""
    words = ("pipeline.yml", "--run-dir", "run", "--no-reuse", "--max-workers", str(workers))
    return run([sys.executable, "-m", "kedro_azureml_simulator", *words], project)


def measure(options: argparse.Namespace) -> list[Measurement]:
    """Run the loop and the simulator in turn; the rest once."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        empty = {f"s{n}": {**STEP, "code": "./code", "command": "true"} for n in range(STEPS)}
        project = write_pipeline(folder / "empty", empty)
        ways = {
            OURS: partial(simulate, project),
            FLOOR: partial(run, [sys.executable, "-c", LOOP, str(STEPS)], project),
        }
        taken = take_turns(ways, options.rounds)
        case = f"{STEPS} empty steps"
        measured = from_costs(AREA, case, taken)
        walls = {way: [cost and cost.wall_s for cost in costs] for way, costs in taken.items()}
        measured.append(Measurement(AREA, case, "s", walls))
        if options.quick:
            return measured
        chained = write_pipeline(folder / "chained", chain_steps(MANY))
        peak = run([sys.executable, "-c", CHAINED], chained).peak_mb
        measured.append(Measurement(AREA, f"{MANY:,} steps", "MB at the peak", {OURS: [peak]}))
        sleep = {**STEP, "command": f"sleep {SLEEP_S}"}
        asleep = write_pipeline(folder / "asleep", {"a": sleep, "b": sleep})
        ways = {
            "two workers": partial(simulate, asleep),
            "one worker": partial(simulate, asleep, workers=1),
        }
        slept = take_turns(ways, min(options.rounds, 3), warm=False)
        walls = {way: [cost and cost.wall_s for cost in costs] for way, costs in slept.items()}
        case = f"two steps that sleep {SLEEP_S} s"
        return [*measured, Measurement(AREA, case, "s", walls)]


if __name__ == "__main__":
    enter()
    main(measure, __doc__)
