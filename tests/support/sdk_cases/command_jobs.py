"""Cases of jobs that are one command or one sweep."""

from typing import Any

from .shapes import STEP, SWEEP, TRIAL

CASES: dict[str, Any] = {}

CASES["command job"] = {**STEP, "compute": "azureml:cpu"}
CASES["command job inputs"] = {
    **STEP,
    "compute": "azureml:cpu",
    "inputs": {"x": 1, "d": {"path": "./data"}},
    "outputs": {"y": None},
    "command": "echo ${{inputs.x}} ${{inputs.d}} ${{outputs.y}}",
}
CASES["command job no compute"] = dict(STEP)
CASES["command job local compute"] = {**STEP, "compute": "local"}
CASES["command job no environment"] = {
    "type": "command",
    "command": "true",
    "compute": "azureml:cpu",
}
CASES["command job no prefix"] = {**STEP, "compute": "cpu"}
CASES["command job unknown key"] = {**STEP, "compute": "azureml:cpu", "comand": "x"}
CASES["command job undefined"] = {**STEP, "compute": "azureml:cpu", "command": "echo ${{inputs.x}}"}
CASES["command job no type"] = {
    "command": "true",
    "environment": "azureml:e:1",
    "compute": "azureml:cpu",
}
CASES["command job typed literal"] = {
    **STEP,
    "compute": "azureml:cpu",
    "inputs": {"x": {"type": "number", "default": 1}},
}
CASES["sweep job"] = {
    "type": "sweep",
    "compute": "azureml:cpu",
    "trial": {k: v for k, v in TRIAL.items() if k != "type"},
    **{k: v for k, v in SWEEP.items() if k not in ("type", "trial")},
}
CASES["command job component"] = {
    "type": "command",
    "compute": "azureml:cpu",
    "component": "./c.yml",
}
CASES["command job limits"] = {
    **STEP,
    "compute": "azureml:cpu",
    "limits": {"timeout": 3},
    "distribution": {"type": "pytorch"},
    "resources": {"instance_count": 1},
    "environment_variables": {"A": "b"},
    "experiment_name": "e",
    "name": "n",
}
CASES["command job input no value"] = {
    **STEP,
    "compute": "azureml:cpu",
    "inputs": {"x": {"type": "uri_folder"}},
}
CASES["command job is_deterministic"] = {
    **STEP,
    "compute": "azureml:cpu",
    "is_deterministic": False,
}
CASES["command job bindings"] = {
    **STEP,
    "compute": "azureml:cpu",
    "inputs": {"x": "${{parent.inputs.y}}"},
}
CASES["command job output binding"] = {
    **STEP,
    "compute": "azureml:cpu",
    "outputs": {"x": "${{parent.outputs.y}}"},
}
CASES["command job parent folder"] = {**STEP, "compute": "azureml:cpu", "code": "./nowhere"}
