"""Check a file or folder before it becomes a version of a data asset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kedro_azureml_datasets import LOCAL_VERSION, KedroAzureMLError

from kedro_azureml_cli.terminal.sizes import measure_folder

if TYPE_CHECKING:
    from pathlib import Path

    from kedro_azureml_cli.assets.catalog_assets import CatalogAsset
    from kedro_azureml_cli.azure_ml.data_assets import AssetVersion

_IGNORE_FILES = (".amlignore", ".gitignore")


class NotPushableError(KedroAzureMLError):
    """A file or folder cannot become a version of the data asset."""

    blame = "user"


@dataclass(frozen=True)
class Upload:
    """A file or folder that can be sent.

    Args:
        path: It, absolute.
        files: How many files it is.
        size_bytes: How much they are together.
    """

    path: Path
    files: int
    size_bytes: int


def find_upload(asset: CatalogAsset, path: Path | None) -> Upload:
    """Find what to send, and refuse what cannot be a version of the asset.

    Args:
        asset: The data asset.
        path: A file or a folder; None is what a local run has left.

    Raises:
        NotPushableError: There is nothing, or not what the asset's type requires.
    """
    place = path or _left_by_a_run(asset)
    if not place.exists():
        if path is not None:
            raise NotPushableError(f"'{place}' does not exist.")
        raise NotPushableError(
            f"No local run has written '{asset.dataset}': '{place}' does not exist.",
            hint=f"Name the path to send:  kedro azureml assets push {asset.dataset} PATH",
        )
    where = f"azureml_type of '{asset.dataset}' in the catalog"
    if asset.facts.is_file:
        if not place.is_file():
            raise NotPushableError(
                f"'{place}' is a folder, and the data asset '{asset.facts.name}' is one file "
                "(uri_file).",
                hint=f"Name the file, or change {where}.",
            )
        return Upload(place, 1, place.stat().st_size)
    if place.is_file():
        raise NotPushableError(
            f"'{place}' is a file, and the data asset '{asset.facts.name}' is a folder "
            "(uri_folder).",
            hint=f"Name the folder that holds it, or change {where}.",
        )
    size = measure_folder(place)
    if not size["files"]:
        raise NotPushableError(f"'{place}' contains no files.")
    ignoring = [name for name in _IGNORE_FILES if (place / name).exists()]
    if ignoring:
        raise NotPushableError(
            f"'{place}' contains a {ignoring[0]}: the Azure SDK would leave out what it lists.",
            hint="Move it away: a version of a data asset is the whole folder.",
        )
    if not asset.facts.file or (place / asset.facts.file).exists():
        return Upload(place, size["files"], size["bytes"])
    raise NotPushableError(
        f"'{place}' has no '{asset.facts.file}', which '{asset.dataset}' reads.",
        hint="Name the folder that holds it.",
    )


def check_kind(asset: CatalogAsset, latest: AssetVersion | None) -> None:
    """Refuse a type that the data asset does not have in the workspace.

    Args:
        asset: The data asset.
        latest: Its newest version; None where there is none.

    Raises:
        NotPushableError: It is of another type, which Azure ML does not change.
    """
    if latest is not None and latest.kind != asset.kind:
        raise NotPushableError(
            f"The data asset '{asset.facts.name}' is a {latest.kind} in the workspace, and a "
            f"{asset.kind} in the catalog; all versions of an asset have the same type.",
            hint=f"Write 'azureml_type: {latest.kind}', or give it another 'azureml_dataset'.",
        )


def _left_by_a_run(asset: CatalogAsset) -> Path:
    versions = asset.versions
    folder = versions.folder_of(LOCAL_VERSION)
    return folder / versions.file if versions.file is not None else folder
