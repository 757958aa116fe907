"""Run one step in the project of the working directory, or in the one that the image has."""

from __future__ import annotations

import os
import sys
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from kedro.framework.project import configure_project, settings
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro_azureml_datasets import KedroAzureMLError
from kedro_azureml_datasets.hooks import STEP_VARIABLE

from kedro_azureml_runner.exact_text import keep_exact
from kedro_azureml_runner.unused_entries import UnusedEntries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kedro_azureml_runner.protocol.invocation import StepInvocation
    from kedro_azureml_runner.runner import AzurePipelinesRunner

_TELEMETRY_OFF = {"KEDRO_DISABLE_TELEMETRY": "1", "MLFLOW_DISABLE_TELEMETRY": "true"}
_TELEMETRY_PLUGIN = "kedro_telemetry.plugin"
_OFF_BY = ("KEDRO_DISABLE_TELEMETRY", "DO_NOT_TRACK")
"""Variables that switch that plugin off."""


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
    for variable, off in _TELEMETRY_OFF.items():
        os.environ.setdefault(variable, off)
    project = Path.cwd()
    _open_project(project, invocation.package)
    # Its hooks and its session class are the project's own; one hook of ours comes before them.
    settings.set("HOOKS", (*settings.HOOKS, UnusedEntries(invocation)))
    session_class: Any = getattr(settings, "SESSION_CLASS", KedroSession)  # Kedro 1.2 has no such
    create: dict[str, Any] = {"project_path": project, "env": invocation.env}
    if invocation.conf_source is not None:
        create["conf_source"] = str(project / invocation.conf_source)
    run: dict[str, Any] = {
        "pipeline_names": list(invocation.pipelines),
        "node_names": list(invocation.nodes),
        "load_versions": dict(invocation.load_versions) or None,
        "runner": runner,
    }
    # KedroServiceSession takes the runtime parameters with each run, KedroSession when it is made.
    where = create if issubclass(session_class, KedroSession) else run
    where["runtime_params"] = invocation.all_params(keep_exact) or None
    with _without_telemetry():
        created = session_class.create(**create)
    with _tracked(invocation, runner), created as session:
        try:
            session.run(**run)
            return
        except (KeyError, ValueError) as error:
            if runner.progress.node is not None:
                raise
            failure = error
        from kedro_azureml_runner.skipped_pipelines import explain_missing_pipelines

        raise explain_missing_pipelines(failure, invocation.pipelines)


class _NothingToSend(ModuleType):
    """Stands for a plugin: whatever its entry point names is there, and does nothing."""

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        return object()


@contextmanager
def _without_telemetry() -> Iterator[None]:
    """Keep a new session from importing Kedro's telemetry plugin where that is switched off.

    It would import an HTTP client and Kedro's whole command line, and then do nothing.
    """
    if _TELEMETRY_PLUGIN in sys.modules or not any(map(os.environ.get, _OFF_BY)):
        yield
        return
    sys.modules[_TELEMETRY_PLUGIN] = _NothingToSend(_TELEMETRY_PLUGIN)
    try:
        yield
    finally:
        del sys.modules[_TELEMETRY_PLUGIN]


def _tracked(
    invocation: StepInvocation, runner: AzurePipelinesRunner
) -> AbstractContextManager[None]:
    if "MLFLOW_RUN_ID" not in os.environ:
        return nullcontext()
    from kedro_azureml_runner.mlflow_bridge import track_step

    return track_step(invocation, runner.progress)


def _open_project(project: Path, package: str | None) -> None:
    """Find the project's settings and pipelines: in its sources, or where its wheel is installed.

    Raises:
        KedroAzureMLError: There is neither.
    """
    if (project / "pyproject.toml").is_file():
        bootstrap_project(project)
    elif package is not None:
        configure_project(package)
    else:
        raise KedroAzureMLError(
            f"There is no Kedro project in '{project}': it has no pyproject.toml.",
            hint="Where the image holds the project, name its folder as "
            "'execution.working_directory' in azureml.yml.",
        )
