"""Nodes that put the results into a table, and write down what they were made with."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

logger = logging.getLogger(__name__)


def summarise_prices(
    table: pd.DataFrame, same_table: pd.DataFrame, training_features: pd.DataFrame
) -> tuple[pd.DataFrame, dict[str, float]]:
    """Summarise prices and training data.

    Args:
        table: One row per shuttle.
        same_table: The same dataset, which the node gets twice.
        training_features: What the candidate has learned from.

    Returns:
        The mean price and the number of shuttles in each band, and the mean of each feature.

    Raises:
        ValueError: The two tables differ.
    """
    if not table.equals(same_table):
        raise ValueError("One dataset was loaded twice, with different content.")
    bands = table.groupby("band")["price"].agg(["mean", "size"])
    means = training_features.mean()
    return bands, {str(name): float(value) for name, value in means.items()}


def create_report(
    active: Mapping[str, float],
    candidate: Mapping[str, float],
    bands: pd.DataFrame,
    feature_means: Mapping[str, float],
    reviews_by_type: Mapping[str, Callable[[], pd.DataFrame]],
    decimals: int,
) -> pd.DataFrame:
    """Put everything that was found into one table.

    Args:
        active: Metrics of the active model.
        candidate: Metrics of the candidate.
        bands: The mean price and the number of shuttles in each band.
        feature_means: The mean of each feature in the candidate's training data.
        reviews_by_type: For each type of shuttle, what loads its reviews.
        decimals: Decimal places of the values.

    Returns:
        The columns `section`, `item` and `value`.
    """
    rows: list[tuple[str, str, float]] = []
    rows += [("active", name, value) for name, value in sorted(active.items())]
    rows += [("candidate", name, value) for name, value in sorted(candidate.items())]
    rows += [("mean price", str(band), mean) for band, mean in bands["mean"].items()]
    rows += [("shuttles", str(band), size) for band, size in bands["size"].items()]
    rows += [("mean feature", name, value) for name, value in sorted(feature_means.items())]
    for name, load in sorted(reviews_by_type.items()):
        reviews = load()
        rows.append(("reviews", name, len(reviews)))
        rows.append(("mean score", name, reviews["score"].mean()))
    report = pd.DataFrame(rows, columns=["section", "item", "value"])
    return report.assign(value=report["value"].astype(float).round(decimals))


def log_report(report: pd.DataFrame, title: str) -> None:
    """Log the report; there is nothing to save.

    Args:
        report: The report.
        title: Its headline.
    """
    logger.info("%s\n%s", title, report.to_string(index=False))


def record_parameters(
    parameters: Mapping[str, Any], hostile: Mapping[str, Any], command: str
) -> dict[str, Any]:
    """Write down the parameters exactly as the node gets them.

    Args:
        parameters: All of them.
        hostile: Those under `hostile`.
        command: One of those.

    Returns:
        The arguments, under their names.
    """
    return {"parameters": parameters, "hostile": hostile, "command": command}
