"""Write what tests have counted into their page; `nox -s stress` and `nox -s faults` call it.

    python tools/write_stress.py FOLDER

FOLDER holds what the tests have recorded there.
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
        *textwrap.wrap(text, 110, break_long_words=False, break_on_hyphens=False),
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


def describe_faults(parts: dict[str, dict[str, Any]]) -> str:
    """Return the tables on the parts, on promises, and on commands with a fault at each request."""
    lines = ["| part | last run | tried | minutes |", "|---|---|---|---|"]
    for name, part in parts.items():
        factor = part["examples factor"]
        tried = "all cases" if factor >= 1 else f"shortened: `KEDRO_AZUREML_STRESS={factor:g}`"
        lines.append(f"| {name} | {part['day']} | {tried} | {part['minutes']:.0f} |")
    promises: dict[str, list[Any]] = {}
    for part in parts.values():
        for promise, counts in part["promises"].items():
            row = promises.setdefault(promise, [0, 0, part["day"]])
            row[0] += counts["tests"]
            row[1] += counts["cases"]
            row[2] = max(row[2], part["day"])
    lines += ["", "| promise | tests | cases, all of which held | last run |", "|---|---|---|---|"]
    lines += [
        f"| {promise} | {tests:,} | {cases:,} | {day} |"
        for promise, (tests, cases, day) in sorted(promises.items())
    ]
    commands = sorted(
        (row for part in parts.values() for row in part["commands"]), key=itemgetter("name")
    )
    if commands:
        faults = sum(row["overcome"] + row["one message"] for row in commands)
        shortened = any(part["commands"] and part["examples factor"] < 1 for part in parts.values())
        which = ", each request with one of the faults in turn" if shortened else ""
        lines += [
            "",
            f"The {faults:,} pairs of a request and a fault{which}, by command:",
            "",
            "| command | requests | overcome | one message |",
            "|---|---|---|---|",
        ]
        lines += [
            f"| {row['name']} | {row['requests']} | {row['overcome']} | {row['one message']} |"
            for row in commands
            if row["requests"]
        ]
    return "\n".join([*lines, ""])


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
    files = sorted(folder.glob("faults-*.json"))
    if files:
        parts = {
            file.stem.removeprefix("faults-"): json.loads(file.read_text(encoding="utf-8"))
            for file in files
        }
        text = replace_between(text, FAULTS, describe_faults(parts))
    PAGE.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
