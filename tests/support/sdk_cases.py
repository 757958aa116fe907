"""Small changes of one good job, each with its own name: what do the SDK and the simulator say?"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import yaml

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
COMP = {"type": "command", "command": "true", "environment": "azureml:e:1"}


def job(step=None, steps=None, **fields):
    return {
        "type": "pipeline",
        "settings": {"default_compute": "azureml:cpu"},
        "jobs": steps if steps is not None else {"a": step if step is not None else STEP},
        **fields,
    }


def s(**f):
    return {k: v for k, v in {**STEP, **f}.items() if v != "DROP"}


def c(comp=None, **f):
    return {"component": {**COMP, **(comp or {})}, **f}


OUT = {"y": {"type": "uri_folder"}}
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
CASES["step type upper"] = job(s(type="Command"))
CASES["step type unknown"] = job(s(type="comand"))
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
    CASES[f"inline {k}"] = job(s(**{k: v}))
    CASES[f"component step {k}"] = job(c(**{k: v}))
CASES["component unknown key"] = job(c({"comand": "x"}))
CASES["component is_deterministic"] = job(c({"is_deterministic": False}))
CASES["component type mismatch"] = job({"type": "pipeline", "component": COMP})
CASES["component pipeline inline"] = job(
    {"type": "pipeline", "component": {"type": "pipeline", "jobs": {"x": STEP}}}
)
CASES["component pipeline file"] = job({"type": "pipeline", "component": "./p.yml"})
CASES["component pipeline file untyped"] = job({"component": "./p.yml"})
CASES["component pipeline file as command"] = job({"type": "command", "component": "./p.yml"})
CASES["component pipeline extra input"] = job(
    {"type": "pipeline", "component": "./p.yml", "inputs": {"zz": 1}}
)
CASES["component pipeline missing input"] = job({"type": "pipeline", "component": "./p_needs.yml"})
CASES["component pipeline own compute"] = job(
    {"type": "pipeline", "component": "./p.yml", "settings": {"default_compute": "azureml:x"}},
    settings={},
)
CASES["type pipeline with jobs"] = job({"type": "pipeline", "jobs": {"x": STEP}})
CASES["component workspace"] = job({"type": "command", "component": "azureml:c:1"})
CASES["component workspace untyped"] = job({"component": "azureml:c:1"})
CASES["component registry"] = job(
    {"type": "command", "component": "azureml://registries/r/components/c/versions/1"}
)
CASES["component nowhere"] = job({"type": "command", "component": "./nowhere.yml"})
CASES["component list"] = job({"type": "command", "component": ["x"]})
CASES["component extra input"] = job(c(inputs={"zz": 1}))
CASES["component extra output"] = job(c(outputs={"zz": None}))
CASES["component missing input"] = job(c({"inputs": {"x": {"type": "string"}}}))
CASES["component missing data input"] = job(c({"inputs": {"x": {"type": "uri_folder"}}}))
CASES["component null input"] = job(
    c({"inputs": {"x": {"type": "string", "optional": True}}}, inputs={"x": None})
)
for name, decl, val in [
    ("number gets text", {"type": "number"}, "fast"),
    ("integer gets float", {"type": "integer"}, 3.5),
    ("boolean gets text", {"type": "boolean"}, "maybe"),
    ("string gets number", {"type": "string"}, 3),
    ("enum miss", {"type": "string", "enum": ["a"]}, "b"),
    ("enum 224", {"type": "string", "enum": ["224"]}, 224),
    ("enum true", {"type": "string", "enum": ["True", "False"]}, True),
    ("enum ints", {"type": "integer", "enum": [1, 2]}, "2"),
    ("below min", {"type": "number", "min": 1}, 0),
    ("above max", {"type": "integer", "max": 1}, 2),
    ("folder gets text", {"type": "uri_folder"}, "./data"),
    ("number gets data", {"type": "number"}, {"type": "uri_folder", "path": "./data"}),
    ("file gets folder data", {"type": "uri_file"}, {"type": "uri_folder", "path": "./data"}),
    ("folder gets file data", {"type": "uri_folder"}, {"type": "uri_file", "path": "./data/a.csv"}),
    ("mltable gets folder", {"type": "mltable"}, {"type": "uri_folder", "path": "./data"}),
    ("string gets data", {"type": "string"}, {"type": "uri_folder", "path": "./data"}),
]:
    CASES[f"component {name}"] = job(c({"inputs": {"x": decl}}, inputs={"x": val}))
mk = {"m": s(outputs=OUT)}
CASES["component file gets folder output"] = job(
    steps={
        **mk,
        "a": c(
            {"inputs": {"x": {"type": "uri_file"}}}, inputs={"x": "${{parent.jobs.m.outputs.y}}"}
        ),
    }
)
CASES["component number gets output"] = job(
    steps={
        **mk,
        "a": c({"inputs": {"x": {"type": "number"}}}, inputs={"x": "${{parent.jobs.m.outputs.y}}"}),
    }
)
for name, decl in [
    ("type enum", {"type": "enum"}),
    ("type any", {"type": "Any"}),
    ("type path", {"type": "path"}),
    ("no type", {"optional": True}),
    ("default list", {"type": "string", "default": [1]}),
    ("min text", {"type": "integer", "min": "few", "default": 2}),
    ("string max", {"type": "string", "max": 3, "default": "a"}),
    ("data default", {"type": "uri_file", "default": "a"}),
    ("optional list", {"type": "string", "optional": [1], "default": "a"}),
    ("unknown key", {"type": "string", "default": "a", "zz": 1}),
    ("type Number", {"type": "Number", "default": 1}),
    ("safe_tensors", {"type": "safe_tensors_model", "optional": True}),
    ("mode eval", {"type": "mltable", "mode": "eval_mount", "optional": True}),
    ("integer default text", {"type": "integer", "default": "x"}),
    ("optional and default", {"type": "integer", "default": 3, "optional": True}),
    ("default out of enum", {"type": "string", "enum": ["a"], "default": "b"}),
]:
    CASES[f"declared {name}"] = job(c({"inputs": {"x": decl}}))
for n in ["1a", "a-b"]:
    CASES[f"component input name {n}"] = job(c({"inputs": {n: {"type": "string", "default": "a"}}}))
    CASES[f"step input name {n}"] = job(s(inputs={n: 1}))
    CASES[f"pipeline input name {n}"] = job(inputs={n: 1})
    CASES[f"step output name {n}"] = job(s(outputs={n: {"type": "uri_folder"}}))
    CASES[f"pipeline output name {n}"] = job(outputs={n: {"type": "uri_folder"}})
CASES["empty command"] = job(s(command="  "))
CASES["no command"] = job(s(command="DROP"))
CASES["command list"] = job(s(command=["a"]))
CASES["command number"] = job(s(command=3))
CASES["command undefined"] = job(s(command="echo ${{inputs.x}}"))
CASES["command parent"] = job(s(command="echo ${{parent.inputs.x}}"), inputs={"x": 1})
CASES["command undefined output"] = job(s(command="echo ${{outputs.x}}"))
CASES["component command undefined"] = job(c({"command": "echo ${{inputs.x}}"}))
CASES["code nowhere"] = job(s(code="./nowhere"))
CASES["code file"] = job(s(code="./code/run.py"))
CASES["code git"] = job(s(code="git+https://example.com/x.git"))
CASES["code azureml"] = job(s(code="azureml:c:1"))
CASES["code empty folder"] = job(s(code="./empty"))
CASES["env missing"] = job(s(environment="DROP"))
CASES["env no prefix"] = job(s(environment="e:1"))
CASES["env no version"] = job(s(environment="azureml:e"))
CASES["env label"] = job(s(environment="azureml:e@latest"))
CASES["env dict unknown key"] = job(s(environment={"image": "x", "cnda_file": "y"}))
CASES["env dict image"] = job(s(environment={"image": "x"}))
CASES["env dict no image"] = job(s(environment={"conda_file": {"dependencies": ["pip"]}}))
CASES["env file"] = job(s(environment="file:./env.yml"))
CASES["env file nowhere"] = job(s(environment="file:./nowhere.yml"))
CASES["env conda nowhere"] = job(s(environment={"image": "x", "conda_file": "./nowhere.yml"}))
CASES["env registry"] = job(s(environment="azureml://registries/azureml/environments/e/versions/1"))
CASES["env vars list"] = job(s(environment_variables={"A": [1]}))
CASES["env vars number"] = job(s(environment_variables={"A": 1}))
CASES["env vars bool"] = job(s(environment_variables={"A": True}))
CASES["env vars null"] = job(s(environment_variables={"A": None}))
CASES["env vars equals"] = job(s(environment_variables={"A=B": "x"}))
CASES["component env vars number"] = job(c(environment_variables={"A": 1}))
CASES["timeout 0"] = job(s(limits={"timeout": 0}))
CASES["timeout text"] = job(s(limits={"timeout": "60"}))
CASES["timeout float"] = job(s(limits={"timeout": 1.5}))
CASES["timeout negative"] = job(s(limits={"timeout": -1}))
CASES["timeout word"] = job(s(limits={"timeout": "long"}))
CASES["limits unknown"] = job(s(limits={"tmeout": 3}))
CASES["compute local step"] = job(s(compute="local"))
CASES["compute no prefix step"] = job(s(compute="cpu"))
CASES["tags number step"] = job(s(tags={"n": 1}))
CASES["tags bool component step"] = job(c(tags={"n": True}))
CASES["dist ray"] = job(s(distribution={"type": "ray"}))
CASES["dist unknown"] = job(s(distribution={"type": "dask"}))
CASES["dist no type"] = job(s(distribution={"process_count_per_instance": 1}))
CASES["dist extra key"] = job(s(distribution={"type": "pytorch", "worker_count": 1}))
CASES["dist count text"] = job(
    s(distribution={"type": "pytorch", "process_count_per_instance": "many"})
)
CASES["dist count decimal text"] = job(
    s(distribution={"type": "pytorch", "process_count_per_instance": "2"})
)
CASES["dist count 0"] = job(s(distribution={"type": "mpi", "process_count_per_instance": 0}))
CASES["dist PyTorch"] = job(s(distribution={"type": "PyTorch"}))
CASES["resources unknown"] = job(s(resources={"gpu": 1}))
CASES["instance_count 0"] = job(s(resources={"instance_count": 0}))
CASES["instance_count text"] = job(s(resources={"instance_count": "two"}))
for name, v in [
    ("null", None),
    ("list", [1]),
    ("date", date(2020, 1, 1)),
    ("typed", {"type": "number", "value": 1}),
    ("typed default", {"type": "number", "default": 1}),
    ("value alone", {"value": 15}),
    ("value null", {"value": None}),
    ("value and mode", {"value": 1, "mode": "download"}),
    ("no path", {"type": "uri_folder"}),
    ("unknown key", {"path": "./data", "pth": "b"}),
    ("direct", {"path": "./data", "mode": "direct"}),
    ("eval_mount", {"path": "./data", "type": "mltable", "mode": "eval_mount"}),
    ("rw_mount", {"path": "./data", "mode": "rw_mount"}),
    ("mode typo", {"path": "./data", "mode": "mount"}),
    ("type typo", {"path": "./data", "type": "folder"}),
    ("asset no version", {"path": "azureml:data"}),
    ("asset label", {"path": "azureml:data@latest"}),
    ("https", {"path": "https://example.com/x.csv", "type": "uri_file"}),
    ("wasbs", {"path": "wasbs://c@a.blob.core.windows.net/x", "type": "uri_folder"}),
    ("datastore short", {"path": "azureml://datastores/d/paths/x"}),
    ("azureml path", {"path": "azureml:./data"}),
    ("missing file", {"path": "./nowhere"}),
    ("folder as file", {"path": "./data", "type": "uri_file"}),
    ("file as folder", {"path": "./data/a.csv", "type": "uri_folder"}),
    ("empty folder", {"path": "./empty"}),
    ("plain path string", "./data"),
    ("description", {"path": "./data", "description": "x"}),
    ("optional", {"path": "./data", "optional": True}),
    ("empty mapping", {}),
]:
    CASES[f"pipeline input {name}"] = job(s(inputs={"x": "${{parent.inputs.x}}"}), inputs={"x": v})
CASES["step experiment"] = job(s(experiment_name="e"))
CASES["step experiment number"] = job(s(experiment_name=3))
CASES["step status"] = job(s(status="Completed", parameters={}))
CASES["step status null"] = job(s(status=None))
CASES["step input null"] = job(s(inputs={"x": None}))
CASES["step input unknown key"] = job(s(inputs={"x": {"path": "./data", "pth": "b"}}))
CASES["step input mode typo"] = job(s(inputs={"x": {"path": "./data", "mode": "mount"}}))
CASES["step input no path"] = job(s(inputs={"x": {"type": "uri_folder"}}))
for name, v in [
    ("unknown", "${{parent.inputs.rte}}"),
    ("unknown step", "${{parent.jobs.mk.outputs.y}}"),
    ("unknown port", "${{parent.jobs.m.outputs.z}}"),
    ("malformed", "${{parent.jobs.m.y}}"),
    ("own", "${{inputs.rate}}"),
    ("around", "a-${{parent.inputs.rate}}"),
    ("dotted", "${{parent.inputs.a.b}}"),
    ("path binding", {"path": "${{parent.inputs.data}}", "mode": "download"}),
    ("path binding direct", {"path": "${{parent.inputs.data}}", "mode": "direct"}),
    ("typed path binding", {"type": "uri_folder", "path": "${{parent.inputs.data}}"}),
    ("mode of literal", {"path": "${{parent.inputs.rate}}", "mode": "download"}),
]:
    CASES[f"binding {name}"] = job(
        steps={"m": s(outputs=OUT), "a": s(inputs={"x": v})},
        inputs={"rate": 1, "a.b": 2, "data": {"path": "./data"}},
    )
CASES["pipeline input bound"] = job(inputs={"x": "${{parent.inputs.y}}", "y": 1})
CASES["unused pipeline input"] = job(inputs={"x": 1})
for name, v in [
    ("direct", {"mode": "direct"}),
    ("mount typo", {"mode": "mount"}),
    ("ro_mount", {"mode": "ro_mount"}),
    ("local path", {"path": "./out"}),
    ("datastore path", {"path": "azureml://datastores/d/paths/x"}),
    ("bad name", {"name": "../../x"}),
    ("version alone", {"version": "1"}),
    ("version number", {"name": "m", "version": 1}),
    ("type typo", {"type": "ml_table"}),
    ("number", 3),
    ("null", None),
    ("literal type", {"type": "string"}),
    ("unknown key", {"type": "uri_folder", "zz": 1}),
    ("binding unknown", "${{parent.outputs.w}}"),
    ("binding input", "${{parent.inputs.y}}"),
    ("text", "hello"),
    ("early_available", {"type": "uri_folder", "early_available": True}),
    ("https path", {"path": "https://example.com/x"}),
]:
    CASES[f"step output {name}"] = job(s(outputs={"x": v}))
for name, v in [("null", None), ("text", "hello"), ("mode typo", {"mode": "ro_mount"})]:
    CASES[f"pipeline output {name}"] = job(
        s(outputs={"x": "${{parent.outputs.x}}"}), outputs={"x": v}
    )
CASES["unwritten pipeline output"] = job(outputs={"x": {"type": "uri_folder"}})
CASES["step output artifacts reserved"] = job(s(outputs={"artifacts": None}))
CASES["21 outputs"] = job(s(outputs={f"o{n}": None for n in range(21)}))
CASES["two writers"] = job(
    steps={
        "a": s(outputs={"y": "${{parent.outputs.z}}"}),
        "b": s(outputs={"y": "${{parent.outputs.z}}"}),
    },
    outputs={"z": None},
)
CASES["two register one version"] = job(
    steps={
        "a": s(outputs={"y": {"name": "m", "version": "3"}}),
        "b": s(outputs={"y": {"name": "m", "version": "3"}}),
    }
)
CASES["cycle"] = job(
    steps={
        "a": s(inputs={"x": "${{parent.jobs.b.outputs.y}}"}, outputs=OUT),
        "b": s(inputs={"x": "${{parent.jobs.a.outputs.y}}"}, outputs=OUT),
    }
)
CASES["reads itself"] = job(
    steps={"a": s(inputs={"x": "${{parent.jobs.a.outputs.y}}"}, outputs=OUT)}
)
CASES["step null"] = job(steps={"a": None})
CASES["step list"] = job(steps={"a": [1]})
CASES["jobs list"] = job(steps=[STEP])
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
    "trial": {"command": "echo ${{search_space.a}}", "environment": "azureml:e:1"},
    "search_space": {"a": {"type": "choice", "values": [1, 2]}},
    "sampling_algorithm": "grid",
    "objective": {"goal": "maximize", "primary_metric": "acc"},
    "limits": {"max_total_trials": 2},
}
for name, decl, val in [
    ("enum str int el", {"type": "string", "enum": [224, 225]}, 224),
    ("enum str bool el", {"type": "string", "enum": [True, False]}, True),
    ("enum bool", {"type": "boolean", "enum": [True, False]}, True),
    ("enum number str el", {"type": "number", "enum": ["1", "2"]}, 1),
    ("enum integer str el", {"type": "integer", "enum": ["224"]}, 224),
    ("enum true lower", {"type": "string", "enum": ["true"]}, True),
    ("default int for string", {"type": "string", "default": 3}, 3),
    ("default bool for string", {"type": "string", "default": True}, "x"),
    ("default float for integer", {"type": "integer", "default": 3.5}, 3),
    ("default str for number", {"type": "number", "default": "0.5"}, 3),
    ("default bool str", {"type": "boolean", "default": "true"}, "x"),
    ("default yes", {"type": "boolean", "default": "yes"}, "x"),
    ("default int for bool", {"type": "boolean", "default": 1}, "x"),
]:
    CASES[f"declared {name}"] = job(c({"inputs": {"x": decl}}, inputs={"x": val}))
CASES["component resources unknown"] = job(c(resources={"gpu": 1}))
CASES["component limits unknown"] = job(c(limits={"zz": 1}))
CASES["component limits timeout bad"] = job(c(limits={"timeout": "long"}))
CASES["component dist unknown"] = job(c(distribution={"type": "dask"}))
CASES["component dist extra"] = job(c(distribution={"type": "pytorch", "worker_count": 1}))
CASES["component dist in component extra"] = job(
    c({"distribution": {"type": "pytorch", "worker_count": 1}})
)
CASES["component input unknown key"] = job(
    c({"inputs": {"x": {"type": "uri_folder"}}}, inputs={"x": {"path": "./data", "pth": 1}})
)
CASES["component output unknown key"] = job(
    c({"outputs": {"x": {"type": "uri_folder"}}}, outputs={"x": {"zz": 1}})
)
CASES["component declared output unknown key"] = job(
    c({"outputs": {"x": {"type": "uri_folder", "zz": 1}}})
)
CASES["component output in component mode direct"] = job(
    c({"outputs": {"x": {"type": "uri_folder", "mode": "direct"}}})
)
CASES["component env missing"] = job({"component": {"type": "command", "command": "true"}})
CASES["component env on step only"] = job(
    {
        "component": {"type": "command", "command": "true"},
        "environment": "azureml:e:1",
        "type": "command",
    }
)
CASES["component env on both"] = job(c(environment="azureml:f:1", type="command"))
CASES["component env no prefix"] = job(c({"environment": "e:1"}))
CASES["component display number"] = job(c({"display_name": 3}))
CASES["component name bad"] = job(c({"name": "a b"}))
CASES["component command number"] = job(c({"command": 3}))
CASES["component code nowhere"] = job(c({"code": "./nowhere"}))
CASES["component tags number"] = job(c({"tags": {"a": 1}}))
CASES["component additional includes missing"] = job(
    c({"code": "./code", "additional_includes": ["./nope"]})
)
CASES["component additional includes artifact"] = job(
    c({"code": "./code", "additional_includes": [{"type": "artifact"}]})
)
CASES["component type parallel as command"] = job(
    {"type": "command", "component": {"type": "parallel"}}
)
CASES["component type Sweep"] = job({"component": {"type": "sweep"}})
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
CASES["step inputs list"] = job(s(inputs=[1]))
CASES["step outputs list"] = job(s(outputs=[1]))
CASES["step services bad"] = job(s(services=3))
CASES["step resources list"] = job(s(resources=[1]))
CASES["step properties number"] = job(s(properties={"a": 1}))
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
P = {
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


def p(task=None, **f):
    r = {k: v for k, v in {**P, **f}.items() if v != "DROP"}
    if task is not None:
        r["task"] = {k: v for k, v in {**P["task"], **task}.items() if v != "DROP"}
    return r


CASES["parallel good"] = job(p())
CASES["parallel no input_data"] = job(p(input_data="DROP"))
CASES["parallel input_data unknown"] = job(p(input_data="${{inputs.zz}}"))
CASES["parallel input_data text"] = job(p(input_data="hello"))
CASES["parallel no task"] = job(p() | {"task": None})
CASES["parallel task missing"] = job({k: v for k, v in P.items() if k != "task"})
CASES["parallel no entry"] = job(p({"entry_script": "DROP"}))
CASES["parallel entry nowhere"] = job(p({"entry_script": "nope.py"}))
CASES["parallel no env"] = job(p({"environment": "DROP"}))
CASES["parallel no code"] = job(p({"code": "DROP"}))
CASES["parallel task type function"] = job(p({"type": "function"}))
CASES["parallel task type model"] = job(p({"type": "model"}))
CASES["parallel task type bad"] = job(p({"type": "zz"}))
CASES["parallel task unknown"] = job(p({"zz": 1}))
CASES["parallel append unknown"] = job(p({"append_row_to": "${{outputs.zz}}"}))
CASES["parallel size int"] = job(p(mini_batch_size=2))
CASES["parallel size kb"] = job(p(mini_batch_size="10kb"))
CASES["parallel size word"] = job(p(mini_batch_size="many"))
CASES["parallel size 0"] = job(p(mini_batch_size="0"))
CASES["parallel partition"] = job(p(partition_keys=["a"]))
CASES["parallel error_threshold word"] = job(p(error_threshold="x"))
CASES["parallel error_threshold -2"] = job(p(error_threshold=-2))
CASES["parallel error_threshold"] = job(p(error_threshold=3))
CASES["parallel mini_batch_error_threshold"] = job(p(mini_batch_error_threshold=3))
CASES["parallel mini_batch_error_threshold -5"] = job(p(mini_batch_error_threshold=-5))
CASES["parallel retry"] = job(p(retry_settings={"max_retries": 1, "timeout": 5}))
CASES["parallel retry unknown"] = job(p(retry_settings={"zz": 1}))
CASES["parallel retry negative"] = job(p(retry_settings={"max_retries": -1, "timeout": 0}))
CASES["parallel logging"] = job(p(logging_level="DEBUG"))
CASES["parallel logging bad"] = job(p(logging_level="LOUD"))
CASES["parallel concurrency"] = job(p(max_concurrency_per_instance=2))
CASES["parallel concurrency 0"] = job(p(max_concurrency_per_instance=0))
CASES["parallel unknown key"] = job(p(zz=1))
CASES["parallel env vars"] = job(p(environment_variables={"A": "b"}))
CASES["parallel args undefined"] = job(p({"program_arguments": "--x ${{inputs.zz}}"}))
CASES["parallel component"] = job(
    {
        "type": "parallel",
        "component": {
            **{k: v for k, v in P.items() if k not in ("compute",)},
            "inputs": {"d": {"type": "uri_folder"}},
        },
        "inputs": P["inputs"],
    }
)
CASES["parallel no resources"] = job(p(resources="DROP"))
CASES["parallel is_deterministic"] = job(p(is_deterministic=False))
T = {"type": "command", "command": "echo ${{search_space.a}}", "environment": "azureml:e:1"}
S = {
    "type": "sweep",
    "trial": T,
    "search_space": {"a": {"type": "choice", "values": [1, 2]}},
    "sampling_algorithm": "grid",
    "objective": {"goal": "maximize", "primary_metric": "acc"},
    "limits": {"max_total_trials": 2},
}


def w(trial=None, **f):
    r = {k: v for k, v in {**S, **f}.items() if v != "DROP"}
    if trial is not None:
        r["trial"] = {**T, **trial}
    return r


CASES["sweep good"] = job(w())
CASES["sweep file trial"] = job(w(trial=None) | {"trial": "./c.yml"})
CASES["sweep no objective"] = job(w(objective="DROP"))
CASES["sweep objective goal bad"] = job(w(objective={"goal": "most", "primary_metric": "a"}))
CASES["sweep objective no metric"] = job(w(objective={"goal": "maximize"}))
CASES["sweep no search space"] = job(w(search_space="DROP"))
CASES["sweep empty space"] = job(w(search_space={}))
CASES["sweep no limits"] = job(w(limits="DROP"))
CASES["sweep no max trials"] = job(w(limits={}))
CASES["sweep limits"] = job(
    w(
        limits={
            "max_total_trials": 4,
            "max_concurrent_trials": 2,
            "timeout": 100,
            "trial_timeout": 10,
        }
    )
)
CASES["sweep limits unknown"] = job(w(limits={"max_total_trials": 4, "zz": 1}))
CASES["sweep limits text"] = job(w(limits={"max_total_trials": "4"}))
CASES["sweep limits 0"] = job(w(limits={"max_total_trials": 0}))
CASES["sweep no algorithm"] = job(w(sampling_algorithm="DROP"))
CASES["sweep algorithm random"] = job(w(sampling_algorithm="random"))
CASES["sweep algorithm dict"] = job(
    w(sampling_algorithm={"type": "random", "seed": 3, "rule": "sobol"})
)
CASES["sweep algorithm dict logbase"] = job(
    w(sampling_algorithm={"type": "random", "logbase": "e"})
)
CASES["sweep algorithm bayesian"] = job(w(sampling_algorithm="bayesian"))
CASES["sweep algorithm bad"] = job(w(sampling_algorithm="clever"))
CASES["sweep rule bad"] = job(w(sampling_algorithm={"type": "random", "rule": "zz"}))
CASES["sweep grid uniform"] = job(
    w(search_space={"a": {"type": "uniform", "min_value": 0, "max_value": 1}})
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
    CASES[f"sweep space {d}"] = job(w(sampling_algorithm="random", search_space={"a": d}))
CASES["sweep early bandit"] = job(
    w(
        early_termination={
            "type": "bandit",
            "slack_factor": 0.1,
            "evaluation_interval": 1,
            "delay_evaluation": 5,
        }
    )
)
CASES["sweep early bad"] = job(w(early_termination={"type": "zz"}))
CASES["sweep unknown key"] = job(w(zz=1))
CASES["sweep undefined space"] = job(w({"command": "echo ${{search_space.zz}}"}))
CASES["sweep input by space"] = job(
    w(
        {"command": "echo ${{inputs.lr}}", "inputs": {"lr": {"type": "number"}}},
        search_space={"lr": {"type": "choice", "values": [1]}},
    )
)
CASES["sweep env missing"] = job(w() | {"trial": {"command": "true"}})
CASES["sweep inputs and space"] = job(
    w(
        {"command": "echo ${{inputs.lr}}", "inputs": {"lr": {"type": "number"}}},
        search_space={"lr": {"type": "choice", "values": [1]}},
        inputs={"lr": 1},
    )
)
CASES["sweep outputs"] = job(w({"outputs": {"m": {"type": "uri_folder"}}}, outputs={"m": None}))
CASES["sweep no trial"] = job(w() | {"trial": None})
CASES["sweep queue"] = job(w(queue_settings={"job_tier": "spot"}))
CASES["sweep resources"] = job(w(resources={"instance_count": 1}))
CASES["sweep component"] = job({"type": "sweep", "component": "./c.yml"})
CASES["sweep job"] = {
    "type": "sweep",
    "compute": "azureml:cpu",
    "trial": {k: v for k, v in T.items() if k != "type"},
    **{k: v for k, v in S.items() if k not in ("type", "trial")},
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
CASES["pipe unknown key in component file"] = job({"component": "./p_unknown.yml"})
CASES["job settings in p"] = job({"component": "./p_settings.yml"})
CASES["command component file unknown key"] = job({"component": "./c_unknown.yml"})
for k in ("inputs", "outputs", "resources", "environment_variables", "limits", "tags", "compute"):
    CASES[f"inline {k} null"] = job(s(**{k: None}))
    CASES[f"component step {k} null"] = job(c(**{k: None}))
for k in ("inputs", "outputs", "code", "is_deterministic", "version"):
    CASES[f"component {k} null"] = job(c({k: None}))
for k in ("inputs", "tags", "display_name", "identity"):
    CASES[f"job {k} null"] = job(**{k: None})
CASES["nested inputs null"] = job({"component": "./p.yml", "inputs": None})
CASES["nested compute null"] = job({"component": "./p.yml", "compute": None})
CASES["parallel resources null"] = job(p(resources=None))
CASES["parallel display_name null"] = job(p(display_name=None))
CASES["sweep early_termination null"] = job(w(early_termination=None))
CASES["sweep limit null"] = job(w(limits={"max_total_trials": 1, "timeout": None}))
CASES["command job experiment null"] = {**STEP, "compute": "azureml:cpu", "experiment_name": None}
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
            "c": s(outputs={"y": None}),
            "d": s(inputs={"x": "${{parent.jobs.c.outputs.y}}"}),
        },
        settings={"default_compute": "azureml:cpu", **ends},
    )
for k, v in [
    ("no type", {}),
    ("null", None),
    ("path", {"type": "path"}),
    ("integer", {"type": "integer"}),
    ("name", {"type": "uri_folder", "name": "x"}),
    ("mode link", {"type": "uri_folder", "mode": "link"}),
]:
    CASES[f"component output {k}"] = job(c({"outputs": {"y": v}}))
CASES["component input path"] = job(
    c({"inputs": {"x": {"type": "path"}}}, inputs={"x": {"path": "./data"}})
)
CASES["pipeline input path"] = job(inputs={"x": {"type": "path", "path": "./data"}})
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
    CASES[f"inline bound {name}"] = job(s(**fields), **BOUND)
    CASES[f"component step bound {name}"] = job(c(**fields), **BOUND)
CASES["instance_type list"] = job(s(resources={"instance_type": ["x"]}))
CASES["shm_size number"] = job(c(resources={"shm_size": 3}))

# An input that a pipeline component may do without, bound to one that its step needs.
PORTS = {
    "plain": {"type": "string"},
    "optional": {"type": "string", "optional": True},
    "default": {"type": "string", "default": "d"},
    "optional default": {"type": "string", "default": "d", "optional": True},
}
for outer, port in PORTS.items():
    for inner, needed in PORTS.items():
        name = f"nested_{outer}_{inner}.yml".replace(" ", "_")
        step = {"component": {**COMP, "inputs": {"b": needed}},
                "inputs": {"b": "${{parent.inputs.a}}"}}  # fmt: skip
        FILES[name] = yaml.safe_dump({"type": "pipeline", "inputs": {"a": port},
                                      "jobs": {"x": step}})  # fmt: skip
        for given, inputs in (("given", {"a": "v"}), ("absent", {})):
            CASES[f"nested {outer} to {inner} {given}"] = job(
                {"component": f"./{name}", "inputs": inputs}
            )
FILES["nested_inline.yml"] = yaml.safe_dump(
    {
        "type": "pipeline",
        "inputs": {"a": PORTS["optional"]},
        "jobs": {"x": s(command="echo ${{inputs.b}}", inputs={"b": "${{parent.inputs.a}}"})},
    }
)
CASES["nested optional to inline"] = job({"component": "./nested_inline.yml", "inputs": {"a": "v"}})
CASES["component prompt flow"] = job(
    {
        "type": "parallel",
        "component": "./flow.dag.yaml",
        "inputs": {"data": {"type": "uri_folder", "path": "./data"}},
    }
)
NODES = {
    "inline": s,
    "component": c,
    "parallel": p,
    "sweep": w,
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
    CASES[f"number instances {v!r}"] = job(s(resources={"instance_count": v}))
    CASES[f"number processes {v!r}"] = job(
        c(distribution={"type": "mpi", "process_count_per_instance": v})
    )
    CASES[f"number retries {v!r}"] = job(p(retry_settings={"max_retries": v, "timeout": v}))
    CASES[f"number threshold {v!r}"] = job(p(error_threshold=v))
    CASES[f"number trials {v!r}"] = job(w(limits={"max_total_trials": 3, "timeout": v}))
    CASES[f"number percent {v!r}"] = job(
        w(early_termination={"type": "truncation_selection", "truncation_percentage": v})
    )
    CASES[f"number slack {v!r}"] = job(w(early_termination={"type": "bandit", "slack_factor": v}))
CASES["sweep bandit unknown key"] = job(w(early_termination={"type": "bandit", "zz": 1}))
CASES["sweep truncation bare"] = job(w(early_termination={"type": "truncation_selection"}))
CASES["sweep objective unknown key"] = job(
    w(objective={"goal": "maximize", "primary_metric": "acc", "zz": 1})
)
CASES["sweep bound space"] = job(
    w(
        sampling_algorithm="random",
        search_space={
            "a": {"type": "uniform", "min_value": "${{parent.inputs.n}}", "max_value": 3}
        },
    ),
    inputs={"n": 1},
)
CASES["parallel level in lower case"] = job(p(logging_level="debug"))
for v in ("Uri_Folder", "mltable", "mlflow_model"):
    for mode in ("RO_MOUNT", "eval_mount", "upload", None):
        x = {"type": v, "mode": mode}
        CASES[f"mode in {v} {mode}"] = job(s(inputs={"x": {**x, "path": "./data"}}))
        CASES[f"mode out {v} {mode}"] = job(s(outputs={"x": x}))
        CASES[f"mode declared {v} {mode}"] = job(
            c({"inputs": {"x": {**x, "optional": True}}, "outputs": {"y": x}})
        )
CASES["input datastore"] = job(
    inputs={"x": {"type": "uri_folder", "path": "./data", "datastore": "azureml:d"}}
)
CASES["input datastore number"] = job(
    inputs={"x": {"type": "uri_folder", "path": "./data", "datastore": 3}}
)
CASES["pipeline input empty path"] = job(inputs={"x": {"type": "uri_folder", "path": ""}})
CASES["pipeline input nan"] = job(inputs={"x": float("nan")})
CASES["step output name number"] = job(s(outputs={"y": {"type": "uri_folder", "name": 3}}))
CASES["step output description"] = job(s(outputs={"y": {"type": "uri_folder", "description": "d"}}))
CASES["distribution empty"] = job(s(distribution={}))
CASES["component step distribution empty"] = job(c(distribution={}))
CASES["resources locations string"] = job(s(resources={"locations": "w"}))
CASES["environment build nowhere"] = job(s(environment={"build": {"path": "./nowhere"}}))
CASES["environment image number"] = job(s(environment={"image": 3}))
CASES["environment bound"] = job(s(environment="${{parent.inputs.n}}"), inputs={"n": "e"})
CASES["code with file"] = job(s(code="file:./code"))
CASES["default_compute bound"] = job(
    settings={"default_compute": "${{parent.inputs.n}}"}, inputs={"n": "c"}
)
for name, bound in [
    ("unknown output", "${{parent.jobs.m.outputs.zz}}"),
    ("unknown step", "${{parent.jobs.zz.outputs.y}}"),
    ("unknown input", "${{parent.inputs.zz}}"),
    ("of all outputs", "${{parent.jobs.m.outputs}}"),
    ("text after an output", "${{parent.jobs.m.outputs.y}}/f"),
]:
    # The SDK looks only at the steps that stand before the one that is bound.
    CASES[f"binding forward {name}"] = job(steps={"a": s(inputs={"x": bound}), **mk})
CASES["binding unknown step of a component"] = job(
    steps={
        **mk,
        "a": c(
            {"inputs": {"x": {"type": "uri_folder"}}},
            inputs={"x": "${{parent.jobs.zz.outputs.y}}"},
        ),
    }
)

# Settings that are bound to the literals of the pipeline, or to nothing.
N = "${{parent.inputs.n}}"
DEPTH = {"type": "uniform", "min_value": 1, "max_value": 2}
for name, step in {
    "mini_batch_size": p(mini_batch_size=N),
    "mini_batch_error_threshold": p(mini_batch_error_threshold=N),
    "error_threshold": p(error_threshold=N),
    "max_concurrency": p(max_concurrency_per_instance=N),
    "parallel instances": p(resources={"instance_count": N}),
    "retries": p(retry_settings={"max_retries": N, "timeout": N}),
    "trials": w(limits={"max_total_trials": N}),
    "instances": s(resources={"instance_count": N}),
    "space": w(sampling_algorithm="random", search_space={"a": {**DEPTH, "min_value": N}}),
}.items():
    CASES[f"bound {name}"] = job(step, inputs={"n": 1})
    CASES[f"bound {name} value"] = job(step, inputs={"n": {"value": 1}})
    CASES[f"bound {name} nowhere"] = job(step, inputs={"q": 1})
for name, step in {
    "logging_level": p(logging_level=N),
    "metric": w(objective={"goal": "maximize", "primary_metric": N}),
}.items():
    CASES[f"bound {name}"] = job(step, inputs={"n": "DEBUG"})
    CASES[f"bound {name} nowhere"] = job(step)
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
    CASES[f"nested choice {name}"] = job(w(sampling_algorithm="random", search_space=space))
