from kedro.pipeline import Pipeline, node


def same(*values):
    return values[0] if values else 1


def register_pipelines():
    return {
        "__default__": Pipeline(
            [
                node(same, None, "a", name="a"),
                node(same, "a", "b", name="b", tags="kept"),
                node(same, "b", "c", name="c", tags="kept"),
                node(same, "c", "d", name="d", tags="kept"),
                node(same, "d", "e", name="e"),
            ]
        )
    }
