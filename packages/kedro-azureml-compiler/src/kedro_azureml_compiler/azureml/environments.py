"""The environment of a step: a reference, or a description in `azureml.yml`."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from kedro_azureml_compiler.bundle_layout import ENVIRONMENTS_FOLDER
from kedro_azureml_compiler.settings.steps import InlineEnvironment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kedro_azureml_compiler.settings.models import AzureMLConfig
    from kedro_azureml_compiler.settings.steps import StepSettings


def lower_environment(environment: str | InlineEnvironment) -> str | dict[str, Any]:
    """Return an environment as it is written in the job.

    Example:
        >>> lower_environment("my-env@latest")
        'azureml:my-env@latest'
        >>> lower_environment(InlineEnvironment(image="python:3.11", conda_file="conda.yml"))
        {'image': 'python:3.11', 'conda_file': './environments/conda.yml'}
    """
    if isinstance(environment, str):
        return add_prefix(environment)
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


def add_prefix(reference: str) -> str:
    """Return a name as a reference of Azure ML, with the prefix `azureml:`.

    Example:
        >>> add_prefix("cpu-cluster"), add_prefix("azureml:cpu-cluster")
        ('azureml:cpu-cluster', 'azureml:cpu-cluster')
    """
    return reference if reference.startswith("azureml:") else f"azureml:{reference}"


def list_environment_paths(
    config: AzureMLConfig, chosen: Mapping[str, StepSettings]
) -> tuple[str, ...]:
    """Return the files and folders of the project that the environments of a job need, sorted."""
    return tuple(sorted({path for _, path, _ in list_described_files(config, chosen)}))


def list_needed_files(config: AzureMLConfig, chosen: Mapping[str, StepSettings]) -> tuple[str, ...]:
    """Return the files that must exist for the environments of a job."""
    return tuple(sorted({needed for _, _, needed in list_described_files(config, chosen)}))


def list_described_files(
    config: AzureMLConfig, chosen: Mapping[str, StepSettings]
) -> Iterator[tuple[str, str, str]]:
    """Return where environments are described, which paths they copy, and which files they need."""
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


def list_conda_descriptions(
    config: AzureMLConfig, chosen: Mapping[str, StepSettings]
) -> Iterator[tuple[str, str | Mapping[str, Any]]]:
    """Return where conda is described, and the path of the file or its content."""
    described = [("execution.environment", config.execution.environment)]
    described += [(step, settings.environment) for step, settings in chosen.items()]
    for where, environment in described:
        if isinstance(environment, InlineEnvironment) and environment.conda_file is not None:
            yield where, environment.conda_file


def _in_bundle(path: str) -> str:
    return f"./{(PurePosixPath(ENVIRONMENTS_FOLDER) / path).as_posix()}"
