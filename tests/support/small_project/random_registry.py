"""Makes the pipeline that `spec.json` describes; its nodes compute with everything they read."""

import json
from pathlib import Path

import pandas as pd
from kedro.pipeline import Pipeline, node
from small.recording import digest

SPEC = json.loads(Path(__file__).with_name("spec.json").read_text(encoding="utf-8"))


class Thing:
    """An object that only a pickle can carry."""

    def __init__(self, text):
        self.text = text
        self.numbers = {1, 2, 3}


def value_of(kind, seed):
    """Return a value of a kind that a dataset can save; every seed gives another one."""
    number = int(seed[:6], 16)
    if kind == "frame":
        rows = {"n": [number, 1, 2], "x": [number / 7, 0.5, -1.0], "text": [seed, "it's", "ä;,\n"]}
        return pd.DataFrame(rows)
    if kind == "json":
        return {"seed": seed, "list": [number, 0.5, None, True], "é": {"deep": {"er": "x"}}}
    if kind == "text":
        return f"{seed}\nsecond line, 'quoted' \"twice\"\n"
    if kind == "parts":
        return {f"p{i}": value_of("frame", digest([seed, i])) for i in range(1 + number % 3)}
    kinds = [
        lambda: Thing(seed),
        lambda: {"seed": seed, "tuple": (1, (2, 3)), "set": {number}, "bytes": b"\0\xff"},
        lambda: value_of("frame", seed),
        lambda: number,
        lambda: [seed, {"x": Thing(seed)}],
        lambda: number / 3,
    ]
    return kinds[number % len(kinds)]()


def function_of(spec):
    def compute(*args, **kwargs):
        seed = digest([spec["name"], args, kwargs])
        if spec["mutates"]:
            for value in args:
                if isinstance(value, dict):
                    value["changed by"] = spec["name"]
        values = [value_of(kind, digest([seed, i])) for i, kind in enumerate(spec["kinds"])]
        return shaped(values)

    def generate(*args, **kwargs):
        seed = digest([spec["name"], args, kwargs])
        for chunk in range(3):
            yield shaped(
                [value_of(kind, digest([seed, i, chunk])) for i, kind in enumerate(spec["kinds"])]
            )

    def shaped(values):
        if isinstance(spec["outputs"], dict):
            return dict(zip(spec["outputs"], values, strict=True))
        if isinstance(spec["outputs"], list):
            return tuple(values)
        return values[0] if values else None

    return generate if spec["generates"] else compute


def register_pipelines():
    return {
        "__default__": Pipeline(
            [
                node(
                    function_of(spec),
                    spec["inputs"],
                    spec["outputs"],
                    name=spec["name"],
                    namespace=spec["namespace"],
                    tags=spec["tags"],
                )
                for spec in SPEC["nodes"]
            ]
        )
    }
