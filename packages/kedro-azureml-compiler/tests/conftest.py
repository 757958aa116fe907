"""Kedro projects in which a test writes files."""

import sys

import pytest
from checked_project import CheckedProject
from written_project import WrittenProject


@pytest.fixture
def own_imports(monkeypatch) -> None:
    """Let a project be opened in this process without a trace in the next test."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setenv("KEDRO_DISABLE_TELEMETRY", "1")
    monkeypatch.delenv("KEDRO_ENV", raising=False)


@pytest.fixture
def project(tmp_path, own_imports) -> WrittenProject:
    return WrittenProject(tmp_path / "farm")


@pytest.fixture
def small_project(tmp_path, own_imports) -> CheckedProject:
    return CheckedProject(tmp_path / "farm")
