"""Write the counts of a run of random projects into docs/stress.md; `nox -s stress` calls it.

    python tools/write_stress.py FOLDER

FOLDER holds what the tests have recorded there.
"""

import json
import platform
import sys
import textwrap
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs/stress.md"
START = "<!-- counts of `nox -s stress`: tools/write_stress.py writes them -->\n"
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


def main(folder: Path) -> None:
    """Replace what stands between the two marks on the page."""
    greens = json.loads((folder / "greens.json").read_text(encoding="utf-8"))
    properties = folder / "properties.json"
    tables = describe(greens)
    if properties.is_file():
        found = json.loads(properties.read_text(encoding="utf-8"))
        found.pop("examples factor")
        for package, counts in sorted(found.items()):
            title = f"properties that held: {package}"
            tables += "\n" + "\n".join(table(title, "examples, at most", counts))
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(START)
    _, _, after = rest.partition(END)
    text = before + START + "\n" + tables + "\n" + END + after
    PAGE.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
