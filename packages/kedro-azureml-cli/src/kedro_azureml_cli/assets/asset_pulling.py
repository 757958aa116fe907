"""Download a version of a data asset to where local runs read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kedro_azureml_datasets import LOCAL_VERSION, KedroAzureMLError, check_asset
from kedro_azureml_datasets.azure_ml.downloading.download import download_version

from kedro_azureml_cli.azure_ml.connection import connect, open_storage

if TYPE_CHECKING:
    from pathlib import Path

    from kedro_azureml_compiler import Workspace

    from kedro_azureml_cli.assets.catalog_assets import CatalogAsset


class NotPullableError(KedroAzureMLError):
    """No workspace has what was asked for."""

    blame = "user"


@dataclass(frozen=True)
class Pulled:
    """A version that is on this machine now.

    Args:
        version: The version.
        place: Its folder, or the file of a `uri_file`; absolute.
        is_new: Whether it was downloaded just now.
    """

    version: str
    place: Path
    is_new: bool


def pull(
    asset: CatalogAsset, workspace: Workspace, version: str | None, *, replace: bool = False
) -> Pulled:
    """Download a version of a data asset, unless it is here.

    Args:
        asset: The data asset.
        workspace: The workspace.
        version: The version; None is what the catalog reads: the pinned one, or the latest.
        replace: Whether to download it again where it is here, from this workspace or another.

    Raises:
        ForeignVersionError: The version is here from another workspace.
        KedroAzureMLError: It could not be downloaded.
    """
    facts, versions = asset.facts, asset.versions
    check_asset(facts.name, asset.kind, version)
    wanted = version or facts.version
    if wanted == LOCAL_VERSION:
        raise NotPullableError(
            "'local' is the version that local runs write; no workspace has it.",
            hint=f"Choose another with --version; list them:  kedro azureml assets show "
            f"{asset.dataset}",
        )
    if replace or wanted is None or versions.modified_at(wanted) is None:
        storage = open_storage(connect(workspace), workspace)
        if wanted is None:
            registered = storage.latest(facts.name)
        else:
            registered = storage.version(facts.name, wanted)
        wanted = registered.version
        is_new = replace or versions.modified_at(wanted) is None
        download_version(versions, registered, storage, replace=replace)
    else:
        versions.check_origin(wanted)
        is_new = False
    folder = versions.folder_of(wanted)
    return Pulled(wanted, folder / versions.file if versions.file else folder, is_new)
