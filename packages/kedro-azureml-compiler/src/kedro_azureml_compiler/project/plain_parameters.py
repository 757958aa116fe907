"""Keep Kedro from importing pandas, NumPy and Ibis (80 MB, half a second) to copy parameters.

A catalog wraps each parameter into a `MemoryDataset`, which imports those libraries to find out how
to copy it. Kedro has no public way to say it: a context makes its catalog of `DataCatalog` itself,
whatever `DATA_CATALOG_CLASS` says, and takes parameters as plain values only. So one method of that
class is replaced while the catalog is made, here and nowhere else; `tests/test_plain_parameters.py`
tells when Kedro no longer needs it, or when it no longer helps.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from kedro.io import DataCatalog, MemoryDataset

if TYPE_CHECKING:
    from collections.abc import Iterator

_PLAIN = frozenset({"builtins", "datetime"})
"""Modules of the types that YAML and JSON give; `MemoryDataset` copies all of them deeply."""


@contextmanager
def keep_parameters_plain() -> Iterator[None]:
    """Say of parameters how they are copied, as long as the block lasts."""
    kind: Any = DataCatalog
    set_item = kind.__setitem__

    def set_item_plainly(catalog: DataCatalog, name: str, value: Any) -> None:
        if type(value).__module__ in _PLAIN:
            value = MemoryDataset(value, copy_mode="deepcopy")
        set_item(catalog, name, value)

    kind.__setitem__ = set_item_plainly
    try:
        yield
    finally:
        kind.__setitem__ = set_item
