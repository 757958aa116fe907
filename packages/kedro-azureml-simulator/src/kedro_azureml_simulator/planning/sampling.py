"""The values of a sweep's trials: a grid, random numbers, or a Sobol sequence."""

from __future__ import annotations

import itertools
import json
import math
import random
from statistics import NormalDist
from typing import TYPE_CHECKING

from kedro_azureml_simulator.pipeline.model import Space

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kedro_azureml_simulator.pipeline.model import Sweep

_BITS = 30
# Primitive polynomials and initial direction numbers of S. Joe and F. Y. Kuo, "Constructing Sobol
# sequences with better two-dimensional projections", SIAM J. Sci. Comput. 30 (2008), for the
# second dimension and up: degree, coefficients, m_1, m_2, ...
_JOE_KUO: tuple[tuple[int, int, tuple[int, ...]], ...] = (
    (1, 0, (1,)), (2, 1, (1, 3)), (3, 1, (1, 3, 1)), (3, 2, (1, 1, 1)), (4, 1, (1, 1, 3, 3)),
    (4, 4, (1, 3, 5, 13)), (5, 2, (1, 1, 5, 5, 17)), (5, 4, (1, 1, 5, 5, 5)),
    (5, 7, (1, 1, 7, 11, 19)), (5, 11, (1, 1, 5, 1, 1)), (5, 13, (1, 1, 1, 3, 11)),
    (5, 14, (1, 3, 5, 5, 31)), (6, 1, (1, 3, 3, 9, 7, 49)), (6, 13, (1, 1, 1, 15, 21, 21)),
    (6, 16, (1, 3, 1, 13, 27, 49)), (6, 19, (1, 1, 1, 15, 7, 5)), (6, 22, (1, 3, 1, 15, 13, 25)),
    (6, 25, (1, 1, 5, 5, 19, 61)), (7, 1, (1, 3, 7, 11, 23, 15, 103)),
    (7, 4, (1, 3, 7, 13, 13, 15, 69)),
)  # fmt: skip


def sample_trials(sweep: Sweep, most: int | None = None) -> list[dict[str, str]]:
    """Return the values of each trial, by their names, as the text that commands get.

    Args:
        sweep: The sweep. Without a seed its values are those of seed 0, the same in each run.
        most: At most so many trials; None for what the sweep says.

    Example:
        >>> from kedro_azureml_simulator.pipeline.model import Space, Sweep
        >>> space = {"a": Space("choice", (1, 2)), "b": Space("choice", ("x", "y"))}
        >>> sample_trials(Sweep(space, "grid", "loss", False, max_trials=3))
        [{'a': '1', 'b': 'x'}, {'a': '1', 'b': 'y'}, {'a': '2', 'b': 'x'}]
    """
    limits = [limit for limit in (sweep.max_trials, most) if limit is not None]
    count = min(limits) if limits else None
    names = list(sweep.space)
    if sweep.algorithm == "grid":
        every = itertools.product(*map(_list_values, sweep.space.values()))
        chosen = itertools.islice(every, count)
        return [dict(zip(names, map(_text, values), strict=True)) for values in chosen]
    numbers = random.Random(sweep.seed or 0)  # noqa: S311 - not a secret
    points: Iterator[list[float]]
    if sweep.algorithm == "sobol":
        points = draw_sobol_points(len(names), numbers)
    else:
        points = iter(lambda: [numbers.random() for _ in names], [])
    return [
        {
            name: _text(draw_value(sweep.space[name], number))
            for name, number in zip(names, point, strict=True)
        }
        for point in itertools.islice(points, count or 1)
    ]


def draw_value(space: Space, number: float) -> object:
    """Return the value of a distribution at a number from 0 to 1, exclusive.

    Args:
        space: The distribution.
        number: Where in it.

    Example:
        >>> from kedro_azureml_simulator.pipeline.model import Space
        >>> draw_value(Space("quniform", (), {"min_value": 0, "max_value": 10, "q": 2}), 0.52)
        6
    """
    if space.kind == "choice":
        index = min(int(number * len(space.values)), len(space.values) - 1)
        value = space.values[index]
        if not isinstance(value, dict):
            return value
        # What is left of the number is as random as the number was.
        below = random.Random(number * len(space.values) - index)  # noqa: S311 - not a secret
        return {
            name: draw_value(item, below.random()) if isinstance(item, Space) else item
            for name, item in value.items()
        }
    given = space.numbers
    if space.kind == "randint":
        return int(number * given["upper"])
    if "sigma" in given:
        # An end of the range is infinitely far away.
        inside = min(max(number, 1e-12), 1 - 1e-12)
        spread = given["sigma"]
        value = given["mu"] + (spread * NormalDist().inv_cdf(inside) if spread else 0.0)
    else:
        value = given["min_value"] + number * (given["max_value"] - given["min_value"])
    if "log" in space.kind:
        value = math.exp(value)
    if "q" in given:
        return round(value / given["q"]) * given["q"]
    return value


def _list_values(space: Space) -> Iterator[object]:
    """Yield every value of a choice, and of the choices in its mappings."""
    for value in space.values:
        if not isinstance(value, dict):
            yield value
            continue
        items = (
            list(_list_values(item)) if isinstance(item, Space) else [item]
            for item in value.values()
        )
        for combined in itertools.product(*items):
            yield dict(zip(value, combined, strict=True))


def draw_sobol_points(dimensions: int, numbers: random.Random) -> Iterator[list[float]]:
    """Yield the points of a Sobol sequence, shifted at random.

    Args:
        dimensions: How many numbers a point has; from the 22nd on they are random.
        numbers: Where the shift comes from.
    """
    known = min(dimensions, len(_JOE_KUO) + 1)
    directions = [_directions(dimension) for dimension in range(known)]
    state = [numbers.getrandbits(_BITS) for _ in range(known)]
    for index in itertools.count(1):
        point = [(value + 0.5) / (1 << _BITS) for value in state]
        yield point + [numbers.random() for _ in range(dimensions - known)]
        zeros = (index & -index).bit_length() - 1
        state = [value ^ d[zeros % _BITS] for value, d in zip(state, directions, strict=True)]


def _directions(dimension: int) -> list[int]:
    if dimension == 0:
        return [1 << (_BITS - 1 - bit) for bit in range(_BITS)]
    degree, coefficients, initial = _JOE_KUO[dimension - 1]
    numbers = [m << (_BITS - 1 - bit) for bit, m in enumerate(initial)]
    for bit in range(degree, _BITS):
        value = numbers[bit - degree] ^ (numbers[bit - degree] >> degree)
        for part in range(1, degree):
            if (coefficients >> (degree - 1 - part)) & 1:
                value ^= numbers[bit - part]
        numbers.append(value)
    return numbers


def _text(value: object) -> str:
    return json.dumps(value) if isinstance(value, dict) else str(value)
