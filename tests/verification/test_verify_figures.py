"""Figures, images and frames of libraries that no package of ours needs."""

import pickle
from typing import Any

import matplotlib as mpl
import plotly.graph_objects as go
import polars as pl
import pytest
from kedro_azureml_cli.verification.in_project.object_comparison import find_difference
from matplotlib.figure import Figure
from PIL import Image

mpl.use("Agg")


def plotted(value: float) -> Figure:
    figure = Figure(figsize=(2, 1), dpi=50)
    figure.subplots().plot([0, 1], [0, value])
    return figure


def charted(value: float) -> go.Figure:
    return go.Figure(go.Bar(x=["a", "b"], y=[1.0, value]), layout={"title": "T"})


def framed(value: float | None) -> pl.DataFrame:
    return pl.DataFrame({"a": [1.0, float("nan"), None], "b": [value, 2.0, 3.0]})


def image(red: int) -> Image.Image:
    return Image.new("RGB", (3, 2), (red, 0, 0))


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (plotted, "a figure locally, one that looks different in the job"),
        (charted, "['data'][0]['y']"),
        (framed, "the columns ['b'] locally, with other values in the job"),
        (lambda value: framed(value)["b"], "the columns ['b'] locally"),
        (lambda value: framed(value).lazy(), "the columns ['b'] locally"),
        (lambda value: image(int(value)), "an image locally, one with other pixels in the job"),
    ],
    ids=["matplotlib", "plotly", "polars", "polars series", "polars lazy", "pillow"],
)
def test_what_is_shown_decides(make: Any, told: str):
    def loaded(value: float) -> Any:
        return pickle.loads(pickle.dumps(make(value)))

    assert find_difference(loaded(5.0), loaded(5.0)) is None
    found = find_difference(loaded(5.0), loaded(6.0))
    assert found is not None
    assert found.known
    assert told in found.text


def test_frames_of_other_shapes_and_types_differ():
    for other, told in (
        (framed(1.0).head(2), "3 rows locally, 2 in the job"),
        (
            framed(1.0).with_columns(pl.col("b").cast(pl.Float32)),
            ".schema[1][1]: 'Float64' locally",
        ),
        (framed(1.0).rename({"b": "c"}), ".schema[1][0]: 'b' locally, 'c' in the job"),
    ):
        found = find_difference(framed(1.0), other)
        assert found is not None
        assert told in found.text


def test_frames_in_other_pieces_are_the_same():
    whole = framed(1.0)
    assert find_difference(whole, pl.concat([whole.head(1), whole.tail(2)], rechunk=False)) is None
