from kedro.pipeline import Pipeline, node


def same(*values):
    return values[0] if values else 1


def register_pipelines():
    return {
        "__default__": Pipeline(
            [
                node(same, None, "a.b", name="make"),
                node(same, None, "a_b", name="Make"),
                node(same, ["a.b", "a_b"], "Model", name="a-b.c"),
                node(same, None, "model", name="a_b.c"),
                node(same, ["Model", "model"], "price's (net); $x & <y>", name="class"),
                node(same, "price's (net); $x & <y>", "é", name="from"),
            ]
        )
    }
