import pandas as pd
from kedro.pipeline import Pipeline, node


def parts():
    return {day: pd.DataFrame({"day": [day], "n": [1]}) for day in ("monday", "tuesday")}


def rows(days):
    return sum(len(day) for day in days.values())


def register_pipelines():
    return {
        "__default__": Pipeline(
            [
                node(parts, None, "days", name="make"),
                node(rows, "days", "y", name="use", confirms="days"),
            ]
        )
    }
