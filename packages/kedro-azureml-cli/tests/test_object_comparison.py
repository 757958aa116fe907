"""Two loaded objects: the same, different and where, or not to be compared."""

import copy
import datetime as dt
import decimal
import functools
import json
import pickle
import re
import threading
from collections import OrderedDict, defaultdict, namedtuple
from dataclasses import dataclass, field
from enum import Enum
from pathlib import PurePosixPath
from typing import Any

import cloudpickle
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kedro_azureml_cli.verification.in_project.object_comparison import find_difference
from stress import examples

NAN = float("nan")
Point = namedtuple("Point", "x y")


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@dataclass
class Model:
    weights: Any
    options: dict[str, Any] = field(default_factory=dict)


class Slotted:
    __slots__ = ("left", "right")

    def __init__(self, left: Any, right: Any) -> None:
        self.left, self.right = left, right


def table(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame(columns)


def multi_indexed(value: float) -> pd.DataFrame:
    index = pd.MultiIndex.from_tuples([("a", 1), ("a", 2)], names=["letter", "number"])
    return pd.DataFrame({"v": [value, 2.0]}, index=index)


def masked(value: float) -> Any:
    return np.ma.masked_array([value, 2.0], mask=[False, True])


def closure(number: int) -> Any:
    return lambda value: value + number


def cyclic(last: int) -> list[Any]:
    items: list[Any] = [1, last]
    items.insert(1, items)
    return items


def again(value: Any) -> Any:
    """Return the object as another process would load it."""
    return cloudpickle.loads(cloudpickle.dumps(value))


@pytest.mark.parametrize(
    "value",
    [
        None, True, 1, 1.5, NAN, 2 + 3j, "é", b"bytes", range(3), [1, [2, NAN]], (1, "a"), {1, 2},
        frozenset("ab"), {"a": {"b": [NAN]}}, Point(1, NAN), Colour.RED, OrderedDict(a=1),
        defaultdict(list, a=[1]), dt.datetime(2026, 1, 2, tzinfo=dt.timezone.utc),
        decimal.Decimal("1.10"), PurePosixPath("a/b"), re.compile("a+"), int, json, len,
        json.dumps, closure(1), functools.partial(pow, 2), "text".upper,
        Model(np.array([1.0, NAN]), {"deep": [Model(1)]}), Slotted([1], NAN), cyclic(2),
        np.array([[1, 2], [3, 4]], dtype="int8"), np.float32(1.5), np.array(3.0), np.array([]),
        np.array(["2026-01-01", "NaT"], dtype="datetime64[D]"), np.array([1, "a", None], object),
        np.array([(1, NAN)], dtype=[("a", int), ("b", float)]), masked(1.0), np.dtype("int8"),
        np.random.RandomState(1), table(a=[1.0, NAN], b=["x", None]), multi_indexed(1.0),
        table(a=pd.Categorical(["x", "y"]), b=pd.to_datetime(["2026-01-01", None])),
        table(a=[[1, 2], {"x": np.array([NAN])}]), pd.Series([1, 2], name="n"),
        pd.array([1, None], dtype="Int64"), pd.Index(["a", "b"]), pd.Timestamp(2026, 1, 1), pd.NaT,
        table(), pa.table({"a": [1.0, NAN, None]}),
    ],
    ids=lambda value: type(value).__name__,  # the same in every process
)  # fmt: skip
def test_what_another_process_would_load_is_the_same(value):
    assert find_difference(value, again(value)) is None


@pytest.mark.parametrize(
    ("local", "job", "told"),
    [
        (1, 2, "1 locally, 2 in the job"),
        (1, 1.0, "int locally, float in the job"),
        (1, True, "int locally, bool in the job"),
        (None, 0, "NoneType locally, int in the job"),
        ([1, 2], [1], "2 elements locally, 1 in the job"),
        ([1, 2], [2, 1], "[0]: 1 locally, 2 in the job"),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, "['a']['b']: 1 locally, 2 in the job"),
        ({"a": 1}, {"b": 1}, """the keys ["'a'"] only locally, ["'b'"] only in the job"""),
        ({1}, {2}, "{1} locally, {2} in the job"),
        (Point(1, 2), Point(1, 3), "[2]: 2 locally, 3 in the job"),
        (Colour.RED, Colour.BLUE, "[0]: 'red' locally, 'blue' in the job"),
        (int, float, "int locally, float in the job"),
        (OrderedDict(a=1), OrderedDict(a=2), "['a']: 1 locally, 2 in the job"),
        (decimal.Decimal("1.0"), decimal.Decimal("1.00"), "[0]: '1.0' locally, '1.00' in the job"),
        (Model(1, {"a": 1}), Model(1, {"a": 2}), ".options['a']: 1 locally, 2 in the job"),
        (closure(1), closure(2), ".__closure__: 1 locally, 2 in the job"),
        (closure(1), lambda value: value, "the function"),
        (Slotted(1, 2), Slotted(1, 3), "3 in the job"),
        (cyclic(2), cyclic(3), "[2]: 2 locally, 3 in the job"),
        (np.array([1.0]), np.array([1.0], "f4"), "array of float64 locally, of float32 in the job"),
        (np.zeros((2, 3)), np.zeros((3, 2)), "shape (2, 3) locally, (3, 2) in the job"),
        (
            np.array([[1.0, 2.0]]), np.array([[1.0, 3.0]]),
            "1 of 2 elements differ, the first at [0, 1]: 2.0 locally, 3.0 in the job",
        ),
        (np.float64(1), np.float64(2), "1.0 locally, 2.0 in the job"),
        (np.array([1, "a"], object), np.array([1, "b"], object), "[1]: 'a' locally, 'b'"),
        (masked(1.0), masked(2.0), "1.0 locally, 2.0 in the job"),
        (table(a=[1]), table(a=[1.0]), "[locally]: int64 [in the job]: float64"),
        (table(a=[1.0, 2.0]), table(a=[1.0, 2.0 + 1e-12]), "['a']: Series are different"),
        (table(a=[1]), table(b=[1]), ".columns: "),
        (table(a=[1, 2]), table(a=[1]), ".index: "),
        (table(a=[1, 2]), table(a=[1, 2]).set_index(pd.Index([5, 6])), ".index: "),
        (table(a=[{"x": 1}]), table(a=[{"x": 2}]), "['a'][0]['x']: 1 locally, 2 in the job"),
        (multi_indexed(1.0), multi_indexed(3.0), "['v']: Series are different"),
        (pd.Series([1], name="a"), pd.Series([1], name="b"), ".name: 'a' locally, 'b' in the job"),
        (pd.array([1, None], "Int64"), pd.array([1, 2], "Int64"), "Series"),
        (pa.table({"a": [1.0]}), pa.table({"a": [2.0]}), "[0]['a']: 1.0 locally, 2.0 in the job"),
        (pa.table({"a": [1.0]}), pa.table({"a": [1]}), "a: double locally, a: int64 in the job"),
    ],
)  # fmt: skip
def test_a_difference_is_reported_with_its_place(local, job, told):
    for one, other in ((local, job), (again(local), again(job))):
        found = find_difference(one, other)
        assert found is not None
        assert told in found.text
        assert found.known


def test_the_order_of_keys_and_of_sets_does_not_count():
    assert find_difference({"a": 1, "b": 2}, {"b": 2, "a": 1}) is None
    assert find_difference({"x": {"a", "b"}}, {"x": {"b", "a"}}) is None


def test_what_pickle_cannot_take_apart_is_not_called_the_same():
    found = find_difference([threading.Lock()], [threading.Lock()])
    assert found is not None
    assert not found.known
    assert found.text.startswith("[0]: _thread.lock cannot be compared: TypeError:")


def test_a_difference_beside_what_cannot_be_compared_is_reported():
    found = find_difference([threading.Lock(), 1], [threading.Lock(), 2])
    assert found is not None
    assert (found.text, found.known) == ("[1]: 1 locally, 2 in the job", True)


def test_a_comparison_that_raises_is_not_an_answer():
    class Touchy:
        def __reduce__(self):
            raise ValueError("do not touch")

    found = find_difference(Touchy(), Touchy())
    assert found is not None
    assert not found.known
    assert "ValueError: do not touch" in found.text


def test_what_is_nested_too_deeply_is_not_called_the_same():
    one: list[Any] = []
    for _ in range(100_000):
        one = [one]
    other: list[Any] = [one]
    found = find_difference(one, other)
    assert found is not None
    assert not found.known
    while one:  # Python itself would free it recursively
        one = one.pop()


def test_classes_that_were_pickled_by_value_are_compared_by_what_they_hold():
    def loaded(value: int) -> Any:
        space: dict[str, Any] = {"__name__": "__main__"}
        exec("class Local:\n    def __init__(self, v):\n        self.v = v\n", space)
        return again(space["Local"](value))

    assert find_difference(loaded(1), loaded(1)) is None
    found = find_difference(loaded(1), loaded(2))
    assert found is not None
    assert found.text == ".v: 1 locally, 2 in the job"


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=12,
)


@given(values)
@examples(100)
def test_any_value_is_the_same_as_its_copy(value):
    assert find_difference(value, copy.deepcopy(value)) is None
    assert find_difference(value, pickle.loads(pickle.dumps(value))) is None


def with_one_zero(value: Any) -> Any:
    """Return the value with 0.0 for -0.0, which is equal to it."""
    if isinstance(value, dict):
        return {key: with_one_zero(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [with_one_zero(inner) for inner in value]
    return value + 0.0 if isinstance(value, float) else value


@given(values, values)
@examples(100)
def test_two_values_are_the_same_exactly_where_their_texts_are(one, other):
    texts = [json.dumps(with_one_zero(value), sort_keys=True) for value in (one, other)]
    assert (find_difference(one, other) is None) == (texts[0] == texts[1])
