"""Trains nothing much: keeps what it was given."""

import argparse
import json
import os
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("table", "rounds", "verbose", "start-from", "model"):
        parser.add_argument(f"--{name}")
    options = parser.parse_args()
    rows = [line.split(",") for line in Path(options.table).read_text().splitlines()]
    model = {
        "price_per_room": sum(float(price) / float(rooms) for rooms, price in rows) / len(rows),
        "rounds": int(options.rounds),
        "verbose": options.verbose,
        "start_from": options.start_from,
        "seed": os.environ["SEED"],
        "rank": os.environ["RANK"],
    }
    (Path(options.model) / "model.json").write_text(json.dumps(model))


if __name__ == "__main__":
    main()
