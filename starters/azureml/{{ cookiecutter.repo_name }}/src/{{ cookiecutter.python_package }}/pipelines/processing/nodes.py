"""Nodes that clean the table of penguins and make features of it."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

EARTH_RADIUS_KM = 6371.0

COLUMNS = {
    "Species": "species",
    "Island": "island",
    "Culmen Length (mm)": "bill_length_mm",
    "Culmen Depth (mm)": "bill_depth_mm",
    "Flipper Length (mm)": "flipper_length_mm",
    "Body Mass (g)": "body_mass_g",
}


def clean_penguins(penguins: pd.DataFrame) -> pd.DataFrame:
    """Keep the complete measurements, under short names.

    Args:
        penguins: The raw table, one row per penguin.

    Returns:
        Species (the first word of the full name), island and four measurements of every
        penguin that has them all.
    """
    measurements = penguins[list(COLUMNS)].rename(columns=COLUMNS)
    measurements["species"] = measurements["species"].str.split().str[0]
    return measurements.dropna().reset_index(drop=True)


def add_island_location(
    measurements: pd.DataFrame, islands: pd.DataFrame
) -> pd.DataFrame:
    """Add where each penguin lives.

    Args:
        measurements: Clean measurements with the column ``island``.
        islands: The latitude and longitude of each island, in degrees.

    Returns:
        The measurements, in their order, with ``latitude`` and ``longitude``.

    Raises:
        ValueError: If an island is not in the table of islands.
    """
    unknown = sorted(set(measurements["island"]) - set(islands["island"]))
    if unknown:
        raise ValueError(f"No location known for: {', '.join(unknown)}")
    return measurements.merge(islands, on="island", how="left", validate="many_to_one")


def make_features(
    located_measurements: pd.DataFrame, station: Mapping[str, float]
) -> pd.DataFrame:
    """Derive what a classifier can use.

    Args:
        located_measurements: Measurements with the position of the island.
        station: The ``latitude`` and ``longitude`` of the research station, in degrees.

    Returns:
        One row per penguin: species, island, measurements and derived features.
    """
    return located_measurements.assign(
        bill_ratio=lambda df: df["bill_length_mm"] / df["bill_depth_mm"],
        body_mass_kg=lambda df: df["body_mass_g"] / 1000,
        km_from_station=lambda df: _distance_km(
            df["latitude"], df["longitude"], station["latitude"], station["longitude"]
        ),
    ).drop(columns=["body_mass_g", "latitude", "longitude"])


def _distance_km(
    latitude: pd.Series, longitude: pd.Series, to_latitude: float, to_longitude: float
) -> pd.Series:
    """Great-circle distance by the haversine formula, of positions in degrees."""
    lat, lon = np.radians(latitude), np.radians(longitude)
    to_lat, to_lon = np.radians(to_latitude), np.radians(to_longitude)
    chord = (
        np.sin((to_lat - lat) / 2) ** 2
        + np.cos(lat) * np.cos(to_lat) * np.sin((to_lon - lon) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(chord))
