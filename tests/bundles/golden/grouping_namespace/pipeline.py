from kedro.pipeline import Pipeline, node


def regions():
    return {"eu": 1, "us": 2}


def pick(regions, region):
    return regions[region]


def double(number):
    return 2 * number


def register_pipelines():
    return {
        "__default__": Pipeline(
            [
                node(regions, None, "regions", name="load"),
                *(
                    node(
                        pick,
                        ["regions", f"params:{region}"],
                        f"{region}.number",
                        name="pick",
                        namespace=region,
                    )
                    for region in ("eu", "us")
                ),
                *(
                    node(
                        double,
                        f"{region}.number",
                        f"{region}.result",
                        name="double",
                        namespace=region,
                    )
                    for region in ("eu", "us")
                ),
            ]
        )
    }
