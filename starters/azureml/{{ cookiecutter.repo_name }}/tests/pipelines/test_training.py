import pandas as pd
import pytest

from {{ cookiecutter.python_package }}.pipelines.training.nodes import (
    evaluate_predictions,
    predict_species,
    split_penguins,
    train_classifier,
)

FEATURES = ["bill_length_mm", "flipper_length_mm"]


@pytest.fixture
def features() -> pd.DataFrame:
    """Twelve penguins of two species that a bill tells apart."""
    return pd.DataFrame(
        {
            "species": ["Adelie"] * 6 + ["Gentoo"] * 6,
            "bill_length_mm": [37.0, 38, 39, 40, 36, 38, 46, 47, 48, 49, 45, 47],
            "flipper_length_mm": [180.0, 185, 190, 181, 186, 191] * 2,
        }
    )


def test_split_keeps_the_proportions_of_species(features):
    train_set, test_set = split_penguins(features, "species", test_size=0.5, seed=1)

    assert train_set["species"].value_counts().to_dict() == {"Adelie": 3, "Gentoo": 3}
    assert test_set["species"].value_counts().to_dict() == {"Adelie": 3, "Gentoo": 3}


def test_split_is_the_same_for_the_same_seed(features):
    first, _ = split_penguins(features, "species", test_size=0.5, seed=1)
    again, _ = split_penguins(features, "species", test_size=0.5, seed=1)
    other, _ = split_penguins(features, "species", test_size=0.5, seed=2)

    assert first.equals(again)
    assert not first.equals(other)


def test_classifier_takes_its_hyperparameters(features):
    classifier = train_classifier(
        features, FEATURES, "species", {"n_estimators": 3, "max_depth": 2}, seed=1
    )

    assert len(classifier.estimators_) == 3
    assert classifier.max_depth == 2
    assert classifier.feature_names_in_.tolist() == FEATURES


def test_classifier_recognises_species_that_are_easy_to_tell_apart(features):
    classifier = train_classifier(
        features, FEATURES, "species", {"n_estimators": 20}, seed=1
    )

    predictions = predict_species(classifier, features, FEATURES, "species")

    assert predictions["actual"].tolist() == features["species"].tolist()
    assert predictions["predicted"].tolist() == features["species"].tolist()


def test_metrics_count_right_answers():
    predictions = pd.DataFrame(
        {
            "actual": ["Adelie", "Adelie", "Gentoo", "Gentoo"],
            "predicted": ["Adelie", "Gentoo", "Gentoo", "Gentoo"],
        }
    )

    metrics = evaluate_predictions(predictions)

    assert metrics["accuracy"] == 0.75
    assert metrics["macro_f1"] == pytest.approx((2 / 3 + 4 / 5) / 2)
    assert metrics["test_penguins"] == 4
