"""Refuse to run a job whose code is in an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_azureml_compiler import CODE_FOLDER
from kedro_azureml_datasets import KedroAzureMLError

if TYPE_CHECKING:
    from pathlib import Path


class CodeInImageError(KedroAzureMLError):
    """A job whose code is in an image cannot be run on this machine."""

    blame = "user"


def refuse_code_in_image(job: str, bundle: Path) -> None:
    """Refuse a bundle without the project's code.

    Args:
        job: Name of the job.
        bundle: Folder of its bundle.

    Raises:
        CodeInImageError: The job takes its code from an image.
    """
    if not (bundle / CODE_FOLDER).is_dir():
        raise CodeInImageError(
            f"The job '{job}' takes its code from the image (code_directory: null), and there is "
            "no image here.",
            hint="Set 'code_directory: .' under 'execution:' to run it on this machine.",
        )
