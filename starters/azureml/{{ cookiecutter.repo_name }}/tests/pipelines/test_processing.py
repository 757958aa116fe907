import pandas as pd
import pytest

from {{ cookiecutter.python_package }}.pipelines.processing.nodes import (
    add_island_location,
    clean_penguins,
    make_features,
)


def test_cleaning_keeps_only_complete_measurements(penguins):
    measurements = clean_penguins(penguins)

    assert len(measurements) == len(penguins) - 2
    assert not measurements.isna().any(axis=None)


def test_cleaning_shortens_the_names_of_species(penguins):
    species = clean_penguins(penguins)["species"]

    assert set(species) == {"Adelie", "Chinstrap", "Gentoo"}


def test_cleaning_leaves_its_input_alone(penguins):
    before = penguins.copy()

    clean_penguins(penguins)

    pd.testing.assert_frame_equal(penguins, before)


def test_every_penguin_gets_the_location_of_its_island(penguins, islands):
    measurements = clean_penguins(penguins).head(3)

    located = add_island_location(measurements, islands)

    assert located["latitude"].tolist() == [-64.77] * 3
    assert located["bill_length_mm"].tolist() == [39.1, 39.5, 40.3]


def test_an_unknown_island_is_an_error(penguins, islands):
    torgersen_is_missing = islands[islands["island"] != "Torgersen"]

    with pytest.raises(ValueError, match="No location known for: Torgersen"):
        add_island_location(clean_penguins(penguins), torgersen_is_missing)


def test_features_are_derived_from_measurements_and_location():
    located = pd.DataFrame(
        {
            "species": ["Adelie", "Gentoo"],
            "island": ["Torgersen", "Biscoe"],
            "bill_length_mm": [40.0, 45.0],
            "bill_depth_mm": [20.0, 15.0],
            "flipper_length_mm": [181.0, 215.0],
            "body_mass_g": [3750.0, 5000.0],
            "latitude": [-64.0, -65.0],
            "longitude": [-64.0, -64.0],
        }
    )

    features = make_features(located, {"latitude": -64.0, "longitude": -64.0})

    assert features["bill_ratio"].tolist() == [2.0, 3.0]
    assert features["body_mass_kg"].tolist() == [3.75, 5.0]
    # One degree of latitude is 111.19 km on a sphere of radius 6371 km.
    assert features["km_from_station"].tolist() == pytest.approx([0, 111.19], abs=0.01)


def test_features_hold_what_the_parameters_ask_for(penguins, islands, parameters):
    located = add_island_location(clean_penguins(penguins), islands)

    features = make_features(located, parameters["processing"]["station"])

    assert {*parameters["features"], parameters["target"]} <= set(features.columns)
