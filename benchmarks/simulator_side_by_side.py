"""Measure whether independent steps run in parallel: two of 5 s on two workers, and on one."""

import tempfile
from pathlib import Path

import yaml
from kedro_azureml_simulator import simulate


def main() -> None:
    """Measure and print."""
    folder = Path(tempfile.mkdtemp())
    step = {"type": "command", "command": "sleep 5", "environment": "azureml:e:1"}
    job = {"type": "pipeline", "settings": {"default_compute": "azureml:c"},
           "jobs": {"a": step, "b": step}}  # fmt: skip
    (folder / "pipeline.yml").write_text(yaml.safe_dump(job))
    for workers in (2, 1):
        result = simulate(folder / "pipeline.yml", run_dir=folder / "run", max_workers=workers)
        print(f"two steps of 5 s, {workers} at a time: {result.duration_s:.2f} s in total")


if __name__ == "__main__":
    main()
