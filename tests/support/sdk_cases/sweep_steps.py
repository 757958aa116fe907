"""Cases of sweep steps."""

from typing import Any

from .shapes import DEPTH, job, sweep

CASES: dict[str, Any] = {}

CASES["sweep good"] = job(sweep())
CASES["sweep file trial"] = job(sweep(trial=None) | {"trial": "./c.yml"})
CASES["sweep no objective"] = job(sweep(objective="DROP"))
CASES["sweep objective goal bad"] = job(sweep(objective={"goal": "most", "primary_metric": "a"}))
CASES["sweep objective no metric"] = job(sweep(objective={"goal": "maximize"}))
CASES["sweep no search space"] = job(sweep(search_space="DROP"))
CASES["sweep empty space"] = job(sweep(search_space={}))
CASES["sweep no limits"] = job(sweep(limits="DROP"))
CASES["sweep no max trials"] = job(sweep(limits={}))
CASES["sweep limits"] = job(
    sweep(
        limits={
            "max_total_trials": 4,
            "max_concurrent_trials": 2,
            "timeout": 100,
            "trial_timeout": 10,
        }
    )
)
CASES["sweep limits unknown"] = job(sweep(limits={"max_total_trials": 4, "zz": 1}))
CASES["sweep limits text"] = job(sweep(limits={"max_total_trials": "4"}))
CASES["sweep limits 0"] = job(sweep(limits={"max_total_trials": 0}))
CASES["sweep no algorithm"] = job(sweep(sampling_algorithm="DROP"))
CASES["sweep algorithm random"] = job(sweep(sampling_algorithm="random"))
CASES["sweep algorithm dict"] = job(
    sweep(sampling_algorithm={"type": "random", "seed": 3, "rule": "sobol"})
)
CASES["sweep algorithm dict logbase"] = job(
    sweep(sampling_algorithm={"type": "random", "logbase": "e"})
)
CASES["sweep algorithm bayesian"] = job(sweep(sampling_algorithm="bayesian"))
CASES["sweep algorithm bad"] = job(sweep(sampling_algorithm="clever"))
CASES["sweep rule bad"] = job(sweep(sampling_algorithm={"type": "random", "rule": "zz"}))
CASES["sweep grid uniform"] = job(
    sweep(search_space={"a": {"type": "uniform", "min_value": 0, "max_value": 1}})
)
for d in [
    {"type": "choice", "values": ["x", 1.5, True]},
    {"type": "choice", "values": []},
    {"type": "choice"},
    {"type": "choice", "values": [{"a": {"type": "choice", "values": [1]}}]},
    {"type": "randint", "upper": 5},
    {"type": "randint", "upper": 0},
    {"type": "lognormal", "mu": 0, "sigma": 1},
    {"type": "qlognormal", "mu": 0, "sigma": 1, "q": 1},
    {"type": "normal", "mu": 0, "sigma": 1},
    {"type": "qnormal", "mu": 0, "sigma": 1, "q": 2},
    {"type": "loguniform", "min_value": -3, "max_value": 0},
    {"type": "qloguniform", "min_value": 0, "max_value": 3, "q": 1},
    {"type": "uniform", "min_value": 0, "max_value": 1},
    {"type": "quniform", "min_value": 0, "max_value": 10, "q": 2},
    {"type": "uniform", "min_value": 1, "max_value": 0},
    {"type": "uniform"},
    {"type": "zz"},
    {"type": "uniform", "min_value": "a", "max_value": 1},
    {"type": "normal", "mu": 0, "sigma": -1},
    {"type": "uniform", "min_value": 0, "max_value": 1, "q": 1},
]:
    CASES[f"sweep space {d}"] = job(sweep(sampling_algorithm="random", search_space={"a": d}))
CASES["sweep early bandit"] = job(
    sweep(
        early_termination={
            "type": "bandit",
            "slack_factor": 0.1,
            "evaluation_interval": 1,
            "delay_evaluation": 5,
        }
    )
)
CASES["sweep early bad"] = job(sweep(early_termination={"type": "zz"}))
CASES["sweep unknown key"] = job(sweep(zz=1))
CASES["sweep undefined space"] = job(sweep({"command": "echo ${{search_space.zz}}"}))
CASES["sweep input by space"] = job(
    sweep(
        {"command": "echo ${{inputs.lr}}", "inputs": {"lr": {"type": "number"}}},
        search_space={"lr": {"type": "choice", "values": [1]}},
    )
)
CASES["sweep env missing"] = job(sweep() | {"trial": {"command": "true"}})
CASES["sweep inputs and space"] = job(
    sweep(
        {"command": "echo ${{inputs.lr}}", "inputs": {"lr": {"type": "number"}}},
        search_space={"lr": {"type": "choice", "values": [1]}},
        inputs={"lr": 1},
    )
)
CASES["sweep outputs"] = job(sweep({"outputs": {"m": {"type": "uri_folder"}}}, outputs={"m": None}))
CASES["sweep no trial"] = job(sweep() | {"trial": None})
CASES["sweep queue"] = job(sweep(queue_settings={"job_tier": "spot"}))
CASES["sweep resources"] = job(sweep(resources={"instance_count": 1}))
CASES["sweep component"] = job({"type": "sweep", "component": "./c.yml"})
CASES["sweep bandit unknown key"] = job(sweep(early_termination={"type": "bandit", "zz": 1}))
CASES["sweep truncation bare"] = job(sweep(early_termination={"type": "truncation_selection"}))
CASES["sweep objective unknown key"] = job(
    sweep(objective={"goal": "maximize", "primary_metric": "acc", "zz": 1})
)
CASES["sweep bound space"] = job(
    sweep(
        sampling_algorithm="random",
        search_space={
            "a": {"type": "uniform", "min_value": "${{parent.inputs.n}}", "max_value": 3}
        },
    ),
    inputs={"n": 1},
)
for name, choice in {
    "distribution": {"name": "x", "depth": DEPTH},
    "choice": {"name": "x", "depth": {"type": "choice", "values": [1, 2]}},
    "literals": {"name": "x", "depth": 3, "rate": 0.5},
    "unknown distribution": {"depth": {"type": "unifrm", "min_value": 1, "max_value": 2}},
    "distribution without a number": {"depth": {"type": "uniform", "min_value": 1}},
    "list": {"depth": [1, 2]},
    "flag": {"depth": True},
    "null": {"depth": None},
    "mapping": {"depth": {"a": 1}},
}.items():
    space = {"a": {"type": "choice", "values": [choice, "plain"]}}
    CASES[f"nested choice {name}"] = job(sweep(sampling_algorithm="random", search_space=space))
