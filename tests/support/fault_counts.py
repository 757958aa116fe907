"""A plugin of pytest for `nox -s faults`: how often each promise was put to the test.

Each test has a record of its own, so that one that has failed can be run again alone. The records
are a part of this repository: what is counted in one checkout stands beside what others have.
"""

from __future__ import annotations

import json
import os
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
import stress
from promises import PROMISES

_passed: dict[str, dict[str, Any]] = {}
_failed: set[str] = set()


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
    """Note with a report which promises its test has a mark of, and whether it was shortened."""
    report = yield
    if report.when == "call":
        marks = item.iter_markers("promise")
        report.user_properties += [("promise", mark.args[0]) for mark in marks]
        name = (item.module.__name__, getattr(item, "originalname", item.name))
        heeds = hasattr(item.module, "FACTOR") or name in stress.GIVEN
        report.user_properties.append(("factor", stress.FACTOR if heeds else 1.0))
    return report


def pytest_runtest_logreport(report):
    """Count a test that has passed, at once: a run of hours may be ended in the middle."""
    properties = list(report.user_properties)
    if report.failed:
        _failed.add(report.nodeid)
        _write()
    promises = [value for name, value in properties if name == "promise"]
    if report.when != "call" or not report.passed or not promises:
        return
    _passed[report.nodeid] = {
        "promises": promises,
        "cases": next((value for name, value in properties if name == "cases"), 1),
        "commands": [value for name, value in properties if name == "command"],
        "day": datetime.now(timezone.utc).date().isoformat(),
        "seconds": round(report.duration, 1),
        "examples factor": next(value for name, value in properties if name == "factor"),
    }
    _write()


def _write():
    """Write the counts to where the page is made from, beside those of other tests of the part."""
    folder = os.environ.get("KEDRO_AZUREML_STRESS_COUNTS")
    if not folder or "PYTEST_XDIST_WORKER" in os.environ:  # the process that gathers all writes
        return
    file = Path(folder, f"faults-{os.environ.get('KEDRO_AZUREML_FAULTS_PART', 'some')}.json")
    known = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    rows = (known | _passed).items()
    lines = [
        f"{json.dumps(test)}: {json.dumps(row, sort_keys=True)}"
        for test, row in sorted(rows)
        if test not in _failed
    ]
    file.parent.mkdir(parents=True, exist_ok=True)
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    file.write_text(text, encoding="utf-8", newline="\n")
