"""Download outputs of a submitted job to the paths from which the catalog reads them."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from kedro_azureml_compiler import make_azure_name
from kedro_azureml_datasets import LOCAL_VERSION, LocalVersions
from kedro_azureml_datasets.azure_ml.downloading.download import download_files, download_version
from kedro_azureml_datasets.azure_ml.downloading.together import Shared, download_together
from kedro_azureml_datasets.azure_ml.errors import NoDataError
from kedro_azureml_datasets.azure_ml.registered_assets import RegisteredVersion
from kedro_azureml_datasets.azure_ml.thread_pools import open_pool

from kedro_azureml_cli.azure_ml.jobs.document import read_document
from kedro_azureml_cli.azure_ml.jobs.registered_outputs import find_version_of_run
from kedro_azureml_cli.jobs.outputs import NotDownloadableError, Output, find_outputs
from kedro_azureml_cli.jobs.placing import (
    Move,
    OccupiedPlaceError,
    PlacingError,
    place_all,
    refuse_occupied,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kedro_azureml_compiler import AssetFacts, ExaminedJob
    from kedro_azureml_datasets.azure_ml.workspace import AzureWorkspace

    from kedro_azureml_cli.azure_ml.jobs.states import JobState
    from kedro_azureml_cli.jobs.job_lookup import FoundJob

_AT_ONCE = 8
"""Requests at the same time."""


@dataclass(frozen=True)
class Arrived:
    """An output that was downloaded.

    Args:
        dataset: Name of the dataset.
        place: Where it is, absolute.
        note: What else a user should know; may be empty.
    """

    dataset: str
    place: Path
    note: str = ""


def download_outputs(
    found: FoundJob, outputs: Sequence[Output], project: Path, *, force: bool
) -> list[Arrived]:
    """Download outputs to the paths from which the catalog reads them, all or none.

    A registered version of a data asset that has come stays, whatever becomes of the others: it
    replaces nothing.

    Args:
        found: The job.
        outputs: The outputs: `find_outputs`.
        project: The project's folder, absolute.
        force: Whether what is there is replaced.

    Raises:
        OccupiedPlaceError: Something is there.
        KedroAzureMLError: Some could not be downloaded.
    """
    registered: list[tuple[Output, AssetFacts, RegisteredVersion]] = []
    others: list[Output] = []
    with open_pool(_AT_ONCE) as pool:
        versions = list(pool.call_each(partial(_find_version, found), outputs))
    for output, version in zip(outputs, versions, strict=True):
        if output.asset is not None and version is not None:
            registered.append((output, output.asset, version))
        else:
            others.append(output)
    if not force:
        refuse_occupied([_target(output, project) for output in others], project)
    storage, what = found.storage, f"Outputs of the job {found.state.name}"
    arrived = download_together(
        what,
        [
            partial(_download_version, storage, output, asset, version, project)
            for output, asset, version in registered
        ],
    )
    stagings = {_staging(output, project) for output in others}
    try:
        staged = download_together(
            what, [partial(_stage, storage, output, project) for output in others]
        )
        moves = [move for moves in staged for move in moves]
        if not force:  # what else lies beside them
            refuse_occupied([move.target for move in moves], project)
        place_all(moves)
    except (NotDownloadableError, OccupiedPlaceError, PlacingError):
        _remove(stagings)
        raise
    _remove(stagings)  # and not where a connection broke off: the next attempt goes on from there
    return [*arrived, *(Arrived(out.dataset.name, _target(out, project)) for out in others)]


def _find_version(found: FoundJob, output: Output) -> RegisteredVersion | None:
    """Return the version of a data asset that an output has been registered as."""
    if output.asset is None:
        return None
    return find_version_of_run(found.client, output.asset.name, output.step.data_run_id)


def _remove(folders: Iterable[Path]) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def _download_version(
    storage: AzureWorkspace,
    output: Output,
    asset: AssetFacts,
    version: RegisteredVersion,
    project: Path,
    shared: Shared,
) -> Arrived:
    versions = _versions(asset, project)
    note = ""
    if versions.modified_at(version.version) is not None:
        note = "it was already here"
    pinned = output.facts.asset.version if output.facts.asset else None
    if pinned not in {None, version.version}:
        note = f"the catalog pins version '{pinned}', which a local run reads"
    download_version(versions, version, storage, shared=shared)
    return Arrived(output.dataset.name, versions.folder_of(version.version), note)


def _stage(storage: AzureWorkspace, output: Output, project: Path, shared: Shared) -> list[Move]:
    """Download an output beside its place, and return the moves that put it there."""
    name, asset = output.dataset.name, output.asset
    is_file = asset is not None and asset.is_file
    registered = RegisteredVersion(name, "", "uri_file" if is_file else "uri_folder", output.uri)
    file = PurePath(asset.file) if asset is not None and is_file else None
    staged = LocalVersions(name, _staging(output, project), file)
    folder = staged.folder_of(make_azure_name(name))
    what = f"'{name}' of the step '{output.step.display_name}'"
    try:
        download_files(staged, folder.name, storage.files(registered), what, shared=shared)
    except NoDataError as error:
        raise NotDownloadableError(
            f"'{output.uri}', where the job should have written '{name}', is empty."
        ) from error
    if asset is not None:
        os.utime(folder)
        return [Move(folder, _target(output, project))]
    base = project / (output.facts.root_dir or "")
    inside = _target(output, project).relative_to(base)
    main = folder / inside
    others = [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path != main and main not in path.parents
    ]
    places = [main, *others] if main.exists() else others
    return [Move(path, base / path.relative_to(folder)) for path in places]


def _target(output: Output, project: Path) -> Path:
    if output.asset is not None:
        return _versions(output.asset, project).folder_of(LOCAL_VERSION)
    return project / (output.facts.local_path or "")


def _staging(output: Output, project: Path) -> Path:
    """Return a folder beside the place of an output, so that renaming is enough."""
    root_dir = output.asset.root_dir if output.asset is not None else output.facts.root_dir or ""
    return project / root_dir / f".azureml-{output.step.data_run_id}"


def _versions(asset: AssetFacts, project: Path) -> LocalVersions:
    file = PurePath(asset.file) if asset.is_file else None
    return LocalVersions(asset.name, project / asset.root_dir / asset.name, file)


def download(
    found: FoundJob,
    state: JobState,
    examined: ExaminedJob,
    wanted: Sequence[str],
    *,
    force: bool,
) -> tuple[list[Arrived], list[str]]:
    """Download outputs of a job.

    Args:
        found: The job.
        state: The job with its steps.
        examined: The job, as the project has it now.
        wanted: Names of datasets; all that can be downloaded where none is named.
        force: Whether what is there is replaced.

    Returns:
        What has come; and why others were left out, where none was named.

    Raises:
        KedroAzureMLError: One could not be had; nothing was replaced.
    """
    document = read_document(found.client, state.name)
    outputs, left_out = find_outputs(examined, state, document, found.storage, wanted)
    return download_outputs(found, outputs, examined.facts.root, force=force), left_out
