from kedro.pipeline import Pipeline, node


def same(*values):
    return values[0] if values else 1


def register_pipelines():
    return {
        "__default__": Pipeline(
            [
                node(same, None, "x", name="make", tags="deterministic"),
                node(same, "x", "y", name="train"),
                node(same, "x", "z", name="notify"),
            ]
        )
    }
