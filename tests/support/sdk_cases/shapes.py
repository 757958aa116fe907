"""What the cases change: a good job, a good step of each kind, and the files that they name."""

from __future__ import annotations

from pathlib import Path

FILES = {
    "data/a.csv": "a,b\n1,2\n",
    "code/run.py": "print(1)\n",
    "env.yml": "image: x\n",
    "c.yml": "type: command\ncommand: 'true'\nenvironment: azureml:e:1\n",
    "c_unknown.yml": "type: command\nzz: 1\ncommand: 'true'\nenvironment: azureml:e:1\n",
    "p.yml": "type: pipeline\njobs:\n  x: {component: ./c.yml}\n",
    "p_needs.yml": "type: pipeline\ninputs: {n: {type: integer}}\njobs:\n"
    "  x: {component: ./c.yml}\n",
    "p_unknown.yml": "type: pipeline\nzz: 1\njobs:\n  x: {component: ./c.yml}\n",
    "flow.dag.yaml": "$schema: https://azuremlschemas.azureedge.net/promptflow/latest/"
    "Flow.schema.json\ninputs: {u: {type: string}}\noutputs: {}\nnodes: []\n",
    "para.yml": "type: parallel\nname: x\ninputs: {d: {type: uri_folder}}\n"
    "mini_batch_size: '1'\ninput_data: ${{inputs.d}}\ntask: {type: run_function, code: ./code,"
    " entry_script: run.py, environment: azureml:e:1}\n",
    "p_settings.yml": "type: pipeline\nsettings: {zz: 1, default_compute: azureml:c}\njobs:\n"
    "  x: {component: ./c.yml}\n",
}


def write_files(folder: Path) -> None:
    """Write what the cases name, and an empty folder."""
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "empty").mkdir()


STEP = {"type": "command", "command": "true", "environment": "azureml:e:1"}
COMPONENT = {"type": "command", "command": "true", "environment": "azureml:e:1"}


def job(step=None, steps=None, **fields):
    """Return a job of one step, or of these steps; fields replace its own."""
    return {
        "type": "pipeline",
        "settings": {"default_compute": "azureml:cpu"},
        "jobs": steps if steps is not None else {"a": step if step is not None else STEP},
        **fields,
    }


def command(**f):
    """Return a command step; "DROP" leaves a key out."""
    return {k: v for k, v in {**STEP, **f}.items() if v != "DROP"}


def component(comp=None, **f):
    """Return a step of a component; `comp` changes the component."""
    return {"component": {**COMPONENT, **(comp or {})}, **f}


DEPTH = {"type": "uniform", "min_value": 1, "max_value": 2}
OUT = {"y": {"type": "uri_folder"}}
MAKER = {"m": command(outputs=OUT)}
PARALLEL = {
    "type": "parallel",
    "compute": "azureml:cpu",
    "inputs": {"d": {"type": "uri_folder", "path": "./data"}},
    "outputs": {"o": {"type": "uri_folder"}},
    "input_data": "${{inputs.d}}",
    "mini_batch_size": "1",
    "resources": {"instance_count": 1},
    "task": {
        "type": "run_function",
        "code": "./code",
        "entry_script": "run.py",
        "environment": "azureml:e:1",
        "program_arguments": "--x ${{inputs.d}}",
        "append_row_to": "${{outputs.o}}",
    },
}


def parallel(task=None, **f):
    """Return a parallel step; "DROP" leaves a key out."""
    r = {k: v for k, v in {**PARALLEL, **f}.items() if v != "DROP"}
    if task is not None:
        r["task"] = {k: v for k, v in {**PARALLEL["task"], **task}.items() if v != "DROP"}
    return r


TRIAL = {"type": "command", "command": "echo ${{search_space.a}}", "environment": "azureml:e:1"}
SWEEP = {
    "type": "sweep",
    "trial": TRIAL,
    "search_space": {"a": {"type": "choice", "values": [1, 2]}},
    "sampling_algorithm": "grid",
    "objective": {"goal": "maximize", "primary_metric": "acc"},
    "limits": {"max_total_trials": 2},
}


def sweep(trial=None, **f):
    """Return a sweep step; "DROP" leaves a key out."""
    r = {k: v for k, v in {**SWEEP, **f}.items() if v != "DROP"}
    if trial is not None:
        r["trial"] = {**TRIAL, **trial}
    return r
