"""Tells the asset datasets of a local run which of them the run itself produces."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from kedro.framework.hooks import hook_impl

if TYPE_CHECKING:
    from kedro.framework.context import KedroContext
    from kedro.io import CatalogProtocol
    from kedro.pipeline import Pipeline

STEP_VARIABLE = "KEDRO_AZUREML_STEP"
"""Environment variable that marks a process as a step of an Azure ML job."""


class AzureMLLocalRunHook:
    """Lets a local run read back what it has just written, instead of a registered version.

    Registered by the entry point `kedro.hooks`, so a project has nothing to do. In a step of an
    Azure ML job it does nothing: there the mounts say where data is.
    """

    @hook_impl(tryfirst=True)
    def after_context_created(self, context: KedroContext) -> None:
        """Remember where the project is, for sessions created from elsewhere.

        First, because another hook may read the catalog here already.
        """
        from kedro_azureml_datasets.project_paths import remember_session_project

        remember_session_project(context.project_path)

    @hook_impl(trylast=True)
    def before_pipeline_run(self, pipeline: Pipeline, catalog: CatalogProtocol[Any, Any]) -> None:
        """Bind each asset that the run produces to its version `local`."""
        if STEP_VARIABLE in os.environ:
            return
        from kedro.io import DatasetError

        from kedro_azureml_datasets.asset_dataset import AzureMLAssetDataset
        from kedro_azureml_datasets.rebinding import rebind

        # Transcoded entries (`x@pandas`, `x@spark`) are one dataset, written once.
        produced = {name.partition("@")[0] for name in pipeline.all_outputs()}
        for name in sorted(pipeline.datasets()):
            if name.partition("@")[0] not in produced:
                continue
            try:
                dataset = catalog.get(name)
            except DatasetError:
                continue  # the run itself reports it a moment later, with Kedro's own words
            if isinstance(dataset, AzureMLAssetDataset):
                rebind(catalog, name, dataset.as_local_intermediate())


local_run_hook = AzureMLLocalRunHook()
