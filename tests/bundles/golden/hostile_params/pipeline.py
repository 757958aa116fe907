from kedro.pipeline import Pipeline, node


def same(value, *others):
    return value


def register_pipelines():
    return {
        "__default__": Pipeline(
            [
                node(same, "params:texts", "x", name="use"),
                node(same, ["params:deep", "x"], "y", name="use_again"),
            ]
        )
    }
