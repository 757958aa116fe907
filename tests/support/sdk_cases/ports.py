"""Cases of inputs and outputs: names, values, types, modes, and what they are bound to."""

from datetime import date
from typing import Any

from .shapes import MAKER, OUT, STEP, command, component, job

CASES: dict[str, Any] = {}

for n in ["1a", "a-b"]:
    CASES[f"component input name {n}"] = job(
        component({"inputs": {n: {"type": "string", "default": "a"}}})
    )
    CASES[f"step input name {n}"] = job(command(inputs={n: 1}))
    CASES[f"pipeline input name {n}"] = job(inputs={n: 1})
    CASES[f"step output name {n}"] = job(command(outputs={n: {"type": "uri_folder"}}))
    CASES[f"pipeline output name {n}"] = job(outputs={n: {"type": "uri_folder"}})
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
    CASES[f"pipeline input {name}"] = job(
        command(inputs={"x": "${{parent.inputs.x}}"}), inputs={"x": v}
    )
CASES["step experiment"] = job(command(experiment_name="e"))
CASES["step experiment number"] = job(command(experiment_name=3))
CASES["step status"] = job(command(status="Completed", parameters={}))
CASES["step status null"] = job(command(status=None))
CASES["step input null"] = job(command(inputs={"x": None}))
CASES["step input unknown key"] = job(command(inputs={"x": {"path": "./data", "pth": "b"}}))
CASES["step input mode typo"] = job(command(inputs={"x": {"path": "./data", "mode": "mount"}}))
CASES["step input no path"] = job(command(inputs={"x": {"type": "uri_folder"}}))
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
        steps={"m": command(outputs=OUT), "a": command(inputs={"x": v})},
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
    CASES[f"step output {name}"] = job(command(outputs={"x": v}))
for name, v in [("null", None), ("text", "hello"), ("mode typo", {"mode": "ro_mount"})]:
    CASES[f"pipeline output {name}"] = job(
        command(outputs={"x": "${{parent.outputs.x}}"}), outputs={"x": v}
    )
CASES["unwritten pipeline output"] = job(outputs={"x": {"type": "uri_folder"}})
CASES["step output artifacts reserved"] = job(command(outputs={"artifacts": None}))
CASES["21 outputs"] = job(command(outputs={f"o{n}": None for n in range(21)}))
CASES["two writers"] = job(
    steps={
        "a": command(outputs={"y": "${{parent.outputs.z}}"}),
        "b": command(outputs={"y": "${{parent.outputs.z}}"}),
    },
    outputs={"z": None},
)
CASES["two register one version"] = job(
    steps={
        "a": command(outputs={"y": {"name": "m", "version": "3"}}),
        "b": command(outputs={"y": {"name": "m", "version": "3"}}),
    }
)
CASES["cycle"] = job(
    steps={
        "a": command(inputs={"x": "${{parent.jobs.b.outputs.y}}"}, outputs=OUT),
        "b": command(inputs={"x": "${{parent.jobs.a.outputs.y}}"}, outputs=OUT),
    }
)
CASES["reads itself"] = job(
    steps={"a": command(inputs={"x": "${{parent.jobs.a.outputs.y}}"}, outputs=OUT)}
)
CASES["step null"] = job(steps={"a": None})
CASES["step list"] = job(steps={"a": [1]})
CASES["jobs list"] = job(steps=[STEP])
CASES["step inputs list"] = job(command(inputs=[1]))
CASES["step outputs list"] = job(command(outputs=[1]))
CASES["step services bad"] = job(command(services=3))
CASES["step resources list"] = job(command(resources=[1]))
CASES["step properties number"] = job(command(properties={"a": 1}))
for k, v in [
    ("no type", {}),
    ("null", None),
    ("path", {"type": "path"}),
    ("integer", {"type": "integer"}),
    ("name", {"type": "uri_folder", "name": "x"}),
    ("mode link", {"type": "uri_folder", "mode": "link"}),
]:
    CASES[f"component output {k}"] = job(component({"outputs": {"y": v}}))
CASES["component input path"] = job(
    component({"inputs": {"x": {"type": "path"}}}, inputs={"x": {"path": "./data"}})
)
CASES["pipeline input path"] = job(inputs={"x": {"type": "path", "path": "./data"}})
for v in ("Uri_Folder", "mltable", "mlflow_model"):
    for mode in ("RO_MOUNT", "eval_mount", "upload", None):
        x = {"type": v, "mode": mode}
        CASES[f"mode in {v} {mode}"] = job(command(inputs={"x": {**x, "path": "./data"}}))
        CASES[f"mode out {v} {mode}"] = job(command(outputs={"x": x}))
        CASES[f"mode declared {v} {mode}"] = job(
            component({"inputs": {"x": {**x, "optional": True}}, "outputs": {"y": x}})
        )
CASES["input datastore"] = job(
    inputs={"x": {"type": "uri_folder", "path": "./data", "datastore": "azureml:d"}}
)
CASES["input datastore number"] = job(
    inputs={"x": {"type": "uri_folder", "path": "./data", "datastore": 3}}
)
CASES["pipeline input empty path"] = job(inputs={"x": {"type": "uri_folder", "path": ""}})
CASES["pipeline input nan"] = job(inputs={"x": float("nan")})
CASES["step output name number"] = job(command(outputs={"y": {"type": "uri_folder", "name": 3}}))
CASES["step output description"] = job(
    command(outputs={"y": {"type": "uri_folder", "description": "d"}})
)
for name, bound in [
    ("unknown output", "${{parent.jobs.m.outputs.zz}}"),
    ("unknown step", "${{parent.jobs.zz.outputs.y}}"),
    ("unknown input", "${{parent.inputs.zz}}"),
    ("of all outputs", "${{parent.jobs.m.outputs}}"),
    ("text after an output", "${{parent.jobs.m.outputs.y}}/f"),
]:
    # The SDK looks only at the steps that stand before the one that is bound.
    CASES[f"binding forward {name}"] = job(steps={"a": command(inputs={"x": bound}), **MAKER})
CASES["binding unknown step of a component"] = job(
    steps={
        **MAKER,
        "a": component(
            {"inputs": {"x": {"type": "uri_folder"}}},
            inputs={"x": "${{parent.jobs.zz.outputs.y}}"},
        ),
    }
)
