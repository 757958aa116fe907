"""Ask a workspace for versions of environments, and register new ones."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import partial
from typing import TYPE_CHECKING, Any

from kedro_azureml_datasets.azure_ml.errors import NotFoundError
from kedro_azureml_datasets.azure_ml.sdk_errors import translate_sdk_errors

from kedro_azureml_cli.azure_ml.retrying import retry_if_transient

if TYPE_CHECKING:
    from collections.abc import Mapping

    from azure.ai.ml import MLClient

_LABELLED = re.compile(r"(?:azureml:)?([^:@/]+)@(.+)")
_NAMED = re.compile(r"(?:azureml:)?([^:@/]+):([^:@/]+)")
_OF_WORKSPACE = re.compile(
    r"(?:azureml:)?/subscriptions/.*/environments/([^/]+)/versions/([^/]+)", re.IGNORECASE
)
_ANONYMOUS = "CliV2AnonymousEnvironment"
"""The SDK's name for environments that a job describes itself."""

_OLDEST = datetime.min.replace(tzinfo=timezone.utc)


@dataclass(frozen=True)
class EnvironmentVersion:
    """One version of an environment in a workspace.

    Args:
        name: The environment.
        version: The version.
        tags: Its tags.
    """

    name: str
    version: str
    tags: Mapping[str, str]


def find_environment(
    client: MLClient, name: str, *, version: str | None = None, label: str | None = None
) -> EnvironmentVersion:
    """Return a version of an environment, with one request.

    Args:
        client: The client of the workspace.
        name: The environment.
        version: The version; exactly one of this and the label.
        label: The label, such as `latest`.

    Raises:
        NotFoundError: There is none.
        AzureMLError: Azure ML did not answer.
    """
    with translate_sdk_errors(f"looking up the environment '{name}'", more=_more(name)):
        return _version(client.environments.get(name, version=version, label=label))


def describe_environment(client: MLClient, reference: str) -> str:
    """Return a text that is the same for references to the same environment.

    Args:
        client: The client of the workspace.
        reference: An id, or a name with a version or a label; one that a job has described itself
            is looked up.

    Raises:
        AzureMLError: Azure ML did not answer.
    """
    labelled = _LABELLED.fullmatch(reference)
    if labelled is not None:
        name, label = labelled.groups()
        return f"{name}:{find_environment(client, name, label=label).version}"
    found = _OF_WORKSPACE.fullmatch(reference) or _NAMED.fullmatch(reference)
    if found is None:  # that of a registry
        return reference.lower()
    name, version = found.groups()
    if name != _ANONYMOUS:
        return f"{name}:{version}"
    with translate_sdk_errors("looking up the environment of a step", more=_more(name)):
        described: Any = retry_if_transient(partial(client.environments.get, name, version))
    content = {"image": described.image, "conda_file": described.conda_file}
    if described.build is not None:
        content["build"] = version
    return json.dumps({key: value for key, value in content.items() if value}, sort_keys=True)


def list_environment_versions(client: MLClient, name: str) -> list[EnvironmentVersion]:
    """List the versions of an environment, archived ones too, the newest first.

    Args:
        client: The client of the workspace.
        name: The environment.

    Raises:
        AzureMLError: Azure ML did not answer.
    """
    from azure.ai.ml.constants import ListViewType

    def ask() -> list[Any]:
        return list(client.environments.list(name, list_view_type=ListViewType.ALL))

    def age(found: Any) -> tuple[datetime, int]:
        created = found.creation_context and found.creation_context.created_at
        version = str(found.version)
        return created or _OLDEST, int(version) if version.isdecimal() else 0

    try:
        with translate_sdk_errors(f"listing the environment '{name}'", more=_more(name)):
            found = retry_if_transient(ask)
    except NotFoundError:
        return []
    return [_version(one) for one in sorted(found, key=age, reverse=True)]


def register_environment(
    client: MLClient,
    name: str,
    version: str,
    *,
    image: str,
    conda: Mapping[str, Any],
    tags: Mapping[str, str],
    description: str,
) -> EnvironmentVersion:
    """Register a version of an environment, of which Azure ML builds the image.

    Args:
        client: The client of the workspace.
        name: The environment.
        version: The version, which does not exist.
        image: The image that Azure ML starts from.
        conda: The content of a conda file.
        tags: Its tags.
        description: Shown in Studio.

    Raises:
        ConflictError: The version exists.
        AzureMLError: Azure ML did not take it.
    """
    from azure.ai.ml.entities import Environment

    environment = Environment(
        name=name,
        version=version,
        image=image,
        conda_file=dict(conda),
        tags=dict(tags),
        description=description,
    )
    with translate_sdk_errors(f"registering the environment '{name}'", more=_more(name)):
        # A request that is sent twice makes one version, which is why it has a number already.
        create = partial(client.environments.create_or_update, environment)
        return _version(retry_if_transient(create))


def _version(found: Any) -> EnvironmentVersion:
    tags = {str(key): str(value) for key, value in (found.tags or {}).items()}
    return EnvironmentVersion(str(found.name), str(found.version), tags)


def _more(name: str) -> str:
    return f"az ml environment list --name {name}"
