"""Are the environments of the steps registered, and is a newer version there?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_azureml_datasets import KedroAzureMLError
from kedro_azureml_datasets.azure_ml.errors import AzureMLError, NotFoundError

from kedro_azureml_cli.azure_ml.environments import find_environment
from kedro_azureml_cli.diagnosis.needed_resources import Use, describe_uses, list_environments
from kedro_azureml_cli.diagnosis.probe import WorkspaceProbe
from kedro_azureml_cli.diagnosis.refusals import judge_failure
from kedro_azureml_cli.diagnosis.rows import Row, SkippedError, failed, ok, skipped, warning
from kedro_azureml_cli.environments.registering import find_changed_source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kedro_azureml_cli.azure_ml.connection import Client
    from kedro_azureml_cli.diagnosis.subject import Place

_READ = "Microsoft.MachineLearningServices/workspaces/environments/versions/read"
_LATEST = "latest"


def _examine(place: Place) -> Iterator[Row]:
    needed = list_environments(place.jobs)
    if not needed:
        raise SkippedError("no job could be read")
    client = place.client.take()
    for reference, uses in needed.items():
        label = f"environment {reference}"
        if reference.startswith("image "):
            yield ok(label, f"described in azureml.yml; {describe_uses(uses)}")
        elif reference.startswith("azureml:"):
            yield skipped(label, "it is in a registry")
        elif "${{" in reference:
            yield skipped(label, "it is bound to an input, so each run names its own")
        else:
            yield _examine_environment(client, place, reference, uses)


def _examine_environment(client: Client, place: Place, reference: str, uses: list[Use]) -> Row:
    label = f"environment {reference}"
    name, at, tag = reference.partition("@")
    version = ""
    if not at:
        name, _, version = reference.partition(":")
    try:
        found = find_environment(client, name, version=version or None, label=tag or None)
        latest = find_environment(client, name, label=_LATEST) if version else found
    except NotFoundError:
        missing = f"the workspace '{place.settings.name}' has no such environment"
        fix = (
            f"Register it:  kedro azureml environment register {name}\n"
            "or write another below 'execution:' in azureml.yml."
        )
        return failed(label, f"{missing}; needed by {describe_uses(uses)}", fix)
    except AzureMLError as error:
        return judge_failure(label, error, _READ)
    root = next(iter(place.jobs.values())).facts.root
    try:
        changed = find_changed_source(root, found)
    except KedroAzureMLError as error:
        unknown = f"version {found.version}; whether it is up to date is not known: {error.message}"
        return warning(label, unknown, error.hint)
    if changed is not None:
        older = f"version {found.version} was registered before {changed} changed"
        fix = f"Register it again:  kedro azureml environment register {name}"
        return warning(label, f"{older}; {describe_uses(uses)}", fix)
    if latest.version != found.version:
        older = f"version {found.version}, and the workspace has {latest.version}"
        fix = f"Write {name}@latest or {name}:{latest.version} in azureml.yml, if it is wanted."
        return warning(label, f"{older}; {describe_uses(uses)}", fix)
    return ok(label, f"version {found.version}; {describe_uses(uses)}")


ENVIRONMENT = WorkspaceProbe(
    "environment",
    "Are the environments of the steps registered, in which version, and up to date?",
    _examine,
)
