"""What a workspace and its storage know about a data asset."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RegisteredVersion:
    """One version of a data asset, as the workspace knows it.

    Args:
        asset: Name of the data asset.
        version: The version.
        kind: `uri_file`, `uri_folder`, or a type that this package does not read.
        uri: Where the data lies.
        id: The version's id in Azure ML; empty where it is not known.
    """

    asset: str
    version: str
    kind: str
    uri: str
    id: str = ""


@dataclass(frozen=True)
class RemoteFile:
    """One blob of a data asset.

    Args:
        name: Its name below the asset's folder; that of the blob alone for a `uri_file`.
        blob: Its whole name in the container.
        size_bytes: Its size.
        modified_at: When it was last changed, in seconds since the epoch.
    """

    name: str
    blob: str
    size_bytes: int
    modified_at: float
