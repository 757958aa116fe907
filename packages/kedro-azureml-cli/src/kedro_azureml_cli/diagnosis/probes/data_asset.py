"""Does the workspace have the versions of data assets that the jobs read?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_azureml_datasets.azure_ml.errors import AzureMLError

from kedro_azureml_cli.azure_ml.data_assets import list_versions
from kedro_azureml_cli.diagnosis.needed_resources import AssetUse, describe_uses, list_assets
from kedro_azureml_cli.diagnosis.probe import WorkspaceProbe
from kedro_azureml_cli.diagnosis.refusals import judge_failure
from kedro_azureml_cli.diagnosis.rows import Row, SkippedError, failed, ok

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kedro_azureml_cli.azure_ml.connection import Client
    from kedro_azureml_cli.diagnosis.subject import Place

_READ = "Microsoft.MachineLearningServices/workspaces/data/versions/read"


def _examine(place: Place) -> Iterator[Row]:
    if not place.jobs:
        raise SkippedError("no job could be read")
    needed = list_assets(place.jobs)
    if not needed:
        raise SkippedError("the jobs read no data asset")
    client = place.client.take()
    for asset in needed:
        yield _examine_asset(client, place.settings.name, asset)


def _examine_asset(client: Client, workspace: str, asset: AssetUse) -> Row:
    label = f"data-asset {asset.name}{f':{asset.version}' if asset.version else '@latest'}"
    readers = describe_uses(asset.uses)
    try:
        versions = [found.version for found in list_versions(client, asset.name)]
    except AzureMLError as error:
        return judge_failure(label, error, _READ)
    if asset.version in versions or (versions and not asset.version):
        return ok(label, f"version {asset.version or versions[0]}; {readers}")
    if not versions:
        missing = f"the workspace '{workspace}' has no such data asset; needed by {readers}"
        fix = f"Register it:  kedro azureml assets push {asset.dataset} PATH"
        return failed(label, missing, fix)
    missing = f"the workspace '{workspace}' has no such version; needed by {readers}"
    fix = (
        f"Write one that is there into the catalog; the newest is {versions[0]}.\n"
        f"To see them all:  kedro azureml assets show {asset.dataset}"
    )
    return failed(label, missing, fix)


DATA_ASSET = WorkspaceProbe(
    "data-asset",
    "Are the versions of the data assets that the jobs read registered?",
    _examine,
)
