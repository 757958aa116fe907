"""The pipeline ``training``."""

from typing import Any

from kedro.pipeline import Node, Pipeline

from .nodes import (
    evaluate_predictions,
    predict_species,
    split_penguins,
    train_classifier,
)


def create_pipeline(**kwargs: Any) -> Pipeline:
    """Split the penguins, train a classifier, and evaluate it."""
    return Pipeline(
        [
            Node(
                split_penguins,
                inputs=[
                    "penguin_features",
                    "params:target",
                    "params:test_size",
                    "params:seed",
                ],
                outputs=["train_set", "test_set"],
                name="split_penguins",
            ),
            Node(
                train_classifier,
                inputs=[
                    "train_set",
                    "params:features",
                    "params:target",
                    "params:classifier",
                    "params:seed",
                ],
                outputs="penguins_model",
                name="train_classifier",
            ),
            Node(
                predict_species,
                inputs=[
                    "penguins_model",
                    "test_set",
                    "params:features",
                    "params:target",
                ],
                outputs="predictions",
                name="predict_species",
            ),
            Node(
                evaluate_predictions,
                inputs="predictions",
                outputs="metrics",
                name="evaluate_predictions",
            ),
        ],
        namespace="training",
        inputs={"penguin_features"},
        outputs={"penguins_model", "predictions", "metrics"},
        parameters={"features", "seed", "target"},
    )
