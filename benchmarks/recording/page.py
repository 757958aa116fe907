"""Write docs/explanation/benchmarks.md and its plots, from recorded samples alone."""

from __future__ import annotations

import ast
import re
import textwrap
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from recording.results import Measurement, quartiles
from recording.targets import TARGETS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "explanation" / "benchmarks.md"
IMAGES = ROOT / "docs" / "images"
WIDTH = 110

HEAD = """# Benchmarks

<!-- `nox -s bench` measures and writes this page; `python benchmarks --page` writes it again. -->
"""
READING = """
What is compared runs in turn, in every round once; what takes minutes runs in one round of six. A
cell holds the median and, in brackets, the quartiles. A ratio is the median of the ratios of the
rounds: of the first column to the other one, so less than 1 is better for us. In its brackets is
the upper bound of that median with 95 % confidence, from the order of the rounds. Time of the
processor is that of all processes of a command, user and system: other load on the machine changes
it least.
"""
TARGETS_HEAD = """
## Targets

The upper bound is held against the limit.

| measured | compared with | median | upper bound | limit | met |
|---|---|---|---|---|---|
"""


def format_number(value: float) -> str:
    """Return a number with three digits that count."""
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"


def name_plot(area: str) -> str:
    """Return the name of an area's plot, without its scheme."""
    return "benchmarks-" + re.sub(r"\W+", "-", area.lower()).strip("-")


def group(measured: Iterable[Measurement]) -> list[list[Measurement]]:
    """Return measurements that share a table: those of one unit whose first way is the same."""
    groups: dict[tuple[str, str], list[Measurement]] = {}
    for one in measured:
        groups.setdefault((one.unit, next(iter(one.samples))), []).append(one)
    return list(groups.values())


def join_ways(measured: Iterable[Measurement]) -> list[str]:
    """Return all ways of measurements, in order."""
    return list(dict.fromkeys(way for one in measured for way in one.samples))


def make_table(measured: Sequence[Measurement]) -> list[str]:
    """Return the lines of the table of a group."""
    ways = join_ways(measured)
    several = any(len(one.values(next(iter(one.samples)))) > 1 for one in measured)
    heads = [measured[0].unit, *ways, *(f"ratio to {way}" for way in ways[1:])]
    heads += ["rounds"] if several else []
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for one in measured:
        cells = [one.case]
        for way in ways:
            values = one.values(way) if way in one.samples else []
            cell = format_number(median(values)) if values else ""
            if len(values) > 1:
                low, high = quartiles(values)
                cell += f" ({format_number(low)} to {format_number(high)})"
            cells.append(cell)
        for way in ways[1:]:
            ratio = one.ratio(way) if way in one.samples else None
            bound = f" (≤ {format_number(ratio.upper)})" if ratio and several else ""
            cells.append(f"**{format_number(ratio.median)}**{bound}" if ratio else "")
        if several:
            counts = [len(one.values(way)) for way in ways if way in one.samples]
            cells.append(" / ".join(map(str, counts if len(set(counts)) > 1 else counts[:1])))
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def explain(script: str) -> str:
    """Return what a script says that it measures: its docstring without the ways to call it."""
    text = (ROOT / "benchmarks" / f"{script}.py").read_text(encoding="utf-8")
    said = ast.get_docstring(ast.parse(text)) or ""
    return "\n\n".join(part for part in said.split("\n\n") if not part.startswith("    "))


def make_section(area: str, measured: Sequence[Measurement]) -> str:
    """Return the section of an area: what is measured, a plot of what comes first, and tables."""
    groups = group(measured)
    first = groups[0]
    parts = [f"## {area}"]
    for script in dict.fromkeys(one.script for one in measured):
        parts.append(wrap(explain(script)) + f" (`benchmarks/{script}.py`)")
    if len(join_ways(first)) > 1:
        ways = join_ways(first)
        alone = f"{area}: {first[0].unit}, {', '.join(ways[:-1])} and {ways[-1]}, as in the table"
        for scheme in ("light", "dark"):
            file = f"../images/{name_plot(area)}-{scheme}.svg"
            parts.append(f"![{alone}]({file}#gh-{scheme}-mode-only)")
    parts += ["\n".join(make_table(one)) for one in groups]
    return "\n\n".join(parts) + "\n"


def wrap(text: str) -> str:
    """Return paragraphs in lines of one width."""
    paragraphs = (" ".join(part.split()) for part in text.split("\n\n"))
    return "\n\n".join(textwrap.fill(part, WIDTH, break_on_hyphens=False) for part in paragraphs)


def make_targets(measured: Sequence[Measurement]) -> str:
    """Return the table of targets; it says which of them the last run has not measured."""
    known = {one.key: one for one in measured}
    lines = []
    for target in TARGETS:
        words = f"{target.area}: {target.case}, {target.unit}"
        figures = ("", "", f"{target.limit:g}", "not measured")
        if target.key in known:
            middle, bound = target.reached(known)
            met = "yes" if target.is_met(known) else "**no**"
            figures = (f"{middle:.3g}", f"{bound:.3g}", f"{target.limit:g}", met)
        cells = (words, target.way or "", *figures)
        lines.append(f"| {' | '.join(cells)} |\n")
    return TARGETS_HEAD + "".join(lines)


def make_page(about: dict[str, Any], measured: Sequence[Measurement]) -> str:
    """Return the page of recorded samples."""
    machine = ", ".join(
        f"{value} {key}" if key == "cores" else f"{key} {value}"
        for key, value in about["machine"].items()
    )
    versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    rounds = f"at most {about['rounds']} rounds" if about["rounds"] > 1 else "one round"
    where = (
        f"Measured on {about['recorded']} in {rounds}: {machine}. "
        f"Versions: {versions}. Every environment has {', '.join(about['same everywhere'])}, so "
        "that no other version makes the difference."
    )
    areas: dict[str, list[Measurement]] = {}
    for one in measured:
        areas.setdefault(one.area, []).append(one)
    sections = [make_section(area, of) for area, of in areas.items()]
    head = f"{HEAD}\n{wrap(where)}\n\n{wrap(READING)}\n{make_targets(measured)}"
    return "\n".join([head, *sections])


def write_page(about: dict[str, Any], measured: Sequence[Measurement]) -> None:
    """Write the page and its plots."""
    from recording.plots import draw

    PAGE.write_text(make_page(about, measured), encoding="utf-8", newline="\n")
    for old in IMAGES.glob("benchmarks-*.svg"):
        old.unlink()
    for area in dict.fromkeys(one.area for one in measured):
        first = group([one for one in measured if one.area == area])[0]
        if len(join_ways(first)) > 1:
            draw(IMAGES / name_plot(area), first, join_ways(first))
