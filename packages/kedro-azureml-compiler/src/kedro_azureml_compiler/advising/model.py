"""What a job takes, predicted: nodes of a step in sequence, steps as soon as an instance is free.

Steps start in the order of the job, each when its data is there and its compute has instances for
it: list scheduling, as a cluster and the simulator do it.
"""

from __future__ import annotations

import heapq
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True)
class Work:
    """What cannot be divided: one node, or a step that has to stay as it is.

    Args:
        name: Its name.
        seconds: How long its code runs.
        needs: Positions of the work whose data it reads.
        unordered: Those of them that it need not wait for.
        compute: The compute that runs it.
        instances: How many instances of it are taken.
        site: What work must have in common to share a step; None shares one with no other.
        is_free: Whether it takes neither time nor an instance, since its outputs are reused.
        longest_s: The time limit of its step; None for none.
    """

    name: str
    seconds: float
    needs: tuple[int, ...] = ()
    unordered: frozenset[int] = frozenset()
    compute: str = ""
    instances: int = 1
    site: Hashable = None
    is_free: bool = False
    longest_s: float | None = None


Partition = tuple[tuple[int, ...], ...]
"""Positions of the work of each step, sorted; the steps are sorted too."""


@dataclass(frozen=True)
class Workload:
    """All the work of a job, in an order in which it can run.

    Args:
        work: The work.
        overhead_s: What each step takes besides its code.
        limits: Name of a compute to the most instances that it has; others have no limit.
    """

    work: tuple[Work, ...]
    overhead_s: float = 0.0
    limits: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def edges(self) -> tuple[tuple[int, int, bool], ...]:
        """Earlier work, later work, and whether the later one waits."""
        return tuple(
            (need, number, need not in work.unordered)
            for number, work in enumerate(self.work)
            for need in work.needs
        )

    def step_seconds(self, step: Sequence[int]) -> float:
        """Return how long a step holds its instances.

        Args:
            step: Positions of its work.
        """
        if all(self.work[number].is_free for number in step):
            return 0.0
        return self.overhead_s + sum(self.work[number].seconds for number in step)


@dataclass(frozen=True)
class ScheduledStep:
    """When a step runs.

    Args:
        work: Positions of its work.
        start_s: When it gets its instances, in seconds from the job's start.
        end_s: When it ends.
        waited_for: Position, in the schedule, of the step whose end let it start; None for a step
            that starts with the job.
        waited_for_data: Whether it waited for data, not for an instance.
    """

    work: tuple[int, ...]
    start_s: float
    end_s: float
    waited_for: int | None = None
    waited_for_data: bool = True


@dataclass(frozen=True)
class JobSchedule:
    """When each step of a job runs.

    Args:
        steps: The steps in the order of the job.
        seconds: How long the job takes.
    """

    steps: tuple[ScheduledStep, ...]
    seconds: float

    @property
    def critical_path(self) -> tuple[int, ...]:
        """Positions of the steps that make the job as long as it is, the first one first."""
        if not self.steps:
            return ()
        number: int | None = max(
            range(len(self.steps)), key=lambda n: (self.steps[n].end_s, self.steps[n].start_s, -n)
        )
        path = []
        while number is not None:
            path.append(number)
            number = self.steps[number].waited_for
        return tuple(reversed(path))


def order_steps(load: Workload, partition: Partition) -> tuple[tuple[int, ...], ...] | None:
    """Return the steps in the order in which a job has them; None where they would form a cycle.

    Args:
        load: The work.
        partition: Which work shares a step.
    """
    _, followers, waiting = _link(load, partition)
    ready = [number for number, count in enumerate(waiting) if not count]
    order = []
    while ready:
        number = heapq.heappop(ready)
        order.append(partition[number])
        for follower in followers[number]:
            waiting[follower] -= 1
            if not waiting[follower]:
                heapq.heappush(ready, follower)
    return tuple(order) if len(order) == len(partition) else None


def _link(
    load: Workload, partition: Partition
) -> tuple[list[dict[int, bool]], list[list[int]], list[int]]:
    """Return the steps before each, with whether it waits for them; those after; and the counts."""
    home = [0] * len(load.work)
    for number, step in enumerate(partition):
        for position in step:
            home[position] = number
    before: list[dict[int, bool]] = [{} for _ in partition]
    for earlier, later, waits in load.edges:
        source, target = home[earlier], home[later]
        if source != target:
            before[target][source] = waits or before[target].get(source, False)
    after: list[list[int]] = [[] for _ in partition]
    for number, sources in enumerate(before):
        for source in sources:
            after[source].append(number)
    return before, after, [len(sources) for sources in before]


def schedule(load: Workload, partition: Partition) -> JobSchedule | None:
    """Predict when each step runs; None where the steps would wait for each other in a cycle.

    Args:
        load: The work, the overhead of a step and the limits of the computes.
        partition: Which work shares a step.

    Example:
        >>> load = Workload((Work("a", 10), Work("b", 20, needs=(0,))), overhead_s=60)
        >>> schedule(load, ((0,), (1,))).seconds, schedule(load, ((0, 1),)).seconds
        (150.0, 90.0)
    """
    order = order_steps(load, partition)
    if order is None:
        return None
    before, after, _ = _link(load, order)
    missing = [sum(sources.values()) for sources in before]
    free = {
        compute: max(most, max((w.instances for w in load.work if w.compute == compute), default=1))
        for compute, most in load.limits.items()
    }
    ready = [number for number, count in enumerate(missing) if not count]
    heapq.heapify(ready)
    running: list[tuple[float, int]] = []
    ready_because: dict[int, int | None] = dict.fromkeys(ready)
    steps: list[ScheduledStep | None] = [None] * len(order)
    now, freed_by = 0.0, dict[str, int]()
    while ready or running:
        held_back = []
        while ready:
            number = heapq.heappop(ready)
            first = load.work[order[number][0]]
            taken = 0 if first.is_free else first.instances
            if taken > free.get(first.compute, taken):
                held_back.append(number)
                continue
            if first.compute in free:
                free[first.compute] -= taken
            cause = ready_because[number]
            by_data = cause is None or abs(_end(steps, cause) - now) < 1e-9
            if not by_data:
                cause = freed_by.get(first.compute, cause)
            elif cause is None and now > 0:
                cause, by_data = freed_by.get(first.compute), False
            end = now + load.step_seconds(order[number])
            steps[number] = ScheduledStep(order[number], now, end, cause, by_data)
            heapq.heappush(running, (end, number))
        for number in held_back:
            heapq.heappush(ready, number)
        if not running:
            break
        now, _ = running[0]
        while running and running[0][0] == now:
            _, number = heapq.heappop(running)
            first = load.work[order[number][0]]
            if first.compute in free and not first.is_free:
                free[first.compute] += first.instances
                freed_by[first.compute] = number
            for follower in after[number]:
                if before[follower][number]:
                    missing[follower] -= 1
                    if not missing[follower]:
                        ready_because[follower] = number
                        heapq.heappush(ready, follower)
    done = tuple(step for step in steps if step is not None)
    return JobSchedule(done, max((step.end_s for step in done), default=0.0))


def _end(steps: Sequence[ScheduledStep | None], number: int) -> float:
    step = steps[number]
    return 0.0 if step is None else step.end_s


def hold_seconds(load: Workload, partition: Partition) -> dict[str, float]:
    """Return how long instances of each compute are held, all of them added up.

    Args:
        load: The work.
        partition: Which work shares a step.

    Example:
        >>> load = Workload((Work("a", 10, compute="gpu", instances=4),), overhead_s=60)
        >>> hold_seconds(load, ((0,),))
        {'gpu': 280}
    """
    held: dict[str, float] = {}
    for step in partition:
        first = load.work[step[0]]
        seconds = load.step_seconds(step) * first.instances
        held[first.compute] = held.get(first.compute, 0) + seconds
    return held
