"""Find the grouping with the shortest time, and of those with one time the cheapest.

A search by improvement: from several groupings, steps are joined and divided while that helps. It
is repeatable, since nothing is random and the effort is counted, not timed.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from kedro_azureml_compiler.advising.model import (
    Partition,
    Workload,
    hold_seconds,
    order_steps,
    schedule,
)

_EFFORT = 4_000_000
"""Nodes and edges that are looked at in all, a few seconds."""

Score = tuple[float, float, int]
"""Time of the job, time of the instances, and number of steps: the smaller the better."""


def find_fastest_grouping(load: Workload, present: Partition) -> Partition:
    """Find a grouping that takes the least time.

    Args:
        load: The work.
        present: The grouping of now, which is returned where none better is found.

    Returns:
        A grouping without a cycle that joins only work of one site.

    Example:
        >>> from kedro_azureml_compiler.advising.model import Work
        >>> load = Workload((Work("a", 1, site=0), Work("b", 1, needs=(0,), site=0)), overhead_s=9)
        >>> find_fastest_grouping(load, ((0,), (1,)))
        ((0, 1),)
    """
    search = _Search(load)
    singles = tuple((number,) for number in range(len(load.work)))
    starts = dict.fromkeys((present, singles, search.join_chains(singles), search.join_all()))
    best, best_score = present, search.score(present)
    for number, start in enumerate(starts):
        search.effort = _EFFORT * (number + 1) // len(starts)
        found, score = search.improve(start)
        if score is not None and (best_score is None or _is_better(score, best_score)):
            best, best_score = found, score
    return best


def _is_better(score: Score, than: Score) -> bool:
    for mine, other in zip(score, than, strict=True):
        if abs(mine - other) > 1e-9 * max(1.0, abs(other)):
            return mine < other
    return False


class _Search:
    def __init__(self, load: Workload) -> None:
        self.load = load
        self.effort = _EFFORT
        self._spent = 0
        self._size = len(load.work) + len(load.edges) + 1
        self._scores: dict[Partition, Score | None] = {}

    def score(self, partition: Partition) -> Score | None:
        """Return what a grouping takes; None where it is not allowed."""
        if partition not in self._scores:
            self._spent += self._size
            found = None
            if all(self._is_allowed(step) for step in partition):
                timed = schedule(self.load, partition)
                if timed is not None:
                    held = sum(hold_seconds(self.load, partition).values())
                    found = (timed.seconds, held, len(partition))
            self._scores[partition] = found
        return self._scores[partition]

    def _is_allowed(self, step: tuple[int, ...]) -> bool:
        work = [self.load.work[number] for number in step]
        first = work[0]
        if len(work) == 1:
            return True
        if first.site is None or any(one.site != first.site for one in work):
            return False
        longest = min((one.longest_s for one in work if one.longest_s is not None), default=None)
        return longest is None or sum(one.seconds for one in work) <= longest

    def improve(self, start: Partition) -> tuple[Partition, Score | None]:
        """Change a grouping while that makes it better and effort is left."""
        current, score = self._join_in_one_pass(start)
        is_better = score is not None
        while is_better and score is not None:
            is_better = False
            for candidate in self._neighbours(current):
                if self._spent > self.effort:
                    return current, score
                found = self.score(candidate)
                if found is not None and _is_better(found, score):
                    current, score, is_better = candidate, found, True
                    break
        return current, score

    def _join_in_one_pass(self, start: Partition) -> tuple[Partition, Score | None]:
        """Join steps that exchange data where that helps, each pair tried once."""
        current, score = start, self.score(start)
        home = {number: step for step in start for number in step}
        for earlier, later, _ in self.load.edges if score is not None else ():
            if home[earlier] == home[later] or self._spent > self.effort:
                continue
            candidate = _joined(current, home[earlier], home[later])
            found = self.score(candidate)
            if found is not None and score is not None and _is_better(found, score):
                current, score = candidate, found
                home = {number: step for step in current for number in step}
        return current, score

    def _neighbours(self, partition: Partition) -> Iterator[Partition]:
        """Yield groupings that differ by one change, those on the critical path first."""
        timed = schedule(self.load, partition)
        if timed is None:
            return
        critical = [timed.steps[number].work for number in timed.critical_path]
        ordered = [step.work for step in timed.steps]
        for one, other in pairwise(critical):
            yield _joined(partition, one, other)
        for step in critical:
            yield from self._divided(partition, step)
            for other in ordered:
                if other != step:
                    yield _joined(partition, step, other)
        home = {number: step for step in partition for number in step}
        for step in critical:
            for number in step:
                for other in self._near(number, home):
                    yield _moved(partition, step, number, other)
        for earlier, later, _ in self.load.edges:
            if home[earlier] != home[later]:
                yield _joined(partition, home[earlier], home[later])
        for step in ordered:
            for number in step if len(step) > 1 else ():
                for other in self._near(number, home):
                    yield _moved(partition, step, number, other)
        for place, step in enumerate(ordered):
            for other in ordered[place + 1 :]:
                yield _joined(partition, step, other)
            yield from self._divided(partition, step)

    def _near(self, number: int, home: dict[int, tuple[int, ...]]) -> list[tuple[int, ...]]:
        near: dict[tuple[int, ...], None] = {}
        for earlier, later, _ in self.load.edges:
            if number in {earlier, later}:
                near[home[later if earlier == number else earlier]] = None
        return [step for step in near if step != home[number]]

    def _divided(self, partition: Partition, step: tuple[int, ...]) -> Iterator[Partition]:
        rest = tuple(one for one in partition if one != step)
        for place in range(1, len(step)):
            yield tuple(sorted((*rest, step[:place], step[place:])))
        for number in step if len(step) > 2 else ():
            left = tuple(other for other in step if other != number)
            yield tuple(sorted((*rest, (number,), left)))

    def join_chains(self, partition: Partition) -> Partition:
        """Join each step with the only one that follows it, where it is the only one before."""
        after: dict[int, set[int]] = {}
        before: dict[int, set[int]] = {}
        for earlier, later, _ in self.load.edges:
            after.setdefault(earlier, set()).add(later)
            before.setdefault(later, set()).add(earlier)
        home = {number: step for step in partition for number in step}
        for earlier, followers in sorted(after.items()):
            later = next(iter(followers))
            if len(followers) == 1 and len(before[later]) == 1:
                together = tuple(sorted((*home[earlier], *home[later])))
                if home[earlier] != home[later] and self._is_allowed(together):
                    home.update(dict.fromkeys(together, together))
        return tuple(sorted(set(home.values())))

    def join_all(self) -> Partition:
        """Join all work of each site, as far as no cycle comes of it."""
        sites: dict[object, list[int]] = {}
        for number, work in enumerate(self.load.work):
            key = ("alone", number) if work.site is None else work.site
            sites.setdefault(key, []).append(number)
        joined = tuple(sorted(tuple(step) for step in sites.values()))
        if order_steps(self.load, joined) is not None:
            return joined
        return tuple((number,) for number in range(len(self.load.work)))


def _joined(partition: Partition, one: tuple[int, ...], other: tuple[int, ...]) -> Partition:
    rest = (step for step in partition if step not in (one, other))
    return tuple(sorted((*rest, tuple(sorted((*one, *other))))))


def _moved(
    partition: Partition, source: tuple[int, ...], number: int, target: tuple[int, ...]
) -> Partition:
    rest = (step for step in partition if step not in (source, target))
    left = tuple(other for other in source if other != number)
    grown = tuple(sorted((*target, number)))
    return tuple(sorted((*rest, grown, *([left] if left else []))))
