"""What an import costs, in a process that has imported nothing else."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points, requires

import kedro_azureml_datasets


def imported_by(code: str) -> set[str]:
    script = f"import sys; before = set(sys.modules); {code}; print(*set(sys.modules) - before)"
    process = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, check=True
    )
    return {module.partition(".")[0] for module in process.stdout.split()}


def test_importing_the_package_imports_nothing_of_kedro_azure_or_pandas() -> None:
    modules = imported_by("import kedro_azureml_datasets as d; d.__version__; dir(d)")
    assert "kedro_azureml_datasets" in modules
    assert not modules & {"kedro", "kedro_datasets", "azure", "pandas", "cloudpickle", "fsspec"}


def test_a_name_is_loaded_when_it_is_used_and_brings_neither_azure_nor_pandas() -> None:
    modules = imported_by(
        "from kedro_azureml_datasets import AzureMLAssetDataset, AzureMLPipelineDataset"
    )
    assert "kedro" in modules
    assert not modules & {"azure", "pandas", "kedro_datasets"}


def test_the_rank_is_known_without_kedro() -> None:
    assert "kedro" not in imported_by("import kedro_azureml_datasets.distributed")


def test_every_public_name_can_be_had() -> None:
    for name in kedro_azureml_datasets.__all__:
        assert getattr(kedro_azureml_datasets, name) is not None
    assert set(kedro_azureml_datasets.__all__) == set(dir(kedro_azureml_datasets))


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(kedro_azureml_datasets, "AzureMLFolderDataset")


def test_the_hook_is_an_entry_point_of_kedro() -> None:
    (entry,) = entry_points(group="kedro.hooks", name="azureml_local_run")
    assert isinstance(entry.load(), kedro_azureml_datasets.AzureMLLocalRunHook)


def test_the_hook_for_secrets_is_one_too() -> None:
    (entry,) = entry_points(group="kedro.hooks", name="azureml_secrets")
    assert isinstance(entry.load(), kedro_azureml_datasets.AzureMLSecretsHook)


def test_a_hook_imports_no_azure() -> None:
    assert "azure" not in imported_by("from kedro_azureml_datasets.hooks import secrets_hook")


def test_the_wheel_requires_no_azure_sdk() -> None:
    required = [line for line in requires("kedro-azureml-datasets") or [] if "extra" not in line]
    assert not [line for line in required if line.startswith("azure")]
