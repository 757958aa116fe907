"""Pickle what crosses steps in memory, and refuse data that only the writing step could read.

Lazy objects, such as the load functions of a `PartitionedDataset` or a `LazyFrame` of polars, hold
the path from which they will read. That is a mount of the step that made them: the step that gets
the pickle has other mounts, and would fail far from the cause. So paths are looked for while the
data are pickled; in the finished pickle a `Path` cannot be seen.

A backend of `pickle.PickleDataset`: its `dump` and `load`.
"""

from __future__ import annotations

import os
from pathlib import PurePath
from types import BuiltinFunctionType, FunctionType
from typing import IO, TYPE_CHECKING, Any

import cloudpickle  # type: ignore[import-untyped]
from kedro_azureml_datasets import KedroAzureMLError

if TYPE_CHECKING:
    from collections.abc import Iterable

load = cloudpickle.load

_SEARCHED_BYTES = 16 * 1024**2
"""Longer states are data, and not the plan of a lazy object."""

_BYTES = (bytes, bytearray)


class PathInMountError(KedroAzureMLError):
    """Data that is handed to another step holds a path that exists in this step only.

    Args:
        path: The path.
    """

    blame = "user"

    def __init__(self, path: str) -> None:
        super().__init__(
            f"The data holds the path '{path}', which lies in a mount of this step: the step that "
            "gets the data could not read it.",
            hint="Return the data themselves (call the load functions of a PartitionedDataset, "
            "collect a LazyFrame), or keep both nodes in one step with 'grouping: memory'.",
        )
        self.path = path


def dump(data: Any, file: IO[bytes], *, mounts: Iterable[str] = ()) -> None:
    """Pickle data with cloudpickle.

    Args:
        data: Anything that cloudpickle takes.
        file: The file to write.
        mounts: Paths that exist in this step only.

    Raises:
        PathInMountError: The data hold a path in one of the mounts.

    Example:
        >>> import io
        >>> dump({"rows": [1, 2]}, io.BytesIO(), mounts=["/mnt/table"])
        >>> dump({"file": "/mnt/table/a.csv"}, io.BytesIO(), mounts=["/mnt/table"])
        Traceback (most recent call last):
        ...
        kedro_azureml_runner.step_pickle.PathInMountError: The data holds the path \
'/mnt/table/a.csv', which lies in a mount of this step: the step that gets the data could not \
read it.
        ...
    """
    _StepPickler(file, mounts).dump(data)


class _StepPickler(cloudpickle.Pickler):  # type: ignore[misc]
    def __init__(self, file: IO[bytes], mounts: Iterable[str]) -> None:
        super().__init__(file)
        given = [os.path.abspath(mount) for mount in mounts]  # noqa: PTH100  (keeps links)
        self._mounts = tuple(dict.fromkeys([*given, *map(os.path.realpath, given)]))
        self._below = tuple(f"{mount}/" for mount in self._mounts)
        self._searched = tuple(mount.encode() for mount in self._below)

    def persistent_id(self, obj: Any) -> None:
        """Look at every object, strings included; none gets an id."""
        if isinstance(obj, str):
            self._check(obj)
        elif isinstance(obj, PurePath):
            self._check(str(obj))

    def reducer_override(self, obj: Any) -> Any:
        """Look into states that objects have made into bytes themselves."""
        reduced = super().reducer_override(obj)
        by_name = isinstance(obj, (type, FunctionType, BuiltinFunctionType))
        if reduced is not NotImplemented or by_name or type(obj) in self.dispatch_table:
            return reduced
        reduced = obj.__reduce_ex__(cloudpickle.DEFAULT_PROTOCOL)
        if isinstance(reduced, tuple):
            arguments, state = reduced[1], reduced[2] if len(reduced) > 2 else None
            for part in (*arguments, *_parts(state)):
                if isinstance(part, _BYTES) and len(part) <= _SEARCHED_BYTES:
                    self._search(part)
        return reduced

    def _check(self, text: str) -> None:
        path = text.removeprefix("file://")
        if path.startswith(self._below) or path in self._mounts:
            raise PathInMountError(path)

    def _search(self, state: bytes | bytearray) -> None:
        for mount in self._searched:
            place = state.find(mount)
            if place >= 0:
                raise PathInMountError(_text_at(state, place))


def _parts(state: Any) -> Iterable[Any]:
    if isinstance(state, dict):
        return state.values()
    return state if isinstance(state, (list, tuple)) else (state,)


def _text_at(state: bytes | bytearray, place: int) -> str:
    """Return the printable text that begins somewhere in bytes."""
    text = bytes(state[place : place + 300]).decode(errors="replace")
    end = next((i for i, letter in enumerate(text) if not letter.isprintable()), len(text))
    return text[:end].rstrip("\ufffd")
