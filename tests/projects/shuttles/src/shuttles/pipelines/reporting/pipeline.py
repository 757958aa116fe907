"""The pipeline `reporting`."""

from typing import Any

from kedro.pipeline import Node, Pipeline

from .nodes import create_report, log_report, record_parameters, summarise_prices


def create_pipeline(**kwargs: Any) -> Pipeline:
    """Report on the models, and write down the parameters."""
    return Pipeline(
        [
            Node(
                summarise_prices,
                inputs=["model_input_table", "model_input_table", "candidate_modelling.X_train"],
                # Two awkward names: a space and a quote, and one that differs from an input's in
                # a single character.
                outputs=["price's summary", "candidate_modelling_X_train"],
                name="summarise_prices",
            ),
            Node(
                create_report,
                inputs={
                    "active": "active_modelling.metrics",
                    "candidate": "candidate_modelling.metrics",
                    "bands": "price's summary",
                    "feature_means": "candidate_modelling_X_train",
                    "reviews_by_type": "reviews_by_type",
                    "decimals": "params:reporting.decimals",
                },
                outputs="shuttle_report",
                name="create_report",
            ),
            Node(
                log_report,
                inputs=["shuttle_report", "params:reporting.log_title"],
                outputs=None,
                name="log_report",
            ),
            Node(
                record_parameters,
                inputs=["parameters", "params:hostile", "params:hostile.command"],
                outputs="recorded_parameters",
                name="record_parameters",
                tags=["nightly"],
            ),
        ]
    )
