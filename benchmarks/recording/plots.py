"""Draw measurements: a row for each case, a mark for each way, on a scale of factors."""

from __future__ import annotations

import hashlib
import json
from statistics import median
from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

from recording.results import quartiles

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from recording.results import Measurement

SCHEMES = {
    "light": {"ink": "#1f2328", "ground": "#ffffff", "line": "#d1d9e0"},
    "dark": {"ink": "#e6edf3", "ground": "#131416", "line": "#3d444d"},
}
COLOURS = {"light": ("#0b6bcb", "#6e7781", "#bc4c00"), "dark": ("#58a6ff", "#9ea7b3", "#f0883e")}
MARKS = "ods"
"""The marks differ too, for those who do not see the colours apart."""


def digest(measured: Sequence[Measurement]) -> str:
    """Return what changes with the samples that a plot shows."""
    samples = [[one.key, one.samples] for one in measured]
    return hashlib.sha256(json.dumps(samples).encode()).hexdigest()[:16]


def draw(path: Path, measured: Sequence[Measurement], ways: Sequence[str]) -> None:
    """Write the plot of a group of measurements, for light and for dark pages.

    Args:
        path: The file without its scheme and suffix.
        measured: What is drawn.
        ways: What the marks stand for, at most three.
    """
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "benchmarks", "font.size": 10})
    for scheme, colours in SCHEMES.items():
        figure = Figure(figsize=(8, 1.2 + 0.42 * len(measured)), facecolor=colours["ground"])
        axes = figure.add_subplot(facecolor=colours["ground"])
        for way, colour, mark in zip(ways, COLOURS[scheme], MARKS, strict=False):
            rows = [row for row, one in enumerate(measured) if way in one.samples]
            values = [measured[row].values(way) for row in rows]
            middles = [median(of) for of in values]
            ends = [quartiles(of) for of in values]
            spread = [
                [middle - low for middle, (low, _) in zip(middles, ends, strict=True)],
                [high - middle for middle, (_, high) in zip(middles, ends, strict=True)],
            ]
            axes.errorbar(middles, rows, xerr=spread, fmt=mark, color=colour, label=way)
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_yticks(range(len(measured)), [one.case for one in measured])
        axes.set_ylim(len(measured) - 0.5, -0.5)
        axes.set_xlabel(measured[0].unit, color=colours["ink"])
        axes.grid(color=colours["line"], linewidth=0.6)
        axes.set_axisbelow(True)
        axes.tick_params(colors=colours["ink"], which="both")
        for spine in axes.spines.values():
            spine.set_color(colours["line"])
        figure.legend(loc="upper center", ncols=len(ways), frameon=False, labelcolor=colours["ink"])
        figure.subplots_adjust(
            left=0.32,
            right=0.97,
            top=1 - 0.45 / figure.get_figheight(),
            bottom=0.6 / figure.get_figheight(),
        )
        about = {"Date": None, "Creator": None, "Description": f"samples {digest(measured)}"}
        figure.savefig(f"{path}-{scheme}.svg", metadata=about, facecolor=colours["ground"])
