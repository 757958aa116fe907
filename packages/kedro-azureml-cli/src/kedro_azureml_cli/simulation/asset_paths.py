"""Find the data assets that a simulated job reads among the versions on this machine."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from kedro_azureml_compiler import Flow, Plan
from kedro_azureml_datasets import KedroAzureMLError, LocalVersions
from kedro_azureml_simulator import find_mapped

from kedro_azureml_cli.terminal.result_stream import redirect_the_rest_to_stderr

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kedro_azureml_compiler import AssetFacts, Workspace


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
            hint=f"Put its data into '{folder}', or map it:"
            f" --asset {asset}{f':{version}' if version else '@latest'}=PATH",
        )
        self.asset = asset
        self.folder = folder


def find_local_assets(
    plan: Plan,
    project: Path,
    workspace: Workspace | None = None,
    *,
    mapped: Mapping[str, Path] | None = None,
    are_read: bool = True,
) -> dict[str, Path]:
    """Map each reference to a data asset in the job to its local copy.

    Args:
        plan: The plan of the job.
        project: The project's folder.
        workspace: The workspace of the job; None where none is known.
        mapped: Data that stands for references, which then need no copy here.
        are_read: Whether the job is run, or only looked at.

    Returns:
        References as they stand in the job (`penguins:1`, `penguins@latest`) to a folder or a file.

    Raises:
        AssetNotHereError: A version is not on this machine.
        ForeignVersionError: A version on this machine is that of another workspace.
    """
    paths = {}
    assets = (d.asset for d in plan.datasets if d.flow is Flow.VERSION and d.asset is not None)
    with redirect_the_rest_to_stderr():  # the log of the datasets
        for asset in assets:
            reference = f"{asset.name}:{asset.version}" if asset.version else f"{asset.name}@latest"
            if find_mapped(reference, mapped or {}) is None:
                paths[reference] = _local_path(asset, project, workspace, is_read=are_read)
    return paths


def _local_path(
    asset: AssetFacts, project: Path, workspace: Workspace | None, *, is_read: bool
) -> Path:
    file = PurePath(asset.file) if asset.is_file else None
    folder = project / asset.root_dir / asset.name
    versions = LocalVersions(asset.name, folder, file, lambda: workspace)
    here = [asset.version] if asset.version else versions.registered()
    version = here[-1] if here else None
    path = versions.folder_of(version or "<version>") / (file or "")
    if version is None or not path.exists():
        raise AssetNotHereError(asset.name, path, asset.version)
    versions.check_origin(version, is_read=is_read)
    return path
