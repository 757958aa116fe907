"""The environment of a step: what Azure ML sets, and nothing that only this machine has.

The names are those that Azure ML sets in a step's container. The values are made up: they are
the same in every run of the same pipeline, and lead nowhere.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import socket
import subprocess
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from kedro_azureml_simulator.errors import InterpreterError, MachineError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kedro_azureml_simulator.plan import Plan, PlannedStep
    from kedro_azureml_simulator.run_folder import StepFolder

_NAMESPACE = uuid.UUID("8b1c1f5e-52a5-4b7e-9d0c-0a3f5d1e7c42")
_START_LIMIT_S = 60


def step_environment(
    plan: Plan, step: PlannedStep, folder: StepFolder, path: str, tracking_dir: Path
) -> dict[str, str]:
    """Return the whole environment of a step.

    Args:
        plan: The plan that the step belongs to.
        step: The step.
        folder: Its places.
        path: The value of PATH.
        tracking_dir: The folder that MLflow writes to.
    """
    run = run_id(plan, step)
    experiment = experiment_id(plan)
    return {
        "PATH": path,
        "HOME": str(folder.scratch / "home"),
        "TMPDIR": str(folder.scratch / "tmp"),
        "LANG": "C.UTF-8",
        "AZUREML_RUN_ID": run,
        "AZUREML_ROOT_RUN_ID": _made_up_id("run", plan.name),
        "AZUREML_ARM_SUBSCRIPTION": "00000000-0000-0000-0000-000000000000",
        "AZUREML_ARM_RESOURCEGROUP": "simulated-resource-group",
        "AZUREML_ARM_WORKSPACE_NAME": "simulated-workspace",
        "AZUREML_ARM_PROJECT_NAME": plan.experiment_name,
        "AZUREML_EXPERIMENT_ID": experiment,
        "AZUREML_CR_EXECUTION_WORKING_DIR_PATH": str(folder.as_seen(folder.code)),
        # A folder on this machine: on Azure ML it is the workspace's address, which needs both
        # a network and the azureml-mlflow plugin. MLflow 3 wants to be told that a folder is
        # meant; this is the one name that Azure ML does not set.
        "MLFLOW_TRACKING_URI": str(tracking_dir),
        "MLFLOW_ALLOW_FILE_STORE": "true",
        "MLFLOW_TRACKING_TOKEN": "simulated",
        "MLFLOW_RUN_ID": run,
        "MLFLOW_EXPERIMENT_ID": experiment,
        "MLFLOW_EXPERIMENT_NAME": plan.experiment_name,
        **_distributed(step.distribution),
        **step.environment_variables,
    }


def _distributed(kind: str | None) -> dict[str, str]:
    """Return what the only process of a distributed step finds."""
    if kind is None:
        return {}
    # Steps run side by side here, on machines of their own there: a port must not be shared.
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    if kind == "tensorflow":
        worker = {
            "cluster": {"worker": [f"127.0.0.1:{port}"]},
            "task": {"type": "worker", "index": 0},
        }
        return {"TF_CONFIG": json.dumps(worker)}
    if kind == "mpi":
        return {"OMPI_COMM_WORLD_RANK": "0", "OMPI_COMM_WORLD_SIZE": "1"}
    return {
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        "NODE_RANK": "0",
        "RANK": "0",
        "LOCAL_RANK": "0",
        "WORLD_SIZE": "1",
    }


def experiment_id(plan: Plan) -> str:
    """Return the id of the experiment that a run belongs to."""
    return _made_up_id("experiment", plan.experiment_name)


def run_id(plan: Plan, step: PlannedStep) -> str:
    """Return the id of the run of one step."""
    return _made_up_id("run", plan.name, step.name)


def _made_up_id(*names: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, "/".join(names)))


def find_bash() -> Path:
    """Return the shell that runs commands.

    Raises:
        MachineError: There is none.
    """
    found = shutil.which("bash")
    if found is None:
        raise MachineError("there is no bash on PATH", hint="install bash: steps run in it")
    return Path(found).absolute()


def check_python(python: Path) -> Path:
    """Return an interpreter's absolute path, after it has run once.

    Args:
        python: Its path, or its name on PATH. Links are not followed: a virtual environment
            is recognised by the path that its interpreter is started with.

    Raises:
        InterpreterError: It does not exist, or does not run.
    """
    path = python
    if len(python.parts) == 1 and not python.exists():
        path = Path(shutil.which(str(python)) or python)
    path = path.absolute()
    hint = "give the path of an interpreter, such as .venv/bin/python"
    if not path.is_file():
        raise InterpreterError(f"there is no Python at {path}", python=python, hint=hint)
    try:
        subprocess.run(  # noqa: S603 - the caller's own interpreter
            [str(path), "-c", ""],
            check=True,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=_START_LIMIT_S,
            env={"PATH": os.defpath},
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise InterpreterError(
            f"the Python at {path} does not run: {error}", python=python, hint=hint
        ) from error
    return path


def step_path(python: Path | None, shims: Path) -> str:
    """Return PATH for the steps, after writing what makes `python` mean one interpreter.

    Args:
        python: The interpreter, None for the one that PATH finds.
        shims: A folder for two small scripts.
    """
    # A relative entry would mean another folder in each step's working directory.
    entries: Sequence[str] = [
        entry
        for entry in os.environ.get("PATH", os.defpath).split(os.pathsep)
        if Path(entry).is_absolute()
    ]
    if python is None:
        return os.pathsep.join(entries)
    shims.mkdir()
    for name in ("python", "python3"):
        shim = shims / name
        shim.write_text(f'#!/bin/sh\nexec {shlex.quote(str(python))} "$@"\n', encoding="utf-8")
        shim.chmod(0o755)
    return os.pathsep.join([str(shims), str(python.parent), *entries])
