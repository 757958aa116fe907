"""Temporary data between the steps of a pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro_azureml_datasets.mountable import MountableDataset

if TYPE_CHECKING:
    from pathlib import Path


class AzureMLPipelineDataset(MountableDataset):
    """Data that one step of an Azure ML pipeline hands to another.

    In a local run it is a normal file, `{root_dir}/{filepath}`. In a step it is
    `{mount}/{filepath}`, where the mount is temporary storage that Azure ML gives to the step that
    writes it and to each step that reads it.

    Args:
        dataset: Configuration of the nested dataset, with its `type` and its path.
        root_dir: Folder of a local run's data, relative to the project.
        filepath_arg: The nested dataset's argument that holds its path.
        metadata: Anything, for plugins such as Kedro-Viz; that of the nested dataset by default.

    Raises:
        AzureMLDatasetError: The nested dataset has no path, one outside the project, a URL, or
            `versioned: true`.

    Example:
        In the catalog:

        ```yaml
        features:
          type: kedro_azureml_datasets.AzureMLPipelineDataset
          root_dir: data/intermediate
          dataset:
            type: pandas.ParquetDataset
            filepath: features.parquet
        ```

        >>> dataset = AzureMLPipelineDataset({"type": "json.JSONDataset", "filepath": "m.json"})
        >>> dataset.path.relative_to(dataset.path.parents[1]).as_posix()
        'data/m.json'
    """

    def __init__(
        self,
        dataset: dict[str, Any],
        root_dir: str = "data",
        filepath_arg: str = "filepath",
        metadata: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(dataset, root_dir, filepath_arg, metadata)

    @property
    def path(self) -> Path:
        """Where the nested dataset loads and saves, absolute."""
        return (self._mount or self._project / self._root_dir) / self._relative_path
