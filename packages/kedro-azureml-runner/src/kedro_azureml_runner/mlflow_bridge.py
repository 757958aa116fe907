"""Say in the job's MLflow run which node it is, and have kedro-mlflow log into that run.

Azure ML gives each step a run of its own and names it in `MLFLOW_RUN_ID`; MLflow resumes it where
the code of a node logs. Without that variable, or without MLflow in the image, nothing is imported.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from kedro_azureml_datasets import KedroAzureMLError
from kedro_azureml_datasets.distributed import read_process_rank
from kedro_azureml_datasets.log import logger

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, MutableMapping

    from kedro_azureml_runner.progress import StepProgress
    from kedro_azureml_runner.protocol.invocation import StepInvocation

RUN_VARIABLE = "MLFLOW_RUN_ID"
"""Environment variable in which Azure ML names a step's MLflow run."""

_LONGEST_TAG = 1000


@contextmanager
def track_step(
    invocation: StepInvocation,
    progress: StepProgress,
    environ: MutableMapping[str, str] = os.environ,
) -> Iterator[None]:
    """Tag the MLflow run of a step with what the step does, and with the error that ends it.

    Whatever goes wrong between here and MLflow is a warning and fails no step. Only kedro-mlflow
    would fail it, without the package with which MLflow reaches the workspace.

    Args:
        invocation: The step.
        progress: What the step is doing, to name the node that fails.
        environ: The environment variables of the step.

    Raises:
        KedroAzureMLError: The image has kedro-mlflow, and not azureml-mlflow.
    """
    _check_plugin(environ)
    run_id = environ.get(RUN_VARIABLE)
    # The ranks of a distributed step share one run: the first speaks for all.
    if not run_id or read_process_rank(environ) or find_spec("mlflow") is None:
        yield
        return
    tags = {
        "kedro.node_name": ", ".join(invocation.nodes),
        "kedro.pipeline_name": ", ".join(invocation.pipelines),
    }
    mlflow: Any = None
    with _warned("name the step's node in"):
        mlflow = import_module("mlflow")
        _set_tags(mlflow, run_id, tags)
        if find_spec("kedro_mlflow") is not None:
            # It takes the run that is active when the session starts, and else makes another.
            mlflow.start_run(run_id=run_id)
            # Where a node logs in a thread of its own, MLflow looks for the variable.
            environ[RUN_VARIABLE] = run_id
    status = "FINISHED"
    try:
        yield
    except (Exception, SystemExit) as error:
        status = "FAILED"
        if mlflow is not None:
            with _warned("tell the error to"):
                told = {"kedro.error": f"{type(error).__name__}: {error}"}
                failed = {"kedro.failed_node": progress.node} if progress.node else {}
                _set_tags(mlflow, run_id, {**told, **failed})
        raise
    finally:
        if mlflow is not None:
            with _warned("end"):
                while mlflow.active_run() is not None:  # kedro-mlflow starts it once more
                    mlflow.end_run(status)


def _check_plugin(environ: Mapping[str, str]) -> None:
    is_azure = environ.get("MLFLOW_TRACKING_URI", "").startswith("azureml")
    if not is_azure or find_spec("kedro_mlflow") is None:
        return
    try:
        version("azureml-mlflow")
    except PackageNotFoundError:
        raise KedroAzureMLError(
            "The step's image has kedro-mlflow, and not azureml-mlflow, with which MLflow reaches "
            "the workspace.",
            hint='Install it in the image:  pip install "kedro-azureml-datasets[mlflow]"  or  pip '
            "install azureml-mlflow",
        ) from None


def _set_tags(mlflow: Any, run_id: str, tags: dict[str, str]) -> None:
    client = mlflow.MlflowClient()
    for key, value in tags.items():
        client.set_tag(run_id, key, value[:_LONGEST_TAG])


@contextmanager
def _warned(doing: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        message = " ".join(str(error).split())[:300]
        logger.warning(
            "Cannot %s the job's MLflow run: %s: %s", doing, type(error).__name__, message
        )
