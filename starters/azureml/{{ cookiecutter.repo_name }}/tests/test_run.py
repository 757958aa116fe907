"""The whole pipeline, on the shipped data, in a copy of the project."""

import json
import sys
from pathlib import Path

import pytest
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project

OUTPUTS = [
    "data/intermediate/measurements.parquet",
    "data/intermediate/penguin_features.parquet",
    "data/intermediate/predictions.parquet",
    "data/intermediate/test_set.parquet",
    "data/intermediate/train_set.parquet",
    "data/penguins_model/local/model.pkl",
    "data/reporting/confusion_matrix.json",
    "data/reporting/metrics.json",
    "data/reporting/species_summary.csv",
]


def run_project(project_path: Path) -> dict[str, bytes]:
    """Run all pipelines and return the content of every file that they wrote."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project_path)
        patch.setenv("KEDRO_DISABLE_TELEMETRY", "1")
        # Kedro adds the copy's source folder to both.
        patch.setenv("PYTHONPATH", "")
        patch.setattr(sys, "path", sys.path.copy())

        bootstrap_project(project_path)
        with KedroSession.create(project_path=project_path) as session:
            session.run()
    return {name: (project_path / name).read_bytes() for name in OUTPUTS}


@pytest.fixture(scope="module")
def outputs(project_copy: Path) -> dict[str, bytes]:
    return run_project(project_copy)


def test_the_classifier_recognises_nearly_all_penguins(outputs):
    metrics = json.loads(outputs["data/reporting/metrics.json"])

    assert metrics["test_penguins"] == 86
    assert metrics["accuracy"] > 0.9


def test_a_second_run_gives_the_same_bytes(outputs, project_copy):
    again = run_project(project_copy)

    assert [name for name in OUTPUTS if again[name] != outputs[name]] == []
