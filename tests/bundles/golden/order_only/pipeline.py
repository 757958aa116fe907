import pandas as pd
from kedro.pipeline import Pipeline, node


def table():
    return pd.DataFrame({"n": [1, 2], "text": ["it's", "ä"]})


def rows(table, *others):
    return len(table)


def register_pipelines():
    return {
        "__default__": Pipeline(
            [
                node(table, None, "table", name="write"),
                node(rows, "table", "y", name="read"),
                node(rows, ["table", "y"], "z", name="read_again"),
            ]
        )
    }
