import pandas as pd
from kedro.pipeline import Pipeline, node


def table():
    return pd.DataFrame({"n": [1, 2], "text": ["it's", "ä"]})


def same(value, *others):
    return value


def register_pipelines():
    return {
        "__default__": Pipeline(
            [
                node(table, None, "eu.daily_table", name="make"),
                node(same, "eu.daily_table", "daily_table", name="copy"),
                node(same, "daily_table", "anything", name="end"),
                node(same, "anything", "y", name="look"),
            ]
        )
    }
