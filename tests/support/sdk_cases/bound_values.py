"""Cases of settings that are bound to the literals of the pipeline, or to nothing."""

from typing import Any

from .shapes import DEPTH, command, component, job, parallel, sweep

CASES: dict[str, Any] = {}

BOUND = {"inputs": {"n": 2}}
for name, fields in [
    ("instances", {"resources": {"instance_count": "${{parent.inputs.n}}"}}),
    ("timeout", {"limits": {"timeout": "${{parent.inputs.n}}"}}),
    (
        "processes",
        {
            "distribution": {
                "type": "pytorch",
                "process_count_per_instance": "${{parent.inputs.n}}",
            }
        },
    ),
]:
    CASES[f"inline bound {name}"] = job(command(**fields), **BOUND)
    CASES[f"component step bound {name}"] = job(component(**fields), **BOUND)
N = "${{parent.inputs.n}}"
for name, step in {
    "mini_batch_size": parallel(mini_batch_size=N),
    "mini_batch_error_threshold": parallel(mini_batch_error_threshold=N),
    "error_threshold": parallel(error_threshold=N),
    "max_concurrency": parallel(max_concurrency_per_instance=N),
    "parallel instances": parallel(resources={"instance_count": N}),
    "retries": parallel(retry_settings={"max_retries": N, "timeout": N}),
    "trials": sweep(limits={"max_total_trials": N}),
    "instances": command(resources={"instance_count": N}),
    "space": sweep(sampling_algorithm="random", search_space={"a": {**DEPTH, "min_value": N}}),
}.items():
    CASES[f"bound {name}"] = job(step, inputs={"n": 1})
    CASES[f"bound {name} value"] = job(step, inputs={"n": {"value": 1}})
    CASES[f"bound {name} nowhere"] = job(step, inputs={"q": 1})
for name, step in {
    "logging_level": parallel(logging_level=N),
    "metric": sweep(objective={"goal": "maximize", "primary_metric": N}),
}.items():
    CASES[f"bound {name}"] = job(step, inputs={"n": "DEBUG"})
    CASES[f"bound {name} nowhere"] = job(step)
