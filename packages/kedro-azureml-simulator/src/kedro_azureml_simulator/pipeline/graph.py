"""Cycles between steps, which Azure ML's own validation does not find."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


def find_cycle(needs: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """Return one cycle, its first step repeated at its end; empty where there is none.

    Args:
        needs: For each step the steps that it waits for.

    Example:
        >>> find_cycle({"a": ["c"], "b": ["a"], "c": ["b"]})
        ('a', 'b', 'c', 'a')
        >>> find_cycle({"a": [], "b": ["a"]})
        ()
    """
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        cycle = error.args[1][:-1]
        first = cycle.index(min(cycle))
        return (*cycle[first:], *cycle[:first], cycle[first])
    return ()
