"""Cases of keys without a value."""

from typing import Any

from .shapes import STEP, command, component, job, parallel, sweep

CASES: dict[str, Any] = {}

for k in ("inputs", "outputs", "resources", "environment_variables", "limits", "tags", "compute"):
    CASES[f"inline {k} null"] = job(command(**{k: None}))
    CASES[f"component step {k} null"] = job(component(**{k: None}))
for k in ("inputs", "outputs", "code", "is_deterministic", "version"):
    CASES[f"component {k} null"] = job(component({k: None}))
for k in ("inputs", "tags", "display_name", "identity"):
    CASES[f"job {k} null"] = job(**{k: None})
CASES["nested inputs null"] = job({"component": "./p.yml", "inputs": None})
CASES["nested compute null"] = job({"component": "./p.yml", "compute": None})
CASES["parallel resources null"] = job(parallel(resources=None))
CASES["parallel display_name null"] = job(parallel(display_name=None))
CASES["sweep early_termination null"] = job(sweep(early_termination=None))
CASES["sweep limit null"] = job(sweep(limits={"max_total_trials": 1, "timeout": None}))
CASES["command job experiment null"] = {**STEP, "compute": "azureml:cpu", "experiment_name": None}
