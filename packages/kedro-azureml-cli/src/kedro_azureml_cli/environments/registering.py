"""Register a project's environment in a workspace, and check whether it is out of date."""

from __future__ import annotations

import hashlib
import json
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml
from kedro_azureml_datasets import KedroAzureMLError

from kedro_azureml_cli.environments.image_files import render_conda
from kedro_azureml_cli.environments.image_target import RUNNING, ImageTarget, check_python
from kedro_azureml_cli.environments.sources.source_choice import read_project_needs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from kedro_azureml_compiler import AzureMLConfig, CompiledJob

    from kedro_azureml_cli.azure_ml.connection import Client
    from kedro_azureml_cli.azure_ml.environments import EnvironmentVersion
    from kedro_azureml_cli.environments.needs import Content, Undecided
    from kedro_azureml_cli.environments.pinning import PinnedEnvironment

BASE_IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:latest"
"""Azure ML's image with conda, from which it makes environments of conda files."""

DIGEST_TAG = "kedro_azureml_requirements"
SOURCE_TAG = "kedro_azureml_source"
PYTHON_TAG = "kedro_azureml_python"
IMAGE_TAG = "kedro_azureml_image"

_REFERENCE = re.compile(
    r"(?:azureml:)?(?P<name>[A-Za-z0-9][\w.-]*)(?:@(?P<label>[\w.-]+)|:(?P<version>[\w.-]+))"
)
"""A registered environment of the workspace; those of registries begin with `azureml://`."""


class UndecidedError(KedroAzureMLError):
    """The environment would lack something that the project needs.

    Args:
        undecided: What.
    """

    blame = "user"

    def __init__(self, undecided: Iterable[Undecided]) -> None:
        listed = "\n".join(f"  {one}" for one in undecided)
        super().__init__(
            f"Nothing was registered, because something is left to decide:\n{listed}",
            hint="Change the requirements, or register the rest with --force.",
        )


@dataclass(frozen=True)
class Registration:
    """What became of an environment.

    Args:
        name: The environment.
        version: Its newest version.
        is_new: Whether it was registered now.
        packages: Number of packages in it.
    """

    name: str
    version: str
    is_new: bool
    packages: int


def digest_content(content: Content) -> str:
    """Return a digest of what a project says that its image needs.

    The order and the places of lines do not count, and neither does what is installed here: two
    machines with the same files have the same digest.

    Args:
        content: What the project says.
    """
    kept = {
        "needs": sorted(need.text for need in content.needs),
        "constraints": sorted(need.text for need in content.constraints),
        "undecided": sorted(one.text for one in content.undecided),
        "options": sorted(content.options),
    }
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


def choose_name(config: AzureMLConfig, package: str) -> str:
    """Return the name of the project's environment: the one in `azureml.yml`, or one of its own.

    Args:
        config: The content of `azureml.yml`.
        package: The project's package.

    Example:
        >>> from kedro_azureml_compiler import AzureMLConfig
        >>> choose_name(AzureMLConfig(compute={"__default__": {"cluster_name": "c"}}), "my_birds")
        'my-birds-env'
    """
    named = config.execution.environment
    found = _REFERENCE.fullmatch(named) if isinstance(named, str) else None
    return found["name"] if found else f"{package.replace('_', '-')}-env"


def refuse_undecided(pinned: PinnedEnvironment) -> None:
    """Refuse an environment that would lack something that the project needs.

    Args:
        pinned: What the image gets.

    Raises:
        UndecidedError: Something is left to decide.
    """
    lacking = [one for one in pinned.undecided if one.replacement is None]
    if lacking:
        raise UndecidedError(lacking)


def register_project(
    client: Client,
    name: str,
    content: Content,
    pinned: PinnedEnvironment,
    image: str,
    *,
    force: bool,
) -> Registration:
    """Register a version of the project's environment, unless the newest one is the same.

    Args:
        client: The client of the workspace.
        name: The environment.
        content: What the project says.
        pinned: What the image gets.
        image: The image that Azure ML starts from.
        force: Whether it is registered though nothing has changed.

    Raises:
        AzureMLError: Azure ML did not take it.
    """
    from kedro_azureml_cli.azure_ml.environments import (
        list_environment_versions,
        register_environment,
    )

    tags = {
        DIGEST_TAG: digest_content(content),
        SOURCE_TAG: pinned.source,
        PYTHON_TAG: pinned.target.python,
        IMAGE_TAG: image,
    }
    versions = list_environment_versions(client, name)
    if versions and not force and tags.items() <= versions[0].tags.items():
        return Registration(name, versions[0].version, False, len(pinned.lines))
    registered = register_environment(
        client,
        name,
        _next_version(versions),
        image=image,
        conda=yaml.safe_load(render_conda(pinned)),
        tags=tags,
        description=f"What the steps need, from {pinned.source}.",
    )
    return Registration(registered.name, registered.version, True, len(pinned.lines))


def find_old_environments(
    project: Path, compiled: Mapping[str, CompiledJob], clients: Mapping[str, Client]
) -> Iterator[str]:
    """Yield a sentence for each registered environment that is older than the requirements.

    One request is made for each environment of the workspace that `azureml.yml` names. An
    environment that this command has not registered is not judged, and neither is one that cannot
    be looked up: whether a job is sent does not depend on it.

    Args:
        project: The project's folder.
        compiled: Name of each job to what was compiled.
        clients: Name of each job to the client of its workspace.
    """
    seen: set[tuple[int, str]] = set()
    for job, made in compiled.items():
        for reference in _references(made):
            if (id(clients[job]), reference) in seen:
                continue
            seen.add((id(clients[job]), reference))
            with suppress(KedroAzureMLError):
                found = _look_up(clients[job], reference)
                source = find_changed_source(project, found)
                if source is not None:
                    yield (
                        f"The environment '{found.name}:{found.version}' was registered before "
                        f"{source} changed. Register it again:  kedro azureml environment register "
                        f"{found.name}"
                    )


def find_changed_source(project: Path, found: EnvironmentVersion) -> str | None:
    """Return the file that has changed since an environment was registered.

    Args:
        project: The project's folder.
        found: The environment, as the workspace has it.

    Returns:
        Its name; None if it has not changed, or if this command has not registered the environment.

    Raises:
        KedroAzureMLError: The requirements cannot be read.
    """
    registered = found.tags.get(DIGEST_TAG)
    if registered is None:
        return None
    try:
        python = check_python(found.tags.get(PYTHON_TAG, RUNNING))
    except ValueError:  # somebody has changed the tags
        return None
    if registered == _digest_now(project, found, ImageTarget(python)):
        return None
    return found.tags.get(SOURCE_TAG, "")


def _next_version(versions: Iterable[EnvironmentVersion]) -> str:
    numbers = [int(one.version) for one in versions if one.version.isdecimal()]
    return str(max(numbers, default=0) + 1)


def _references(compiled: CompiledJob) -> list[str]:
    named = [compiled.config.execution.environment]
    named += [step.environment for step in compiled.settings.steps.values()]
    texts = dict.fromkeys(one for one in named if isinstance(one, str))
    return [text for text in texts if _REFERENCE.fullmatch(text)]


def _look_up(client: Client, reference: str) -> EnvironmentVersion:
    from kedro_azureml_cli.azure_ml.environments import find_environment

    found = _REFERENCE.fullmatch(reference)
    if found is None:
        raise AssertionError(reference)
    return find_environment(client, found["name"], version=found["version"], label=found["label"])


def _digest_now(project: Path, found: EnvironmentVersion, target: ImageTarget) -> str:
    source = found.tags.get(SOURCE_TAG)
    there = source if source and (project / source).is_file() else None
    return digest_content(read_project_needs(project, target, there).content)
