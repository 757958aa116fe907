"""Cycles between steps, which Azure ML's own validation does not find."""

from __future__ import annotations

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
    # What cannot run is found by letting everything run that can: no recursion, so that a
    # chain of thousands of steps is fine.
    waiting = {step: set(others) for step, others in needs.items()}
    consumers: dict[str, list[str]] = {}
    for step, others in waiting.items():
        for other in others:
            consumers.setdefault(other, []).append(step)
    ready = [step for step, others in waiting.items() if not others]
    while ready:
        done = ready.pop()
        del waiting[done]
        for step in consumers.get(done, ()):
            waiting[step].discard(done)
            if not waiting[step]:
                ready.append(step)
    if not waiting:
        return ()
    # Every step left waits for another one that is left: following them must close a circle.
    path: list[str] = []
    step = next(iter(waiting))
    while step not in path:
        path.append(step)
        step = next(other for other in needs[step] if other in waiting)
    circle = path[path.index(step) :]
    circle.reverse()
    first = circle.index(min(circle))
    ordered = circle[first:] + circle[:first]
    return (*ordered, ordered[0])
