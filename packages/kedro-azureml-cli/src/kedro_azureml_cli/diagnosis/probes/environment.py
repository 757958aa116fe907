"""Are the environments of the steps registered, and is a newer version there?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro_azureml_datasets.azure_ml.errors import AzureMLError, NotFoundError
from kedro_azureml_datasets.azure_ml.sdk_errors import translate_sdk_errors

from kedro_azureml_cli.diagnosis.needed_resources import Use, describe_uses, list_environments
from kedro_azureml_cli.diagnosis.probe import WorkspaceProbe
from kedro_azureml_cli.diagnosis.refusals import judge_failure
from kedro_azureml_cli.diagnosis.rows import Row, SkippedError, failed, ok, skipped, warning

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
        found = _ask(client, name, version or None, tag or None)
        latest = _ask(client, name, None, _LATEST) if version else found
    except NotFoundError:
        missing = f"the workspace '{place.settings.name}' has no such environment"
        fix = (
            f"Register it:  az ml environment create --name {name} --image IMAGE --conda-file FILE"
            "\nor write another below 'execution:' in azureml.yml."
        )
        return failed(label, f"{missing}; needed by {describe_uses(uses)}", fix)
    except AzureMLError as error:
        return judge_failure(label, error, _READ)
    if str(latest.version) != str(found.version):
        older = f"version {found.version}, and the workspace has {latest.version}"
        fix = f"Write {name}@latest or {name}:{latest.version} in azureml.yml, if it is wanted."
        return warning(label, f"{older}; {describe_uses(uses)}", fix)
    return ok(label, f"version {found.version}; {describe_uses(uses)}")


def _ask(client: Client, name: str, version: str | None, label: str | None) -> Any:
    with translate_sdk_errors(f"reading the environment '{name}'"):
        return client.environments.get(name, version=version, label=label)


ENVIRONMENT = WorkspaceProbe(
    "environment",
    "Are the environments of the steps registered, and in which version?",
    _examine,
)
