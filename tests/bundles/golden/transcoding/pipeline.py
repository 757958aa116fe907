import pandas as pd
from kedro.pipeline import Pipeline, node


def table():
    return pd.DataFrame({"n": [1, 2], "text": ["it's", "ä"]})


def register_pipelines():
    return {
        "__default__": Pipeline(
            [
                node(table, None, "typed@pandas", name="make"),
                node(len, "typed@text", "y", name="use"),
            ]
        )
    }
