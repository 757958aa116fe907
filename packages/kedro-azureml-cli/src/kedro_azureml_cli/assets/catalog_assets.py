"""Finds the data assets of a project's catalog."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from kedro.framework.project import pipelines
from kedro_azureml_compiler.findings import Severity
from kedro_azureml_compiler.planning.facts import DatasetKind, base_name
from kedro_azureml_compiler.project.credentials import make_up_missing_credentials
from kedro_azureml_compiler.project.datasets import read_catalog, read_datasets
from kedro_azureml_compiler.project.entries import is_parameter
from kedro_azureml_compiler.project.opening import bootstrap, find_conf_source, open_context
from kedro_azureml_compiler.suggestions import did_you_mean
from kedro_azureml_datasets import KedroAzureMLError
from kedro_azureml_datasets.local_versions import LocalVersions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kedro_azureml_compiler.findings import Finding
    from kedro_azureml_compiler.planning.facts import AssetFacts, DatasetFacts
    from kedro_azureml_compiler.project.opening import ProjectRequest


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
    """

    dataset: str
    facts: AssetFacts
    project: Path

    @property
    def kind(self) -> str:
        """The type of the data asset in Azure ML."""
        return "uri_file" if self.facts.is_file else "uri_folder"

    @property
    def versions(self) -> LocalVersions:
        """Its versions on this machine."""
        facts = self.facts
        file = PurePath(facts.file) if facts.is_file else None
        return LocalVersions(facts.name, self.project / facts.root_dir / facts.name, file)

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

    def find(self, name: str) -> CatalogAsset:
        """Give one by the name of its entry, or by that of the data asset.

        Args:
            name: The name.

        Raises:
            UnknownAssetError: There is none.
        """
        for asset in self.assets:
            if asset.dataset == base_name(name):
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
                f"'{name}' is no data asset: its type in the catalog is '{other.type_name}'.",
                hint="Those of the catalog are listed by:  kedro azureml assets list",
            )
        known = {asset.dataset for asset in self.assets} | {a.facts.name for a in self.assets}
        near = f" {did_you_mean(name, known)}" if known else ""
        raise UnknownAssetError(
            f"The catalog has no data asset '{name}'{near}.",
            hint="NAME is an entry of the type kedro_azureml_datasets.AzureMLAssetDataset, or its "
            "'azureml_dataset'.",
        )


def read_assets(request: ProjectRequest, names: Sequence[str] = ()) -> CatalogAssets:
    """Find the data assets of a project's catalog.

    Args:
        request: Which project.
        names: Names that are asked for: those that only a dataset factory gives.

    Raises:
        ProjectError: The project cannot be read.
    """
    metadata = bootstrap(request.path)
    project = metadata.project_path
    source = find_conf_source(request, project)
    with open_context(request, metadata, source, request.params) as context:
        make_up_missing_credentials(context.config_loader)
        catalog = read_catalog(context)
        used = (pipeline.datasets() for pipeline in dict(pipelines).values())
        every = {*catalog.keys(), *names}.union(*used)
        facts, findings = read_datasets(
            [name for name in every if not is_parameter(name)], catalog, project
        )
    assets: dict[str, CatalogAsset] = {}
    for name, one in facts.items():
        if one.asset is not None:
            assets.setdefault(base_name(name), CatalogAsset(base_name(name), one.asset, project))
    wrong = tuple(f for f in findings if f.code == "catalog-entry" and f.severity is Severity.ERROR)
    others = {name: one for name, one in facts.items() if one.asset is None}
    return CatalogAssets(tuple(assets.values()), others, wrong)
