import pandas as pd
from kedro.pipeline import Pipeline, node


def write():
    table = pd.DataFrame({"n": [1, 2]})
    return table, len(table)


def rows(table, *others):
    return len(table)


def register_pipelines():
    return {
        "__default__": Pipeline(
            [
                node(write, None, ["table", "written"], name="write"),
                node(rows, ["table", "written"], "y", name="read"),
                node(rows, "table", "z", name="read_at_any_time"),
            ]
        )
    }
