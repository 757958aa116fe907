"""The values of a sweep's trials."""

from __future__ import annotations

import json
import random
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kedro_azureml_simulator.pipeline.model import Space, Sweep
from kedro_azureml_simulator.planning.sampling import draw_sobol_points, draw_value, sample_trials

UNIT = {"min_value": 0.0, "max_value": 1.0}


def sweep(algorithm: str, most: int, seed: int | None = None, **space: Space) -> Sweep:
    return Sweep(space, algorithm, "loss", False, max_trials=most, seed=seed)  # type: ignore[arg-type]


@pytest.mark.parametrize("dimension", range(21))
@pytest.mark.parametrize("seed", [0, 5])
def test_a_sobol_sequence_fills_each_dimension_evenly(dimension: int, seed: int) -> None:
    points = list(islice(draw_sobol_points(21, random.Random(seed)), 64))

    assert {int(point[dimension] * 64) for point in points} == set(range(64))


def test_two_dimensions_of_a_sobol_sequence_fill_every_square() -> None:
    points = list(islice(draw_sobol_points(2, random.Random(1)), 16))

    assert len({(int(x * 4), int(y * 4)) for x, y in points}) == 16


def test_dimensions_beyond_the_known_ones_are_random() -> None:
    [point] = islice(draw_sobol_points(30, random.Random(2)), 1)

    assert len(set(point)) == 30


@given(
    number=st.floats(0, 1, exclude_max=True),
    low=st.floats(-10, 10),
    width=st.floats(0, 10),
    q=st.sampled_from([0.5, 1, 3]),
)
def test_values_lie_in_their_range_and_on_their_grid(
    number: float, low: float, width: float, q: float
) -> None:
    given_range = {"min_value": low, "max_value": low + width}

    assert low <= draw_value(Space("uniform", (), given_range), number) <= low + width
    on_grid = draw_value(Space("quniform", (), {**given_range, "q": q}), number)
    assert abs(on_grid / q - round(on_grid / q)) < 1e-9
    assert draw_value(Space("loguniform", (), given_range), number) > 0
    assert draw_value(Space("choice", ("a", "b", "c")), number) in {"a", "b", "c"}
    assert 0 <= draw_value(Space("randint", (), {"upper": 5}), number) < 5


def test_normal_values_have_their_mean_in_the_middle() -> None:
    numbers = {"mu": 2.0, "sigma": 3.0}

    assert draw_value(Space("normal", (), numbers), 0.5) == 2.0
    assert draw_value(Space("lognormal", (), {"mu": 0.0, "sigma": 1.0}), 0.5) == 1.0
    assert draw_value(Space("qnormal", (), {**numbers, "q": 4}), 0.5) in {0, 4}
    assert draw_value(Space("normal", (), numbers), 0.0) < -10


@pytest.mark.parametrize("algorithm", ["random", "sobol"])
def test_a_seed_repeats_the_values_and_another_changes_them(algorithm: str) -> None:
    space = {"a": Space("uniform", (), UNIT), "b": Space("choice", (1, 2, 3))}

    first = sample_trials(sweep(algorithm, 5, seed=1, **space))

    assert first == sample_trials(sweep(algorithm, 5, seed=1, **space))
    assert first != sample_trials(sweep(algorithm, 5, seed=2, **space))
    assert sample_trials(sweep(algorithm, 5, seed=1, **space), most=2) == first[:2]


def test_nested_choices_are_passed_as_json() -> None:
    space = Space("choice", ({"model": "tree", "depth": 3},))

    assert sample_trials(sweep("grid", 9, a=space)) == [{"a": '{"model": "tree", "depth": 3}'}]


NESTED = Space(
    "choice",
    (
        {"name": "tree", "depth": Space("choice", (2, 3))},
        {"name": "line", "rate": Space("uniform", (), {"min_value": 1.0, "max_value": 2.0})},
    ),
)


def test_values_inside_a_choice_are_drawn_too() -> None:
    trials = [
        json.loads(trial["model"]) for trial in sample_trials(sweep("random", 60, model=NESTED))
    ]

    rates = [trial["rate"] for trial in trials if trial["name"] == "line"]
    assert {trial["depth"] for trial in trials if trial["name"] == "tree"} == {2, 3}
    assert len(set(rates)) > 10
    assert all(1 <= rate < 2 for rate in rates)


def test_a_grid_counts_the_choices_inside_a_choice() -> None:
    space = Space("choice", ({"name": "tree", "depth": Space("choice", (2, 3))}, "none"))

    trials = sample_trials(sweep("grid", 9, model=space))

    assert [trial["model"] for trial in trials] == [
        '{"name": "tree", "depth": 2}', '{"name": "tree", "depth": 3}', "none",
    ]  # fmt: skip
