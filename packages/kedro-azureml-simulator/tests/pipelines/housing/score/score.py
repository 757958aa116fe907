"""Scores each file of the holdout."""

import argparse
import json
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("model", "holdout", "scores"):
        parser.add_argument(f"--{name}")
    options = parser.parse_args()
    model = json.loads((Path(options.model) / "model.json").read_text())
    for file in sorted(Path(options.holdout).iterdir()):
        price = float(file.read_text()) * model["price_per_room"]
        (Path(options.scores) / file.name).write_text(f"{price:.1f}")
        file.unlink()


if __name__ == "__main__":
    main()
