"""The pipeline ``reporting``."""

from typing import Any

from kedro.pipeline import Node, Pipeline

from .nodes import count_confusions, plot_confusion_matrix, summarise_species


def create_pipeline(**kwargs: Any) -> Pipeline:
    """Draw the confusion matrix and summarise each species."""
    return Pipeline(
        [
            Node(
                count_confusions,
                inputs="predictions",
                outputs="confusions",
                name="count_confusions",
            ),
            Node(
                plot_confusion_matrix,
                inputs=["confusions", "metrics"],
                outputs="confusion_matrix",
                name="plot_confusion_matrix",
            ),
            Node(
                summarise_species,
                inputs="confusions",
                outputs="species_summary",
                name="summarise_species",
            ),
        ],
        namespace="reporting",
        inputs={"predictions", "metrics"},
        outputs={"confusion_matrix", "species_summary"},
    )
