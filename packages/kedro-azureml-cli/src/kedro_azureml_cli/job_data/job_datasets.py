"""The datasets of a submitted job: find them, and bring them to this machine."""

from __future__ import annotations

import shutil
from functools import cached_property, partial
from typing import TYPE_CHECKING

from filelock import FileLock
from kedro_azureml_compiler import did_you_mean, make_azure_name, strip_transcoding
from kedro_azureml_datasets import KedroAzureMLError
from kedro_azureml_datasets.azure_ml.downloading.together import Shared, download_together
from kedro_azureml_datasets.azure_ml.thread_pools import open_pool

from kedro_azureml_cli.azure_ml.jobs.remote_job import RemoteJob
from kedro_azureml_cli.jobs.placing import Move, place_all, refuse_occupied
from kedro_azureml_cli.jobs.remote.datasets import find_inputs, find_outputs
from kedro_azureml_cli.jobs.remote.inputs import DataCache
from kedro_azureml_cli.jobs.remote.places import claim_job, report_unwritable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from kedro_azureml_cli.azure_ml.jobs.states import JobState
    from kedro_azureml_cli.jobs.job_lookup import FoundJob
    from kedro_azureml_cli.jobs.remote.datasets import RemoteDataset

_AT_ONCE = 8
"""Requests at the same time."""


class JobDataError(KedroAzureMLError):
    """A dataset of a job cannot be had."""

    blame = "user"


class JobDatasets:
    """The datasets of one submitted job.

    Args:
        found: The job.
        state: The job with its steps.
        project: The project's folder.

    Raises:
        KedroAzureMLError: The folder for its data cannot be used, or Azure ML did not answer.
    """

    def __init__(self, found: FoundJob, state: JobState, project: Path) -> None:
        self._project = project
        self._job = RemoteJob(found.client, state)
        self._folder = claim_job(project, state.name, found.workspace)
        self._cache = DataCache(found.storage, self._folder / "data", self._job.document, state)

    @cached_property
    def all(self) -> list[RemoteDataset]:
        """What the job has read and left, in the order of its steps."""
        return [*find_inputs(self._job, self._cache), *find_outputs(self._job, self._cache)]

    def choose(self, names: Iterable[str]) -> list[RemoteDataset]:
        """Return datasets by name; what the job has left where none is named.

        Args:
            names: Their names.

        Raises:
            JobDataError: The job has no such dataset, or there is nothing of it.
        """
        known = {each.name: each for each in self.all}
        wanted = list(dict.fromkeys(map(strip_transcoding, names)))
        if not wanted:
            return [each for each in self.all if each.role == "output" and each.located]
        for name in wanted:
            if name not in known:
                raise JobDataError(
                    f"The job {self._job.name} has no dataset '{name}' "
                    f"{did_you_mean(name, known)}.",
                    hint=f"List them:  kedro azureml data list {self._job.name}",
                )
            if known[name].located is None:
                raise JobDataError(f"{known[name].why_not}.")
        return [known[name] for name in wanted]

    def size_bytes(self, datasets: Iterable[RemoteDataset]) -> int:
        """Return how much has to be downloaded; nothing for what is here.

        Args:
            datasets: The datasets.
        """
        located = dict.fromkeys(each.located for each in datasets if each.located)
        with open_pool(_AT_ONCE) as pool:
            return sum(pool.call_each(self._cache.size_bytes, located))

    def fetch_all(self, datasets: Sequence[RemoteDataset]) -> dict[str, Path]:
        """Download datasets at the same time, and return for each name its file or folder.

        Args:
            datasets: The datasets.

        Raises:
            KedroAzureMLError: One could not be had.
        """
        downloads = [partial(self.fetch, dataset) for dataset in datasets]
        places = download_together("Data of the job", downloads)
        return dict(zip((dataset.name for dataset in datasets), places, strict=True))

    def fetch(self, dataset: RemoteDataset, shared: Shared | None = None) -> Path:
        """Download a dataset, unless it is here, and return its file or folder.

        Args:
            dataset: The dataset.
            shared: What it has in common with others that are downloaded at the same time.

        Raises:
            KedroAzureMLError: It could not be had.
        """
        if dataset.located is None:
            raise JobDataError(f"{dataset.why_not}.")
        return self._cache.fetch(dataset.located, f"The data of '{dataset.name}'", shared)

    def copy(self, places: Mapping[str, Path], target: Path, *, force: bool) -> dict[str, Path]:
        """Copy datasets into a folder, all or none; each under a name that a folder can have.

        Args:
            places: Dataset to its file or folder: `fetch`.
            target: The folder.
            force: Whether what is there is replaced.

        Raises:
            OccupiedPlaceError: Something is there.
            PlacingError: They cannot be written.
        """
        # Another process may copy the same; and what a killed one has left is removed.
        with report_unwritable(self._folder), FileLock(self._folder / ".lock"):
            return self._copy(places, target, force=force)

    def _copy(self, places: Mapping[str, Path], target: Path, *, force: bool) -> dict[str, Path]:
        ends = {name: target / make_azure_name(name) for name in places}
        if not force:
            refuse_occupied(list(ends.values()), self._project)
        staging = target.parent / f".{target.name}.{self._folder.name}.part"
        try:
            shutil.rmtree(staging, ignore_errors=True)
            moves = []
            for name, place in places.items():
                part = staging / make_azure_name(name)
                part.parent.mkdir(parents=True, exist_ok=True)
                (shutil.copytree if place.is_dir() else shutil.copy2)(place, part)
                moves.append(Move(part, ends[name]))
            place_all(moves)
        except OSError as error:
            raise JobDataError(
                f"'{error.filename or target}' cannot be written: {error.strerror}."
            ) from error
        finally:
            shutil.rmtree(staging, ignore_errors=True)
        return ends
