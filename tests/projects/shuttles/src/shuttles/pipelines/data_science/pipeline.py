"""The pipeline `data_science`."""

from typing import Any

from kedro.pipeline import Node, Pipeline

from .nodes import evaluate_model, split_table, train_model

NAMESPACES = ("active_modelling", "candidate_modelling")


def create_pipeline(**kwargs: Any) -> Pipeline:
    """Train and evaluate one model per namespace, from the same table and columns."""
    template = Pipeline(
        [
            Node(
                split_table,
                inputs=["model_input_table", "params:features", "params:model_options"],
                outputs=["X_train", "X_test", "y_train", "y_test"],
                name="split_table",
            ),
            Node(
                train_model,
                inputs=["X_train", "y_train", "params:model_options"],
                outputs="model",
                name="train_model",
            ),
            Node(
                evaluate_model,
                inputs={"model": "model", "X_test": "X_test", "y_test": "y_test"},
                outputs="metrics",
                name="evaluate_model",
            ),
        ]
    )
    return sum(
        (
            Pipeline(
                template,
                namespace=namespace,
                inputs={"model_input_table"},
                parameters={"features"},
            )
            for namespace in NAMESPACES
        ),
        start=Pipeline([]),
    )
