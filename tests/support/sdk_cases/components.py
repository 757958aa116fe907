"""Cases of components: where they are, what they declare, and what a step gives them."""

from typing import Any

from .shapes import COMPONENT, MAKER, STEP, component, job

CASES: dict[str, Any] = {}

CASES["component unknown key"] = job(component({"comand": "x"}))
CASES["component is_deterministic"] = job(component({"is_deterministic": False}))
CASES["component type mismatch"] = job({"type": "pipeline", "component": COMPONENT})
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
CASES["component extra input"] = job(component(inputs={"zz": 1}))
CASES["component extra output"] = job(component(outputs={"zz": None}))
CASES["component missing input"] = job(component({"inputs": {"x": {"type": "string"}}}))
CASES["component missing data input"] = job(component({"inputs": {"x": {"type": "uri_folder"}}}))
CASES["component null input"] = job(
    component({"inputs": {"x": {"type": "string", "optional": True}}}, inputs={"x": None})
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
    CASES[f"component {name}"] = job(component({"inputs": {"x": decl}}, inputs={"x": val}))
CASES["component file gets folder output"] = job(
    steps={
        **MAKER,
        "a": component(
            {"inputs": {"x": {"type": "uri_file"}}}, inputs={"x": "${{parent.jobs.m.outputs.y}}"}
        ),
    }
)
CASES["component number gets output"] = job(
    steps={
        **MAKER,
        "a": component(
            {"inputs": {"x": {"type": "number"}}}, inputs={"x": "${{parent.jobs.m.outputs.y}}"}
        ),
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
    CASES[f"declared {name}"] = job(component({"inputs": {"x": decl}}))
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
    CASES[f"declared {name}"] = job(component({"inputs": {"x": decl}}, inputs={"x": val}))
CASES["component resources unknown"] = job(component(resources={"gpu": 1}))
CASES["component limits unknown"] = job(component(limits={"zz": 1}))
CASES["component limits timeout bad"] = job(component(limits={"timeout": "long"}))
CASES["component dist unknown"] = job(component(distribution={"type": "dask"}))
CASES["component dist extra"] = job(component(distribution={"type": "pytorch", "worker_count": 1}))
CASES["component dist in component extra"] = job(
    component({"distribution": {"type": "pytorch", "worker_count": 1}})
)
CASES["component input unknown key"] = job(
    component({"inputs": {"x": {"type": "uri_folder"}}}, inputs={"x": {"path": "./data", "pth": 1}})
)
CASES["component output unknown key"] = job(
    component({"outputs": {"x": {"type": "uri_folder"}}}, outputs={"x": {"zz": 1}})
)
CASES["component declared output unknown key"] = job(
    component({"outputs": {"x": {"type": "uri_folder", "zz": 1}}})
)
CASES["component output in component mode direct"] = job(
    component({"outputs": {"x": {"type": "uri_folder", "mode": "direct"}}})
)
CASES["component env missing"] = job({"component": {"type": "command", "command": "true"}})
CASES["component env on step only"] = job(
    {
        "component": {"type": "command", "command": "true"},
        "environment": "azureml:e:1",
        "type": "command",
    }
)
CASES["component env on both"] = job(component(environment="azureml:f:1", type="command"))
CASES["component env no prefix"] = job(component({"environment": "e:1"}))
CASES["component display number"] = job(component({"display_name": 3}))
CASES["component name bad"] = job(component({"name": "a b"}))
CASES["component command number"] = job(component({"command": 3}))
CASES["component code nowhere"] = job(component({"code": "./nowhere"}))
CASES["component tags number"] = job(component({"tags": {"a": 1}}))
CASES["component additional includes missing"] = job(
    component({"code": "./code", "additional_includes": ["./nope"]})
)
CASES["component additional includes artifact"] = job(
    component({"code": "./code", "additional_includes": [{"type": "artifact"}]})
)
CASES["component type parallel as command"] = job(
    {"type": "command", "component": {"type": "parallel"}}
)
CASES["component type Sweep"] = job({"component": {"type": "sweep"}})
CASES["pipe unknown key in component file"] = job({"component": "./p_unknown.yml"})
CASES["job settings in p"] = job({"component": "./p_settings.yml"})
CASES["command component file unknown key"] = job({"component": "./c_unknown.yml"})
