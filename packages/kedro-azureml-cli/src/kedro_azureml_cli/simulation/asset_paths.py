"""Find the data assets that a simulated job reads among the versions on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_azureml_compiler import Flow, Plan
from kedro_azureml_datasets import KedroAzureMLError, cached_versions, version_folder

if TYPE_CHECKING:
    from pathlib import Path

    from kedro_azureml_compiler import AssetFacts


class AssetNotHereError(KedroAzureMLError):
    """A simulation needs a data asset that is not on this machine.

    Args:
        asset: Name of the data asset.
        folder: Where it is looked for.
    """

    blame = "user"

    def __init__(self, asset: str, folder: Path, version: str | None) -> None:
        what = f"Version '{version}'" if version else "No version"
        super().__init__(
            f"{what} of the data asset '{asset}' is {'not ' if version else ''}on this machine.",
            hint=f"Put its data into '{folder}'.",
        )
        self.asset = asset
        self.folder = folder


def find_local_assets(plan: Plan, project: Path) -> dict[str, Path]:
    """Map each reference to a data asset in the job to its local copy.

    Args:
        plan: The plan of the job.
        project: The project's folder.

    Returns:
        References as they stand in the job (`penguins:1`, `penguins@latest`) to a folder or a file.

    Raises:
        AssetNotHereError: A version is not on this machine.
    """
    paths = {}
    for dataset in plan.datasets:
        if dataset.flow is Flow.VERSION and dataset.asset is not None:
            asset = dataset.asset
            reference = f"{asset.name}:{asset.version}" if asset.version else f"{asset.name}@latest"
            paths[reference] = _local_path(asset, project)
    return paths


def _local_path(asset: AssetFacts, project: Path) -> Path:
    root = project / asset.root_dir
    versions = [asset.version] if asset.version else cached_versions(root / asset.name)
    version = versions[-1] if versions else None
    folder = version_folder(root, asset.name, version or "<version>")
    path = folder / asset.file if asset.is_file else folder
    if version is None or not path.exists():
        raise AssetNotHereError(asset.name, path, asset.version)
    return path
