"""Measure the memory of the simulator's own process for a pipeline of 1,000 steps.

The steps form chains of ten, so that data flows. The run has its own process, whose peak resident
memory is printed.
"""

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

STEPS, WANTED_MB = 1000, 300


def simulate_here(pipeline: str) -> None:
    """Simulate, and print the peak resident memory of this process in MB."""
    from kedro_azureml_simulator import simulate

    result = simulate(Path(pipeline), run_dir=Path(pipeline).parent / "run")
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{result.status}: {len(result.steps)} steps in {result.duration_s:.1f} s")
    print(f"peak resident memory {peak_mb:.0f} MB (target: below {WANTED_MB})")


def main() -> None:
    """Write the pipeline, and measure in a fresh process."""
    folder = Path(tempfile.mkdtemp())
    (folder / "code").mkdir()
    (folder / "code" / "main.sh").write_text("cat $1/f > $2/f\n")
    output = {"y": {"type": "uri_folder"}}
    jobs = {}
    for number in range(STEPS):
        step = {"type": "command", "code": "./code", "environment": "azureml:e:1",
                "outputs": output}  # fmt: skip
        if number % 10:
            inputs = {"x": f"${{{{parent.jobs.s{number - 1}.outputs.y}}}}"}
            jobs[f"s{number}"] = {
                **step,
                "inputs": inputs,
                "command": "bash main.sh ${{inputs.x}} ${{outputs.y}}",
            }
        else:
            jobs[f"s{number}"] = {**step, "command": "echo 1 > ${{outputs.y}}/f"}
    pipeline = folder / "pipeline.yml"
    settings = {"default_compute": "azureml:c"}
    pipeline.write_text(yaml.safe_dump({"type": "pipeline", "settings": settings, "jobs": jobs}))
    subprocess.run([sys.executable, __file__, str(pipeline)], check=True)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        simulate_here(sys.argv[1])
    else:
        main()
