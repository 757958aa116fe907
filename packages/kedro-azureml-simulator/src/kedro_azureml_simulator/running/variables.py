"""The environment of a step: what Azure ML sets, and nothing that only this machine has.

The names are those that Azure ML sets in a step's container. The values are made up: they are
the same in every run of the same pipeline, and lead nowhere.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kedro_azureml_simulator.planning.plan import Plan, PlannedStep
    from kedro_azureml_simulator.run_places import StepFolder

_SIDES = {"inputs": "AZURE_ML_INPUT_", "outputs": "AZURE_ML_OUTPUT_"}
_NAMESPACE = uuid.UUID("8b1c1f5e-52a5-4b7e-9d0c-0a3f5d1e7c42")


def make_step_environment(
    plan: Plan,
    step: PlannedStep,
    folder: StepFolder,
    *,
    instance: int,
    path: str,
    tracking_dir: Path,
    rank: Mapping[str, str],
    names: Mapping[str, str],
) -> dict[str, str]:
    """Return the whole environment of one process of a step.

    Args:
        plan: The plan that the step belongs to.
        step: The step.
        folder: Its places.
        instance: The number of the instance that the process is on.
        path: The value of PATH.
        tracking_dir: The folder that MLflow writes to.
        rank: What tells the process which one of several it is.
        names: What each expression of the command stands for.
    """
    run = make_run_id(plan, step)
    experiment = make_experiment_id(plan)
    return {
        "PATH": path,
        "HOME": str(folder.home(instance)),
        "TMPDIR": str(folder.temporary(instance)),
        "LANG": "C.UTF-8",
        "AZUREML_RUN_ID": run,
        "AZUREML_ROOT_RUN_ID": _made_up_id("run", plan.name),
        "AZUREML_ARM_SUBSCRIPTION": "00000000-0000-0000-0000-000000000000",
        "AZUREML_ARM_RESOURCEGROUP": "simulated-resource-group",
        "AZUREML_ARM_WORKSPACE_NAME": "simulated-workspace",
        "AZUREML_ARM_PROJECT_NAME": plan.experiment_name,
        "AZUREML_EXPERIMENT_ID": experiment,
        "AZUREML_CR_EXECUTION_WORKING_DIR_PATH": str(folder.as_seen(folder.code(instance))),
        # A folder on this machine: on Azure ML it is the workspace's address, which needs both
        # a network and the azureml-mlflow plugin. MLflow 3 asks for a statement that a folder is
        # meant, a name that Azure ML does not set.
        "MLFLOW_TRACKING_URI": str(tracking_dir),
        "MLFLOW_ALLOW_FILE_STORE": "true",
        # Neither does it set this one, by which code knows that there is no workspace to ask.
        "KEDRO_AZUREML_SIMULATION": "1",
        "MLFLOW_TRACKING_TOKEN": "simulated",
        "MLFLOW_RUN_ID": run,
        "MLFLOW_EXPERIMENT_ID": experiment,
        "MLFLOW_EXPERIMENT_NAME": plan.experiment_name,
        **_ports(names),
        **rank,
        **step.environment_variables,
    }


def _ports(names: Mapping[str, str]) -> dict[str, str]:
    """Return the undocumented names of inputs and outputs, as public code spells them."""
    found = {}
    for name, value in names.items():
        side, _, port = name.partition(".")
        if side in _SIDES and "." not in port:
            found[f"{_SIDES[side]}{port}"] = value
            found[f"{_SIDES[side]}{port.upper()}"] = value
    return found


def make_experiment_id(plan: Plan) -> str:
    """Return the id of the experiment that a run belongs to."""
    return _made_up_id("experiment", plan.experiment_name)


def make_run_id(plan: Plan, step: PlannedStep) -> str:
    """Return the id of the run of one step."""
    return _made_up_id("run", plan.name, step.name)


def _made_up_id(*names: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, "/".join(names)))
