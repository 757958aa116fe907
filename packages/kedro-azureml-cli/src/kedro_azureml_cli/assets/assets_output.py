"""Show data assets and their versions, as text or as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kedro_azureml_datasets import LOCAL_VERSION, list_cached_versions

from kedro_azureml_cli.terminal.tables import format_local_time, format_table, format_utc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kedro_azureml_cli.assets.catalog_assets import CatalogAsset
    from kedro_azureml_cli.azure_ml.data_assets import AssetVersion


def list_as_text(found: Sequence[tuple[CatalogAsset, AssetVersion | None]]) -> str:
    """Return a table of data assets.

    Args:
        found: Each with its newest version in the workspace.
    """
    rows = [
        (
            asset.dataset,
            asset.facts.name,
            asset.kind,
            asset.facts.version or "latest",
            latest.version if latest is not None else "-",
            ", ".join(asset.versions.all()) or "-",
        )
        for asset, latest in found
    ]
    return format_table(("dataset", "data asset", "type", "reads", "latest", "here"), rows)


def list_as_json(found: Sequence[tuple[CatalogAsset, AssetVersion | None]]) -> str:
    """Return data assets as JSON.

    Args:
        found: Each with its newest version in the workspace.
    """
    assets = [
        {**_asset(asset), "latest": latest.version if latest is not None else None}
        for asset, latest in found
    ]
    return as_json({"assets": assets})


def show_as_text(asset: CatalogAsset, versions: Sequence[AssetVersion], workspace: str) -> str:
    """Return a data asset and all its versions as text.

    Args:
        asset: The data asset.
        versions: Those in the workspace, the newest first.
        workspace: Name of the workspace.
    """
    facts = asset.facts
    reads = f"version {facts.version}" if facts.version else "the latest version"
    lines = [f"{asset.dataset}: the data asset '{facts.name}' ({asset.kind}), reads {reads}."]
    if not versions:
        lines.append(f"The workspace '{workspace}' has no version of it.")
    known = {version.version for version in versions}
    here = asset.versions_here
    rows = [
        (
            one.version,
            one.kind,
            format_local_time(one.created),
            "yes" if one.version in here else "no",
            one.uri,
        )
        for one in versions
    ]
    table = format_table(("version", "type", "created", "here", "uri"), rows) if rows else ""
    after = [
        f"Version {version} is here but not in the workspace."
        for version in here
        if version not in known
    ]
    after += [
        f"Version {version} here is from the workspace '{origin.workspace}' and is not read."
        for version in list_cached_versions(asset.versions.folder)
        if (origin := asset.versions.foreign_origin(version)) is not None
    ]
    if asset.versions.modified_at(LOCAL_VERSION) is not None:
        after.append(
            "A local run has written the version 'local'; register it with:  kedro "
            f"azureml assets push {asset.dataset}"
        )
    return "".join(f"{line}\n" for line in lines) + table + "".join(f"{line}\n" for line in after)


def show_as_json(asset: CatalogAsset, versions: Sequence[AssetVersion]) -> str:
    """Return a data asset and all its versions as JSON.

    Args:
        asset: The data asset.
        versions: Those in the workspace, the newest first.
    """
    here = asset.versions_here
    listed = [
        {
            "version": one.version,
            "type": one.kind,
            "uri": one.uri,
            "created": format_utc(one.created),
            "here": one.version in here,
        }
        for one in versions
    ]
    return as_json({**_asset(asset), "versions": listed})


def as_json(content: Any) -> str:
    """Return a document as JSON.

    Args:
        content: What is in it.
    """
    return json.dumps(content, indent=2) + "\n"


def _asset(asset: CatalogAsset) -> dict[str, Any]:
    return {
        "dataset": asset.dataset,
        "asset": asset.facts.name,
        "type": asset.kind,
        "pinned": asset.facts.version,
        "here": asset.versions.all(),
    }
