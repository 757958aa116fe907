"""Write what tests have counted into their page; `nox -s stress` and `nox -s faults` call it.

    python tools/write_stress.py FOLDER

FOLDER holds what the tests have recorded there; that of `nox -s faults` is `tests/faults/counts`.
"""

import json
import os
import platform
import sys
import textwrap
from datetime import datetime, timezone
from importlib.metadata import version
from operator import itemgetter
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[1] / "docs/explanation/stress.md"
START = "<!-- counts of `nox -s stress`: tools/write_stress.py writes them -->\n"
PROPERTIES = "<!-- property tests of `nox -s stress`: tools/write_stress.py writes them -->\n"
FAULTS = "<!-- counts of `nox -s faults`: tools/write_stress.py writes them -->\n"
END = "<!-- end of the counts -->\n"


def table(title: str, unit: str, counts: dict[str, int]) -> list[str]:
    """Return a table, the largest counts first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [f"| {title} | {unit} |", "|---|---|", *(f"| {name} | {n} |" for name, n in ordered), ""]


def wrap(text: str) -> list[str]:
    """Return the lines of a paragraph."""
    return textwrap.wrap(text, 110, break_long_words=False, break_on_hyphens=False)


def describe(greens: dict[str, dict[str, int]]) -> str:
    """Return the paragraph and the tables on green checks."""
    counts = {"stopped": 0, **greens["counts"]}
    day = datetime.now(timezone.utc).date()
    where = f"Python {platform.python_version()}, Kedro {version('kedro')}"
    text = (
        f"The last run ({day}, {where}) tried {counts['projects']} projects. The check of "
        f"{counts['green']} was green: `verify` was the same for {counts['same']}, and in "
        f"{counts['stopped']} a step refused to pickle a lazy object over its mount and named the "
        "cure, as only the step sees what a node returns. No other green project failed, and none "
        "gave other data."
    )
    lines = [
        *wrap(text),
        "",
        *table("the others were refused for", "projects", greens["refused for"]),
        *table("green projects had", "projects", greens["green with"]),
    ]
    return "\n".join(lines)


def describe_properties(found: dict[str, dict[str, int]]) -> str:
    """Return the line and the tables on property tests, a table for each package."""
    factor = found.pop("examples factor")
    day = datetime.now(timezone.utc).date()
    where = f"Python {platform.python_version()}, {os.cpu_count()} cores"
    lines = [f"The last run ({day}, {where}) with {factor:g} times as many examples:", ""]
    for package, counts in sorted(found.items()):
        lines += table(f"properties that held: {package}", "examples, at most", counts)
    return "\n".join(lines)


def read_faults(folder: Path) -> dict[str, dict[str, dict[str, Any]]]:
    """Return what `nox -s faults` has counted: by part, and by test."""
    return {
        file.stem.removeprefix("faults-"): json.loads(file.read_text(encoding="utf-8"))
        for file in sorted(folder.glob("faults-*.json"))
    }


def describe_faults(parts: dict[str, dict[str, dict[str, Any]]]) -> str:
    """Return the tables on the parts, on promises, and on commands with a fault at each request."""
    lines = [
        "| part | tests that held | tried | minutes of tests | last run |",
        "|---|---|---|---|---|",
    ]
    for name, tests in parts.items():
        rows = list(tests.values())
        minutes = sum(row["seconds"] for row in rows) / 60
        day = max(row["day"] for row in rows)
        lines.append(f"| {name} | {len(rows):,} | {describe_cases(rows)} | {minutes:.0f} | {day} |")
    promises: dict[str, list[dict[str, Any]]] = {}
    for tests in parts.values():
        for test, row in tests.items():
            for promise in row["promises"]:
                promises.setdefault(promise, []).append({**row, "test": test.partition("[")[0]})
    lines += ["", "| promise | tests | cases, all of which held | last run |", "|---|---|---|---|"]
    lines += [
        f"| {promise} | {len({row['test'] for row in rows}):,} "
        f"| {sum(row['cases'] for row in rows):,} | {max(row['day'] for row in rows)} |"
        for promise, rows in sorted(promises.items())
    ]
    told = [one for tests in parts.values() for row in tests.values() for one in row["commands"]]
    return "\n".join([*lines, *describe_commands(told)]) + "\n"


def describe_cases(rows: list[dict[str, Any]]) -> str:
    """Return how many of the cases of a part's tests were tried."""
    factors = sorted({row["examples factor"] for row in rows if row["examples factor"] < 1})
    if not factors:
        return "all cases"
    setting = ", ".join(f"`KEDRO_AZUREML_STRESS={factor:g}`" for factor in factors)
    whole = sum(row["examples factor"] >= 1 for row in rows)
    if whole == 0:
        return f"shortened: {setting}"
    return f"all cases in {whole:,} tests; the others shortened: {setting}"


def describe_commands(commands: list[dict[str, Any]]) -> list[str]:
    """Return the table on commands with a fault at each of their requests."""
    rows = sorted((row for row in commands if row["requests"]), key=itemgetter("name"))
    if not rows:
        return []
    pairs = sum(row["overcome"] + row["one message"] for row in rows)
    kinds = max(row["faults"] for row in rows)
    text = (
        f"The {pairs:,} pairs of a request and one of the {kinds} faults, by command: requests to "
        "Azure ML, or to the storage. Where each request has one fault, the faults take turns; of "
        "many requests, most of which upload files, a shortened run takes the first and the last."
    )
    return [
        "",
        *wrap(text),
        "",
        "| command | requests | tried | overcome | one message |",
        "|---|---|---|---|---|",
        *(
            f"| {row['name']} | {row['requests']} | {describe_pairs(row)} | {row['overcome']} "
            f"| {row['one message']} |"
            for row in rows
        ),
    ]


def describe_pairs(row: dict[str, Any]) -> str:
    """Return how many of a command's requests had how many faults."""
    tried, requests = row["overcome"] + row["one message"], row["requests"]
    if tried == requests * row["faults"]:
        return f"{row['faults']} faults at each"
    return "one fault at each" if tried == requests else f"one fault at {tried} of them"


def replace_between(text: str, start: str, content: str) -> str:
    """Return the page with what stands between a mark and the next end replaced."""
    before, _, rest = text.partition(start)
    _, _, after = rest.partition(END)
    return before + start + "\n" + content + "\n" + END + after


def main(folder: Path) -> None:
    """Replace what stands between the marks on the page, as far as the tests recorded it."""
    text = PAGE.read_text(encoding="utf-8")
    for name, start, describe_counts in (
        ("greens", START, describe),
        ("properties", PROPERTIES, describe_properties),
    ):
        file = folder / f"{name}.json"
        if file.is_file():
            counts = json.loads(file.read_text(encoding="utf-8"))
            text = replace_between(text, start, describe_counts(counts))
    parts = read_faults(folder)
    if parts:
        text = replace_between(text, FAULTS, describe_faults(parts))
    PAGE.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
