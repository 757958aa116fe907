"""What the simulator adds to a step: 200 that do nothing, beside the same commands in a bash.

Prints milliseconds per step and their ratio, medians of five runs in turn.
"""

import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
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

    def bare() -> None:
        for _ in range(STEPS):
            subprocess.run(["bash", "-c", "true"], check=True)

    def simulated() -> None:
        result = simulate(pipeline, run_dir=folder / "run", max_workers=WORKERS)
        if result.status != "completed":
            raise SystemExit(f"The simulation {result.status}.")

    pairs = [(seconds(bare), seconds(simulated)) for _ in range(ROUNDS)]
    bare_ms, simulated_ms = (
        statistics.median(column) / STEPS * 1000 for column in zip(*pairs, strict=True)
    )
    print(f"bare bash          {bare_ms:6.1f} ms a step, one after the other")
    print(f"simulated          {simulated_ms:6.1f} ms a step, {WORKERS} workers")
    print(f"ratio              {simulated_ms / bare_ms:6.2f}")


if __name__ == "__main__":
    main()
