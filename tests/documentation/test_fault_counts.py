"""The page on stress tests is what `nox -s faults` counted, of tests that are there."""

import ast
from itertools import chain
from pathlib import Path

from fault_commands import STARTS
from promises import PROMISES
from write_stress import FAULTS, PAGE, describe_faults, read_faults, replace_between

ROOT = Path(__file__).parents[2]
COUNTED = read_faults(ROOT / "tests/faults/counts")


def test_the_page_is_what_was_counted():
    text = PAGE.read_text(encoding="utf-8")
    assert text == replace_between(text, FAULTS, describe_faults(COUNTED))


def test_each_test_that_was_counted_or_is_promised_is_there():
    named = {test.partition("[")[0] for tests in COUNTED.values() for test in tests}
    for files in PROMISES.values():
        named |= {f"{file}::{name}" for file, names in files.items() for name in names}
    there = {
        f"{file}::{part.name}"
        for file in {test.partition("::")[0] for test in named}
        for part in ast.parse((ROOT / file).read_text(encoding="utf-8")).body
        if isinstance(part, ast.FunctionDef)
    }
    assert named <= there


def test_each_command_that_was_counted_is_there():
    counted = {
        command["name"].removesuffix(" (storage)")
        for tests in COUNTED.values()
        for row in tests.values()
        for command in row["commands"]
    }
    assert counted == set(chain.from_iterable(STARTS.values()))
