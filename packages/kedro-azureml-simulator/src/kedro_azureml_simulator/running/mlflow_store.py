"""The experiment and the runs that Azure ML has made before a step's MLflow asks for them.

A step finds `MLFLOW_RUN_ID`, and MLflow resumes that run: where it does not exist, every
`mlflow.log_metric` fails. The layout is that of MLflow's own file store.
"""

# Each step has these files, and path objects would double their time.
# ruff: noqa: PTH102, PTH123

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import yaml

from kedro_azureml_simulator.running.data import remove_tree

_RUNNING = 1
_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)  # libyaml's is ten times as fast
_LOCAL_SOURCE = 4


def create_experiment(store: Path, experiment_id: str, name: str) -> None:
    """Create an experiment.

    Args:
        store: The folder that `MLFLOW_TRACKING_URI` names.
        experiment_id: The value of `MLFLOW_EXPERIMENT_ID`.
        name: The value of `MLFLOW_EXPERIMENT_NAME`.
    """
    now_ms = time.time_ns() // 1_000_000
    folder = store / experiment_id
    if folder.exists():  # a run that goes on
        return
    folder.mkdir(parents=True)
    _write(
        folder,
        {
            "artifact_location": str(folder),
            "creation_time": now_ms,
            "experiment_id": experiment_id,
            "last_update_time": now_ms,
            "lifecycle_stage": "active",
            "name": name,
        },
    )


def create_run(store: Path, experiment_id: str, run_id: str, name: str) -> None:
    """Create the run that one step resumes.

    Args:
        store: The folder that `MLFLOW_TRACKING_URI` names.
        experiment_id: An experiment that exists.
        run_id: The value of `MLFLOW_RUN_ID`.
        name: What a person reads, the step's display name.
    """
    folder = f"{store}/{experiment_id}/{run_id}"
    try:
        os.mkdir(folder)
    except FileExistsError:  # a step that runs again
        remove_tree(Path(folder))
        os.mkdir(folder)
    for part in ("artifacts", "metrics", "params", "tags"):
        os.mkdir(f"{folder}/{part}")
    with open(f"{folder}/tags/mlflow.runName", "w", encoding="utf-8") as file:
        file.write(name)
    _write(
        folder,
        {
            "artifact_uri": f"{folder}/artifacts",
            "end_time": None,
            "entry_point_name": "",
            "experiment_id": experiment_id,
            "lifecycle_stage": "active",
            "run_id": run_id,
            "run_name": name,
            "run_uuid": run_id,
            "source_name": "",
            "source_type": _LOCAL_SOURCE,
            "source_version": "",
            "start_time": time.time_ns() // 1_000_000,
            "status": _RUNNING,
            "tags": [],
            "user_id": "",
        },
    )


def _write(folder: Path | str, meta: dict[str, Any]) -> None:
    text = yaml.dump(meta, Dumper=_DUMPER, allow_unicode=True)
    with open(f"{folder}/meta.yaml", "w", encoding="utf-8") as file:
        file.write(text)
