"""Decide what a migration changes in a project, and what it tells the owner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kedro.framework.project import settings
from kedro_azureml_datasets.azure_ml.settings import CONFIG_PATTERNS

from kedro_azureml_compiler.fixing.meaning import CatalogReader
from kedro_azureml_compiler.migrating.catalog_types import replace_types
from kedro_azureml_compiler.migrating.remarks import Remark
from kedro_azureml_compiler.migrating.settings_files import convert_settings
from kedro_azureml_compiler.migrating.source_code import find_imports, find_requirements
from kedro_azureml_compiler.project.opening import bootstrap
from kedro_azureml_compiler.project.request import find_conf_source

if TYPE_CHECKING:
    from kedro_azureml_compiler.fixing.writing import FileChange
    from kedro_azureml_compiler.project.request import ProjectRequest


@dataclass(frozen=True)
class MigrationPlan:
    """What changes in a project of an earlier plugin, and what its owner must change.

    Args:
        changes: The files with their new content.
        remarks: What the owner must change.
    """

    changes: tuple[FileChange, ...] = ()
    remarks: tuple[Remark, ...] = ()


def plan_migration(request: ProjectRequest) -> MigrationPlan:
    """Plan the way from kedro-azureml or kedro-azureml-pipeline to this plugin.

    Changed are `azureml.yml` in the format of kedro-azureml 1.0, and the types of the catalog, in
    all environments; Python code is not.

    Args:
        request: Which project, and how to read it.

    Raises:
        ProjectError: The folder is not a Kedro project, or the configuration does not exist.
    """
    metadata = bootstrap(request.path)
    root = metadata.project_path
    source = find_conf_source(request, root)
    remarks = [*find_imports(root, metadata.source_dir), *find_requirements(root)]
    if source.is_archive:
        remarks.insert(0, Remark(source.relative, None, "an archive is left as it is"))
        return MigrationPlan(remarks=tuple(remarks))
    folders = sorted(f"{source.relative}/{f.name}" for f in source.path.iterdir() if f.is_dir())
    patterns = settings.CONFIG_LOADER_ARGS.get("config_patterns", {})
    converted, of_settings = convert_settings(
        root, folders, patterns.get("azureml", CONFIG_PATTERNS)
    )
    replaced, of_catalog = replace_types(CatalogReader(request, root, source), root)
    return MigrationPlan((*converted, *replaced), (*of_settings, *of_catalog, *remarks))
