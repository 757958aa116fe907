from kedro.pipeline import Pipeline, node


def same(*values):
    return values[0] if values else 1


def pair(a, b):
    return {"c": a, "e": b}


def register_pipelines():
    return {
        "__default__": Pipeline(
            [
                node(same, None, "no_input", name="no_inputs"),
                node(print, "no_input", None, name="no_outputs"),
                node(same, ["no_input", "no_input"], "twice", name="same_twice"),
                node(pair, {"a": "twice", "b": "parameters"}, {"c": "d1", "e": "d2"}, name="dicts"),
                node(
                    same,
                    ["params:seed", "params:model.alpha", "d1", "d2"],
                    "end",
                    name="parameters",
                ),
            ]
        )
    }
