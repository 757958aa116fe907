"""The names of files and folders in a bundle, and of the folders below `build/`."""

from __future__ import annotations

from pathlib import PurePosixPath

CODE_FOLDER = "code"

INPUTS_FOLDER = "inputs"

PARAMS_FILE = "params.json"


BUNDLES_FOLDER = PurePosixPath("build/azureml")
"""Where bundles are written, relative to the project."""

RUNS_FOLDER = PurePosixPath("build/azureml-runs")
"""Where simulations of bundles run, relative to the project."""

JOBS_FOLDER = PurePosixPath("build/azureml-jobs")
"""Where pages and downloads of submitted jobs are, relative to the project, by their names in
Azure ML."""

RECORDS_FOLDER = PurePosixPath("build/azureml-records")
"""Where it is kept what a workspace has already, relative to the project."""


ENVIRONMENTS_FOLDER = "environments"
"""Folder of the bundle for the files of environments, each at its path in the project."""


PIPELINE_FILE = "pipeline.yml"

PLAN_FILE = "plan.json"

PLAN_PAGE = "plan.html"

RUNNER_FOLDER = ".kedro-azureml"

KEEP_FILE = ".gitkeep"
