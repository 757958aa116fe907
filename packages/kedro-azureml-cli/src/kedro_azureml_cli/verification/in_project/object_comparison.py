"""Compare two loaded objects exactly, and say where they differ.

No library is imported here that the objects are not made of.
"""

from __future__ import annotations

import copyreg
import itertools
import types
import warnings
from functools import partial
from typing import TYPE_CHECKING, Any

from .differences import (
    Difference,
    Found,
    describe,
    put_at,
    qualify,
    shorten,
)
from .library_objects import COMPARISONS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .library_objects import Differ

_MISSING = object()


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
            return describe(where, qualify(kind), qualify(type(other)))
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
            why = (
                f"{qualify(kind)} cannot be compared: {shorten(f'{type(error).__name__}: {error}')}"
            )
            self.doubt = self.doubt or Difference(put_at(where, why), known=False)
            return None

    def _method(self, kind: type) -> Differ:
        if kind in _BUILTINS or issubclass(kind, type):
            method: Differ = getattr(self, _BUILTINS.get(kind, "_named"))
            return method
        names = (f"{c.__module__.partition('.')[0]}.{c.__qualname__}" for c in kind.__mro__)
        of_library = next((COMPARISONS[name] for name in names if name in COMPARISONS), None)
        return partial(of_library, self.differ) if of_library else self._parts

    def _items(self, one: dict[Any, Any], other: dict[Any, Any], where: str) -> Found:
        found = _keys(one, other, where)
        return found or self._first(
            (one[key], other[key], f"{where}[{shorten(repr(key))}]") for key in one
        )

    def _elements(self, one: Any, other: Any, where: str) -> Found:
        if len(one) != len(other):
            return describe(where, f"{len(one)} elements", f"{len(other)}")
        return self._first(
            (mine, theirs, f"{where}[{i}]")
            for i, (mine, theirs) in enumerate(zip(one, other, strict=True))
        )

    def _sets(self, one: Any, other: Any, where: str) -> Found:
        return None if one == other else describe(where, shorten(repr(one)), shorten(repr(other)))

    def _named(self, one: Any, other: Any, where: str) -> Found:
        """Compare what pickle keeps by name: classes, modules, built-in functions."""
        names = [getattr(each, "__qualname__", each.__name__) for each in (one, other)]
        modules = [getattr(each, "__module__", None) for each in (one, other)]
        return (
            None if names[0] == names[1] and modules[0] == modules[1] else describe(where, *names)
        )

    def _functions(self, one: Any, other: Any, where: str) -> Found:
        if one.__code__ != other.__code__:
            return describe(where, f"the function {one.__qualname__}", "another one")
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

# Proxies of objects in a Java virtual machine: two of them differ by their number, whatever they
# stand for.
_HANDLE_LIBRARIES = frozenset({"py4j", "jpype", "_jpype"})


def _handles(value: Any) -> str:
    """Return the first attribute that is, or the class that has, a handle of another program."""
    if _is_handle(value):
        return qualify(type(value))
    attributes = getattr(value, "__dict__", None)
    if not isinstance(attributes, dict):
        return ""
    return next((str(name) for name, held in attributes.items() if _is_handle(held)), "")


def _is_handle(value: Any) -> bool:
    kinds = type(value).__mro__
    return any(kind.__module__.partition(".")[0] in _HANDLE_LIBRARIES for kind in kinds)


def _scalars(one: Any, other: Any, where: str) -> Found:
    if one == other or (one != one and other != other):  # noqa: PLR0124  (NaN)
        return None
    return describe(where, shorten(repr(one)), shorten(repr(other)))


def _keys(one: dict[Any, Any], other: dict[Any, Any], where: str) -> Found:
    if one.keys() == other.keys():
        return None
    only = [
        shorten(str(sorted(map(repr, a.keys() - b.keys()))))
        for a, b in ((one, other), (other, one))
    ]
    return describe(where, f"the keys {only[0]} only", f"{only[1]} only")


def _reduced(value: Any) -> Any:
    """Return what pickle keeps of an object: function, arguments, state, elements, items."""
    reducer = copyreg.dispatch_table.get(type(value))
    parts = reducer(value) if reducer else value.__reduce_ex__(4)
    if isinstance(parts, str):
        return parts
    return (*parts, *[None] * 5)[:5]


def _same_name(one: type, other: type) -> bool:
    # A class that was pickled by value is made again whenever it is loaded.
    return one is other or qualify(one) == qualify(other)
