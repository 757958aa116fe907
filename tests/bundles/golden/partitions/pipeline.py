import pandas as pd
from kedro.pipeline import Pipeline, node


def parts():
    return {day: pd.DataFrame({"day": [day], "n": [1]}) for day in ("monday", "tuesday")}


def rows(parts):
    return sum(len(load()) for load in parts.values())


def register_pipelines():
    return {
        "__default__": Pipeline(
            [
                node(parts, None, "parts", name="make"),
                node(rows, "parts", "y", name="use"),
            ]
        )
    }
