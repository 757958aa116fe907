"""Simulates a bundle as on a machine of its own: no network of this one, no paths outside it.

Started as `unshare -rmn PYTHON isolated_simulation.py BUNDLE RUN_DIR PROJECT HIDDEN...`: the
process has a network namespace without any interface that is up, and an empty folder lies over
each hidden one. Prints the status of each step as JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def simulate_in_isolation(
    bundle: Path, run_dir: Path, project: Path, *hidden: Path
) -> dict[str, str]:
    """Simulate a bundle in namespaces of its own, and return the status of each step."""
    command = ["unshare", "-rmn", sys.executable, __file__, bundle, run_dir, project, *hidden]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    statuses: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return statuses


def _main(bundle: str, run_dir: str, project: str, *hidden: str) -> None:
    from kedro_azureml_simulator import simulate

    for folder in hidden:
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder], check=True)
    result = simulate(
        Path(bundle) / "pipeline.yml",
        run_dir=Path(run_dir),
        python=Path(sys.executable),
        project_dir=Path(project),
    )
    print(json.dumps({step.name: step.status for step in result.steps}))


if __name__ == "__main__":
    _main(*sys.argv[1:])
