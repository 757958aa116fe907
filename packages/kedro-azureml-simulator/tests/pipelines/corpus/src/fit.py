"""Fit a line through x,y of a CSV file: the slope and the intercept go to a folder."""

import csv
import pathlib
import sys

source, target = sys.argv[1], pathlib.Path(sys.argv[2])
rate = float(sys.argv[3]) if len(sys.argv) > 3 else 1.0
with pathlib.Path(source).open() as file:
    rows = [(float(row["x"]), float(row["y"])) for row in csv.DictReader(file)]
mx = sum(x for x, _ in rows) / len(rows)
my = sum(y for _, y in rows) / len(rows)
slope = sum((x - mx) * (y - my) for x, y in rows) / sum((x - mx) ** 2 for x, _ in rows)
(target / "model.txt").write_text(f"{slope * rate:g} {my - slope * mx:g}")
