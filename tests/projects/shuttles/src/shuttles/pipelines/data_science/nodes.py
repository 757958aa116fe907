"""Nodes that train a model of the price and measure how good it is."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import RegressorMixin
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LinearRegression
from sklearn.metrics import max_error, mean_absolute_error, r2_score
from sklearn.model_selection import train_test_split


def split_table(
    table: pd.DataFrame, features: Sequence[str], options: Mapping[str, Any]
) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray, np.ndarray]:
    """Set a part of the shuttles aside for the test.

    Args:
        table: One row per shuttle.
        features: The columns to learn from.
        options: `test_size`, the fraction of rows set aside, and `seed`.

    Returns:
        Features for training and for the test, then prices for training and for the test.
    """
    X_train, X_test, y_train, y_test = train_test_split(  # noqa: N806
        table[list(features)].astype(float),
        table["price"].to_numpy(dtype=float),
        test_size=options["test_size"],
        random_state=options["seed"],
    )
    return X_train, X_test, y_train, y_test


def train_model(
    X_train: pd.DataFrame,  # noqa: N803
    y_train: np.ndarray,
    options: Mapping[str, Any],
) -> RegressorMixin:
    """Fit the model of the kind that the options name.

    Args:
        X_train: Features for training.
        y_train: Prices for training.
        options: `kind`, which is `linear`, or `forest` with `trees`, `depth` and `seed`.

    Returns:
        The fitted model.
    """
    model: RegressorMixin
    if options["kind"] == "forest":
        model = RandomForestRegressor(
            n_estimators=options["trees"], max_depth=options["depth"], random_state=options["seed"]
        )
    else:
        model = LinearRegression()
    return model.fit(X_train, y_train)


def evaluate_model(
    model: RegressorMixin,
    X_test: pd.DataFrame,  # noqa: N803
    y_test: np.ndarray,
) -> dict[str, float | int]:
    """Measure how far the model is from the prices that it has not seen.

    Args:
        model: The fitted model.
        X_test: Features for the test.
        y_test: Prices for the test.

    Returns:
        `r2`, `mean_absolute_error` and `max_error` in credits, and `test_rows`.
    """
    predicted = model.predict(X_test)
    return {
        "r2": float(r2_score(y_test, predicted)),
        "mean_absolute_error": float(mean_absolute_error(y_test, predicted)),
        "max_error": float(max_error(y_test, predicted)),
        "test_rows": len(y_test),
    }
