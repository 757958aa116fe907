"""Runs one step in the project that the working directory holds."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro_azureml_datasets.hooks import STEP_VARIABLE

from kedro_azureml_runner.step_session import step_session_class

if TYPE_CHECKING:
    from kedro_azureml_runner.invocation import StepInvocation
    from kedro_azureml_runner.runner import AzurePipelinesRunner


def run_step(invocation: StepInvocation, runner: AzurePipelinesRunner) -> None:
    """Run the nodes of a step in a Kedro session of their own.

    Args:
        invocation: Which nodes, with which configuration.
        runner: The runner, which knows the mounts.

    Raises:
        Exception: Whatever a node, a dataset or the project's configuration raises.
    """
    os.environ[STEP_VARIABLE] = "1"
    # A step opens no connection that its code does not open.
    os.environ.setdefault("KEDRO_DISABLE_TELEMETRY", "1")
    project = Path.cwd()
    bootstrap_project(project)
    session_class = step_session_class(invocation)
    create: dict[str, Any] = {"project_path": project, "env": invocation.env}
    run: dict[str, Any] = {
        "pipeline_names": list(invocation.pipelines),
        "node_names": list(invocation.nodes),
        "load_versions": dict(invocation.load_versions) or None,
        "runner": runner,
    }
    # KedroServiceSession takes the runtime parameters with each run, KedroSession when it is made.
    where = create if issubclass(session_class, KedroSession) else run
    where["runtime_params"] = invocation.all_params() or None
    with session_class.create(**create) as session:
        session.run(**run)
