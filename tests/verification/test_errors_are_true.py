"""Every kind of error is true: somebody else than the check refuses the job, or sees it go wrong.

For each kind a project is written that the check refuses. Its bundle is then written all the
same, by the stages behind the check, and a judge looks at it: the local run succeeds and the
simulated job fails or differs; the SDK of Azure ML refuses the job; the secret is in the bundle;
Kedro, pip or the schema of azureml.yml refuses what is written; a number that Azure ML's
documentation gives is passed; or what the settings ask for is in no job.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from checked_project import CheckedProject
from error_cases import CASES, CSV, RESULT, WRAPPED, Case
from kedro_azureml_cli.verification.verify import verify_compiled
from kedro_azureml_compiler import collect_finding_kinds
from written_project import isolate_imports

pytestmark = pytest.mark.once

UNPROVED: frozenset[str] = frozenset({"unknown-reachability"})
"""Refused without proof: that nobody knows whether an address can be reached is the reason."""


@pytest.fixture
def warm(bench) -> Path:
    return bench.image.path


@pytest.mark.parametrize("code", sorted(CASES))
def test_an_error_has_a_judge_who_agrees(code, tmp_path, warm, sdk, monkeypatch):
    isolate_imports(monkeypatch)
    monkeypatch.setenv("PYTHONPATH", "")
    CASES[code](Case(CheckedProject(tmp_path / "farm"), tmp_path, warm, sdk))


def test_every_kind_of_error_has_a_judge():
    errors = {
        code for code, kind in collect_finding_kinds().items() if kind.severity.value == "error"
    }
    assert set(CASES) | UNPROVED & errors == errors


def test_the_judge_acquits_a_sound_job(tmp_path, warm, sdk, monkeypatch):
    isolate_imports(monkeypatch)
    monkeypatch.setenv("PYTHONPATH", "")
    case = Case(CheckedProject(tmp_path / "farm"), tmp_path, warm, sdk)
    case.project.catalog(
        WRAPPED.format(name="x", path="x.csv") + CSV.format(name="z", path="data/z.csv") + RESULT
    )
    case.project.write("data/z.csv", "a\n1\n")
    case.nodes(("table", "a", None, "x"), ("counted", "b", ["x", "z"], "y"))
    assert not [f for f in case.examined().findings if f.severity.value == "error"]
    verification = verify_compiled(case.bundle(), case.project.root, python=case.python)
    assert verification.passes(strict=True), verification.datasets
