"""The pipeline ``processing``."""

from typing import Any

from kedro.pipeline import Node, Pipeline

from .nodes import add_island_location, clean_penguins, make_features


def create_pipeline(**kwargs: Any) -> Pipeline:
    """Clean the penguins, locate them, and make features."""
    return Pipeline(
        [
            Node(
                clean_penguins,
                inputs="penguins",
                outputs="measurements",
                name="clean_penguins",
            ),
            Node(
                add_island_location,
                inputs=["measurements", "islands"],
                outputs="located_measurements",
                name="add_island_location",
            ),
            Node(
                make_features,
                inputs=["located_measurements", "params:station"],
                outputs="penguin_features",
                name="make_features",
            ),
        ],
        namespace="processing",
        inputs={"penguins", "islands"},
        outputs={"penguin_features"},
    )
