"""Join the files of a folder into one table."""

import argparse
import pathlib


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("raw", "separator", "table", "skip"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--limit", type=int)
    options = parser.parse_args()

    names = pathlib.Path("shared_names.txt").read_text().split()
    rows = []
    for file in sorted(pathlib.Path(options.raw).glob("*.csv")):
        if file.stem == options.skip:
            continue
        header, *lines = file.read_text().splitlines()
        assert header.split(options.separator) == names
        rows += [line.split(options.separator) for line in lines]
    table = pathlib.Path(options.table, "table.txt")
    table.write_text("\n".join(" ".join(row) for row in rows[: options.limit]))


if __name__ == "__main__":
    main()
