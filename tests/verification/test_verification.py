"""A job and a local run of its nodes, compared: processes, files and objects are real ones."""

import sys

import pytest
from verified_study import Study, outcomes


@pytest.fixture
def study(tmp_path, monkeypatch) -> Study:
    # The project is opened in this process; no other test is to find it.
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setenv("PYTHONPATH", "")
    monkeypatch.setenv("KEDRO_DISABLE_TELEMETRY", "1")
    return Study(tmp_path)


def test_each_dataset_is_judged_by_its_bytes_its_content_and_a_second_run(study, bench):
    before = study.digest()
    verification = study.verify("all", python=bench.image.path)
    found = outcomes(verification)
    assert verification.result == "different"
    for name in (
        "equal", "chunked", "model", "elsewhere", "sorted_words", "both", "split", "seeded",
    ):  # fmt: skip
        assert found[name] == ("same", "bytes")
    for name in ("reordered", "parts"):
        assert found[name] == ("same", "loaded; the bytes differ")
    assert found["words"][0] == "same"  # the order of a set in a pickle is a matter of chance
    assert found["placed"] == ("different", "False locally, True in the job")
    assert found["odd_parts"] == ("different", "['x'] ['second']: False locally, True in the job")
    assert found["drawn"][0] == "not deterministic"
    assert found["drawn"][1].endswith("in the job; two local runs differ, too")
    cannot = "it cannot be loaded: DatasetError: sealed"
    assert found["sealed_placed"] == (
        "different", f"the bytes differ, those of two local runs do not; {cannot}",
    )  # fmt: skip
    assert found["sealed_drawn"] == ("not compared", cannot)
    assert found["suffixed"] == ("same", "loaded; elsewhere than at its path")
    assert found["puzzle"][0] == "not compared"
    assert found["puzzle"][1].endswith("Puzzle cannot be compared: TypeError: not twice")
    assert found["own_place"] == (
        "not compared", "written to the step's own disk, and lost with it",
    )  # fmt: skip
    assert len(found) == 19
    kinds = {each.name: (each.kind, each.step) for each in verification.datasets}
    assert kinds["model"] == ("data asset (json.JSONDataset)", "make")
    assert kinds["words"] == ("in memory", "make")
    assert kinds["sorted_words"] == ("pipeline dataset (json.JSONDataset)", "use")
    places = {each.name: (each.local, each.simulated) for each in verification.datasets}
    assert [path.read_text() for path in places["placed"]] == ["false", "true"]
    assert study.digest() == before  # stale data, too, is as it was
    assert not study.outside.exists()
