"""Kedro projects in which a test writes files."""

import pytest
from checked_project import CheckedProject
from written_project import WrittenProject, isolate_imports


@pytest.fixture
def own_imports(monkeypatch) -> None:
    """Let a project be opened in this process without a trace in the next test."""
    isolate_imports(monkeypatch)


@pytest.fixture
def project(tmp_path, own_imports) -> WrittenProject:
    return WrittenProject(tmp_path / "farm")


@pytest.fixture
def small_project(tmp_path, own_imports) -> CheckedProject:
    return CheckedProject(tmp_path / "farm")
