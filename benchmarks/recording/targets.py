"""What benchmarks are to reach; the page says of each whether its samples do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recording.results import Measurement

PROCESSOR = "s of the processor"


@dataclass(frozen=True)
class Target:
    """A limit of a ratio, or of a quantity itself.

    Args:
        area: The area of the measurement.
        case: Its case.
        unit: Its unit.
        limit: What must not be passed.
        way: The ratio is that of the first way to this one; without it all values are held
            against the limit.
    """

    area: str
    case: str
    unit: str
    limit: float
    way: str | None = None

    @property
    def key(self) -> str:
        """The key of the measurement that this target is about."""
        return f"{self.area} | {self.case} | {self.unit}"

    def reached(self, measured: Mapping[str, Measurement]) -> tuple[float, float]:
        """Return the median, and the upper bound that is held against the limit."""
        found = measured[self.key]
        if self.way is None:
            values = sorted(found.values(next(iter(found.samples))))
            return values[len(values) // 2], values[-1]
        ratio = found.ratio(self.way)
        if ratio is None:
            raise ValueError(f"{found.key} has no ratio to {self.way!r}.")
        return ratio.median, ratio.upper

    def is_met(self, measured: Mapping[str, Measurement]) -> bool:
        """Return whether the upper bound is within the limit."""
        return self.reached(measured)[1] <= self.limit


LISTING, STEP, SDK = "kedro registry list", "kedro run --nodes", "the SDK"
TARGETS = (
    Target("Compiling", "1,000 nodes, an entry each", PROCESSOR, 2.0, LISTING),
    Target("Compiling", "1,000 nodes, a factory", PROCESSOR, 1.6, LISTING),
    Target("Compiling", "5,000 nodes, an entry each, and 1,000", PROCESSOR, 3.2, "1,000 nodes"),
    Target("Running a step", "10 nodes", PROCESSOR, 1.02, STEP),
    Target("Running a step", "1,000 nodes", PROCESSOR, 1.02, STEP),
    # By the clock: the SDK waits for one answer after the other.
    Target("Submitting a job", "200 steps, 100 ms an answer, first", "s", 0.10, SDK),
    Target("Submitting a job", "200 steps, 100 ms an answer, unchanged", "s", 0.05, SDK),
    Target("Downloading", "one file of 10 GiB", "s", 1.11, "the SDK alone"),
    Target("Downloading", "one file of 10 GiB", "MB at the peak", 300),
    Target("Simulating a job", "100 empty steps", "s", 1.3, "a loop in Python"),
    Target("Simulating a job", "1,000 steps", "MB at the peak", 300),
    Target("Simulating a job", "killed 40 times: time until no process is left", "s", 2.0),
)
