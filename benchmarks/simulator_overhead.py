"""Measure what the simulator adds to a step: 200 empty steps against the same commands in bash.

Prints milliseconds per step, with and without mount namespaces, and their ratio to plain bash;
medians of five runs in turn. Each step starts a bash, so the time of one bash, two at a time, is
subtracted to get the overhead.
"""

import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import yaml
from kedro_azureml_simulator import simulate

STEPS, WORKERS, ROUNDS = 200, 2, 5


def seconds(work: Callable[[], object]) -> float:
    """Time one call."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> None:
    """Measure and print."""
    folder = Path(tempfile.mkdtemp())
    (folder / "code").mkdir()
    for number in range(20):
        (folder / "code" / f"module_{number}.py").write_text("x = 1\n" * 100)
    step = {"type": "command", "command": "true", "code": "./code", "environment": "azureml:e:1"}
    jobs = {f"s{number}": step for number in range(STEPS)}
    settings = {"default_compute": "azureml:c"}
    pipeline = folder / "pipeline.yml"
    pipeline.write_text(yaml.safe_dump({"type": "pipeline", "settings": settings, "jobs": jobs}))

    def bare(_: int = 0) -> None:
        subprocess.run(["bash", "-c", "true"], check=True)

    def all_bare() -> None:
        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(bare, range(STEPS)))

    def simulated(isolate: bool) -> None:
        result = simulate(
            pipeline, run_dir=folder / "run", max_workers=WORKERS, isolate=isolate,
            project_dir=folder,
        )  # fmt: skip
        if result.status != "completed":
            raise SystemExit(f"The simulation {result.status}.")
        print(f"  {result.isolation.partition(':')[0]}: {result.duration_s:.2f} s", flush=True)

    rounds = [
        (seconds(all_bare), seconds(lambda: simulated(True)), seconds(lambda: simulated(False)))
        for _ in range(ROUNDS)
    ]
    columns = zip(*rounds, strict=True)
    bare_ms, isolated_ms, open_ms = (statistics.median(c) / STEPS * 1000 for c in columns)
    print(f"bare bash             {bare_ms:6.1f} ms per step, {WORKERS} at a time")
    for name, found_ms in (("mount namespaces", isolated_ms), ("without them", open_ms)):
        print(f"{name:<21} {found_ms:6.1f} ms per step, ratio {found_ms / bare_ms:5.2f},"
              f" overhead {found_ms - bare_ms:6.1f} ms (target: at most 60)")  # fmt: skip


if __name__ == "__main__":
    main()
