"""Cases of pipelines within a pipeline."""

from typing import Any

import yaml

from .shapes import COMPONENT, FILES, command, job

CASES: dict[str, Any] = {}

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
        step = {"component": {**COMPONENT, "inputs": {"b": needed}},
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
        "jobs": {"x": command(command="echo ${{inputs.b}}", inputs={"b": "${{parent.inputs.a}}"})},
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
