"""Compare the simulator with a plain loop that does for each step what cannot be left out.

For each of 300 empty steps the loop copies the code, makes HOME, TMPDIR and the mount places,
covers the project in a mount namespace, mounts the step's folder in it, and runs bash with a log;
two at a time, as the simulator. The simulator is its command, from the start of its process to its
end; where the loop copies the code, it compares what an earlier step has left with the code. Prints
both, their ratio (target: at most 1.3), and how far the time that the command prints is from the
clock (target: at most 5 %). Rounds alternate; each run but the first clears another.

    python benchmarks/simulator_reference.py [STEPS [ROUNDS]]
"""

import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import yaml

STEPS = int(sys.argv[1]) if len(sys.argv) > 1 else 300
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 3
WORKERS = 2
# By way of a third place, because what covers the project covers the step's folder in it too.
NAMESPACE = """
mount --bind "$2" "$3" && mount -t tmpfs tmpfs "$1" && mkdir -p "$2" &&
mount --bind "$3" "$2" && cd "$2/code" && exec bash -c true
"""


def reference(project: Path) -> float:
    """Run the loop; return its seconds."""
    run = project / "reference"
    shutil.rmtree(run, ignore_errors=True)
    scratch = Path(tempfile.mkdtemp())

    def step(number: int) -> None:
        folder = run / f"s{number}"
        (folder / "mounts" / "inputs").mkdir(parents=True)
        (folder / "mounts" / "outputs").mkdir()
        shutil.copytree(project / "code", folder / "code")
        home, tmp = scratch / str(number) / "home", scratch / str(number) / "tmp"
        home.mkdir(parents=True)
        tmp.mkdir()
        with (folder / "log.txt").open("ab") as log:
            subprocess.run(
                ["unshare", "--mount", "--propagation", "private", "sh", "-c", NAMESPACE, "sh",
                 str(project), str(folder), str(tmp)],
                check=True, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={"PATH": os.environ["PATH"], "HOME": str(home), "TMPDIR": str(tmp)},
            )  # fmt: skip

    started = time.perf_counter()
    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(step, range(STEPS)))
    seconds = time.perf_counter() - started
    shutil.rmtree(scratch)
    return seconds


def simulation(project: Path) -> tuple[float, float, str]:
    """Run the command; return its seconds, those that it prints, and how it isolates steps."""
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "kedro_azureml_simulator", "pipeline.yml", "--run-dir", "run",
         "--no-reuse", "--max-workers", str(WORKERS)],
        cwd=project, check=True, capture_output=True, text=True,
    )  # fmt: skip
    seconds = time.perf_counter() - started
    printed = re.search(r"^completed in ([\d.]+) s", done.stdout, re.MULTILINE)
    if printed is None:
        raise SystemExit(done.stdout[-2000:])
    return seconds, float(printed[1]), done.stdout.partition(":")[0]


def main() -> None:
    """Measure and print."""
    project = Path(tempfile.mkdtemp())
    (project / "code").mkdir()
    for number in range(20):
        (project / "code" / f"module_{number}.py").write_text("x = 1\n" * 100)
    step = {"type": "command", "command": "true", "code": "./code", "environment": "azureml:e:1"}
    jobs = {f"s{number}": step for number in range(STEPS)}
    settings = {"default_compute": "azureml:c"}
    pipeline = project / "pipeline.yml"
    pipeline.write_text(yaml.safe_dump({"type": "pipeline", "settings": settings, "jobs": jobs}))
    loops, runs, gaps = [], [], []
    for _ in range(ROUNDS):
        loops.append(reference(project))
        seconds, printed, isolation = simulation(project)
        runs.append(seconds)
        gaps.append(1 - printed / seconds)
        print(f"  loop {loops[-1]:.2f} s, simulator {seconds:.2f} s, printed {printed:.1f} s,"
              f" {isolation}", flush=True)  # fmt: skip
    loop, run = statistics.median(loops), statistics.median(runs)
    print(f"{STEPS} steps: loop {loop:.2f} s, simulator {run:.2f} s, ratio {run / loop:.2f}"
          f" (target: at most 1.3); printed time off by at most {max(gaps):.1%}"
          " (target: at most 5 %)")  # fmt: skip
    shutil.rmtree(project, ignore_errors=True)


if __name__ == "__main__":
    main()
