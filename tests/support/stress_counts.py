"""A plugin of pytest for `nox -s stress`: how many examples each property test was given."""

from __future__ import annotations

from collections import defaultdict

import pytest
import stress

_passed: dict[str, dict[str, int]] = defaultdict(dict)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Note the examples of a property test that has passed."""
    report = yield
    count = stress.GIVEN.get((item.module.__name__, getattr(item, "originalname", item.name)))
    if count is not None and report.when == "call" and report.passed:
        package = next(
            (part for part in item.path.parts if part.startswith("kedro-azureml-")), "together"
        )
        words = item.originalname.removeprefix("test_").replace("_", " ")
        # A test with parameters is given its examples for each of them.
        _passed[package][words] = _passed[package].get(words, 0) + count
    return report


def pytest_sessionfinish():
    """Write the counts to where the page is made from."""
    if _passed:
        stress.record_counts("properties", _passed)
