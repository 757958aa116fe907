"""What can be wrong with the data of a step."""

from __future__ import annotations

from kedro_azureml_datasets import KedroAzureMLError


class StepDataError(KedroAzureMLError):
    """The data of a step is not what its nodes need, or what they should have left.

    Args:
        message: What is wrong, and where.
        dataset: Name of the dataset.
        hint: What to do instead.
    """

    blame = "user"

    def __init__(self, message: str, *, dataset: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.dataset = dataset
