"""What was measured: samples by round, their medians, spread and ratios; and the file of them."""

from __future__ import annotations

import argparse
import json
import math
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from recording.turns import Cost

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Measurement:
    """One quantity, measured for several ways of doing the same.

    Args:
        area: The section of the page.
        case: What was done.
        unit: What was measured, such as `s of the processor`.
        samples: Way to its value in each round, None where it did not run. The first way is ours,
            the others are what it is compared with.
        script: The benchmark that measured it: the running one.
    """

    area: str
    case: str
    unit: str
    samples: dict[str, list[float | None]]
    script: str = Path(sys.argv[0]).stem

    @property
    def key(self) -> str:
        """What no other measurement has."""
        return f"{self.area} | {self.case} | {self.unit}"

    def values(self, way: str) -> list[float]:
        """Return the values of a way."""
        return [value for value in self.samples[way] if value is not None]

    def ratio(self, way: str) -> Ratio | None:
        """Return the ratio of the first way to another one, round by round; None without one."""
        pairs = zip(next(iter(self.samples.values())), self.samples[way], strict=True)
        ratios = [ours / theirs for ours, theirs in pairs if ours and theirs]
        return Ratio.of(ratios) if ratios else None


@dataclass(frozen=True)
class Ratio:
    """A ratio of two ways: the median of its rounds, and bounds of that median.

    Args:
        median: The median.
        lower: With 95 % confidence the median is not below.
        upper: With 95 % confidence the median is not above.
    """

    median: float
    lower: float
    upper: float

    @classmethod
    def of(cls, ratios: Sequence[float]) -> Ratio:
        """Return the ratio that the ratios of rounds give.

        The bounds are order statistics, each one-sided: they assume nothing of how values spread.
        With fewer than five rounds they are the least and the largest.
        """
        ordered, below = sorted(ratios), bound_place(len(ratios))
        return cls(median(ordered), ordered[-1 - below], ordered[below])


def bound_place(count: int) -> int:
    """Return the place, from 0, of the sorted value that bounds the median from above."""
    reached = 0.0
    for place in range(count):
        reached += math.comb(count, place) / 2**count
        if reached >= CONFIDENCE:
            return place
    return count - 1


def quartiles(values: Sequence[float]) -> tuple[float, float]:
    """Return the quartiles of values."""
    if len(values) < 2:
        return values[0], values[0]
    low, _, high = quantiles(values, n=4, method="inclusive")
    return low, high


def from_costs(
    area: str, case: str, costs: Mapping[str, Sequence[Cost | None]], *, memory: bool = False
) -> list[Measurement]:
    """Return the measurements of processes that took turns: processor, and memory if wanted."""
    units = {
        "s of the processor": "processor_s",
        **({"MB at the peak": "peak_mb"} if memory else {}),
    }
    return [
        Measurement(
            area,
            case,
            unit,
            {way: [cost and getattr(cost, name) for cost in taken] for way, taken in costs.items()},
        )
        for unit, name in units.items()
    ]


def write_measurements(path: Path, measured: Iterable[Measurement], **about: Any) -> None:
    """Write measurements, a line for each way."""
    found = [asdict(one) for one in measured]
    for one in found:
        for way, values in one["samples"].items():
            one["samples"][way] = [value and float(f"{value:.4g}") for value in values]
    lines = ",\n".join(json.dumps(one) for one in found)
    head = json.dumps(about, indent=1).removesuffix("}").rstrip()
    text = f'{head}{"," if about else ""}\n "measurements": [\n{lines}\n ]\n}}'
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def read_measurements(path: Path) -> tuple[dict[str, Any], list[Measurement]]:
    """Return what a file says about its measurements, and them."""
    about = json.loads(path.read_text(encoding="utf-8"))
    return about, [Measurement(**one) for one in about.pop("measurements")]


def format_measurements(measured: Iterable[Measurement]) -> str:
    """Return lines for a terminal."""
    lines = []
    for one in measured:
        lines.append(f"{one.case}, {one.unit}")
        for number, way in enumerate(one.samples):
            values = one.values(way)
            low, high = quartiles(values)
            line = (
                f"  {way:40}{median(values):12.4g}  [{low:.4g}, {high:.4g}]  {len(values)} rounds"
            )
            if number and (ratio := one.ratio(way)):
                line += f"   ratio of ours {ratio.median:.3f} (at most {ratio.upper:.3f})"
            lines.append(line)
    return "\n".join(lines)


def main(
    measure: Callable[[argparse.Namespace], list[Measurement]],
    about: str | None,
    *,
    nodes: bool = False,
    before: bool = False,
    gib: bool = False,
) -> None:
    """Measure, print, and write what is asked for: the whole program of a benchmark.

    Args:
        measure: Measures; it is given `rounds` and `quick`.
        about: The script's docstring.
        nodes: Whether `--nodes` chooses sizes of projects.
        before: Whether `--before` names an older checkout.
        gib: Whether `--gib` chooses sizes of files.
    """
    parser = argparse.ArgumentParser(
        description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5, help="how often each way is run")
    parser.add_argument("--quick", action="store_true", help="only the cases that take seconds")
    parser.add_argument("--json", type=Path, help="write the samples to this file")
    if nodes:
        parser.add_argument("--nodes", type=int, nargs="+", help="the sizes of projects")
    if before:
        parser.add_argument("--before", type=Path, help="compare with this older checkout")
    if gib:
        parser.add_argument("--gib", type=float, nargs="+", help="the sizes of large files, in GiB")
    options = parser.parse_args()
    measured = measure(options)
    print(format_measurements(measured), flush=True)
    if options.json:
        write_measurements(options.json, measured)
