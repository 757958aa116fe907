"""Print the tests that pages name as proof of what they say, one a line, as pytest takes them.

`nox -s claims` runs them: those of the page on security, and of the README's comparison.
"""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROW = re.compile(r"\[`(test_\w+)`\]\(([\w/.-]+)\) \|$", re.MULTILINE)


def list_of_readme() -> list[str]:
    """Return the tests that the README's comparison names."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return [f"{file}::{name}" for name, file in ROW.findall(text)]


def list_of_security_page() -> list[str]:
    """Return the tests that hold the page on security.

    Raises:
        LookupError: No test has a name, or several have it.
    """
    list_file = ROOT / "tests/packages/test_security_page.py"
    spec = importlib.util.spec_from_file_location("security_page", list_file)
    page = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(page)
    files = [*ROOT.glob("packages/*/tests/**/test_*.py"), *ROOT.glob("tests/**/test_*.py")]
    texts = {file: file.read_text(encoding="utf-8") for file in files}
    found = []
    for name in sorted({name for names in page.HELD_BY.values() for name in as_names(names)}):
        holding = [file for file, text in texts.items() if f"\ndef {name}(" in text]
        if len(holding) != 1:
            raise LookupError(f"{len(holding)} tests have the name {name}")
        found.append(f"{holding[0].relative_to(ROOT).as_posix()}::{name}")
    return found


def as_names(held_by: tuple[str, ...] | str) -> tuple[str, ...]:
    """Return the tests behind a sentence; none where a reason stands in their place."""
    return () if isinstance(held_by, str) else held_by


if __name__ == "__main__":
    print(*sorted({*list_of_readme(), *list_of_security_page()}), sep="\n")
