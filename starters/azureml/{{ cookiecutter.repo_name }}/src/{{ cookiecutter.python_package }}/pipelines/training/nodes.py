"""Nodes that train a classifier of species and measure how good it is."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import train_test_split


def split_penguins(
    penguin_features: pd.DataFrame, target: str, test_size: float, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Set a part of the penguins aside for the test.

    Args:
        penguin_features: One row per penguin.
        target: The column whose proportions both parts keep.
        test_size: The fraction of rows in the test part.
        seed: Seed of the shuffle.

    Returns:
        The training part and the test part.
    """
    train_set, test_set = train_test_split(
        penguin_features,
        test_size=test_size,
        random_state=seed,
        stratify=penguin_features[target],
    )
    return train_set.reset_index(drop=True), test_set.reset_index(drop=True)


def train_classifier(
    train_set: pd.DataFrame,
    features: Sequence[str],
    target: str,
    hyperparameters: Mapping[str, Any],
    seed: int,
) -> RandomForestClassifier:
    """Fit a random forest.

    Args:
        train_set: The training part.
        features: The columns to learn from.
        target: The column to learn.
        hyperparameters: Arguments of the classifier.
        seed: Seed of the forest.

    Returns:
        The fitted classifier.
    """
    classifier = RandomForestClassifier(**hyperparameters, random_state=seed)
    return classifier.fit(train_set[list(features)], train_set[target])


def predict_species(
    classifier: RandomForestClassifier,
    test_set: pd.DataFrame,
    features: Sequence[str],
    target: str,
) -> pd.DataFrame:
    """Let the classifier name the penguins that it has not seen.

    Args:
        classifier: The fitted classifier.
        test_set: The test part.
        features: The columns that the classifier learned from.
        target: The column with the truth.

    Returns:
        The columns ``actual`` and ``predicted``, one row per penguin of the test part.
    """
    return pd.DataFrame(
        {
            "actual": test_set[target],
            "predicted": classifier.predict(test_set[list(features)]),
        }
    )


def evaluate_predictions(predictions: pd.DataFrame) -> dict[str, float]:
    """Measure how often the classifier is right.

    Args:
        predictions: The columns ``actual`` and ``predicted``.

    Returns:
        ``accuracy``, ``macro_f1`` (the mean over the species) and ``test_penguins``.
    """
    actual, predicted = predictions["actual"], predictions["predicted"]
    return {
        "accuracy": float(accuracy_score(actual, predicted)),
        "macro_f1": float(f1_score(actual, predicted, average="macro")),
        "test_penguins": len(predictions),
    }
