"""What can go wrong between a data asset in a workspace and this machine, each by its own name."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from kedro_azureml_datasets.errors import AzureMLDatasetError, Blame

if TYPE_CHECKING:
    from pathlib import Path


class AzureNotAskedError(AzureMLDatasetError):
    """Azure could not be asked at all, so what is on this machine may serve instead."""

    blame: ClassVar[Blame] = "user"


class WorkspaceSettingsError(AzureNotAskedError):
    """`azureml.yml` does not say which workspace the asset belongs to."""

    blame = "user"


class AzureExtraMissingError(AzureNotAskedError):
    """The packages that speak to Azure are not installed.

    Args:
        module: The module that could not be imported.
    """

    blame = "user"

    def __init__(self, module: str) -> None:
        super().__init__(
            f"Data assets are downloaded with the Azure SDK, and '{module}' cannot be imported.",
            hint='Install it:  pip install "kedro-azureml-datasets[azure]"',
        )
        self.module = module


class AzureUnreachableError(AzureNotAskedError):
    """No connection to Azure.

    Args:
        host: The host that was tried.
        reason: What the machine or the SDK said.
    """

    blame = "machine"

    def __init__(self, host: str, reason: str) -> None:
        super().__init__(
            f"Azure cannot be reached: no connection to '{host}' ({reason}).",
            hint="Look at the network, and at HTTPS_PROXY where there is a proxy.",
        )
        self.host = host
        self.reason = reason


class AzureSignInError(AzureNotAskedError):
    """Nobody is signed in, or the one who is may not do this.

    Args:
        what: What was refused.
        reason: What Azure said.
        hint: What to do.
    """

    blame = "user"

    def __init__(self, what: str, reason: str, *, hint: str) -> None:
        super().__init__(f"Azure refused {what}: {reason}", hint=hint)
        self.reason = reason


class AssetNotFoundError(AzureMLDatasetError):
    """The workspace has no data asset of that name.

    Args:
        asset: Name of the data asset.
        workspace: Name of the workspace.
    """

    blame = "user"

    def __init__(self, asset: str, workspace: str) -> None:
        super().__init__(
            f"The workspace '{workspace}' has no data asset '{asset}'.",
            hint="Look at 'azureml_dataset', and at 'workspace' where there are several.",
        )
        self.asset = asset
        self.workspace = workspace


class AssetVersionNotFoundError(AzureMLDatasetError):
    """The data asset has no such version.

    Args:
        asset: Name of the data asset.
        version: The version that was asked for.
        newest: Versions that exist, the newest first.
    """

    blame = "user"

    def __init__(self, asset: str, version: str, newest: list[str]) -> None:
        super().__init__(
            f"The data asset '{asset}' has no version '{version}'.",
            hint=f"The newest versions are: {', '.join(newest)}.",
        )
        self.asset = asset
        self.version = version
        self.newest = newest


class AssetTypeError(AzureMLDatasetError):
    """The registered asset is of another type than the catalog says.

    Args:
        asset: Name of the data asset.
        registered: Its type in the workspace.
        expected: `azureml_type` of the catalog entry.
    """

    blame = "user"

    def __init__(self, asset: str, registered: str, expected: str) -> None:
        supported = registered in {"uri_file", "uri_folder"}
        super().__init__(
            f"The data asset '{asset}' is registered as '{registered}', and the catalog says "
            f"'{expected}'.",
            hint=f"Write 'azureml_type: {registered}' in the catalog."
            if supported
            else "Register the data as 'uri_folder' or 'uri_file'; other types are not supported.",
        )
        self.asset = asset
        self.registered = registered


class AssetStorageError(AzureMLDatasetError):
    """The data of the asset lies where this package cannot read it."""

    blame = "user"


class NoDataError(AssetStorageError):
    """There is nothing in the place in which the data should be."""

    blame = "user"


class AssetDownloadError(AzureMLDatasetError):
    """A download broke off; nothing half-written is left in the version's folder."""

    blame: ClassVar[Blame] = "machine"


class UnsafeBlobNameError(AssetDownloadError):
    """A blob's name cannot be a file below the version's folder.

    Args:
        name: The blob's name below the asset.
        reason: What is wrong with it.
    """

    blame = "user"

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f"The data asset holds a blob named {name!r}, which {reason}; nothing was downloaded.",
            hint="Register the data again under names that are files below one folder.",
        )
        self.name = name


class DiskFullError(AssetDownloadError):
    """There is no room for the data.

    Args:
        folder: Where it was to be written.
        needed_bytes: Size of the data; 0 where the disk got full meanwhile.
        free_bytes: Room on that disk.
    """

    blame = "machine"

    def __init__(self, folder: Path, needed_bytes: int, free_bytes: int) -> None:
        needed = (
            f"is full: the data asset needs {needed_bytes:,} bytes, and"
            if needed_bytes
            else "got full while the data asset was downloaded:"
        )
        super().__init__(
            f"The disk of '{folder}' {needed} {free_bytes:,} bytes are free.",
            hint="Make room, or let 'root_dir' of the dataset name a folder on another disk.",
        )
        self.folder = folder
        self.needed_bytes = needed_bytes
        self.free_bytes = free_bytes
