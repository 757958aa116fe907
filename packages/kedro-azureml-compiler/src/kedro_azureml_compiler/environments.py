"""What a step runs in: a reference to an environment, or one that is described in `azureml.yml`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any

from kedro_azureml_compiler.findings import Finding, Severity
from kedro_azureml_compiler.step_settings import InlineEnvironment

if TYPE_CHECKING:
    from kedro_azureml_compiler.config import AzureMLConfig
    from kedro_azureml_compiler.step_settings import StepSettings

ENVIRONMENTS_FOLDER = "environments"
"""Folder of the bundle for the files of environments, each at its path in the project."""


def lower_environment(environment: str | InlineEnvironment) -> str | dict[str, Any]:
    """Give an environment as it stands in the job.

    Example:
        >>> lower_environment("my-env@latest")
        'azureml:my-env@latest'
        >>> lower_environment(InlineEnvironment(image="python:3.11", conda_file="conda.yml"))
        {'image': 'python:3.11', 'conda_file': './environments/conda.yml'}
    """
    if isinstance(environment, str):
        return with_prefix(environment)
    if environment.build is not None:
        path = _in_bundle(environment.build.path)
        return {"build": {"path": path, "dockerfile_path": environment.build.dockerfile_path}}
    conda = environment.conda_file
    if conda is None:
        return {"image": environment.image}
    return {
        "image": environment.image,
        "conda_file": _in_bundle(conda) if isinstance(conda, str) else dict(conda),
    }


def with_prefix(reference: str) -> str:
    """Say that a name is one of Azure ML, as it wants to be told.

    Example:
        >>> with_prefix("cpu-cluster"), with_prefix("azureml:cpu-cluster")
        ('azureml:cpu-cluster', 'azureml:cpu-cluster')
    """
    return reference if reference.startswith("azureml:") else f"azureml:{reference}"


def environment_paths(config: AzureMLConfig, chosen: Mapping[str, StepSettings]) -> tuple[str, ...]:
    """Name the files and folders of the project that the environments of a job need, sorted."""
    return tuple(sorted({path for _, path, _ in _files(config, chosen)}))


def environment_findings(
    config: AzureMLConfig, chosen: Mapping[str, StepSettings], present: Iterable[str]
) -> list[Finding]:
    """Find files of environments that cannot be part of a bundle.

    Args:
        config: The content of `azureml.yml`.
        chosen: Settings of the steps, by the name of the step.
        present: Those of the files of all environments that exist, relative to the project.
    """
    there = set(present)
    findings = {}
    for where, path, needed in _files(config, chosen):
        if (
            PurePosixPath(path).is_absolute()
            or PureWindowsPath(path).drive
            or ".." in PurePosixPath(path).parts
        ):
            message = f"'{path}' has to lie in the project."
            hint = "Write a path relative to the project's folder."
        elif needed not in there:
            message = f"there is no '{needed}' in the project."
            hint = "Paths of environments are relative to the project's folder."
        else:
            continue
        findings[path] = Finding("environment-file", Severity.ERROR, where, message, hint)
    return list(findings.values())


def needed_files(config: AzureMLConfig, chosen: Mapping[str, StepSettings]) -> tuple[str, ...]:
    """Name the files that must exist for the environments of a job."""
    return tuple(sorted({needed for _, _, needed in _files(config, chosen)}))


def _files(
    config: AzureMLConfig, chosen: Mapping[str, StepSettings]
) -> Iterator[tuple[str, str, str]]:
    """Give where an environment is described, what it takes along, and the file that it needs."""
    described = [("execution.environment", config.execution.environment)]
    described += [(step, settings.environment) for step, settings in chosen.items()]
    for where, environment in described:
        if not isinstance(environment, InlineEnvironment):
            continue
        if isinstance(environment.conda_file, str):
            path = PurePosixPath(environment.conda_file).as_posix()
            yield where, path, path
        if environment.build is not None:
            folder = PurePosixPath(environment.build.path)
            yield where, folder.as_posix(), (folder / environment.build.dockerfile_path).as_posix()


def _in_bundle(path: str) -> str:
    return f"./{(PurePosixPath(ENVIRONMENTS_FOLDER) / path).as_posix()}"
