"""Find the data assets of a project's catalog."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from kedro_azureml_compiler import (
    DatasetKind,
    Severity,
    did_you_mean,
    read_catalog_facts,
    strip_transcoding,
)
from kedro_azureml_datasets import KedroAzureMLError, LocalVersions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kedro_azureml_compiler import (
        AssetFacts,
        DatasetFacts,
        Finding,
        ProjectRequest,
        Workspace,
    )


class UnknownAssetError(KedroAzureMLError):
    """The catalog has no such data asset."""

    blame = "user"


@dataclass(frozen=True)
class CatalogAsset:
    """An `AzureMLAssetDataset` of the catalog.

    Args:
        dataset: Its name in the catalog, without transcoding.
        facts: The data asset.
        project: The project's folder, absolute.
        workspace: The workspace that is asked for it; None where none is known.
    """

    dataset: str
    facts: AssetFacts
    project: Path
    workspace: Workspace | None = None

    @property
    def kind(self) -> str:
        """The type of the data asset in Azure ML."""
        return "uri_file" if self.facts.is_file else "uri_folder"

    @property
    def versions(self) -> LocalVersions:
        """Its versions on this machine."""
        facts = self.facts
        file = PurePath(facts.file) if facts.is_file else None
        folder = self.project / facts.root_dir / facts.name
        return LocalVersions(facts.name, folder, file, lambda: self.workspace)

    @property
    def versions_here(self) -> list[str]:
        """The registered versions that are on this machine, the newest last."""
        versions = self.versions
        return [v for v in versions.registered() if versions.modified_at(v) is not None]


@dataclass(frozen=True)
class CatalogAssets:
    """The data assets of a catalog.

    Args:
        assets: Those that are known by name: explicit entries, what a pipeline uses, what was
            asked for; by dataset.
        others: What else is known, by name.
        findings: What is wrong with entries.
    """

    assets: tuple[CatalogAsset, ...]
    others: dict[str, DatasetFacts]
    findings: tuple[Finding, ...]

    def in_workspaces(self, workspaces: Mapping[str, Workspace]) -> CatalogAssets:
        """Return the same with the workspace of each data asset.

        Args:
            workspaces: Dataset name to workspace.
        """
        placed = (replace(asset, workspace=workspaces[asset.dataset]) for asset in self.assets)
        return replace(self, assets=tuple(placed))

    def find(self, name: str) -> CatalogAsset:
        """Return one by the name of its entry, or by the name of the data asset.

        Args:
            name: The name.

        Raises:
            UnknownAssetError: There is none.
        """
        for asset in self.assets:
            if asset.dataset == strip_transcoding(name):
                return asset
        for asset in self.assets:
            if asset.facts.name == name:
                return asset
        for finding in self.findings:
            if finding.where == name:
                raise UnknownAssetError(f"{name}: {finding.message}", hint=finding.hint)
        other = self.others.get(name)
        if other is not None and other.kind is not DatasetKind.UNDECLARED:
            raise UnknownAssetError(
                f"'{name}' is not a data asset: its type in the catalog is '{other.type_name}'.",
                hint="List the catalog's data assets:  kedro azureml assets list",
            )
        known = {asset.dataset for asset in self.assets} | {a.facts.name for a in self.assets}
        near = f" {did_you_mean(name, known)}" if known else ""
        raise UnknownAssetError(
            f"The catalog has no data asset '{name}'{near}.",
            hint="NAME is a catalog entry of type kedro_azureml_datasets.AzureMLAssetDataset, or "
            "its 'azureml_dataset'.",
        )


def read_assets(request: ProjectRequest, names: Sequence[str] = ()) -> CatalogAssets:
    """Find the data assets of a project's catalog.

    Args:
        request: Which project.
        names: Names that are asked for: those that only a dataset factory describes.

    Raises:
        ProjectError: The project cannot be read.
    """
    catalog = read_catalog_facts(request, names)
    assets: dict[str, CatalogAsset] = {}
    for name, one in catalog.datasets.items():
        if one.asset is not None:
            base = strip_transcoding(name)
            assets.setdefault(base, CatalogAsset(base, one.asset, catalog.root))
    wrong = tuple(
        finding
        for finding in catalog.findings
        if finding.code == "catalog-entry" and finding.severity is Severity.ERROR
    )
    others = {name: one for name, one in catalog.datasets.items() if one.asset is None}
    return CatalogAssets(tuple(assets.values()), others, wrong)
