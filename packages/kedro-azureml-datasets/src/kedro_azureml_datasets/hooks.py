"""Bind the assets that a local run produces, and fetch the secrets that it needs."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from kedro.framework.hooks import hook_impl

from kedro_azureml_datasets.seeding import seed_generators

if TYPE_CHECKING:
    from collections.abc import Iterable

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
        remember_session_settings(context.config_loader, context.project_path)

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


class AzureMLSecretsHook:
    """Lets credentials refer to secrets of the workspace's key vault: `${azureml.secret:NAME}`.

    Registered by the entry point `kedro.hooks`. In a step of an Azure ML job the step fetches the
    secrets itself.
    """

    @hook_impl(tryfirst=True)
    def after_context_created(self) -> None:
        """Have OmegaConf know the reference; first, because a hook may read credentials here."""
        from kedro_azureml_datasets.credentials.resolvers import register_secret_resolver

        register_secret_resolver()

    @hook_impl(tryfirst=True)
    def after_catalog_created(
        self,
        catalog: CatalogProtocol[Any, Any],
        conf_catalog: dict[str, Any],
        parameters: dict[str, Any],
        save_version: str | None,
    ) -> None:
        """Refuse secrets outside credentials, where they would be written down or shown.

        Only in a run, which has a save version: the compiler reports them with all else.
        """
        from kedro_azureml_datasets.azure_ml.settings import recall_session_settings
        from kedro_azureml_datasets.credentials.placing import refuse_misplaced_secrets

        if save_version is None:
            if "ipykernel" in sys.modules:
                _explain_secrets_in_notebooks(catalog)
            return
        settings = recall_session_settings()
        refuse_misplaced_secrets(
            {"catalog": conf_catalog, "parameters": parameters},
            settings.config_folders() if settings is not None else [],
        )

    @hook_impl(tryfirst=True)
    def before_pipeline_run(self, pipeline: Pipeline, catalog: CatalogProtocol[Any, Any]) -> None:
        """Fetch the secrets of the datasets that the run uses, before another hook loads one."""
        if STEP_VARIABLE not in os.environ:
            fetch_secrets(catalog, pipeline.datasets())


def fetch_secrets(catalog: CatalogProtocol[Any, Any], names: Iterable[str]) -> None:
    """Fetch the secrets that datasets need, and put them into their entries.

    A run does so by itself; in a notebook, datasets that need a secret are loaded after this. The
    key vault is that of the default workspace in `azureml.yml`.

    Args:
        catalog: The catalog of the current Kedro session.
        names: The datasets.

    Raises:
        SecretUnavailableError: A secret cannot be read.
    """
    from kedro_azureml_datasets.credentials.filling import fill_secrets

    fill_secrets(catalog, names, _read_secrets_of_session)


def _explain_secrets_in_notebooks(catalog: Any) -> None:
    from kedro_azureml_datasets.credentials.marks import find_marked_secrets
    from kedro_azureml_datasets.log import logger

    names = [
        n for n, entry in catalog.config_resolver.config.items() if any(find_marked_secrets(entry))
    ]
    if names:
        logger.info(
            "Datasets whose secrets a run would fetch: %s. To load one here, fetch them first: "
            "from kedro_azureml_datasets import fetch_secrets; fetch_secrets(catalog, %r)",
            ", ".join(names),
            names[:1],
        )


def _read_secrets_of_session(secrets: Iterable[str]) -> dict[str, str]:
    from kedro_azureml_datasets.azure_ml.key_vault import read_secrets
    from kedro_azureml_datasets.azure_ml.settings import recall_session_settings

    settings = recall_session_settings()
    vault = settings.key_vault(None) if settings is not None else None
    workspace = settings.workspace(None) if settings is not None and vault is None else None
    return read_secrets(secrets, vault, workspace)


local_run_hook = AzureMLLocalRunHook()
secrets_hook = AzureMLSecretsHook()
