"""Code snapshots: found again by their hash, and uploaded to Azurite when they are new."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Upload = Callable[[str], tuple[str, str]]
"""Name of a snapshot to the address of its container, and the same with a signature."""


def list_by_hash(
    resources: dict[str, dict[str, Any]], asked: str, digest: str
) -> list[dict[str, Any]]:
    """List the snapshots of a workspace that have a hash.

    Whatever their names: the SDK asks under a random one.

    Args:
        resources: The resources of all workspaces, by their paths in lower case.
        asked: Path of the request, in lower case.
        digest: The hash.
    """
    workspace = asked.partition("/codes/")[0]
    return [
        resource
        for path, resource in resources.items()
        if path.startswith(f"{workspace}/codes/")
        and "/versions/" in path
        and _properties(resource).get("hash_sha256") == digest
    ]


def pending_upload(place: tuple[str, str]) -> dict[str, Any]:
    """Answer where a snapshot is to be uploaded."""
    address, signed = place
    return {
        "pendingUploadType": "TemporaryBlobReference",
        "blobReferenceForConsumption": {
            "blobUri": address,
            "credential": {"credentialType": "SAS", "sasUri": signed},
        },
    }


def _properties(resource: dict[str, Any]) -> dict[str, Any]:
    return resource.get("properties", {}).get("properties") or {}
