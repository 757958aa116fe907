"""`kedro azureml assets`: the data assets of the catalog, in the workspace and on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kedro_azureml_cli.terminal.command_groups import CommandGroup
from kedro_azureml_cli.terminal.exit_codes import UserError, show_errors_as_messages
from kedro_azureml_cli.terminal.option_values import NamedPath
from kedro_azureml_cli.terminal.options import asset_options
from kedro_azureml_cli.terminal.result_stream import print_result, redirect_the_rest_to_stderr
from kedro_azureml_cli.terminal.verbosity import note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kedro.framework.startup import ProjectMetadata
    from kedro_azureml_compiler import Workspace

    from kedro_azureml_cli.assets.catalog_assets import CatalogAsset, CatalogAssets
    from kedro_azureml_cli.azure_ml.connection import Client
    from kedro_azureml_cli.azure_ml.data_assets import AssetVersion
    from kedro_azureml_cli.terminal.options import WorkspaceOptions

_AT_ONCE = 8

_name = click.argument("name", metavar="NAME")


@click.group("assets", cls=CommandGroup)
def assets_command() -> None:
    """List, download and register versions of the catalog's data assets.

    NAME is a catalog entry of type kedro_azureml_datasets.AzureMLAssetDataset, or the name of its
    data asset ('azureml_dataset').
    """


@assets_command.command("list")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@asset_options
@click.pass_obj
def list_command(
    metadata: ProjectMetadata, /, names: tuple[str, ...], form: str, asked: WorkspaceOptions
) -> None:
    """List the catalog's data assets, with their latest versions and those on this machine.

    Lists the entries of the catalog and the datasets of the pipelines. Datasets that only a dataset
    factory describes are listed if they are named.
    """
    with show_errors_as_messages(), redirect_the_rest_to_stderr():
        from kedro_azureml_datasets.azure_ml.thread_pools import open_pool

        from kedro_azureml_cli.assets.assets_output import list_as_json, list_as_text
        from kedro_azureml_cli.azure_ml.data_assets import find_latest_version
        from kedro_azureml_cli.terminal.findings import show_findings

        assets, workspaces = _read(metadata, names, asked)
        show_findings(assets.findings)
        wanted = [assets.find(name) for name in names] if names else list(assets.assets)
        clients = _clients([workspaces[asset.dataset] for asset in wanted])

        def latest(asset: CatalogAsset) -> AssetVersion | None:
            return find_latest_version(clients[workspaces[asset.dataset]], asset.facts.name)

        with open_pool(_AT_ONCE) as pool:
            found = list(zip(wanted, pool.call_each(latest, wanted), strict=True))
        if form == "json":
            result = list_as_json(found)
        elif found:
            result = list_as_text(found)
        else:
            result = "The catalog has no data assets.\n"
    print_result(result)


@assets_command.command("show")
@_name
@asset_options
@click.pass_obj
def show_command(
    metadata: ProjectMetadata, /, name: str, form: str, asked: WorkspaceOptions
) -> None:
    """Show all versions of a data asset."""
    with show_errors_as_messages(), redirect_the_rest_to_stderr():
        from kedro_azureml_cli.assets.assets_output import show_as_json, show_as_text
        from kedro_azureml_cli.azure_ml.data_assets import list_versions

        asset, workspace = _find(metadata, name, asked)
        versions = list_versions(_clients([workspace])[workspace], asset.facts.name)
        if form == "json":
            result = show_as_json(asset, versions)
        else:
            result = show_as_text(asset, versions, workspace.name)
    print_result(result)


@assets_command.command("pull")
@_name
@click.option("--version", help="Version to download; by default, the one that the catalog reads.")
@click.option(
    "--replace",
    is_flag=True,
    help="Download it again and replace the one on this machine, even one of another workspace.",
)
@asset_options
@click.pass_obj
def pull_command(
    metadata: ProjectMetadata,
    /,
    name: str,
    version: str | None,
    replace: bool,
    form: str,
    asked: WorkspaceOptions,
) -> None:
    """Download a version of a data asset to where local runs read it."""
    with show_errors_as_messages(), redirect_the_rest_to_stderr():
        from kedro_azureml_cli.assets.asset_pulling import pull
        from kedro_azureml_cli.assets.assets_output import as_json

        asset, workspace = _find(metadata, name, asked)
        pulled = pull(asset, workspace, version, replace=replace)
        place = pulled.place
        if place.is_relative_to(asset.project):
            place = place.relative_to(asset.project)
        shown = f"version {pulled.version} of the data asset '{asset.facts.name}'"
        if form == "json":
            result = as_json(
                {
                    "dataset": asset.dataset,
                    "asset": asset.facts.name,
                    "version": pulled.version,
                    "path": str(pulled.place),
                    "done": "downloaded" if pulled.is_new else "here already",
                }
            )
        elif pulled.is_new:
            result = f"Downloaded {shown} to {place}.\n"
        else:
            result = f"V{shown[1:]} is already here: {place}.\n"
        pinned = asset.facts.version
        if pinned not in {None, pulled.version}:
            note(f"The catalog pins version {pinned}, which local runs read.")
    print_result(result)


@assets_command.command("push")
@_name
@click.argument("path", required=False, type=NamedPath())
@click.option("--yes", is_flag=True, help="Send without asking.")
@asset_options
@click.pass_obj
def push_command(
    metadata: ProjectMetadata,
    /,
    name: str,
    path: Path | None,
    yes: bool,
    form: str,
    asked: WorkspaceOptions,
) -> None:
    """Register a file or folder as a new version of a data asset.

    By default, PATH is what a local run wrote. Asks before sending anything.
    """
    with show_errors_as_messages(), redirect_the_rest_to_stderr():
        from kedro_azureml_cli.assets.asset_pushing import check_kind, find_upload
        from kedro_azureml_cli.assets.assets_output import as_json
        from kedro_azureml_cli.azure_ml.data_assets import find_latest_version, push_version
        from kedro_azureml_cli.terminal.sizes import format_size

        asset, workspace = _find(metadata, name, asked)
        upload = find_upload(asset, path.absolute() if path is not None else None)
        client = _clients([workspace])[workspace]
        latest = find_latest_version(client, asset.facts.name)
        check_kind(asset, latest)
        size = format_size({"files": upload.files, "bytes": upload.size_bytes})
        newest = f"the latest is {latest.version}" if latest is not None else "there is none yet"
        if not yes:
            _ask(
                f"Send {upload.path}, {size}, to the workspace '{workspace.name}' as a new version "
                f"of the data asset '{asset.facts.name}' ({newest})?"
            )
        made = push_version(client, asset.facts.name, asset.kind, upload.path, latest)
        if form == "json":
            result = as_json(
                {
                    "dataset": asset.dataset,
                    "asset": asset.facts.name,
                    "version": made.version,
                    "type": made.kind,
                    "uri": made.uri,
                    "files": upload.files,
                    "bytes": upload.size_bytes,
                }
            )
        else:
            result = (
                f"Registered version {made.version} of the data asset '{asset.facts.name}': {size}."
                f"\n  {made.uri}\n"
            )
    print_result(result)


def _ask(question: str) -> None:
    try:
        agreed = click.confirm(question, err=True)
    except click.Abort:
        raise UserError(
            "There was no answer, so nothing was sent; --yes sends without asking."
        ) from None
    if not agreed:
        raise UserError("Nothing was sent.")


def _find(
    metadata: ProjectMetadata, name: str, asked: WorkspaceOptions
) -> tuple[CatalogAsset, Workspace]:
    assets, workspaces = _read(metadata, [name], asked)
    asset = assets.find(name)
    return asset, workspaces[asset.dataset]


def _read(
    metadata: ProjectMetadata, names: Sequence[str], asked: WorkspaceOptions
) -> tuple[CatalogAssets, dict[str, Workspace]]:
    """Read the catalog, and find the workspace of each data asset in it."""
    from kedro_azureml_compiler import read_settings

    from kedro_azureml_cli.assets.catalog_assets import read_assets
    from kedro_azureml_cli.jobs.job_lookup import choose_workspace

    request = asked.reading.request(metadata.project_path)
    config = read_settings(request)
    assets = read_assets(request, names)
    workspaces = {
        asset.dataset: choose_workspace(config, asked.workspace or asset.facts.workspace)
        for asset in assets.assets
    }
    return assets.in_workspaces(workspaces), workspaces


def _clients(workspaces: list[Workspace]) -> dict[Workspace, Client]:
    from kedro_azureml_cli.azure_ml.connection import connect

    return {workspace: connect(workspace) for workspace in dict.fromkeys(workspaces)}
