"""Bind entries of a catalog to the data of a submitted job."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro.io import AbstractDataset, DatasetError, MemoryDataset
from kedro_azureml_compiler import strip_transcoding
from kedro_azureml_datasets import KedroAzureMLError, MountableDataset, rebind
from kedro_azureml_runner import make_memory_dataset

if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import NoReturn

    from kedro_azureml_cli.job_data.job_datasets import JobDatasets
    from kedro_azureml_cli.jobs.remote.datasets import RemoteDataset


class JobDataset(AbstractDataset[Any, Any]):
    """A dataset of a submitted job: read-only, and downloaded when it is loaded.

    Args:
        datasets: The datasets of the job.
        dataset: Which of them.
        entry: The catalog's own dataset, which knows how to read it; None for one that passed
            between steps as a pickled object.
        why_not: Why the catalog does not know how to read it; empty where it does.
    """

    def __init__(
        self,
        datasets: JobDatasets,
        dataset: RemoteDataset,
        entry: MountableDataset | None,
        why_not: str = "",
    ) -> None:
        self._datasets = datasets
        self._dataset = dataset
        self._entry = entry
        self._why_not = why_not

    def load(self) -> Any:
        """Download the data, unless it is here, and load it.

        Raises:
            DatasetError: It could not be had.
        """
        if self._why_not:
            raise DatasetError(self._why_not)
        try:
            place = self._datasets.fetch(self._dataset)
        except KedroAzureMLError as error:
            raise DatasetError(str(error)) from error
        if self._entry is not None:
            return self._entry.at(place).load()
        return make_memory_dataset(place).load()

    def save(self, data: Any) -> NoReturn:
        """Refuse to save.

        Args:
            data: What was to be saved.

        Raises:
            DatasetError: Always.
        """
        raise DatasetError(
            f"'{self._dataset.name}' is read from a submitted job and is read-only, so the "
            f"{type(data).__name__} was not saved. Run  %reload_kedro  to use the project's own "
            "catalog."
        )

    def _describe(self) -> dict[str, Any]:
        located = self._dataset.located
        return {"uri": located.uri if located else None, "step": self._dataset.step}


def bind_job(
    catalog: Any, datasets: JobDatasets, names: Collection[str] = ()
) -> tuple[list[str], list[str]]:
    """Let the entries of a catalog read the data of a job.

    An entry whose data the job has not left fails when it is loaded: it would otherwise give the
    data of this machine, which is not the job's.

    Args:
        catalog: The catalog, which is changed.
        datasets: The datasets of the job.
        names: Names of datasets in the project's pipelines, with transcoding.

    Returns:
        Names of the datasets that are there; and why the others are not.
    """
    there: list[str] = []
    missing: list[str] = []
    # The catalog lists no entries that come from a factory; the pipelines have their names.
    known = dict.fromkeys([*catalog, *(name for name in names if name in catalog)])
    for dataset in datasets.all:
        entries = [name for name in known if strip_transcoding(name) == dataset.name]
        why_not = dataset.why_not
        for name in entries or [dataset.name]:
            entry = catalog.get(name) if name in catalog else None
            if entry is None or isinstance(entry, MemoryDataset):
                rebind(catalog, name, JobDataset(datasets, dataset, None))
            elif isinstance(entry, MountableDataset):
                rebind(catalog, name, JobDataset(datasets, dataset, entry))
            else:
                odd = (
                    f"'{name}' was mounted by steps when the job was sent, and is now a"
                    f" {type(entry).__name__}; kedro azureml data get  downloads what the job has"
                )
                rebind(catalog, name, JobDataset(datasets, dataset, None, why_not or odd))
                why_not = why_not or odd
        if why_not:
            missing.append(why_not)
        else:
            there.append(dataset.name)
    return there, missing
