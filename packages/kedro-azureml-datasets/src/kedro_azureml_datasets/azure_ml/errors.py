"""What Azure can answer, and what can go wrong between a data asset and this machine.

AzureMLDatasetError
├── AzureMLError                 a request to Azure failed
│   ├── RefusedError             something in the request has to change
│   ├── NotFoundError            what it names does not exist
│   ├── ForbiddenError           the signed-in identity may not do it
│   ├── ConflictError            something else of that name exists
│   ├── QuotaError               a quota is used up
│   └── AzureFailedError         Azure or the network failed
│       ├── ThrottledError       too many requests
│       └── AzureUnreachableError    no connection
├── AzureNotAskedError           Azure could not be asked at all
│   ├── WorkspaceSettingsError, CloudSettingsError
    │   ├── AzureExtraMissingError, KeyVaultExtraMissingError, AzureSignInError
    │   ├── KeyVaultError
│   └── AzureUnreachableError
├── AssetNotFoundError, AssetVersionNotFoundError, AssetTypeError
├── AssetStorageError            the data lies where it cannot be read
│   └── NoDataError
└── AssetDownloadError           the download did not finish
└── UnsafeBlobNameError, DiskFullError
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from kedro_azureml_datasets.errors import AzureMLDatasetError, Blame

if TYPE_CHECKING:
    from pathlib import Path


class AzureNotAskedError(AzureMLDatasetError):
    """Azure could not be asked at all, so what is on this machine may serve instead."""

    blame: ClassVar[Blame] = "user"


class AzureMLError(AzureMLDatasetError):
    """Azure did not do what it was asked.

    Args:
        what: What was asked, as in "sending the job 'train'".
        reason: What Azure said, or what is wrong.
        hint: The likely cause, and the command that shows more.
    """

    blame: ClassVar[Blame] = "user"

    def __init__(self, what: str, reason: str, *, hint: str = "") -> None:
        super().__init__(f"{what[:1].upper()}{what[1:]} failed: {reason}", hint=hint)
        self.what = what
        self.reason = reason


class RefusedError(AzureMLError):
    """Azure refuses the request itself: something in it has to change."""

    blame = "user"


class NotFoundError(AzureMLError):
    """What the request names does not exist."""

    blame = "user"


class ForbiddenError(AzureMLError):
    """Whoever is signed in may not do this."""

    blame = "user"


class ConflictError(AzureMLError):
    """Something else of that name exists."""

    blame = "user"


class QuotaError(AzureMLError):
    """A quota of the workspace or of the subscription is used up."""

    blame = "machine"


class AzureFailedError(AzureMLError):
    """Azure failed, or the connection broke off; nothing in the request is wrong."""

    blame = "machine"


class ThrottledError(AzureFailedError):
    """Azure takes no more requests for now."""

    blame = "machine"


class AzureUnreachableError(AzureNotAskedError, AzureFailedError):
    """No connection to Azure.

    Args:
        host: The host that was tried.
        reason: What the machine or the SDK said.
        what: What was asked.
    """

    blame = "machine"

    def __init__(self, host: str, reason: str, what: str = "connecting to Azure") -> None:
        AzureFailedError.__init__(
            self,
            what,
            f"no connection to '{host}' ({reason}).",
            hint="Check the network connection, and HTTPS_PROXY if you are behind a proxy; then "
            "run it again.",
        )
        self.host = host


class WorkspaceSettingsError(AzureNotAskedError):
    """`azureml.yml` does not say which workspace the asset belongs to."""

    blame = "user"


class CloudSettingsError(AzureNotAskedError):
    """The environment does not say which cloud of Azure this is."""

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


class KeyVaultExtraMissingError(AzureNotAskedError):
    """The packages that read secrets of a key vault are not installed.

    Args:
        module: The module that could not be imported.
    """

    blame = "user"

    def __init__(self, module: str) -> None:
        super().__init__(
            f"it is read with the Azure SDK, and '{module}' cannot be imported.",
            hint="Install it, for a step in its image:  "
            'pip install "kedro-azureml-datasets[keyvault]"',
        )
        self.module = module


class KeyVaultError(AzureNotAskedError):
    """A secret cannot be read from a key vault.

    Args:
        message: Why, as a sentence.
        secret: Name of the secret, if it is about one.
        hint: What to do.
    """

    blame = "user"

    def __init__(self, message: str, *, secret: str | None = None, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        if secret is not None:
            self.secret = secret


class AzureSignInError(AzureNotAskedError):
    """Nobody is signed in, or the sign-in has expired or was refused.

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
            hint="Check 'azureml_dataset', and 'workspace' if azureml.yml has several.",
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


class UntrustedStorageError(AssetStorageError):
    """Something lies at a host to which no credential is sent.

    Args:
        what: What lies there, as in "the datastore 'lake'".
        host: The host.
        cloud: Name of the workspace's cloud.
    """

    blame = "user"

    def __init__(self, what: str, host: str, cloud: str) -> None:
        super().__init__(
            f"{what[:1].upper()}{what[1:]} is at '{host}', which is not an https address of the "
            f"storage of '{cloud}'. Nothing was sent there.",
            hint="Credentials are sent only to the storage of the workspace's own cloud. Check who "
            "registered that address; register the data in a storage account of this cloud.",
        )
        self.host = host


class NoDataError(AssetStorageError):
    """The data that was registered does not exist."""

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
    """The disk has no room for the data.

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
            hint="Free some space, or set 'root_dir' of the dataset to a folder on another disk.",
        )
        self.folder = folder
        self.needed_bytes = needed_bytes
        self.free_bytes = free_bytes
