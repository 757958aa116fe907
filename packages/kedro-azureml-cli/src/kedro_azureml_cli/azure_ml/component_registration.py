"""Register the components of a bundle: the code once, the rest at the same time.

The SDK alone would ask three times for each step, one after the other. Here the first component
takes the snapshot with it, and the others get the id of that snapshot.
"""

from __future__ import annotations

import io
import json
import math
import re
import time
from collections.abc import Callable, Generator, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from kedro_azureml_datasets.azure_ml.errors import NotFoundError
from kedro_azureml_datasets.azure_ml.sdk_errors import translate_sdk_errors

from kedro_azureml_cli.azure_ml.known_components import (
    KnownComponents,
    digest_folder,
    make_component_key,
)
from kedro_azureml_cli.azure_ml.retrying import retry_if_partly_uploaded, retry_if_transient
from kedro_azureml_cli.azure_ml.upload_storage import check_upload_storage

if TYPE_CHECKING:
    from pathlib import Path

    from azure.ai.ml import MLClient

_AT_ONCE = 16
"""Requests at the same time: an answer takes some 100 ms, and the service takes many."""

_NOTED_EACH_S = 1.0
"""Time between two notes of what is registered, which a process that is killed has then kept."""

_LABELLED = re.compile(r"(?:azureml:)?([^:@/]+)@(.+)")

OnRegistered = Callable[[int, int], None]
"""Told how many components of how many are registered."""


@dataclass(frozen=True)
class RegisteredComponents:
    """The components of a job in a workspace.

    Args:
        ids: Step to the id of its component.
        remembered: Keys of those that the record has told, and the workspace was not asked for.
        registered: How many were sent.
        environments: Reference with a label, such as `env@latest`, to what it stands for.
    """

    ids: Mapping[str, str]
    remembered: frozenset[str]
    registered: int
    environments: Mapping[str, str]


def register_components(
    client: MLClient,
    steps: Mapping[str, Mapping[str, Any]],
    bundle: Path,
    known: KnownComponents,
    *,
    on_registered: OnRegistered | None = None,
) -> RegisteredComponents:
    """Register the components of a job.

    Args:
        client: The client of the workspace.
        steps: Step to its component, as it stands in the bundle.
        bundle: The bundle, to which paths in the components are relative.
        known: What the workspace has already.
        on_registered: Told of the progress; what it raises ends the registering.

    Raises:
        AzureMLError: The workspace did not take one.
    """
    environments = _resolve_labels(client, steps.values())
    resolved = {step: _with_environment(c, environments) for step, c in steps.items()}
    codes = {str(c["code"]): "" for c in resolved.values() if c.get("code")}
    codes = {code: digest_folder(bundle / code) for code in codes}
    keys = {
        step: make_component_key(
            component,
            codes.get(str(component.get("code")), ""),
            _environment_digest(component["environment"], bundle),
        )
        for step, component in resolved.items()
    }
    found = known.find(keys.values())
    missing = {key: resolved[step] for step, key in keys.items() if key not in found}
    sent: dict[str, str] = {}
    noted_s = -math.inf
    try:
        # Closed, so that nothing more is sent where `on_registered` raises.
        with closing(_send(client, missing, bundle)) as registered:
            for key, component_id in registered:
                sent[key] = component_id
                if time.monotonic() - noted_s > _NOTED_EACH_S:
                    known.add(sent)
                    noted_s = time.monotonic()
                if on_registered is not None:
                    on_registered(len(sent), len(missing))
    finally:
        known.add(sent)  # what was registered before a failure need not be sent again
    ids = {**found, **sent}
    return RegisteredComponents(
        {step: ids[key] for step, key in keys.items()}, frozenset(found), len(sent), environments
    )


def _resolve_labels(client: MLClient, components: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Look up what `env@latest` stands for, once for each environment."""
    references = {c["environment"] for c in components if isinstance(c["environment"], str)}
    resolved = {}
    for reference in sorted(references):
        labelled = _LABELLED.fullmatch(reference)
        if labelled is None:
            continue
        name, label = labelled.groups()
        try:
            with translate_sdk_errors(
                f"looking up the environment '{name}@{label}'",
                more=f"az ml environment list --name {name}",
            ):
                found = retry_if_transient(partial(client.environments.get, name, label=label))
        except NotFoundError as error:
            register = f"Register it:  kedro azureml environment register {name}"
            raise NotFoundError(
                error.what, error.reason, hint=f"{register}\n{error.hint}"
            ) from error
        resolved[reference] = f"azureml:{found.name}:{found.version}"
    return resolved


def _with_environment(
    component: Mapping[str, Any], environments: Mapping[str, str]
) -> dict[str, Any]:
    environment = component["environment"]
    if isinstance(environment, str):
        environment = environments.get(environment, environment)
    return {**component, "environment": environment}


def _environment_digest(environment: Any, bundle: Path) -> str:
    """Return a digest of all that an environment is made of, files of the bundle included."""
    if isinstance(environment, str):
        return environment
    digest = sha256(json.dumps(environment, sort_keys=True).encode())
    build = environment.get("build") or {}
    for path in (environment.get("conda_file"), build.get("path")):
        if isinstance(path, str):
            place = bundle / path
            digest.update(place.read_bytes() if place.is_file() else digest_folder(place).encode())
    return digest.hexdigest()


def _send(
    client: MLClient, components: Mapping[str, dict[str, Any]], bundle: Path
) -> Generator[tuple[str, str], None, None]:
    """Send components, and give each one's key and id as it comes back.

    Of those that share their code and their environment the first is sent alone: with it go the
    files, and what it gets back tells the ids for the others.
    """
    groups: dict[str, list[str]] = {}
    for key, component in components.items():
        shared = json.dumps([component.get("code"), component["environment"]], sort_keys=True)
        groups.setdefault(shared, []).append(key)
    codes: dict[Any, str] = {}
    rest: dict[str, dict[str, Any]] = {}
    if any(component.get("code") for component in components.values()):
        check_upload_storage(client)
    for first, *others in groups.values():
        code = components[first].get("code")
        (entity,) = _load({first: _with_code(components[first], codes.get(code))}, bundle).values()
        registered = _register(client, entity)
        if code:
            codes[code] = _reference(registered.code)
        yield first, str(registered.id)
        environment = _reference(registered.environment)
        for key in others:
            component = _with_code(components[key], codes.get(code))
            rest[key] = {**component, "environment": environment}
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        tasks = {
            pool.submit(_register, client, entity): key
            for key, entity in _load(rest, bundle).items()
        }
        try:
            for task in as_completed(tasks):
                yield tasks[task], str(task.result().id)
        finally:
            for task in tasks:
                task.cancel()


def _with_code(component: dict[str, Any], code: str | None) -> dict[str, Any]:
    return {**component, "code": code} if code else component


def _load(components: Mapping[str, Mapping[str, Any]], bundle: Path) -> dict[str, Any]:
    """Load components with the SDK as parts of a job, which need no names."""
    from azure.ai.ml import load_job

    if not components:
        return {}
    names = {f"step_{number}": key for number, key in enumerate(components)}
    document = {
        "type": "pipeline",
        "jobs": {
            step: {"type": "command", "component": components[key]} for step, key in names.items()
        },
    }
    with translate_sdk_errors("reading the components of the bundle"):
        job: Any = load_job(
            io.StringIO(json.dumps(document)), relative_origin=str(bundle / "pipeline.yml")
        )
    return {key: job.jobs[step].component for step, key in names.items()}


def _register(client: MLClient, component: Any) -> Any:
    with translate_sdk_errors(
        f"registering the component of the step '{component.display_name}'",
        more="az ml component list --name azureml_anonymous",
    ):
        # `is_anonymous` is not documented: it is what the SDK itself says of a job's components.
        register = partial(
            client.components.create_or_update, component, skip_validation=True, is_anonymous=True
        )
        return retry_if_transient(lambda: retry_if_partly_uploaded(register))


def _reference(value: Any) -> str:
    """Write an id as a YAML file has it."""
    text = str(getattr(value, "id", None) or value)
    return text if text.startswith("azureml:") else f"azureml:{text}"
