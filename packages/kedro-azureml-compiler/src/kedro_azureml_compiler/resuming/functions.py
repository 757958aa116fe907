"""Describe which function a node runs, and with what it was made: not what its code does."""

from __future__ import annotations

import functools
import hashlib
import pickle
from collections.abc import Mapping
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from kedro_azureml_compiler.resuming.digests import is_plain

_LAMBDA = "<lambda>"


def describe_function(function: object) -> object:
    """Return plain values that are equal for the same function, made with the same values.

    A function has the same name with whatever it was made: arguments of `partial`, variables of the
    function around it, and defaults count. Its code does not, which lies in the files of the
    project; only a lambda has no other name.

    Args:
        function: What a node calls.

    Example:
        >>> describe_function(sorted)
        ['builtins.sorted']
        >>> describe_function(functools.partial(sorted, reverse=True))[-1]
        {'reverse': True}
    """
    return _describe(function, frozenset())


def _describe(value: Any, above: frozenset[int]) -> object:
    """Describe a function, or a value with which one was made; `above` are those around it."""
    if id(value) in above:
        return "itself"
    above |= {id(value)}
    if isinstance(value, functools.partial):
        return [_describe(value.func, above), _list(value.args, above), _map(value.keywords, above)]
    if isinstance(value, MethodType):
        return [_describe(value.__func__, above), _describe(value.__self__, above)]
    if isinstance(value, FunctionType):
        return _describe_plain_function(value, above)
    if isinstance(value, BuiltinFunctionType):
        owner = value.__self__  # of a function its module
        return [_name(value), *([] if isinstance(owner, ModuleType) else [_describe(owner, above)])]
    if isinstance(value, type):
        return [_name(value)]
    if is_plain(value):
        return value
    if isinstance(value, (list, tuple)):
        return [type(value).__name__, _list(value, above)]
    if isinstance(value, (set, frozenset)):
        return [type(value).__name__, sorted(map(str, _list(value, above)))]
    if isinstance(value, Mapping):
        return _map(value, above)
    return [_name(type(value)), _describe_object(value, above)]


def _describe_plain_function(function: FunctionType, above: frozenset[int]) -> object:
    cells = function.__closure__ or ()
    found: list[object] = [_name(function)]
    if _LAMBDA in function.__qualname__:
        found.append(_describe_code(function.__code__))
    inner = {
        name: _describe(_content(cell), above)
        for name, cell in zip(function.__code__.co_freevars, cells, strict=True)
    }
    defaults = [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).items()]
    if inner or defaults:
        found += [inner, _list(defaults, above)]
    return found


def _describe_code(code: CodeType) -> object:
    constants = [_describe_code(c) if isinstance(c, CodeType) else repr(c) for c in code.co_consts]
    return [code.co_code.hex(), list(code.co_names), constants]


def _content(cell: Any) -> object:
    try:
        return cell.cell_contents
    except ValueError:  # it is empty
        return None


def _list(values: Any, above: frozenset[int]) -> list[object]:
    return [_describe(value, above) for value in values]


def _map(values: Mapping[Any, Any], above: frozenset[int]) -> dict[str, object]:
    return {str(name): _describe(value, above) for name, value in values.items()}


def _name(named: Any) -> str:
    module = getattr(named, "__module__", "")
    return f"{module}.{getattr(named, '__qualname__', type(named).__qualname__)}"


def _describe_object(value: Any, above: frozenset[int]) -> object:
    """Describe an object; of one that cannot be pickled each attribute that can, as with a lock."""
    found = _digest_object(value)
    if found or isinstance(value, ModuleType):
        return found
    attributes = getattr(value, "__dict__", {})
    return {
        name: _describe(inner, above) if name == "__wrapped__" or is_plain(inner)
        else _digest_object(inner)
        for name, inner in attributes.items()
    }  # fmt: skip


def _digest_object(value: object) -> str:
    """Return a digest of an object, empty for one of which nothing can be told, such as a lock."""
    try:
        return hashlib.sha256(pickle.dumps(value, protocol=4)).hexdigest()
    except Exception:  # whatever the object's own code raises
        return ""
