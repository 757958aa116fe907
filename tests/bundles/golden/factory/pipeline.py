import pandas as pd
from kedro.pipeline import Pipeline, node


def table():
    return pd.DataFrame({"n": [1, 2], "text": ["it's", "ä"]})


def metrics(table):
    return {"rows": len(table)}


def register_pipelines():
    return {
        "__default__": Pipeline(
            [
                node(table, None, "daily_table", name="make"),
                node(metrics, "daily_table", "a.b.metrics", name="use"),
            ]
        )
    }
