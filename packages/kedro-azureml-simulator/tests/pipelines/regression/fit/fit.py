"""Fit a slope through the origin; rank 0 writes it."""

import os
import pathlib
import sys


def main() -> None:
    table, guess, rounds, verbose, model = sys.argv[1:]
    rank, size = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
    rows = [
        tuple(map(float, line.split()))
        for line in pathlib.Path(table, "table.txt").read_text().splitlines()
    ]
    slope = float(guess)
    for _ in range(int(rounds)):
        slope += sum(x * (y - slope * x) for x, y in rows) / sum(x * x for x, _ in rows)
    if verbose.lower() == "true":
        print(f"rank {rank} of {size}: {len(rows[rank::size])} rows")
    if rank == 0:
        pathlib.Path(model, "slope.txt").write_text(f"{slope:.3f}")


if __name__ == "__main__":
    main()
