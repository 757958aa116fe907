"""A plugin of pytest for `nox -s faults`: how often each promise was put to the test."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from datetime import datetime, timezone
from typing import Any

import pytest
import stress
from promises import PROMISES

_tests: dict[str, set[str]] = defaultdict(set)
_cases: dict[str, int] = defaultdict(int)
_commands: list[dict[str, Any]] = []
_started = time.monotonic()


@pytest.hookimpl(tryfirst=True)  # before tests are selected by their marks
def pytest_collection_modifyitems(config, items):
    """Give the tests that the table of promises names the mark of their promise."""
    wanted = {
        (file, name): promise
        for promise, files in PROMISES.items()
        for file, names in files.items()
        for name in names
    }
    collected: set[str] = set()
    found: set[tuple[str, str]] = set()
    for item in items:
        file = item.path.relative_to(config.rootpath).as_posix()
        collected.add(file)
        key = (file, getattr(item, "originalname", item.name))
        if key in wanted:
            item.add_marker(pytest.mark.promise(wanted[key]))
            found.add(key)
    missing = [key for key in wanted if key[0] in collected and key not in found]
    if missing:
        raise pytest.UsageError(f"promises.py names tests that are not there: {missing}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Note with a report which promises its test has a mark of."""
    report = yield
    if report.when == "call":
        marks = item.iter_markers("promise")
        report.user_properties += [("promise", mark.args[0]) for mark in marks]
    return report


def pytest_runtest_logreport(report):
    """Count a test that has passed; in the process that gathers the reports of all."""
    if report.when != "call" or not report.passed:
        return
    properties = list(report.user_properties)
    cases = sum(value for name, value in properties if name == "cases") or 1
    for name, value in properties:
        if name == "promise":
            _tests[value].add(report.nodeid.partition("[")[0])
            _cases[value] += cases
        elif name == "command":
            _commands.append(value)


def pytest_sessionfinish(session):
    """Write the counts to where the page is made from."""
    if _tests and not hasattr(session.config, "workerinput"):
        name = os.environ.get("KEDRO_AZUREML_FAULTS_PART", "some")
        promises = {
            promise: {"tests": len(tests), "cases": _cases[promise]}
            for promise, tests in sorted(_tests.items())
        }
        day = datetime.now(timezone.utc).date().isoformat()
        minutes = (time.monotonic() - _started) / 60
        counts = {"day": day, "minutes": minutes, "promises": promises, "commands": _commands}
        stress.record_counts(f"faults-{name}", counts)
