"""Cases that are tried on each kind of step: keys of the service, labels, numbers."""

from typing import Any

from .shapes import command, component, job, parallel, sweep

CASES: dict[str, Any] = {}

NODES = {
    "inline": command,
    "component": component,
    "parallel": parallel,
    "sweep": sweep,
    "nested": lambda **f: {"type": "pipeline", "component": "./p.yml", **f},
    "parallel component": lambda **f: {
        "type": "parallel",
        "component": "./para.yml",
        "inputs": {"d": {"type": "uri_folder", "path": "./data"}},
        **f,
    },
}
# What only the service uses, and labels: the SDK looks at them on some kinds of steps.
for k, v in [
    ("identity", {"type": "zz"}),
    ("identity", {"type": "UserIdentity"}),
    ("identity", {"type": "managed", "client_id": "x"}),
    ("identity", {"type": "managed", "zz": 1}),
    ("identity", "${{parent.inputs.n}}"),
    ("services", {"a": 1}),
    ("services", {"a": {"type": "tensor_board", "log_dir": "x"}}),
    ("services", {"a": {"type": "vs_code", "log_dir": "x"}}),
    ("queue_settings", {"job_tier": "spot"}),
    ("queue_settings", {"job_tier": "zz"}),
    ("queue_settings", {"zz": 1}),
    ("name", 3),
    ("display_name", 3),
    ("description", 3),
    ("tags", {"a": None}),
    ("tags", {"a": 1}),
    ("tags", {1: "b"}),
    ("properties", {"a": 1}),
    ("compute", 3),
    ("experiment_name", 3),
    ("experiment_name", None),
    ("environment_variables", {"A": 1}),
]:
    for kind, make in NODES.items():
        CASES[f"{kind} step {k} {v}"] = job(make(**{k: v}), inputs={"n": 1})
    if k not in {"queue_settings", "environment_variables", "experiment_name"}:
        CASES[f"job {k} {v}"] = job(inputs={"n": 1}, **{k: v})
for v in (1.5, "1.5", "2", True, -1):
    CASES[f"number instances {v!r}"] = job(command(resources={"instance_count": v}))
    CASES[f"number processes {v!r}"] = job(
        component(distribution={"type": "mpi", "process_count_per_instance": v})
    )
    CASES[f"number retries {v!r}"] = job(parallel(retry_settings={"max_retries": v, "timeout": v}))
    CASES[f"number threshold {v!r}"] = job(parallel(error_threshold=v))
    CASES[f"number trials {v!r}"] = job(sweep(limits={"max_total_trials": 3, "timeout": v}))
    CASES[f"number percent {v!r}"] = job(
        sweep(early_termination={"type": "truncation_selection", "truncation_percentage": v})
    )
    CASES[f"number slack {v!r}"] = job(
        sweep(early_termination={"type": "bandit", "slack_factor": v})
    )
