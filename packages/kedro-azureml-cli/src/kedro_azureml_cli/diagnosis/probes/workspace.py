"""Does the workspace exist, and may it be read?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kedro_azureml_compiler import did_you_mean
from kedro_azureml_datasets import KedroAzureMLError
from kedro_azureml_datasets.azure_ml.errors import AzureSignInError, NotFoundError
from kedro_azureml_datasets.azure_ml.sdk_errors import translate_sdk_errors
from kedro_azureml_datasets.azure_ml.settings import DEFAULT_WORKSPACE, check_workspace

from kedro_azureml_cli.azure_ml.connection import connect, to_workspace
from kedro_azureml_cli.diagnosis.probe import Probe
from kedro_azureml_cli.diagnosis.refusals import judge_failure
from kedro_azureml_cli.diagnosis.rows import Row, SkippedError, failed, ok, skipped
from kedro_azureml_cli.diagnosis.subject import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kedro_azureml_datasets.azure_ml.sign_in import ClientOptions

    from kedro_azureml_cli.azure_ml.connection import Client
    from kedro_azureml_cli.diagnosis.subject import Subject

_OPTIONS: ClientOptions = {
    "connection_timeout": 5,
    "read_timeout": 15,
    "retry_total": 1,
    "retry_read": 0,
}
"""Whoever asks how things are wants to know it soon."""

_ISSUER = re.compile(
    r"wrong issuer '[^']*?([0-9a-f-]{36})[^']*'.*?match the tenant '[^']*?([0-9a-f-]{36})",
    re.IGNORECASE | re.DOTALL,
)
"""How Azure Resource Manager refuses a token of another tenant."""


def _examine(subject: Subject) -> Iterator[Row]:
    config = subject.config.take()
    try:
        jobs = subject.jobs.take()
    except SkippedError:
        jobs = {}
    if subject.entry is not None and subject.entry not in config.workspace:
        near = did_you_mean(subject.entry, config.workspace)
        subject.places.lack(f"azureml.yml has no workspace '{subject.entry}'")
        found = f"azureml.yml has no such workspace {near}"
        yield failed(f"workspace {subject.entry}", found, "Name one of them with -w.")
        return
    entries = (
        [subject.entry] if subject.entry else [job.settings.workspace for job in jobs.values()]
    )
    places = []
    named_in = config.workspace_source
    for entry in dict.fromkeys(entries or [DEFAULT_WORKSPACE]):
        going = {name: job for name, job in jobs.items() if entry == job.settings.workspace}
        place = Place(entry, config.workspace_named(entry), going, credential=subject.credential)
        places.append(place)
        yield _examine_place(place, named_in)
    subject.places.learn(places)


def _examine_place(place: Place, named_in: str) -> Row:
    name = place.settings.name
    label = f"workspace {name}"
    source = f"named in {named_in}" + (f", {place.entry}" * (place.entry != DEFAULT_WORKSPACE))
    try:
        check_workspace(to_workspace(place.settings), named_in)  # without asking anybody
        client = connect(place.settings, _OPTIONS, place.credential.take())
        found = _ask(client, name)
    except SkippedError as reason:
        place.client.lack(str(reason))
        return skipped(label, f"{reason}; {source}")
    except AzureSignInError as error:
        place.client.lack(f"the workspace '{name}' was not reached")
        tenants = _ISSUER.search(error.reason)
        if tenants is None:
            return judge_failure(label, error, "")
        found = f"it belongs to the tenant {tenants[2]}, and the sign-in is of {tenants[1]}"
        fix = f"Sign in to that tenant:  az login --tenant {tenants[2]}\nor set AZURE_TENANT_ID."
        return failed(label, found, fix)
    except NotFoundError as error:
        place.client.lack(f"the workspace '{name}' was not reached")
        group = place.settings.resource_group
        fix = (
            f"Check the names in {named_in}; those of a group are listed by:\n"
            f"az ml workspace list --resource-group {group} --subscription "
            f"{place.settings.subscription_id}"
        )
        return failed(label, f"not found: {error.reason}", fix)
    except KedroAzureMLError as error:
        place.client.lack(f"the workspace '{name}' was not reached")
        return judge_failure(label, error, "Microsoft.MachineLearningServices/workspaces/read")
    place.client.learn(client)
    return ok(
        label, f"in {found.location}, resource group {place.settings.resource_group}; {source}"
    )


def _ask(client: Client, name: str) -> Any:
    with translate_sdk_errors(f"reading the workspace '{name}'"):
        return client.workspaces.get(name)


WORKSPACE = Probe(
    "workspace",
    "Does the workspace exist, may it be read, and where is it named?",
    _examine,
    after=("sign-in",),
)
