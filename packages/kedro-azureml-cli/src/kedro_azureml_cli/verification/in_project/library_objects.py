"""Compare what libraries hold data in: arrays, tables, figures, images.

No library is imported here that the objects are not made of.
"""

from __future__ import annotations

import io
import json
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias

from .differences import (
    LONGEST,
    Difference,
    Found,
    describe,
    put_at,
    shorten,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Differ: TypeAlias = "Callable[[Any, Any, str], Found]"
"""Finds the first difference of two parts at a place in the objects."""


def _arrays(differ: Differ, one: Any, other: Any, where: str) -> Found:
    np: Any = import_module("numpy")

    if one.dtype != other.dtype:
        return describe(where, f"array of {one.dtype}", f"of {other.dtype}")
    if one.shape != other.shape:
        return describe(where, f"array of shape {one.shape}", f"{other.shape}")
    if one.dtype.hasobject:
        return differ(one.tolist(), other.tolist(), where)
    if one.dtype.kind == "V":  # with fields, whose NaN numpy does not find
        same = one.tobytes() == other.tobytes()
        return None if same else describe(where, "an array", "one with other values")
    apart = np.atleast_1d(~((one == other) | ((one != one) & (other != other))))  # noqa: PLR0124  (NaN)
    if not apart.any():
        return None
    first = tuple(int(i) for i in np.argwhere(apart)[0])[: one.ndim]
    count = f"{int(apart.sum())} of {apart.size} elements differ, the first at {list(first)}"
    return describe(put_at(where, count), shorten(str(one[first])), shorten(str(other[first])))


def _masked_arrays(differ: Differ, one: Any, other: Any, where: str) -> Found:
    np: Any = import_module("numpy")

    mine, theirs = (np.ma.getmaskarray(each) for each in (one, other))
    found = _arrays(differ, mine, theirs, f"{where}.mask")
    return found or _arrays(differ, one.filled(), other.filled(), where)


def _frames(differ: Differ, one: Any, other: Any, where: str) -> Found:
    found = _indexes(differ, one.columns, other.columns, f"{where}.columns")
    found = found or _indexes(differ, one.index, other.index, f"{where}.index")
    if found:
        return found
    for i, name in enumerate(one.columns):
        column = f"{where}[{shorten(repr(name))}]"
        found = _columns(differ, one.iloc[:, i], other.iloc[:, i], column)
        if found:
            return found
    return differ(one.attrs, other.attrs, f"{where}.attrs")


def _series(differ: Differ, one: Any, other: Any, where: str) -> Found:
    found = differ(one.name, other.name, f"{where}.name")
    found = found or _indexes(differ, one.index, other.index, f"{where}.index")
    return found or _columns(differ, one, other, where)


def _columns(differ: Differ, one: Any, other: Any, where: str) -> Found:
    testing: Any = import_module("pandas.testing")
    if one.dtype == other.dtype and one.dtype == object:
        return differ(list(one), list(other), where)
    return _asserted(
        where,
        lambda: testing.assert_series_equal(one, other, check_exact=True, check_index=False),
    )


def _indexes(_: Differ, one: Any, other: Any, where: str) -> Found:
    testing: Any = import_module("pandas.testing")
    return _asserted(where, lambda: testing.assert_index_equal(one, other, check_exact=True))


def _extension_arrays(differ: Differ, one: Any, other: Any, where: str) -> Found:
    pd: Any = import_module("pandas")
    return _columns(differ, pd.Series(one), pd.Series(other), where)


def _polars_frames(differ: Differ, one: Any, other: Any, where: str) -> Found:
    schemas = [{name: str(kind) for name, kind in each.schema.items()} for each in (one, other)]
    found = differ(list(schemas[0].items()), list(schemas[1].items()), f"{where}.schema")
    if found or one.equals(other):
        return found
    if one.height != other.height:
        return describe(where, f"{one.height} rows", f"{other.height}")
    apart = [name for name in one.columns if not one[name].equals(other[name])]
    return describe(where, f"the columns {shorten(str(apart))}", "with other values")


def _lazy_frames(differ: Differ, one: Any, other: Any, where: str) -> Found:
    return _polars_frames(differ, one.collect(), other.collect(), where)


def _polars_series(differ: Differ, one: Any, other: Any, where: str) -> Found:
    return _polars_frames(differ, one.to_frame(), other.to_frame(), where)


def _arrow_tables(differ: Differ, one: Any, other: Any, where: str) -> Found:
    if not one.schema.equals(other.schema):
        return describe(where, shorten(str(one.schema)), shorten(str(other.schema)))
    if one.equals(other):
        return None
    return differ(one.to_pylist(), other.to_pylist(), where)  # which knows NaN


def _spark_frames(differ: Differ, one: Any, other: Any, where: str) -> Found:
    if hasattr(one, "to_pandas"):  # pandas on Spark
        return differ(one.to_pandas(), other.to_pandas(), where)
    # Whether a column may hold nulls depends on how the data was made, not on the data.
    mine, theirs = (
        [(column.name, column.dataType.simpleString()) for column in each.schema.fields]
        for each in (one, other)
    )
    found = differ(mine, theirs, f"{where}.schema")
    if found:
        return found
    # A dict names the column in which rows differ, and would lose all but one of a name.
    names_are_unique = len(set(one.columns)) == len(one.columns)
    kind: type[Any] = dict if names_are_unique else list
    rows, other_rows = (
        [kind(zip(each.columns, row, strict=True)) for row in each.collect()]
        for each in (one, other)
    )
    return _unordered_rows(differ, rows, other_rows, where)


def _dask_collections(differ: Differ, one: Any, other: Any, where: str) -> Found:
    return differ(one.compute(), other.compute(), where)


def _ibis_tables(differ: Differ, one: Any, other: Any, where: str) -> Found:
    mine, theirs = ([(n, str(t)) for n, t in each.schema().items()] for each in (one, other))
    found = differ(mine, theirs, f"{where}.schema")
    if found:
        return found
    rows, other_rows = (each.to_pyarrow().to_pylist() for each in (one, other))
    return _unordered_rows(differ, rows, other_rows, where)


def _unordered_rows(differ: Differ, one: Iterable[Any], other: Iterable[Any], where: str) -> Found:
    """Compare rows whose order means nothing: distributed data has none."""
    mine, theirs = (sorted(rows, key=_row_key) for rows in (one, other))
    if len(mine) != len(theirs):
        return describe(where, f"{len(mine)} rows", f"{len(theirs)}")
    return differ(mine, theirs, f"{where} sorted rows".strip())


def _plotly_figures(differ: Differ, one: Any, other: Any, where: str) -> Found:
    return differ(json.loads(one.to_json()), json.loads(other.to_json()), where)


def _matplotlib_figures(_: Differ, one: Any, other: Any, where: str) -> Found:
    same = _drawn(one) == _drawn(other)
    return None if same else describe(where, "a figure", "one that looks different")


def _images(differ: Differ, one: Any, other: Any, where: str) -> Found:
    found = differ((one.mode, one.size), (other.mode, other.size), where)
    if found or one.tobytes() == other.tobytes():
        return found
    return describe(where, "an image", "one with other pixels")


def _row_key(row: Any) -> str:
    """Return a text by which equal rows sort alike, whatever the order of their maps' keys."""
    if isinstance(row, dict):
        return repr(sorted((str(key), _row_key(value)) for key, value in row.items()))
    if isinstance(row, (list, tuple)):
        return repr([_row_key(value) for value in row])
    return repr(row)


def _drawn(figure: Any) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="rgba", dpi="figure")
    return buffer.getvalue()


def _asserted(where: str, check: Callable[[], None]) -> Found:
    try:
        check()
    except AssertionError as error:
        text = str(error).replace("[left]", "[locally]").replace("[right]", "[in the job]")
        return Difference(put_at(where, shorten(text, 2 * LONGEST)))
    return None


COMPARISONS: dict[str, Callable[[Differ, Any, Any, str], Found]] = {
    "numpy.MaskedArray": _masked_arrays,
    "numpy.ndarray": _arrays,
    "numpy.generic": _arrays,
    "pandas.DataFrame": _frames,
    "pandas.Series": _series,
    "pandas.Index": _indexes,
    "pandas.ExtensionArray": _extension_arrays,
    "polars.DataFrame": _polars_frames,
    "polars.LazyFrame": _lazy_frames,
    "polars.Series": _polars_series,
    "pyarrow.Table": _arrow_tables,
    "pyspark.DataFrame": _spark_frames,
    "pyspark.Series": _spark_frames,
    "dask.DaskMethodsMixin": _dask_collections,
    "dask_expr.FrameBase": _dask_collections,
    "ibis.Table": _ibis_tables,
    "plotly.BaseFigure": _plotly_figures,
    "matplotlib.Figure": _matplotlib_figures,
    "PIL.Image": _images,
}
"""How to compare objects, by the library and the class: modules between them move."""
