"""Download the code of a component of a submitted job."""

from __future__ import annotations

import shutil
from contextlib import suppress
from typing import TYPE_CHECKING

from kedro_azureml_datasets import KedroAzureMLError
from kedro_azureml_datasets.azure_ml.sdk_errors import retry_if_cut_off, translate_sdk_errors

if TYPE_CHECKING:
    from pathlib import Path

    from azure.ai.ml import MLClient

    from kedro_azureml_cli.azure_ml.jobs.remote_job import StepComponent


class CodeDownloadError(KedroAzureMLError):
    """The SDK cannot download the code of a component."""

    blame = "user"


def download_code(client: MLClient, step: str, component: StepComponent, target: Path) -> None:
    """Download the code of a component, whole or not at all.

    The one public way is experimental, and the SDK has it for the public cloud alone.

    Args:
        client: The client of the workspace.
        step: Name of the step, for messages.
        component: The component.
        target: The folder, which does not exist; the folder in which it lies does.

    Raises:
        AzureMLError: It could not be downloaded; the folder does not exist.
        CodeDownloadError: The SDK cannot do that here; nor does the folder exist then.
    """
    part = target.with_name(f".{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        with translate_sdk_errors(f"downloading the code of the step '{step}'"):
            retry_if_cut_off(lambda: _download(client, component, part))
        (part / "code").rename(target)
    except (RuntimeError, ValueError) as error:  # what the SDK raises of its own
        raise CodeDownloadError(
            f"No bundle here has the code of the step '{step}', and it cannot be had: {error}.",
            hint="The SDK downloads code in the public cloud alone. Check out the commit that was "
            "sent, and compile the job again.",
        ) from error
    finally:
        with suppress(OSError):
            shutil.rmtree(part)


def _download(client: MLClient, component: StepComponent, part: Path) -> None:
    shutil.rmtree(part, ignore_errors=True)  # the SDK refuses a folder with anything in it
    client.components.download(component.name, part, version=component.version)
