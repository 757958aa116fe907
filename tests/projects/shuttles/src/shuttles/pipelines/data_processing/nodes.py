"""Nodes that clean the raw tables and join them."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

Band = tuple[str, float, float]
"""A range of prices: its name, where it begins, and where the next one begins."""


def preprocess_tables(companies: pd.DataFrame, shuttles: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Turn texts into numbers, and leave out rows that lack one.

    Args:
        companies: The raw companies.
        shuttles: The raw shuttles.

    Returns:
        Both tables, under the names of the arguments.
    """
    clean_companies = pd.DataFrame(
        {
            "company_id": companies["company_id"],
            "rating": companies["rating"].str.rstrip("%").astype(float) / 100,
            "certified": companies["certified"] == "yes",
        }
    )
    price = shuttles["price"].str.removesuffix(" cr").str.replace(",", "")
    clean_shuttles = pd.DataFrame(
        {
            "shuttle_id": shuttles["shuttle_id"],
            "company_id": shuttles["company_id"],
            "shuttle_type": shuttles["shuttle_type"],
            "engines": shuttles["engines"],
            "seats": shuttles["seats"].astype(float),
            "inspected": shuttles["inspected"] == "yes",
            "launched": shuttles["launched"],
            "price": price.astype(float),
        }
    )
    return {
        "companies": clean_companies.dropna().reset_index(drop=True),
        "shuttles": clean_shuttles.dropna().reset_index(drop=True),
    }


def make_price_bands() -> list[Band]:
    """Name the ranges of prices.

    Returns:
        The bands, from low to high.
    """
    return [("budget", 0.0, 2500.0), ("middle", 2500.0, 4000.0), ("luxury", 4000.0, 1.0e9)]


def rate_reviews(
    reviews: pd.DataFrame, shuttles: pd.DataFrame
) -> dict[str, dict[str, pd.DataFrame] | pd.DataFrame | np.ndarray]:
    """Score every reviewed shuttle, and sort the reviews by type of shuttle.

    Args:
        reviews: The raw reviews.
        shuttles: The clean shuttles.

    Returns:
        Under `by_type` the reviews of each type of shuttle, under `scores` a row per shuttle with
        its mean score, and under `standard_scores` the same scores with mean 0 and variance 1.
    """
    scored = reviews.merge(shuttles[["shuttle_id", "shuttle_type"]], on="shuttle_id")
    scored["score"] = scored[["comfort", "crew", "value"]].mean(axis=1)
    scores = scored.groupby("shuttle_id", as_index=False)["score"].mean()
    values = scores["score"].to_numpy(dtype=float)
    return {
        "by_type": {
            str(name): group.reset_index(drop=True)
            for name, group in scored.groupby("shuttle_type")
        },
        "scores": scores,
        "standard_scores": (values - values.mean()) / values.std(),
    }


def create_model_input_table(
    shuttles: pd.DataFrame,
    companies: pd.DataFrame,
    scores: pd.DataFrame,
    standard_scores: np.ndarray,
    bands: Sequence[Band],
) -> pd.DataFrame:
    """Join what is known of each shuttle that has a company and a review.

    Args:
        shuttles: The clean shuttles.
        companies: The clean companies.
        scores: The mean score of each shuttle.
        standard_scores: The standard score of each row of `scores`.
        bands: The ranges of prices.

    Returns:
        One row per shuttle.
    """
    scored = scores.assign(standard_score=standard_scores)
    table = shuttles.merge(companies, on="company_id").merge(scored, on="shuttle_id")
    table["band"] = [
        next(name for name, low, high in bands if low <= price < high) for price in table["price"]
    ]
    return table.sort_values("shuttle_id").reset_index(drop=True)
