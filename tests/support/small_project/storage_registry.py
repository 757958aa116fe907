"""Makes the pipeline of `spec.json`: nodes that hand on what they read, or compute with it."""

import json
from pathlib import Path

from kedro.pipeline import Pipeline, node
from small.recording import digest

SPEC = json.loads(Path(__file__).with_name("spec.json").read_text(encoding="utf-8"))


def value_of(kind, seed):
    """Return a value of a kind that a dataset can save; every seed gives another one."""
    import pandas as pd

    number = int(seed[:6], 16)
    frame = pd.DataFrame({"n": [number, 2], "text": [seed, "ä"]})
    if kind == "polars":
        import polars as pl

        return pl.LazyFrame({"n": [number, 2], "text": [seed, "ä"]})
    if kind == "ibis":
        import ibis

        return ibis.memtable(frame)
    values = {
        "frame": frame,
        "json": {"seed": seed, "number": number},
        "text": f"{seed}\n",
        "parts": {"a": frame, "b": frame.assign(n=1)},
    }
    return values[kind]


def function_of(name, kinds, passed):
    def compute(*args):
        seed = digest([name, args])
        values = [value_of(kind, digest([seed, i])) for i, kind in enumerate(kinds)]
        if passed is not None:
            values[-1] = args[passed]
        return (*values, {"digest": seed})

    return compute


def register_pipelines():
    nodes = [
        node(
            function_of(spec["name"], spec["kinds"], spec["passed"]),
            spec["inputs"],
            [*spec["outputs"], f"result_{spec['name']}"],
            name=spec["name"],
        )
        for spec in SPEC
    ]
    return {"__default__": Pipeline(nodes)}
