"""Compare two loaded objects exactly, and say where they differ.

No library is imported here that the objects are not made of.
"""

from __future__ import annotations

import copyreg
import io
import itertools
import json
import types
import warnings
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_LONGEST = 120
_MISSING = object()


@dataclass(frozen=True)
class Difference:
    """Where and how two objects differ, or why that cannot be told.

    Args:
        text: What differs, and where in the object: `['a'][0]: 1 locally, 2 in the job`.
        known: Whether they do differ; False where they cannot be compared.
    """

    text: str
    known: bool = True


def find_difference(local: Any, job: Any) -> Difference | None:
    """Find the first difference of two objects.

    Numbers are compared exactly, NaN equals NaN, and types count: `1` is not `1.0`. The order of a
    dict's keys does not count. Figures are compared by what they show, tables without an order
    of their rows (Spark, ibis) by their sorted rows, and objects of other classes by what pickle
    keeps of them, part by part.

    Args:
        local: What the local run has left.
        job: What the job has left.

    Returns:
        None where they are the same. A difference that is known wins over a part that cannot be
        compared.

    Example:
        >>> find_difference({"a": [1, float("nan")]}, {"a": [1, float("nan")]}) is None
        True
        >>> print(find_difference({"a": [1, 2]}, {"a": [1, 3]}).text)
        ['a'][1]: 2 locally, 3 in the job
        >>> print(find_difference(1, 1.0).text)
        int locally, float in the job
    """
    comparison = _Comparison()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of libraries; what counts is their answer
            found = comparison.differ(local, job, "")
    except RecursionError:
        return Difference("nested too deeply to be compared", known=False)
    return found or comparison.doubt


Found: TypeAlias = "Difference | None"


class _Comparison:
    """One pass over two objects."""

    def __init__(self) -> None:
        self.doubt: Difference | None = None
        # Objects hold cycles: a pair that is seen again adds nothing. Its objects are kept, so that
        # no other ones get their ids.
        self._seen: dict[tuple[int, int], tuple[Any, Any]] = {}

    def differ(self, one: Any, other: Any, where: str) -> Found:
        """Find the first known difference; the first part that cannot be compared is `doubt`."""
        if one is other:
            return None
        kind = type(one)
        if not _same_name(kind, type(other)):
            return _told(where, _name(kind), _name(type(other)))
        if kind in _SCALARS:
            return _scalars(one, other, where)
        pair = (id(one), id(other))
        if pair in self._seen:
            return None
        self._seen[pair] = (one, other)
        try:
            return self._method(kind)(one, other, where)
        except RecursionError:
            raise
        except Exception as error:  # whatever the project's classes raise
            why = f"{_name(kind)} cannot be compared: {_short(f'{type(error).__name__}: {error}')}"
            self.doubt = self.doubt or Difference(_at(where, why), known=False)
            return None

    def _method(self, kind: type) -> Callable[[Any, Any, str], Found]:
        # The library and the class: modules between them move from version to version.
        names = (f"{c.__module__.partition('.')[0]}.{c.__qualname__}" for c in kind.__mro__)
        of_library = (_LIBRARIES[name] for name in names if name in _LIBRARIES)
        name = _BUILTINS.get(kind) or next(of_library, "_parts")
        method: Callable[[Any, Any, str], Found] = getattr(self, name)
        return method

    def _items(self, one: dict[Any, Any], other: dict[Any, Any], where: str) -> Found:
        found = _keys(one, other, where)
        return found or self._first(
            (one[key], other[key], f"{where}[{_short(repr(key))}]") for key in one
        )

    def _elements(self, one: Any, other: Any, where: str) -> Found:
        if len(one) != len(other):
            return _told(where, f"{len(one)} elements", f"{len(other)}")
        return self._first(
            (mine, theirs, f"{where}[{i}]")
            for i, (mine, theirs) in enumerate(zip(one, other, strict=True))
        )

    def _sets(self, one: Any, other: Any, where: str) -> Found:
        return None if one == other else _told(where, _short(repr(one)), _short(repr(other)))

    def _named(self, one: Any, other: Any, where: str) -> Found:
        """Compare what pickle keeps by name: classes, modules, built-in functions."""
        names = [getattr(each, "__qualname__", each.__name__) for each in (one, other)]
        modules = [getattr(each, "__module__", None) for each in (one, other)]
        return None if names[0] == names[1] and modules[0] == modules[1] else _told(where, *names)

    def _functions(self, one: Any, other: Any, where: str) -> Found:
        if one.__code__ != other.__code__:
            return _told(where, f"the function {one.__qualname__}", "another one")
        used = [name for name in one.__code__.co_names if name in one.__globals__]
        return self._first(
            [
                (one.__defaults__, other.__defaults__, f"{where}.__defaults__"),
                (one.__kwdefaults__, other.__kwdefaults__, f"{where}.__kwdefaults__"),
                *(
                    (mine.cell_contents, theirs.cell_contents, f"{where}.__closure__")
                    for mine, theirs in zip(
                        one.__closure__ or (), other.__closure__ or (), strict=True
                    )
                ),
                *(
                    (one.__globals__[n], other.__globals__.get(n, _MISSING), f"{where}.{n}")
                    for n in used
                ),
            ]
        )

    def _methods(self, one: Any, other: Any, where: str) -> Found:
        return self._first(
            [(one.__func__, other.__func__, where), (one.__self__, other.__self__, where)]
        )

    def _parts(self, one: Any, other: Any, where: str) -> Found:
        """Compare what pickle keeps of two objects of one class."""
        held = _handles(one) or _handles(other)
        if held:
            message = f"its data is held by another program, behind {held}"
            raise TypeError(message)
        mine, theirs = _reduced(one), _reduced(other)
        if isinstance(mine, str) or isinstance(theirs, str):
            return self.differ(mine, theirs, where)
        parts = [
            (mine[1], theirs[1], where),
            (list(mine[3] or ()), list(theirs[3] or ()), where),
            (dict(mine[4] or ()), dict(theirs[4] or ()), where),
        ]
        state = self._attributes(mine[2], theirs[2], where)
        return self._first(itertools.chain([(mine[0], theirs[0], where)], state, parts))

    def _attributes(self, one: Any, other: Any, where: str) -> Iterable[tuple[Any, Any, str]]:
        if not (isinstance(one, dict) and isinstance(other, dict)):
            return [(one, other, where)]
        names = sorted({*map(str, one), *map(str, other)})
        return [(one.get(n, _MISSING), other.get(n, _MISSING), f"{where}.{n}") for n in names]

    def _first(self, pairs: Iterable[tuple[Any, Any, str]]) -> Found:
        for one, other, where in pairs:
            found = self.differ(one, other, where)
            if found:
                return found
        return None

    def _arrays(self, one: Any, other: Any, where: str) -> Found:
        np: Any = import_module("numpy")

        if one.dtype != other.dtype:
            return _told(where, f"array of {one.dtype}", f"of {other.dtype}")
        if one.shape != other.shape:
            return _told(where, f"array of shape {one.shape}", f"{other.shape}")
        if one.dtype.hasobject:
            return self.differ(one.tolist(), other.tolist(), where)
        if one.dtype.kind == "V":  # with fields, whose NaN numpy does not find
            same = one.tobytes() == other.tobytes()
            return None if same else _told(where, "an array", "one with other values")
        apart = np.atleast_1d(~((one == other) | ((one != one) & (other != other))))  # noqa: PLR0124  (NaN)
        if not apart.any():
            return None
        first = tuple(int(i) for i in np.argwhere(apart)[0])[: one.ndim]
        count = f"{int(apart.sum())} of {apart.size} elements differ, the first at {list(first)}"
        return _told(_at(where, count), _short(str(one[first])), _short(str(other[first])))

    def _masked_arrays(self, one: Any, other: Any, where: str) -> Found:
        np: Any = import_module("numpy")

        mine, theirs = (np.ma.getmaskarray(each) for each in (one, other))
        found = self._arrays(mine, theirs, f"{where}.mask")
        return found or self._arrays(one.filled(), other.filled(), where)

    def _frames(self, one: Any, other: Any, where: str) -> Found:
        found = self._indexes(one.columns, other.columns, f"{where}.columns")
        found = found or self._indexes(one.index, other.index, f"{where}.index")
        if found:
            return found
        for i, name in enumerate(one.columns):
            column = f"{where}[{_short(repr(name))}]"
            found = self._columns(one.iloc[:, i], other.iloc[:, i], column)
            if found:
                return found
        return self.differ(one.attrs, other.attrs, f"{where}.attrs")

    def _series(self, one: Any, other: Any, where: str) -> Found:
        found = self.differ(one.name, other.name, f"{where}.name")
        found = found or self._indexes(one.index, other.index, f"{where}.index")
        return found or self._columns(one, other, where)

    def _columns(self, one: Any, other: Any, where: str) -> Found:
        testing: Any = import_module("pandas.testing")
        if one.dtype == other.dtype and one.dtype == object:
            return self._elements(list(one), list(other), where)
        return _asserted(
            where,
            lambda: testing.assert_series_equal(one, other, check_exact=True, check_index=False),
        )

    def _indexes(self, one: Any, other: Any, where: str) -> Found:
        testing: Any = import_module("pandas.testing")
        return _asserted(where, lambda: testing.assert_index_equal(one, other, check_exact=True))

    def _extension_arrays(self, one: Any, other: Any, where: str) -> Found:
        pd: Any = import_module("pandas")
        return self._columns(pd.Series(one), pd.Series(other), where)

    def _polars_frames(self, one: Any, other: Any, where: str) -> Found:
        schemas = [{name: str(kind) for name, kind in each.schema.items()} for each in (one, other)]
        found = self.differ(list(schemas[0].items()), list(schemas[1].items()), f"{where}.schema")
        if found or one.equals(other):
            return found
        if one.height != other.height:
            return _told(where, f"{one.height} rows", f"{other.height}")
        apart = [name for name in one.columns if not one[name].equals(other[name])]
        return _told(where, f"the columns {_short(str(apart))}", "with other values")

    def _lazy_frames(self, one: Any, other: Any, where: str) -> Found:
        return self._polars_frames(one.collect(), other.collect(), where)

    def _polars_series(self, one: Any, other: Any, where: str) -> Found:
        return self._polars_frames(one.to_frame(), other.to_frame(), where)

    def _arrow_tables(self, one: Any, other: Any, where: str) -> Found:
        if not one.schema.equals(other.schema):
            return _told(where, _short(str(one.schema)), _short(str(other.schema)))
        if one.equals(other):
            return None
        return self.differ(one.to_pylist(), other.to_pylist(), where)  # which knows NaN

    def _spark_frames(self, one: Any, other: Any, where: str) -> Found:
        if hasattr(one, "to_pandas"):  # pandas on Spark
            return self.differ(one.to_pandas(), other.to_pandas(), where)
        # Whether a column may hold nulls depends on how the data was made, not on the data.
        mine, theirs = (
            [(column.name, column.dataType.simpleString()) for column in each.schema.fields]
            for each in (one, other)
        )
        found = self.differ(mine, theirs, f"{where}.schema")
        if found:
            return found
        # A dict names the column in which rows differ, and would lose all but one of a name.
        names_are_unique = len(set(one.columns)) == len(one.columns)
        kind: type[Any] = dict if names_are_unique else list
        rows, other_rows = (
            [kind(zip(each.columns, row, strict=True)) for row in each.collect()]
            for each in (one, other)
        )
        return self._unordered_rows(rows, other_rows, where)

    def _dask_collections(self, one: Any, other: Any, where: str) -> Found:
        return self.differ(one.compute(), other.compute(), where)

    def _ibis_tables(self, one: Any, other: Any, where: str) -> Found:
        mine, theirs = ([(n, str(t)) for n, t in each.schema().items()] for each in (one, other))
        found = self.differ(mine, theirs, f"{where}.schema")
        if found:
            return found
        rows, other_rows = (each.to_pyarrow().to_pylist() for each in (one, other))
        return self._unordered_rows(rows, other_rows, where)

    def _unordered_rows(self, one: Iterable[Any], other: Iterable[Any], where: str) -> Found:
        """Compare rows whose order means nothing: distributed data has none."""
        mine, theirs = (sorted(rows, key=_row_key) for rows in (one, other))
        if len(mine) != len(theirs):
            return _told(where, f"{len(mine)} rows", f"{len(theirs)}")
        return self._elements(mine, theirs, f"{where} sorted rows".strip())

    def _plotly_figures(self, one: Any, other: Any, where: str) -> Found:
        return self.differ(json.loads(one.to_json()), json.loads(other.to_json()), where)

    def _matplotlib_figures(self, one: Any, other: Any, where: str) -> Found:
        same = _drawn(one) == _drawn(other)
        return None if same else _told(where, "a figure", "one that looks different")

    def _images(self, one: Any, other: Any, where: str) -> Found:
        found = self.differ((one.mode, one.size), (other.mode, other.size), where)
        if found or one.tobytes() == other.tobytes():
            return found
        return _told(where, "an image", "one with other pixels")


_SCALARS = frozenset({bool, int, float, complex, str, bytes, bytearray, range, type(None)})

_BUILTINS: dict[type, str] = {
    dict: "_items",
    list: "_elements",
    tuple: "_elements",
    set: "_sets",
    frozenset: "_sets",
    type: "_named",
    types.FunctionType: "_functions",
    types.MethodType: "_methods",
    types.BuiltinFunctionType: "_named",
    types.ModuleType: "_named",
}

_LIBRARIES = {
    "builtins.type": "_named",
    "numpy.MaskedArray": "_masked_arrays",
    "numpy.ndarray": "_arrays",
    "numpy.generic": "_arrays",
    "pandas.DataFrame": "_frames",
    "pandas.Series": "_series",
    "pandas.Index": "_indexes",
    "pandas.ExtensionArray": "_extension_arrays",
    "polars.DataFrame": "_polars_frames",
    "polars.LazyFrame": "_lazy_frames",
    "polars.Series": "_polars_series",
    "pyarrow.Table": "_arrow_tables",
    "pyspark.DataFrame": "_spark_frames",
    "pyspark.Series": "_spark_frames",
    "dask.DaskMethodsMixin": "_dask_collections",
    "dask_expr.FrameBase": "_dask_collections",
    "ibis.Table": "_ibis_tables",
    "plotly.BaseFigure": "_plotly_figures",
    "matplotlib.Figure": "_matplotlib_figures",
    "PIL.Image": "_images",
}

# Proxies of objects in a Java virtual machine: two of them differ by their number, whatever they
# stand for.
_HANDLE_LIBRARIES = frozenset({"py4j", "jpype", "_jpype"})


def _handles(value: Any) -> str:
    """Return the first attribute that is, or the class that has, a handle of another program."""
    if _is_handle(value):
        return _name(type(value))
    attributes = getattr(value, "__dict__", None)
    if not isinstance(attributes, dict):
        return ""
    return next((str(name) for name, held in attributes.items() if _is_handle(held)), "")


def _is_handle(value: Any) -> bool:
    kinds = type(value).__mro__
    return any(kind.__module__.partition(".")[0] in _HANDLE_LIBRARIES for kind in kinds)


def _row_key(row: Any) -> str:
    """Return a text by which equal rows sort alike, whatever the order of their maps' keys."""
    if isinstance(row, dict):
        return repr(sorted((str(key), _row_key(value)) for key, value in row.items()))
    if isinstance(row, (list, tuple)):
        return repr([_row_key(value) for value in row])
    return repr(row)


def _scalars(one: Any, other: Any, where: str) -> Found:
    if one == other or (one != one and other != other):  # noqa: PLR0124  (NaN)
        return None
    return _told(where, _short(repr(one)), _short(repr(other)))


def _keys(one: dict[Any, Any], other: dict[Any, Any], where: str) -> Found:
    if one.keys() == other.keys():
        return None
    only = [
        _short(str(sorted(map(repr, a.keys() - b.keys())))) for a, b in ((one, other), (other, one))
    ]
    return _told(where, f"the keys {only[0]} only", f"{only[1]} only")


def _reduced(value: Any) -> Any:
    """Return what pickle keeps of an object: function, arguments, state, elements, items."""
    reducer = copyreg.dispatch_table.get(type(value))
    parts = reducer(value) if reducer else value.__reduce_ex__(4)
    if isinstance(parts, str):
        return parts
    return (*parts, *[None] * 5)[:5]


def _drawn(figure: Any) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="rgba", dpi="figure")
    return buffer.getvalue()


def _asserted(where: str, check: Callable[[], None]) -> Found:
    try:
        check()
    except AssertionError as error:
        text = str(error).replace("[left]", "[locally]").replace("[right]", "[in the job]")
        return Difference(_at(where, _short(text, 2 * _LONGEST)))
    return None


def _same_name(one: type, other: type) -> bool:
    # A class that was pickled by value is made again whenever it is loaded.
    return one is other or _name(one) == _name(other)


def _name(kind: type) -> str:
    module = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
    return f"{module}{kind.__qualname__}"


def _told(where: str, local: str, job: str) -> Difference:
    return Difference(_at(where, f"{local} locally, {job} in the job"))


def _at(where: str, text: str) -> str:
    return f"{where}: {text}" if where else text


def _short(text: str, most: int = _LONGEST) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1]}…"
