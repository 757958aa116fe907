"""Keep Kedro from matching the same name with the same pattern for each value of an entry.

It parses pattern and name anew for each of them, and the pattern is compiled from the start each
time: a tenth of the time of compiling 1,000 datasets of a factory. Kedro has no public way to say
it, so the function that its resolver of patterns calls remembers what it has returned, here and
nowhere else; `tests/test_remembered_matches.py` tells when this no longer helps.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from kedro.io import catalog_config_resolver

if TYPE_CHECKING:
    from collections.abc import Iterator

_FUNCTION = "parse"


@contextmanager
def remember_matches() -> Iterator[None]:
    """Compile each pattern once, and match each name once with it, as long as the block lasts."""
    module: Any = catalog_config_resolver
    parse = getattr(module, _FUNCTION, None)
    library: Any = sys.modules.get("parse")  # what Kedro requires, not these packages
    if library is None or parse is not library.parse:
        yield
        return
    compiled = lru_cache(maxsize=256)(library.compile)

    @lru_cache(maxsize=256)
    def match(pattern: str, name: str) -> Any:
        return compiled(pattern).parse(name)

    setattr(module, _FUNCTION, match)
    try:
        yield
    finally:
        setattr(module, _FUNCTION, parse)
