"""Cases of a job: its own keys, its settings, and the names and types of its steps."""

from typing import Any

from .shapes import STEP, command, component, job

CASES: dict[str, Any] = {}

CASES["good"] = job()
CASES["job unknown key"] = job(jbs=1)
CASES["job environment_variables"] = job(environment_variables={"A": "b"})
CASES["job limits"] = job(limits={"timeout": 3})
CASES["job schedule"] = job(schedule={})
CASES["job long display_name"] = job(display_name="x" * 300)
CASES["job long description"] = job(description="x" * 5001)
CASES["job tag number"] = job(tags={"n": 1})
CASES["job 51 tags"] = job(tags={f"t{n}": "x" for n in range(51)})
CASES["settings unknown key"] = job(settings={"default_compute": "azureml:cpu", "speed": "fast"})
CASES["settings continue string"] = job(
    settings={"default_compute": "azureml:cpu", "continue_on_step_failure": "yes"}
)
CASES["default_compute no prefix"] = job(settings={"default_compute": "cpu"})
CASES["default_compute local"] = job(settings={"default_compute": "local"})
CASES["default_compute serverless"] = job(settings={"default_compute": "serverless"})
CASES["job compute no prefix"] = job(settings={}, compute="cpu")
CASES["job compute local"] = job(settings={}, compute="local")
CASES["no compute"] = job(settings={})
CASES["component and jobs"] = job(component="azureml:p:1")
CASES["no jobs"] = job(steps={})
CASES["display_name list"] = job(display_name=["x"])
CASES["display_name number"] = job(display_name=3)
CASES["experiment number"] = job(experiment_name=3)
for n in ["A", "1a", "a-b"]:
    CASES[f"step name {n}"] = job(steps={n: STEP})
CASES["step long name"] = job(steps={"a" * 300: STEP})
CASES["step type missing"] = job({"display_name": "x"})
CASES["step type missing but command"] = job({k: v for k, v in STEP.items() if k != "type"})
CASES["step type upper"] = job(command(type="Command"))
CASES["step type unknown"] = job(command(type="comand"))
for k, v in [
    ("is_deterministic", False),
    ("additional_includes", ["./code"]),
    ("comment", "x"),
    ("retry_settings", {}),
    ("name", "x"),
    ("description", "x"),
    ("resources", {"instance_count": 2}),
    ("queue_settings", {"job_tier": "spot"}),
    ("identity", {"type": "managed"}),
    ("identity_bad", 3),
    ("version", 1),
]:
    CASES[f"inline {k}"] = job(command(**{k: v}))
    CASES[f"component step {k}"] = job(component(**{k: v}))
CASES["job name bad"] = job(name="a b")
CASES["job name number"] = job(name=3)
CASES["job settings list"] = job(settings=[1])
CASES["job inputs list"] = job(inputs=[1])
CASES["job outputs list"] = job(outputs=[1])
CASES["job tags list"] = job(tags=[1])
CASES["job identity"] = job(identity={"type": "user_identity"})
CASES["job identity bad"] = job(identity={"type": "nobody"})
CASES["job services"] = job(services={})
CASES["job properties number"] = job(properties={"a": 1})
CASES["step is spark"] = job({"type": "spark"})
for t in [
    "spark",
    "automl",
    "data_transfer",
    "do_while",
    "if_else",
    "parallel_for",
    "import",
    "finetuning",
]:
    CASES[f"type {t}"] = job({"type": t})
for k, v in [
    ("default_compute", None),
    ("default_datastore", "blobs"),
    ("default_datastore", "azureml:blobs"),
    ("continue_on_step_failure", "perhaps"),
    ("force_rerun", 3),
    ("on_init", "zz"),
    ("on_init", "a"),
]:
    CASES[f"settings {k} {v}"] = job(settings={"default_compute": "azureml:cpu", k: v})
for name, ends in [
    ("first and last", {"on_init": "a", "on_finalize": "b"}),
    ("first is last", {"on_init": "a", "on_finalize": "a"}),
    ("last is read", {"on_finalize": "c"}),
    ("last reads", {"on_finalize": "d"}),
]:
    CASES[f"ends {name}"] = job(
        steps={
            "a": STEP,
            "b": STEP,
            "c": command(outputs={"y": None}),
            "d": command(inputs={"x": "${{parent.jobs.c.outputs.y}}"}),
        },
        settings={"default_compute": "azureml:cpu", **ends},
    )
CASES["default_compute bound"] = job(
    settings={"default_compute": "${{parent.inputs.n}}"}, inputs={"n": "c"}
)
