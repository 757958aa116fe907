"""Whole pipelines, written as Azure's own examples are."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from kedro_azureml_simulator import simulate

PIPELINES = Path(__file__).parent / "pipelines"


def test_a_pipeline_of_component_files_runs_to_its_scores(tmp_path: Path, python: Path) -> None:
    shutil.copytree(PIPELINES / "housing", tmp_path / "housing")
    holdout = tmp_path / "holdout"
    holdout.mkdir()
    (holdout / "villa.txt").write_text("10")

    result = simulate(
        tmp_path / "housing" / "pipeline.yml",
        run_dir=tmp_path / "run",
        python=python,
        assets={"holdout@latest": holdout},
    )

    assert result.status == "completed", [step.message for step in result.steps]
    assert [step.display_name for step in result.steps] == [
        "Prepare the prices",
        "Train the model",
        "score",
    ]
    model = json.loads((result.registered["housing-model:12"] / "model.json").read_text())
    assert model == {
        "price_per_room": (50 + 160 / 3) / 2,
        "rounds": 3,
        "verbose": "True",
        "start_from": None,
        "seed": "7",
        "rank": "0",
    }
    assert (result.outputs["scores"] / "villa.txt").read_text() == "516.7"
    assert (holdout / "villa.txt").exists()


def test_a_pipeline_of_inline_steps_joins_what_it_spread(tmp_path: Path) -> None:
    result = simulate(
        PIPELINES / "fan_out.yml", run_dir=tmp_path / "run", inputs={"words": "a simulator"}
    )

    assert result.status == "completed", [step.message for step in result.steps]
    assert (result.steps[0].outputs["report"] / "report.txt").read_text() == "9 simulator\n2\n"


@pytest.mark.parametrize("name", ["two_steps", "three_in_a_row", "default_artifacts"])
def test_the_smallest_pipelines_run_as_they_are(tmp_path: Path, name: str) -> None:
    result = simulate(PIPELINES / "hello" / f"{name}.yml", run_dir=tmp_path / "run")

    assert result.status == "completed", [step.message for step in result.steps]
    last = result.steps[-1]
    if name == "two_steps":
        assert last.log_path is not None
        assert last.log_path.read_text() == "planet\n"
    elif name == "three_in_a_row":
        assert result.outputs["sum"].read_text() == "4\n"
    else:
        assert last.artifacts is not None
        assert (last.artifacts / "outputs" / "figures" / "one.svg").read_text() == "figure\n"


def test_a_pipeline_with_defaults_a_component_and_ranks_runs_to_its_score(
    tmp_path: Path, python: Path
) -> None:
    shutil.copytree(PIPELINES / "regression", tmp_path / "regression")

    result = simulate(
        tmp_path / "regression" / "pipeline.yml",
        run_dir=tmp_path / "regression" / "run",
        python=python,
        project_dir=tmp_path / "regression",
    )

    assert result.status == "completed", [step.message for step in result.steps]
    assert [step.name for step in result.steps] == ["prep", "modelling.fit", "judge"]
    assert result.outputs["score"].read_text() == "3.010"
    assert (result.registered["trip-model:1"] / "slope.txt").read_text() == "3.010"
    fit = result.steps[1]
    assert fit.log_path is not None
    assert fit.log_path.read_text() == "rank 0 of 2: 2 rows\n"
