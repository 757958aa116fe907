"""Kedro datasets whose data flows between the steps of an Azure Machine Learning pipeline.

The public names are loaded when they are first used, so importing this package costs nothing.

Example:
    >>> import kedro_azureml_datasets
    >>> sorted(kedro_azureml_datasets.__all__)[0]
    'AzureMLAssetDataset'
"""

from importlib import import_module
from typing import TYPE_CHECKING

from kedro_azureml_datasets.__about__ import __version__

if TYPE_CHECKING:
    from kedro_azureml_datasets.asset_dataset import AzureMLAssetDataset as AzureMLAssetDataset
    from kedro_azureml_datasets.asset_dataset import check_asset as check_asset
    from kedro_azureml_datasets.credentials.filling import (
        SIMULATION_VARIABLE as SIMULATION_VARIABLE,
    )
    from kedro_azureml_datasets.credentials.marks import (
        name_secret_variable as name_secret_variable,
    )
    from kedro_azureml_datasets.errors import AzureMLDatasetError as AzureMLDatasetError
    from kedro_azureml_datasets.errors import Blame as Blame
    from kedro_azureml_datasets.errors import KedroAzureMLError as KedroAzureMLError
    from kedro_azureml_datasets.hooks import STEP_VARIABLE as STEP_VARIABLE
    from kedro_azureml_datasets.hooks import AzureMLLocalRunHook as AzureMLLocalRunHook
    from kedro_azureml_datasets.hooks import AzureMLSecretsHook as AzureMLSecretsHook
    from kedro_azureml_datasets.hooks import fetch_secrets as fetch_secrets
    from kedro_azureml_datasets.local_versions import LOCAL_VERSION as LOCAL_VERSION
    from kedro_azureml_datasets.local_versions import LocalVersions as LocalVersions
    from kedro_azureml_datasets.local_versions import list_cached_versions as list_cached_versions
    from kedro_azureml_datasets.local_versions import locate_version_folder as locate_version_folder
    from kedro_azureml_datasets.mountable import MountableDataset as MountableDataset
    from kedro_azureml_datasets.pipeline_dataset import (
        AzureMLPipelineDataset as AzureMLPipelineDataset,
    )
    from kedro_azureml_datasets.rebinding import rebind as rebind
    from kedro_azureml_datasets.seeding import SEED_VARIABLE as SEED_VARIABLE

_MODULES = {
    "AzureMLAssetDataset": "asset_dataset",
    "AzureMLDatasetError": "errors",
    "AzureMLLocalRunHook": "hooks",
    "AzureMLPipelineDataset": "pipeline_dataset",
    "AzureMLSecretsHook": "hooks",
    "Blame": "errors",
    "KedroAzureMLError": "errors",
    "LOCAL_VERSION": "local_versions",
    "LocalVersions": "local_versions",
    "MountableDataset": "mountable",
    "SEED_VARIABLE": "seeding",
    "SIMULATION_VARIABLE": "credentials.filling",
    "STEP_VARIABLE": "hooks",
    "list_cached_versions": "local_versions",
    "check_asset": "asset_dataset",
    "fetch_secrets": "hooks",
    "rebind": "rebinding",
    "name_secret_variable": "credentials.marks",
    "locate_version_folder": "local_versions",
}

__all__ = [*_MODULES, "__version__"]  # noqa: PLE0604  (names of strings, not strings of names)


if not TYPE_CHECKING:  # so that a type checker knows the names above, and no others

    def __getattr__(name):
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted(__all__)
