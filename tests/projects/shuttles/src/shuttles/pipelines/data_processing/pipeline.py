"""The pipeline `data_processing`."""

from typing import Any

from kedro.pipeline import Node, Pipeline

from .nodes import create_model_input_table, make_price_bands, preprocess_tables, rate_reviews


def create_pipeline(**kwargs: Any) -> Pipeline:
    """Clean the raw tables, rate the reviews, and join everything."""
    return Pipeline(
        [
            Node(
                preprocess_tables,
                inputs={"companies": "companies", "shuttles": "shuttles"},
                outputs={
                    "companies": "preprocessed_companies",
                    "shuttles": "preprocessed_shuttles",
                },
                name="preprocess_tables",
                tags=["nightly"],
            ),
            Node(
                make_price_bands,
                inputs=None,
                outputs="price_bands",
                name="price.bands-v1.2",
            ),
            Node(
                rate_reviews,
                inputs=["reviews", "preprocessed_shuttles"],
                # `scores` and `Scores` are two datasets.
                outputs={
                    "by_type": "reviews_by_type",
                    "scores": "scores",
                    "standard_scores": "Scores",
                },
                name="rate_reviews",
                tags=["nightly"],
            ),
            Node(
                create_model_input_table,
                inputs={
                    "shuttles": "preprocessed_shuttles",
                    "companies": "preprocessed_companies",
                    "scores": "scores",
                    "standard_scores": "Scores",
                    "bands": "price_bands",
                },
                outputs="model_input_table",
                name="create_model_input_table",
            ),
        ]
    )
