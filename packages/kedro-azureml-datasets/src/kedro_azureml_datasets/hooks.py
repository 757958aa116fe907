"""Tell the asset datasets of a local run which of them the run itself produces."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from kedro.framework.hooks import hook_impl

from kedro_azureml_datasets.seeding import seed_generators

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
        """Remember where the project and its `azureml.yml` are; nothing is read here.

        First, because another hook may read the catalog here already.
        """
        from kedro_azureml_datasets.azure_ml.settings import remember_session_settings
        from kedro_azureml_datasets.project_paths import remember_session_project

        remember_session_project(context.project_path)
        remember_session_settings(context.config_loader)

    @hook_impl(trylast=True)
    def before_pipeline_run(
        self, run_params: dict[str, Any], pipeline: Pipeline, catalog: CatalogProtocol[Any, Any]
    ) -> None:
        """Bind each asset that the run produces to `local`, and bring here those that it reads.

        Nothing is raised: an asset that cannot be had is an error when a node loads it, where
        Kedro tells the other hooks of it.
        """
        if STEP_VARIABLE in os.environ:
            return
        from kedro.io import DatasetError

        from kedro_azureml_datasets.asset_dataset import AzureMLAssetDataset
        from kedro_azureml_datasets.rebinding import rebind

        # With this option Kedro leaves nodes out after this hook, and with them what they read.
        reads_are_known = not run_params.get("only_missing_outputs")
        # Transcoded entries (`x@pandas`, `x@spark`) are one dataset, written once.
        produced = {name.partition("@")[0] for name in pipeline.all_outputs()}
        for name in sorted(pipeline.datasets()):
            try:
                dataset = catalog.get(name)
            except DatasetError:
                continue  # the run itself reports it a moment later, with Kedro's own words
            if not isinstance(dataset, AzureMLAssetDataset):
                continue
            bound = dataset
            if name.partition("@")[0] in produced:
                bound = dataset.as_local_intermediate()
            elif reads_are_known:
                bound = dataset.as_local_input()
            if bound is not dataset:
                rebind(catalog, name, bound)

    @hook_impl(trylast=True)
    def before_node_run(self) -> None:
        """Seed the random generators where `verify` asks for it.

        Last, because another hook may draw from them. The body of a generator node starts later, so
        it is seeded once.
        """
        seed_generators()


local_run_hook = AzureMLLocalRunHook()
