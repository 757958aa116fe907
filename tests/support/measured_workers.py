"""Plugin of pytest that writes what a worker has measured before it says that it has finished.

Afterwards pytest-xdist gives it ten seconds to end, which are too few on a busy machine.
"""

import coverage
import pytest


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    measuring = coverage.Coverage.current()
    if measuring is not None:
        measuring.save()
