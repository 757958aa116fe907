from kedro.pipeline import Pipeline, node


def same(value, *others):
    return value


def register_pipelines():
    return {
        "__default__": Pipeline(
            [
                node(same, "islands", "y", name="use"),
                node(same, ["islands", "y"], "z", name="use_again"),
            ]
        )
    }
